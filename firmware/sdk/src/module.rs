//! What a module author writes: one type with five functions.

use abi::Errno;

/// The most channels a kernel offers a module.
pub const MAX_CHANNELS: u32 = 8;

/// The audio that is going to flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Frames per second.
    pub rate_hz: u32,
    /// Samples per frame.
    pub channels: u32,
    /// The most frames one `process` gets.
    pub period_frames: u32,
}

/// An audio module. Samples are interleaved 32-bit integers, full scale is 2^31.
pub trait Module: Sized {
    /// Makes the module. `restarts` counts its earlier lives in this run.
    fn init(restarts: u32) -> Result<Self, Errno>;

    /// Gets ready for a stream. Called before the first `process`, and again after `reset`.
    fn prepare(&mut self, stream: Stream) -> Result<(), Errno>;

    /// Turns one period of input into one of output. Both have the same length, a whole number
    /// of frames and at most `period_frames` of them; `output` holds zeros.
    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno>;

    /// Goes back to the state before `prepare`.
    fn reset(&mut self) -> Result<(), Errno> {
        Ok(())
    }
}
