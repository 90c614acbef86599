//! A noise gate on the spectrum: what is softer than a threshold in its band is turned down, by the
//! transforms of the crate `microfft`, in single precision. Mono; half a block late.
#![cfg_attr(target_arch = "xtensa", no_std)]

use core::f32::consts::PI;

use bulkhead_sdk::{Errno, Module, Owned, Stream, module};
use microfft::Complex32;

/// Samples of a transform; two of them overlap by half.
const BLOCK: usize = 512;
const HALF: usize = BLOCK / 2;
/// Full scale of a sample.
const FULL: f32 = 2_147_483_648.0;
/// The power of a band that is still speech, full scale being 1 in every sample.
const THRESHOLD: f32 = 0.01;
/// What is left of the others.
const FLOOR: f32 = 0.125;

/// The gate.
pub struct Gate {
    running: Option<Owned<Running>>,
}

struct Running {
    /// The square root of a raised cosine, before the transform and after.
    window: [f32; BLOCK],
    /// The last samples that came in.
    input: [f32; BLOCK],
    /// What the next samples out are; the second half is not yet whole.
    output: [f32; BLOCK],
    spectrum: [Complex32; BLOCK],
    /// Of the half block that is being collected and given out.
    at: usize,
}

impl Running {
    fn new() -> Running {
        let mut window = [0.0; BLOCK];
        for (index, value) in window.iter_mut().enumerate() {
            *value = libm::sinf(PI * (index as f32 + 0.5) / BLOCK as f32);
        }
        Running {
            window,
            input: [0.0; BLOCK],
            output: [0.0; BLOCK],
            spectrum: [Complex32::new(0.0, 0.0); BLOCK],
            at: 0,
        }
    }

    fn sample(&mut self, sample: f32) -> f32 {
        let out = self.output[self.at];
        self.input[HALF + self.at] = sample;
        self.at += 1;
        if self.at == HALF {
            self.at = 0;
            self.block();
        }
        out
    }

    /// Turns a whole block.
    fn block(&mut self) {
        let samples = self.input.iter().zip(&self.window);
        for (value, (sample, weight)) in self.spectrum.iter_mut().zip(samples) {
            *value = Complex32::new(sample * weight, 0.0);
        }
        let spectrum = microfft::complex::cfft_512(&mut self.spectrum);
        for value in spectrum.iter_mut() {
            if value.re * value.re + value.im * value.im < THRESHOLD {
                *value = Complex32::new(value.re * FLOOR, value.im * FLOOR);
            }
        }
        let turned = microfft::inverse::ifft_512(spectrum);
        self.output.copy_within(HALF.., 0);
        self.output[HALF..].fill(0.0);
        let turned = turned.iter().zip(&self.window);
        for (out, (value, weight)) in self.output.iter_mut().zip(turned) {
            *out += value.re * weight;
        }
        self.input.copy_within(HALF.., 0);
    }
}

impl Module for Gate {
    fn init(_restarts: u32) -> Result<Self, Errno> {
        Ok(Gate { running: None })
    }

    fn prepare(&mut self, stream: Stream) -> Result<(), Errno> {
        if stream.channels != 1 {
            return Err(Errno::Invalid);
        }
        self.running = None;
        self.running = Some(Owned::new(Running::new())?);
        Ok(())
    }

    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        let running = self.running.as_mut().ok_or(Errno::Invalid)?;
        for (out, sample) in output.iter_mut().zip(input) {
            // Saturates.
            *out = (running.sample(*sample as f32 / FULL) * FULL) as i32;
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<(), Errno> {
        heap_line::log_heap();
        self.running = None;
        Ok(())
    }
}

module! {
    name: "spectral-gate",
    uuid: [
        0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8, 0x27, 0xd5, 0x70, 0x15,
    ],
    version: (1, 0),
    stack: 48 * 1024,
    lifetime: 16 * 1024,
    interim: 0,
    type: Gate,
}
