//! The modules of this repository, known by their unique numbers, and what they give on the host.

use abi::{Errno, UUID_BYTES};
use bulkhead_sdk::host;
use equaliser::Equaliser;
use kernel::wav::Wav;
use limiter::Limiter;

/// A module that the host knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The sample in Rust.
    Equaliser,
    /// The sample in C.
    Limiter,
    /// The loop that is measured.
    Probe,
    /// The attacker.
    Hostile,
}

/// The unique numbers of this repository's modules, but for their last byte.
const FAMILY: [u8; UUID_BYTES - 1] = [
    0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8, 0x27, 0xd5, 0x70,
];

impl Known {
    /// The module of that unique number and name.
    pub fn find(uuid: &[u8; UUID_BYTES], name: &str) -> Option<Known> {
        let [family @ .., last] = uuid;
        if *family != FAMILY {
            return None;
        }
        match (last, name) {
            (1, "equaliser") => Some(Known::Equaliser),
            (2, "limiter") => Some(Known::Limiter),
            (3, "probe") => Some(Known::Probe),
            (4, "hostile") => Some(Known::Hostile),
            _ => None,
        }
    }

    /// What its code gives on the host for a WAV file, as bytes of samples; `None` for modules
    /// that play nothing.
    pub fn play(self, wav: &Wav, file: &[u8]) -> Option<Result<Vec<u8>, Errno>> {
        let format = wav.format;
        let width = format.sample_bytes() as usize;
        let data = file.get(wav.data_start as usize..)?;
        let data = data.get(..wav.data_bytes as usize)?;
        let samples: Vec<i32> = data
            .chunks_exact(width)
            .map(|sample| format.widen(sample))
            .collect();
        let played = match self {
            Known::Equaliser => host::run::<Equaliser>(format.rate, format.channels, &samples),
            Known::Limiter => host::run::<Limiter>(format.rate, format.channels, &samples),
            Known::Probe | Known::Hostile => return None,
        };
        Some(played.map(|samples| {
            let narrow = |sample| format.narrow(sample).into_iter().take(width);
            samples.into_iter().flat_map(narrow).collect()
        }))
    }
}

#[cfg(test)]
mod tests {
    use kernel::wav::Format;

    use super::*;

    fn uuid(last: u8) -> [u8; UUID_BYTES] {
        let mut uuid = [0; UUID_BYTES];
        uuid[..UUID_BYTES - 1].copy_from_slice(&FAMILY);
        uuid[UUID_BYTES - 1] = last;
        uuid
    }

    #[test]
    fn number_and_name_must_both_be_right() {
        assert_eq!(Known::find(&uuid(1), "equaliser"), Some(Known::Equaliser));
        assert_eq!(Known::find(&uuid(4), "hostile"), Some(Known::Hostile));
        assert_eq!(Known::find(&uuid(4), "equaliser"), None);
        assert_eq!(Known::find(&[4; UUID_BYTES], "hostile"), None);
    }

    #[test]
    fn the_limiter_leaves_quiet_samples_as_they_are() {
        let format = Format {
            rate: 48_000,
            channels: 1,
            bits: 16,
        };
        let silence = vec![0; 200];
        let wav = Wav {
            format,
            data_start: 44,
            data_bytes: 200,
        };
        let file = [vec![1; 44], silence.clone()].concat();
        assert_eq!(Known::Limiter.play(&wav, &file), Some(Ok(silence)));
        assert_eq!(Known::Hostile.play(&wav, &file), None);
        // A file that is shorter than it says has no reference.
        assert_eq!(Known::Limiter.play(&wav, &file[..100]), None);
    }
}
