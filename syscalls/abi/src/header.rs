//! The header by which a module file says what it is and what it wants.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// First word of a header: "BHM1" as bytes in memory.
pub const HEADER_MAGIC: u32 = u32::from_le_bytes(*b"BHM1");
/// The version of this ABI; a kernel refuses others.
pub const ABI_VERSION: u32 = 1;
/// `p_type` of the program header that points at the module header (in the OS-specific range).
pub const HEADER_SEGMENT: u32 = 0x6b68_0001;
/// Bytes of a module name, padded with zeros.
pub const NAME_BYTES: usize = 32;
/// Bytes of a module's unique number.
pub const UUID_BYTES: usize = 16;

/// What a module is and wants. It stands in a read-only segment of the file, found by a program
/// header of type [`HEADER_SEGMENT`]; its addresses are relocated like any other word.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq)]
#[repr(C)]
pub struct ModuleHeader {
    /// [`HEADER_MAGIC`].
    pub magic: u32,
    /// [`ABI_VERSION`].
    pub abi: u32,
    /// Bytes of this header.
    pub bytes: u32,
    /// The module's own version, major in the upper half.
    pub version: u32,
    /// The module's unique number.
    pub uuid: [u8; UUID_BYTES],
    /// UTF-8, padded with zeros.
    pub name: [u8; NAME_BYTES],
    /// Bytes of stack; rounded up to whole pages.
    pub stack_bytes: u32,
    /// Bytes of region for allocations made in `init` and `prepare`, which live as long as the
    /// module.
    pub lifetime_bytes: u32,
    /// Bytes of region for allocations that come and go afterwards.
    pub interim_bytes: u32,
    /// Where the kernel enters the module: the SDK's start stub. It calls the function in `a2`
    /// with `a3` to `a6` as its arguments, then makes [`crate::Call::Done`] with its result.
    pub start: u32,
    /// The entry points, in the order of [`EntryPoint`]; 0 for one that the module does not have,
    /// where [`EntryPoint::is_optional`].
    pub entry: [u32; EntryPoint::ALL.len()],
}

/// An entry point of a module. Each returns 0 or a negative errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum EntryPoint {
    /// `init(restarts)`: once, first. `restarts` counts the earlier lives of this module in this
    /// run, 0 for the first.
    Init = 0,
    /// `prepare(rate_hz, channels, period_frames)`: before the first `process`.
    Prepare = 1,
    /// `process(input, output, frames)`: `frames` frames of interleaved 32-bit samples (full
    /// scale = 2^31), at most `period_frames`. The input is read only. Either address is 0 where
    /// nothing is bound to the first source or sink.
    Process = 2,
    /// `reset()`: back to the state before `prepare`.
    Reset = 3,
    /// `free()`: the last call.
    Free = 4,
    /// `bind(side, pin, frame_bytes)`: a buffer is connected to a source (`side` 0) or a sink (1),
    /// with frames of that many bytes.
    Bind = 5,
    /// `unbind(side, pin)`: it is about to be taken away; no more periods come by it.
    Unbind = 6,
    /// `set_config(message)`: a configuration, or a part of one, in a [`crate::Message`].
    SetConfig = 7,
    /// `get_config(message)`: what is asked for by [`crate::Message::id`] is to be written behind the
    /// message, and [`crate::Message::bytes`] to be set.
    GetConfig = 8,
    /// `trigger(command)`: the pipeline changes its state; see [`Command`].
    Trigger = 9,
}

/// What `trigger` is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Command {
    /// No more periods come.
    Stop = 0,
    /// Periods come from now on.
    Start = 1,
    /// For a while none come.
    Pause = 2,
    /// They come again.
    Release = 3,
}

impl Command {
    /// Every command, in the order of its number.
    pub const ALL: [Command; 4] = [
        Command::Stop,
        Command::Start,
        Command::Pause,
        Command::Release,
    ];

    /// The command of that number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Command> {
        match number {
            0 => Some(Command::Stop),
            1 => Some(Command::Start),
            2 => Some(Command::Pause),
            3 => Some(Command::Release),
            _ => None,
        }
    }
}

impl EntryPoint {
    /// Every entry point, in the order of the header.
    pub const ALL: [EntryPoint; 10] = [
        EntryPoint::Init,
        EntryPoint::Prepare,
        EntryPoint::Process,
        EntryPoint::Reset,
        EntryPoint::Free,
        EntryPoint::Bind,
        EntryPoint::Unbind,
        EntryPoint::SetConfig,
        EntryPoint::GetConfig,
        EntryPoint::Trigger,
    ];

    /// Whether a module may do without it.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        self as u32 > EntryPoint::Free as u32
    }

    /// Its name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            EntryPoint::Init => "init",
            EntryPoint::Prepare => "prepare",
            EntryPoint::Process => "process",
            EntryPoint::Reset => "reset",
            EntryPoint::Free => "free",
            EntryPoint::Bind => "bind",
            EntryPoint::Unbind => "unbind",
            EntryPoint::SetConfig => "set_config",
            EntryPoint::GetConfig => "get_config",
            EntryPoint::Trigger => "trigger",
        }
    }
}

impl ModuleHeader {
    /// The name up to its first zero, or `None` where it is not UTF-8.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let end = self
            .name
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(NAME_BYTES);
        core::str::from_utf8(&self.name[..end]).ok()
    }
}
