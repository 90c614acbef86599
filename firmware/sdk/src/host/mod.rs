//! A module on the host: the same code, driven as the kernel drives it.

pub mod calls;

pub use calls::{set_ticks, take_log, take_traces};

use crate::module::{Module, Stream};
use abi::Errno;

/// Frames of one period at that rate: one millisecond, rounded up.
#[must_use]
pub const fn period_frames(rate_hz: u32) -> u32 {
    rate_hz.div_ceil(1000)
}

/// Runs `samples` (interleaved) through a new `T`, period by period, the last one shorter, and
/// returns its output: what the DSP must produce, bit for bit.
///
/// Fails as the module fails, and with `Invalid` where the rate or the number of channels is 0 or
/// the samples are not whole frames.
pub fn run<T: Module>(rate_hz: u32, channels: u32, samples: &[i32]) -> Result<Vec<i32>, Errno> {
    let period_frames = period_frames(rate_hz);
    if rate_hz == 0 || channels == 0 || !samples.len().is_multiple_of(channels as usize) {
        return Err(Errno::Invalid);
    }
    let mut module = T::init(0)?;
    module.prepare(Stream {
        rate_hz,
        channels,
        period_frames,
    })?;
    let period = period_frames as usize * channels as usize;
    let mut output = vec![0; samples.len()];
    set_ticks(0);
    for (number, (input, output)) in (samples.chunks(period))
        .zip(output.chunks_mut(period))
        .enumerate()
    {
        set_ticks(number as u32);
        module.process(input, output)?;
    }
    module.reset()?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the length of each period over its samples.
    struct Lengths {
        period_frames: u32,
    }

    impl Module for Lengths {
        fn init(_restarts: u32) -> Result<Self, Errno> {
            Ok(Lengths { period_frames: 0 })
        }
        fn prepare(&mut self, stream: Stream) -> Result<(), Errno> {
            self.period_frames = stream.period_frames;
            Ok(())
        }
        fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
            output.fill(input.len() as i32);
            crate::trace([crate::ticks(), input.len() as u32, 0, 0])
        }
    }

    #[test]
    fn periods_are_a_millisecond_and_the_last_is_shorter() {
        let output = run::<Lengths>(1_500, 2, &[0; 10]).unwrap();
        assert_eq!(output, [4, 4, 4, 4, 4, 4, 4, 4, 2, 2]);
        assert_eq!(take_traces(), [[0, 4, 0, 0], [1, 4, 0, 0], [2, 2, 0, 0]]);
        assert_eq!(period_frames(44_100), 45);
        assert_eq!(period_frames(48_000), 48);
    }

    #[test]
    fn half_a_frame_is_refused() {
        assert_eq!(run::<Lengths>(48_000, 2, &[0; 3]), Err(Errno::Invalid));
        assert_eq!(run::<Lengths>(48_000, 0, &[]), Err(Errno::Invalid));
        assert_eq!(run::<Lengths>(0, 1, &[]), Err(Errno::Invalid));
        assert_eq!(run::<Lengths>(48_000, 1, &[]), Ok(vec![]));
    }
}
