//! The audio that a session plays: a period in, a period out.

use crate::host_files::{FileHandle, HostFiles};
use crate::wav::{Format, MAX_CHANNELS, Wav};

/// Frames of the longest period: 1 ms at the highest rate.
const PERIOD_FRAMES: usize = 384;
/// Samples of the longest period.
pub const PERIOD_SAMPLES: usize = PERIOD_FRAMES * MAX_CHANNELS as usize;
/// Bytes of the longest period as modules see it.
pub const PERIOD_BYTES: usize = PERIOD_SAMPLES * 4;

/// A WAV file being played into another.
#[derive(Debug)]
pub struct Stream {
    wav: Wav,
    input: FileHandle,
    output: FileHandle,
    done: u32,
}

/// A period's samples as bytes, the way they stand in a module's buffers, and how many frames.
#[derive(Debug)]
pub struct Period {
    bytes: [u8; PERIOD_BYTES],
    frames: u32,
    channels: u32,
}

impl Period {
    /// Silence of that length, at most the longest period.
    #[must_use]
    pub const fn silence(frames: u32, channels: u32) -> Period {
        Period {
            bytes: [0; PERIOD_BYTES],
            frames,
            channels,
        }
    }

    /// How many frames.
    #[must_use]
    pub const fn frames(&self) -> u32 {
        self.frames
    }

    fn used(&self) -> usize {
        ((self.frames * self.channels * 4) as usize).min(PERIOD_BYTES)
    }

    /// The samples.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.used()]
    }

    /// The samples, to be filled.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let used = self.used();
        &mut self.bytes[..used]
    }
}

impl Stream {
    /// Begins the output with its header. `None` where that cannot be written.
    pub fn begin(
        host: &mut impl HostFiles,
        wav: Wav,
        input: FileHandle,
        output: FileHandle,
    ) -> Option<Stream> {
        let header = wav.format.header(wav.data_bytes);
        host.write(output, &header).then_some(Stream {
            wav,
            input,
            output,
            done: 0,
        })
    }

    /// How the samples stand in both files.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.wav.format
    }

    /// The next period; the last may be shorter. `None` at the end.
    ///
    /// # Errors
    /// The file ended early: how many bytes are missing.
    pub fn next(&mut self, host: &mut impl HostFiles) -> Result<Option<Period>, u32> {
        let format = self.wav.format;
        let left = (self.wav.data_bytes - self.done) / format.frame_bytes();
        let frames = left.min(format.period_frames());
        if frames == 0 {
            return Ok(None);
        }
        let mut file = [0; PERIOD_BYTES];
        let file = &mut file[..(frames * format.frame_bytes()) as usize];
        let got = host.read_at(self.input, self.wav.data_start + self.done, file);
        if got < file.len() {
            return Err((file.len() - got) as u32);
        }
        self.done += file.len() as u32;
        let mut period = Period::silence(frames, format.channels);
        let samples = file.chunks_exact(format.sample_bytes() as usize);
        for (sample, wide) in samples.zip(period.bytes_mut().chunks_exact_mut(4)) {
            wide.copy_from_slice(&format.widen(sample).to_le_bytes());
        }
        Ok(Some(period))
    }

    /// Writes a period that a module made. Whether all of it was taken.
    pub fn put(&mut self, host: &mut impl HostFiles, period: &Period) -> bool {
        let format = self.wav.format;
        let mut file = [0; PERIOD_BYTES];
        let width = format.sample_bytes() as usize;
        let mut used = 0;
        for (wide, place) in period
            .bytes()
            .chunks_exact(4)
            .zip(file.chunks_exact_mut(width))
        {
            let sample = i32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]]);
            place.copy_from_slice(&format.narrow(sample)[..width]);
            used += width;
        }
        host.write(self.output, &file[..used])
    }
}
