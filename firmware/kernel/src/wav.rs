//! WAV files, as far as the kernel plays them: integer PCM of 16, 24 or 32 bits, one or two
//! channels. Samples inside the system are 32 bits wide, full scale = 2^31.

use thiserror_no_std::Error;

/// Bytes of the header that [`Format::header`] writes.
pub const HEADER_BYTES: usize = 44;

/// The most channels played.
pub const MAX_CHANNELS: u32 = 2;

const PCM: u16 = 1;
const EXTENSIBLE: u16 = 0xfffe;
const RATES: core::ops::RangeInclusive<u32> = 4_000..=384_000;

/// How samples stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Frames per second.
    pub rate: u32,
    /// Samples per frame.
    pub channels: u32,
    /// Bits per sample: 16, 24 or 32.
    pub bits: u32,
}

/// Where the samples stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wav {
    /// How to read them.
    pub format: Format,
    /// Offset of the first in the file.
    pub data_start: u32,
    /// Bytes of whole frames.
    pub data_bytes: u32,
}

/// Why a file cannot be played.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum WavError {
    /// Too short for what it claims to hold.
    #[error("the file ends before byte {0}, which a chunk of it claims")]
    Truncated(u32),
    /// Not RIFF/WAVE.
    #[error("the file does not begin with RIFF and WAVE")]
    NotWave,
    /// No format before the data.
    #[error("there is no format chunk before the data")]
    NoFormat,
    /// No data.
    #[error("there is no data chunk")]
    NoData,
    /// Not integer PCM.
    #[error("format tag {0:#06x} is not integer PCM")]
    NotPcm(u16),
    /// Not 16, 24 or 32 bits.
    #[error("{0} bits per sample; 16, 24 and 32 are supported")]
    Bits(u32),
    /// Not one or two channels.
    #[error("{0} channels; 1 and 2 are supported")]
    Channels(u32),
    /// No usual rate.
    #[error("{0} frames per second; 4000 to 384000 are supported")]
    Rate(u32),
}

/// Reads the chunks of a file. `read(offset, into)` fills `into` from that offset and returns how
/// many bytes there were.
///
/// # Errors
/// What is wrong with the file. At most 64 chunks are looked at.
pub fn open(mut read: impl FnMut(u32, &mut [u8]) -> usize) -> Result<Wav, WavError> {
    let mut head = [0; 12];
    if read(0, &mut head) < 12 || &head[..4] != b"RIFF" || &head[8..] != b"WAVE" {
        return Err(WavError::NotWave);
    }
    let mut offset = 12u32;
    let mut format = None;
    for _ in 0..64 {
        let mut chunk = [0; 8];
        if read(offset, &mut chunk) < 8 {
            break;
        }
        let bytes = word(&chunk, 4);
        let body = offset.checked_add(8).ok_or(WavError::Truncated(offset))?;
        match &chunk[..4] {
            b"fmt " => format = Some(read_format(body, bytes, &mut read)?),
            b"data" => {
                let format: Format = format.ok_or(WavError::NoFormat)?;
                let end = body.checked_add(bytes).ok_or(WavError::Truncated(body))?;
                if bytes > 0 && read(end - 1, &mut [0; 1]) < 1 {
                    return Err(WavError::Truncated(end - 1));
                }
                let data_bytes = bytes - bytes % format.frame_bytes();
                return Ok(Wav {
                    format,
                    data_start: body,
                    data_bytes,
                });
            }
            _ => {}
        }
        let padded = bytes
            .checked_add(bytes % 2)
            .ok_or(WavError::Truncated(body))?;
        offset = body.checked_add(padded).ok_or(WavError::Truncated(body))?;
    }
    Err(if format.is_some() {
        WavError::NoData
    } else {
        WavError::NoFormat
    })
}

fn read_format(
    body: u32,
    bytes: u32,
    read: &mut impl FnMut(u32, &mut [u8]) -> usize,
) -> Result<Format, WavError> {
    let mut fields = [0; 26];
    let wanted = if bytes >= 26 { 26 } else { 16 };
    if bytes < 16 || read(body, &mut fields[..wanted]) < wanted {
        return Err(WavError::Truncated(body));
    }
    let half = |at: usize| u16::from_le_bytes([fields[at], fields[at + 1]]);
    let tag = if half(0) == EXTENSIBLE && wanted == 26 {
        half(24)
    } else {
        half(0)
    };
    if tag != PCM {
        return Err(WavError::NotPcm(tag));
    }
    let format = Format {
        rate: word(&fields, 4),
        channels: u32::from(half(2)),
        bits: u32::from(half(14)),
    };
    if !matches!(format.bits, 16 | 24 | 32) {
        return Err(WavError::Bits(format.bits));
    }
    if format.channels == 0 || format.channels > MAX_CHANNELS {
        return Err(WavError::Channels(format.channels));
    }
    if !RATES.contains(&format.rate) {
        return Err(WavError::Rate(format.rate));
    }
    Ok(format)
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl Format {
    /// Bytes of a sample in the file.
    #[must_use]
    pub const fn sample_bytes(self) -> u32 {
        self.bits / 8
    }

    /// Bytes of a frame in the file.
    #[must_use]
    pub const fn frame_bytes(self) -> u32 {
        self.sample_bytes() * self.channels
    }

    /// Frames of a period of 1 ms, rounded up to whole ones.
    #[must_use]
    pub const fn period_frames(self) -> u32 {
        self.rate.div_ceil(1000)
    }

    /// The header of a file with that many bytes of samples.
    #[must_use]
    pub fn header(self, data_bytes: u32) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, b"RIFF");
        put(4, &data_bytes.saturating_add(36).to_le_bytes());
        put(8, b"WAVEfmt ");
        put(16, &16u32.to_le_bytes());
        put(20, &PCM.to_le_bytes());
        put(22, &(self.channels as u16).to_le_bytes());
        put(24, &self.rate.to_le_bytes());
        put(28, &(self.rate * self.frame_bytes()).to_le_bytes());
        put(32, &(self.frame_bytes() as u16).to_le_bytes());
        put(34, &(self.bits as u16).to_le_bytes());
        put(36, b"data");
        put(40, &data_bytes.to_le_bytes());
        header
    }

    /// Widens one sample of a file to 32 bits. `bytes` holds [`Self::sample_bytes`].
    #[must_use]
    pub fn widen(self, bytes: &[u8]) -> i32 {
        match (self.bits, bytes) {
            (16, [low, high, ..]) => i32::from_le_bytes([0, 0, *low, *high]),
            (24, [low, middle, high, ..]) => i32::from_le_bytes([0, *low, *middle, *high]),
            (_, [a, b, c, d, ..]) => i32::from_le_bytes([*a, *b, *c, *d]),
            _ => 0,
        }
    }

    /// Narrows a sample to the file's width, by dropping its lowest bits, into the first
    /// [`Self::sample_bytes`] of the result.
    #[must_use]
    pub fn narrow(self, sample: i32) -> [u8; 4] {
        (sample >> (32 - self.bits)).to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn open_bytes(bytes: &[u8]) -> Result<Wav, WavError> {
        open(|offset, into| {
            let rest = bytes.get(offset as usize..).unwrap_or(&[]);
            let count = rest.len().min(into.len());
            into[..count].copy_from_slice(&rest[..count]);
            count
        })
    }

    fn file(format: Format, data: &[u8]) -> Vec<u8> {
        let mut bytes = format.header(data.len() as u32).to_vec();
        bytes.extend_from_slice(data);
        bytes
    }

    const STEREO: Format = Format {
        rate: 48_000,
        channels: 2,
        bits: 24,
    };

    #[test]
    fn what_is_written_can_be_read() {
        for bits in [16, 24, 32] {
            for channels in [1, 2] {
                let format = Format {
                    rate: 44_100,
                    channels,
                    bits,
                };
                let wav = open_bytes(&file(format, &[7; 24])).unwrap();
                assert_eq!(
                    wav,
                    Wav {
                        format,
                        data_start: 44,
                        data_bytes: 24
                    }
                );
            }
        }
    }

    #[test]
    fn half_a_frame_at_the_end_is_left_out() {
        assert_eq!(open_bytes(&file(STEREO, &[7; 14])).unwrap().data_bytes, 12);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let whole = file(STEREO, &[7; 12]);
        assert_eq!(open_bytes(b"RIFF"), Err(WavError::NotWave));
        assert_eq!(open_bytes(&whole[..20]), Err(WavError::Truncated(20)));
        assert_eq!(open_bytes(&whole[..36]), Err(WavError::NoData));
        assert_eq!(open_bytes(&whole[..50]), Err(WavError::Truncated(55)));
        let with = |at: usize, byte: u8| {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            open_bytes(&bytes)
        };
        assert_eq!(with(20, 3), Err(WavError::NotPcm(3)));
        assert_eq!(with(22, 3), Err(WavError::Channels(3)));
        assert_eq!(with(22, 0), Err(WavError::Channels(0)));
        assert_eq!(with(34, 8), Err(WavError::Bits(8)));
        assert_eq!(with(26, 255), Err(WavError::Rate(16_759_680)));
        assert_eq!(with(12, b'x'), Err(WavError::NoFormat));
    }

    #[test]
    fn widening_and_narrowing_are_inverse() {
        for bits in [16, 24, 32] {
            let format = Format {
                rate: 48_000,
                channels: 1,
                bits,
            };
            for sample in [0i32, i32::MAX, i32::MIN, -1, 1 << 20] {
                let bytes = format.narrow(sample);
                let back = format.widen(&bytes[..format.sample_bytes() as usize]);
                assert_eq!(back, sample >> (32 - bits) << (32 - bits));
            }
        }
    }

    proptest! {
        #[test]
        fn no_file_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = open_bytes(&bytes);
            let mut framed = b"RIFF....WAVEfmt ".to_vec();
            framed.extend_from_slice(&bytes);
            let _ = open_bytes(&framed);
        }
    }
}
