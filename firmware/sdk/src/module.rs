//! What a module author writes: one type and its functions.

use abi::{Command, Errno};

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

/// Which side of the module a buffer is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It is read.
    Source,
    /// It is written.
    Sink,
}

/// A configuration, or a part of one that is too long for one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'m> {
    /// Where these bytes stand in the whole; 0 begins a new whole.
    pub offset: u32,
    /// Bytes of the whole.
    pub total: u32,
    /// The bytes.
    pub bytes: &'m [u8],
}

/// An audio module. Samples are interleaved 32-bit integers, full scale is 2^31.
pub trait Module: Sized {
    /// Makes the module. `restarts` counts its earlier lives in this run.
    fn init(restarts: u32) -> Result<Self, Errno>;

    /// Gets ready for a stream. Called before the first `process`, and again after `reset`.
    fn prepare(&mut self, stream: Stream) -> Result<(), Errno>;

    /// Turns one period of input into one of output. Both have the same length, a whole number
    /// of frames and at most `period_frames` of them; `output` holds zeros. In a pipeline either is
    /// empty where nothing is bound to the module's first source or sink.
    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno>;

    /// Goes back to the state before `prepare`.
    fn reset(&mut self) -> Result<(), Errno> {
        Ok(())
    }

    /// A buffer is connected, with frames of that many bytes.
    fn bind(&mut self, _side: Side, _pin: u32, _frame_bytes: u32) -> Result<(), Errno> {
        Ok(())
    }

    /// It is about to be taken away.
    fn unbind(&mut self, _side: Side, _pin: u32) -> Result<(), Errno> {
        Ok(())
    }

    /// Takes a configuration; `id` is the module's own number for it.
    fn set_config(&mut self, _id: u32, _part: Fragment<'_>) -> Result<(), Errno> {
        Err(Errno::NoSystem)
    }

    /// Tells a configuration: writes it to the start of `into` and returns its length.
    fn get_config(&mut self, _id: u32, _into: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::NoSystem)
    }

    /// The pipeline changes its state.
    fn trigger(&mut self, _command: Command) -> Result<(), Errno> {
        Ok(())
    }
}
