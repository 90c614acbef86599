//! A three-band equaliser: low shelf, peak, high shelf.
//!
//! The filters are those of the `biquad` crate, one set per channel in the module's region. The
//! arithmetic is IEEE single precision without contraction, by hardware on a host and in software
//! on the DSP, so both give the same bits.
#![cfg_attr(target_arch = "xtensa", no_std)]

mod bands;
mod sample;

use biquad::{Biquad, DirectForm2Transposed};
use bulkhead_sdk::{Array, Errno, MAX_CHANNELS, Module, Stream, module};

use bands::BANDS;

type Filter = DirectForm2Transposed<f32>;

/// The equaliser.
#[derive(Debug)]
pub struct Equaliser {
    running: Option<Running>,
}

/// What `prepare` sets up for a stream.
#[derive(Debug)]
struct Running {
    channels: usize,
    /// The bands in use of the first channel, then of the second, and so on.
    filters: Array<Filter>,
}

impl Module for Equaliser {
    fn init(_restarts: u32) -> Result<Self, Errno> {
        Ok(Equaliser { running: None })
    }

    fn prepare(&mut self, stream: Stream) -> Result<(), Errno> {
        if stream.rate_hz == 0 || !(1..=MAX_CHANNELS).contains(&stream.channels) {
            return Err(Errno::Invalid);
        }
        // The old filters go first, so that the region need not hold both.
        self.running = None;
        let channels = stream.channels as usize;

        // A band whose frequency the stream cannot carry is left out.
        let bands = BANDS
            .iter()
            .filter_map(|band| band.coefficients(stream.rate_hz));
        let used = bands.clone().count();
        let flat = DirectForm2Transposed::new(bands::FLAT);
        let mut filters = Array::new(flat, used * channels)?;
        if used != 0 {
            for channel in filters.chunks_exact_mut(used) {
                for (filter, coefficients) in channel.iter_mut().zip(bands.clone()) {
                    *filter = DirectForm2Transposed::new(coefficients);
                }
            }
        }
        self.running = Some(Running { channels, filters });
        Ok(())
    }

    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        let running = self.running.as_mut().ok_or(Errno::Invalid)?;
        let channels = running.channels;
        let used = running.filters.len() / channels;
        for channel in 0..channels {
            let filters = &mut running.filters[channel * used..][..used];
            let samples = input
                .iter()
                .zip(output.iter_mut())
                .skip(channel)
                .step_by(channels);
            for (sample, out) in samples {
                let mut value = sample::to_float(*sample);
                for filter in &mut *filters {
                    value = filter.run(value);
                }
                *out = sample::from_float(value);
            }
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<(), Errno> {
        self.running = None;
        Ok(())
    }
}

module! {
    name: "equaliser",
    uuid: [
        0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8, 0x27, 0xd5, 0x70, 0x01,
    ],
    version: (1, 0),
    stack: 8 * 1024,
    lifetime: 4 * 1024,
    interim: 0,
    type: Equaliser,
}

#[cfg(test)]
mod tests;
