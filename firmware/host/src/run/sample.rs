//! The sample that the main job plays: two plucked strings, the same bytes on every machine.

use std::io::Cursor;
use std::path::Path;

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::error::Failure;
use crate::files;

const RATE: u32 = 48_000;
const FRAMES: usize = 24_000;

/// Periods of 1 ms that it lasts.
pub const PERIODS: u32 = FRAMES as u32 * 1000 / RATE;
/// Bytes of a period.
pub const PERIOD_BYTES: u32 = RATE / 1000 * 4;

/// Writes the sample.
pub fn write(path: &Path) -> Result<(), Failure> {
    files::write_if_changed(path, &bytes()?)
}

/// The sample, as a WAV file.
pub fn bytes() -> Result<Vec<u8>, Failure> {
    wave().map_err(|error| Failure::Malformed {
        path: "sample.wav".into(),
        reason: error.to_string(),
    })
}

fn wave() -> Result<Vec<u8>, hound::Error> {
    let spec = WavSpec {
        channels: 2,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec)?;
    let mut left = Pluck::new(RATE / 220);
    let mut right = Pluck::new(RATE / 330);
    for _ in 0..FRAMES {
        writer.write_sample(left.next())?;
        writer.write_sample(right.next())?;
    }
    writer.finalize()?;
    Ok(bytes.into_inner())
}

/// A string as a delay line that begins with noise, and loses its high notes at every turn.
struct Pluck {
    line: Vec<i32>,
    at: usize,
}

impl Pluck {
    fn new(period: u32) -> Pluck {
        let mut noise = 0x2545_f491u32 ^ period;
        let line = (0..period).map(|_| {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            (noise >> 16).cast_signed() - 0x8000
        });
        Pluck {
            line: line.collect(),
            at: 0,
        }
    }

    fn next(&mut self) -> i16 {
        let after = (self.at + 1) % self.line.len();
        let sample = self.line[self.at];
        self.line[self.at] = (sample + self.line[after]) * 511 / 1024;
        self.at = after;
        i16::try_from(sample).unwrap_or(i16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_half_a_second_of_sound() {
        let bytes = wave().unwrap();
        assert_eq!(bytes, wave().unwrap());
        let mut reader = hound::WavReader::new(Cursor::new(&bytes)).unwrap();
        assert_eq!(reader.duration() as usize, FRAMES);
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert!(samples[..2_000].iter().any(|sample| *sample > 20_000));
        assert!(samples[40_000..].iter().any(|sample| *sample != 0));
    }
}
