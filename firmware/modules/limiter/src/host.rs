//! The C functions as a [`Module`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use bulkhead_sdk::{Errno, Module, Stream};

unsafe extern "C" {
    safe fn limiter_init(restarts: u32) -> i32;
    safe fn limiter_prepare(rate_hz: u32, channels: u32, period_frames: u32) -> i32;
    fn limiter_process(input: *const i32, output: *mut i32, frames: u32) -> i32;
    safe fn limiter_reset() -> i32;
    safe fn limiter_free() -> i32;
}

/// The limiter. Its C code keeps its state in a variable, as a module may, so one instance exists
/// at a time: a second waits until the first is gone.
#[derive(Debug)]
pub struct Limiter {
    channels: usize,
    _only: MutexGuard<'static, ()>,
}

static ONLY: Mutex<()> = Mutex::new(());

/// Every error the limiter returns.
fn result(code: i32) -> Result<(), Errno> {
    match code {
        0 => Ok(()),
        code if code == -(Errno::NoMemory as i32) => Err(Errno::NoMemory),
        _ => Err(Errno::Invalid),
    }
}

impl Module for Limiter {
    fn init(restarts: u32) -> Result<Self, Errno> {
        let only = ONLY.lock().unwrap_or_else(PoisonError::into_inner);
        result(limiter_init(restarts))?;
        Ok(Limiter {
            channels: 0,
            _only: only,
        })
    }

    fn prepare(&mut self, stream: Stream) -> Result<(), Errno> {
        self.channels = 0;
        result(limiter_prepare(
            stream.rate_hz,
            stream.channels,
            stream.period_frames,
        ))?;
        self.channels = stream.channels as usize;
        Ok(())
    }

    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        if self.channels == 0 {
            return Err(Errno::Invalid);
        }
        let frames = input.len().min(output.len()) / self.channels;
        // SAFETY: both slices hold that many frames of the prepared stream; the lock keeps every
        // other thread out of the C code.
        result(unsafe { limiter_process(input.as_ptr(), output.as_mut_ptr(), frames as u32) })
    }

    fn reset(&mut self) -> Result<(), Errno> {
        self.channels = 0;
        result(limiter_reset())
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        limiter_free();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_sdk::host;

    const THRESHOLD: u32 = 0x6000_0000;

    #[test]
    fn nothing_is_above_the_threshold() {
        let mut seed = 7_u32;
        let mut input: Vec<i32> = (0..9_600)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                seed as i32
            })
            .collect();
        input.extend([i32::MIN, i32::MAX, i32::MAX, i32::MIN]);
        let output = host::run::<Limiter>(48_000, 2, &input).unwrap();
        assert!(
            output
                .iter()
                .all(|sample| sample.unsigned_abs() <= THRESHOLD)
        );
        assert!(
            output
                .iter()
                .any(|sample| sample.unsigned_abs() > THRESHOLD - 0x100)
        );
    }

    #[test]
    fn quiet_samples_pass_unchanged() {
        let input: Vec<i32> = (-500..500).map(|n| n * 1_000_003).collect();
        assert_eq!(host::run::<Limiter>(48_000, 1, &input), Ok(input));
    }

    #[test]
    fn loud_turns_the_quiet_down_for_a_while() {
        let rate = 8_000;
        let mut input = vec![1_000_000; rate];
        input[0] = i32::MIN;
        let output = host::run::<Limiter>(rate as u32, 1, &input).unwrap();
        assert_eq!(output[0].unsigned_abs(), THRESHOLD);
        assert!(output[1] < 760_000);
        assert!(output[1..].is_sorted());
        assert_eq!(output[rate / 4], 1_000_000);
    }

    #[test]
    fn channels_share_the_gain() {
        let output = host::run::<Limiter>(48_000, 2, &[i32::MIN, 4_000]).unwrap();
        assert_eq!(output, [-(THRESHOLD as i32), 3_000]);
    }

    /// The bits themselves, with which the DSP is compared.
    #[test]
    fn the_output_is_the_same_everywhere() {
        let mut seed = 1_u32;
        let mut noise = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed as i32
        };
        let input: Vec<i32> = (0..4_800).map(|_| noise()).collect();
        let output = host::run::<Limiter>(44_100, 2, &input).unwrap();
        let hash = output
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, sample| {
                (hash ^ u64::from(*sample as u32)).wrapping_mul(0x100_0000_01b3)
            });
        assert_eq!(hash, 0x406c_15e3_d096_e159, "{hash:#x}");
    }

    #[test]
    fn the_log_names_the_settings() {
        let _ = host::take_log();
        host::run::<Limiter>(48_000, 1, &[]).unwrap();
        assert_eq!(
            host::take_log(),
            ["limiter: threshold -2.5 dB, release 250 ms"]
        );
    }

    #[test]
    fn a_stream_that_makes_no_sense_is_refused() {
        assert_eq!(host::run::<Limiter>(48_000, 9, &[]), Err(Errno::Invalid));
        let odd = host::run::<Limiter>(u32::MAX, 1, &[1]);
        assert_eq!(odd, Ok(vec![1]));
    }
}
