//! WAV files, checked before the machine starts.

use std::path::{Path, PathBuf};

use kernel::wav::{self, Wav, WavError};

use crate::error::Failure;

/// The most bytes of a file: the machine's files end there.
const MOST_BYTES: u64 = i32::MAX as u64;

/// A file that can be played.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it came from.
    pub path: PathBuf,
    /// All of it.
    pub bytes: Vec<u8>,
    /// Where its samples stand, and how.
    pub wav: Wav,
}

impl Input {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Input, Failure> {
        let data = std::fs::metadata(path).map_err(Failure::file("read", path))?;
        let bad = |reason: String| Failure::BadWav {
            path: path.to_owned(),
            reason,
        };
        if data.is_dir() {
            return Err(bad(String::from("it is a folder")));
        }
        if data.len() > MOST_BYTES {
            let reason = format!("it has {} bytes, the most is {MOST_BYTES}", data.len());
            return Err(bad(reason));
        }
        let bytes = std::fs::read(path).map_err(Failure::file("read", path))?;
        let wav = open(&bytes).map_err(bad)?;
        Ok(Input {
            path: path.to_owned(),
            bytes,
            wav,
        })
    }

    /// Periods that it lasts, the last one perhaps shorter.
    pub fn periods(&self) -> u32 {
        self.frames().div_ceil(self.wav.format.period_frames())
    }

    /// Frames in all.
    pub fn frames(&self) -> u32 {
        self.wav.data_bytes / self.wav.format.frame_bytes()
    }

    /// Rate, channels and bits in words.
    pub fn format(&self) -> String {
        let format = self.wav.format;
        let channels = match format.channels {
            1 => "mono",
            _ => "stereo",
        };
        format!("{} Hz, {channels}, {} bits", format.rate, format.bits)
    }
}

/// Has the kernel's own reader look at the file; says what is wrong in terms of this file.
fn open(bytes: &[u8]) -> Result<Wav, String> {
    let read = |offset: u32, into: &mut [u8]| {
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        count
    };
    let wav = wav::open(read).map_err(|error| match error {
        WavError::NotWave if bytes.is_empty() => String::from("it is empty"),
        WavError::Truncated(_) => format!(
            "it is cut off: it ends after {} bytes, inside a chunk that claims more",
            bytes.len()
        ),
        WavError::NotPcm(3) => {
            String::from("its samples are floating-point numbers (format tag 0x0003)")
        }
        other => other.to_string(),
    })?;
    if wav.data_bytes == 0 {
        return Err(String::from("its data chunk holds no whole frame"));
    }
    Ok(wav)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hound::{SampleFormat, WavSpec, WavWriter};

    use super::*;

    fn written(channels: u16, bits_per_sample: u16, sample_format: SampleFormat) -> Vec<u8> {
        let spec = WavSpec {
            channels,
            sample_rate: 48_000,
            bits_per_sample,
            sample_format,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        for sample in 0..channels * 10 {
            match sample_format {
                SampleFormat::Int => writer.write_sample(i32::from(sample)).unwrap(),
                SampleFormat::Float => writer.write_sample(f32::from(sample)).unwrap(),
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_another_program_writes_is_read() {
        for channels in [1, 2] {
            for bits in [16, 24, 32] {
                let wav = open(&written(channels, bits, SampleFormat::Int)).unwrap();
                assert_eq!(wav.format.bits, u32::from(bits));
                assert_eq!(wav.data_bytes / wav.format.frame_bytes(), 10);
            }
        }
    }

    #[test]
    fn what_cannot_be_played_is_said() {
        let problem = |bytes: &[u8]| open(bytes).unwrap_err();
        assert_eq!(problem(&[]), "it is empty");
        assert!(problem(b"ID3 and so on, a music file").contains("RIFF"));
        let whole = written(2, 16, SampleFormat::Int);
        let cut = problem(&whole[..whole.len() - 1]);
        assert!(cut.contains("ends after 83 bytes"), "{cut}");
        assert!(problem(&written(2, 32, SampleFormat::Float)).contains("floating-point"));
        assert!(problem(&written(2, 8, SampleFormat::Int)).contains("8 bits"));
        assert!(problem(&written(6, 16, SampleFormat::Int)).contains("6 channels"));
        let mut none = whole[..44].to_vec();
        none[40..].fill(0);
        assert_eq!(problem(&none), "its data chunk holds no whole frame");
    }
}
