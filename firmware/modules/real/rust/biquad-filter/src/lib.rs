//! The band of a telephone, 300 to 3,400 Hz: four filters of the crate `biquad` one after the other,
//! in single precision.
#![cfg_attr(target_arch = "xtensa", no_std)]

use biquad::{Biquad, Coefficients, DirectForm2Transposed, Hertz, Q_BUTTERWORTH_F32, Type};
use bulkhead_sdk::{Array, Errno, MAX_CHANNELS, Module, Stream, module};

type Filter = DirectForm2Transposed<f32>;

const BAND: [(Type<f32>, f32); 4] = [
    (Type::HighPass, 300.0),
    (Type::HighPass, 300.0),
    (Type::LowPass, 3_400.0),
    (Type::LowPass, 3_400.0),
];
/// Full scale of a sample.
const FULL: f32 = 2_147_483_648.0;

/// The filters of every channel.
#[derive(Debug)]
pub struct Telephone {
    channels: usize,
    filters: Option<Array<Filter>>,
}

impl Module for Telephone {
    fn init(_restarts: u32) -> Result<Self, Errno> {
        Ok(Telephone {
            channels: 0,
            filters: None,
        })
    }

    fn prepare(&mut self, stream: Stream) -> Result<(), Errno> {
        if !(1..=MAX_CHANNELS).contains(&stream.channels) {
            return Err(Errno::Invalid);
        }
        self.filters = None;
        self.channels = stream.channels as usize;
        let rate = Hertz::<f32>::from_hz(stream.rate_hz as f32).map_err(|_| Errno::Invalid)?;
        let filter = |(kind, hertz): (Type<f32>, f32)| {
            let corner = Hertz::<f32>::from_hz(hertz).map_err(|_| Errno::Invalid)?;
            Coefficients::<f32>::from_params(kind, rate, corner, Q_BUTTERWORTH_F32)
                .map(Filter::new)
                .map_err(|_| Errno::Invalid)
        };
        let mut filters = Array::new(filter(BAND[0])?, BAND.len() * self.channels)?;
        for channel in filters.chunks_exact_mut(BAND.len()) {
            for (place, part) in channel.iter_mut().zip(BAND) {
                *place = filter(part)?;
            }
        }
        self.filters = Some(filters);
        Ok(())
    }

    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        let filters = self.filters.as_mut().ok_or(Errno::Invalid)?;
        let frames = input
            .chunks_exact(self.channels)
            .zip(output.chunks_exact_mut(self.channels));
        for (given, taken) in frames {
            let channels = given.iter().zip(taken);
            for ((sample, out), band) in channels.zip(filters.chunks_exact_mut(BAND.len())) {
                let value = band
                    .iter_mut()
                    .fold(*sample as f32 / FULL, |value, filter| filter.run(value));
                // Saturates.
                *out = (value * FULL) as i32;
            }
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<(), Errno> {
        heap_line::log_heap();
        self.filters = None;
        Ok(())
    }
}

module! {
    name: "biquad-filter",
    uuid: [
        0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8, 0x27, 0xd5, 0x70, 0x14,
    ],
    version: (1, 0),
    stack: 8 * 1024,
    lifetime: 4 * 1024,
    interim: 0,
    type: Telephone,
}
