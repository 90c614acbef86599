//! What the kernel tells the host: records, each a [`RecordHead`] and a body of fixed layout.
//! Words are little-endian; a text ends at its first zero.

pub mod words;

use syscalls::LOG_LINE_BYTES;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use words::Words;

/// Stands before every record.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct RecordHead {
    /// A record's `KIND`.
    pub kind: u32,
    /// Bytes of its body.
    pub bytes: u32,
}

/// A body with its number.
pub trait Record: IntoBytes + Immutable + FromBytes {
    /// Tells records apart.
    const KIND: u32;
}

macro_rules! record {
    ($kind:literal, $(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
        #[repr(C)]
        pub struct $name { $($(#[$inner])* pub $field: $type,)* }
        impl Record for $name {
            const KIND: u32 = $kind;
        }
    };
}

record!(1,
/// How the session ended; the last record. Without it the kernel did not end by itself.
Summary {
    /// Whether it failed.
    failed: u32,
    /// If so, the words of a [`crate::session::Failed`].
    why: Words,
    /// Frames per second of what was played.
    rate: u32,
    /// Samples per frame.
    channels: u32,
    /// Bits per sample in the files.
    bits: u32,
    /// Periods played.
    periods: u32,
    /// Frames played.
    frames: u32,
    /// Whether the kernel's own text and constants are what they were at the start.
    kernel_unharmed: u32,
    /// Refusals, faults and overruns in all.
    incidents: u32,
    /// How many of them are in no [`Audited`].
    lost: u32,
});

record!(2,
/// A module that was loaded.
Loaded {
    /// Its place.
    place: u32,
    /// Its lives before this one.
    restarts: u32,
    /// Its ASID.
    asid: u32,
    /// Pages backed by frames.
    pages: u32,
    /// Bytes of page tables.
    table_bytes: u32,
    /// Its version.
    version: u32,
    /// Its unique number.
    uuid: [u8; 16],
    /// Its name.
    name: [u8; 32],
});

record!(3,
/// A partition of a loaded module, seen at two addresses.
Mapped {
    /// The module's place.
    place: u32,
    /// A [`crate::estate::Purpose`].
    purpose: u32,
    /// Bits of [`mmu::Rights`].
    rights: u32,
    /// The cached alias.
    cached: u32,
    /// The uncached alias.
    uncached: u32,
    /// Bytes.
    bytes: u32,
});

record!(4,
/// A module that was stopped.
Stopped {
    /// Its place.
    place: u32,
    /// Its lives before this one.
    restarts: u32,
    /// An [`abi::EntryPoint`].
    entry: u32,
    /// An [`Ending`].
    ending: u32,
    /// `EXCCAUSE`; or the number of the call; or the negative result.
    cause: u32,
    /// `EXCVADDR`, or the address that the refusal is about.
    address: u32,
    /// The instruction.
    pc: u32,
    /// A [`syscalls::Reason`], for a refused call.
    reason: u32,
    /// Cycles that the entry point had taken.
    cycles: u32,
    /// The period.
    period: u32,
    /// Whether the kernel's own text and constants are what they were at the start.
    kernel_unharmed: u32,
    /// What was free last, with what it took when it was made: what must be free after it.
    before: Resources,
    /// What is free after it was taken away.
    after: Resources,
});

/// What the kernel has free.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C)]
pub struct Resources {
    /// Frames for modules.
    pub frames: u32,
    /// Frames for page tables.
    pub tables: u32,
    /// ASIDs.
    pub asids: u32,
    /// Places for instances.
    pub places: u32,
    /// Slots for module files.
    pub slots: u32,
    /// Audio buffers.
    pub buffers: u32,
}

impl Resources {
    /// These and those together.
    #[must_use]
    pub fn with(&self, more: &Resources) -> Resources {
        self.by_each(more, u32::wrapping_add)
    }

    /// These but for those.
    #[must_use]
    pub fn without(&self, fewer: &Resources) -> Resources {
        self.by_each(fewer, u32::wrapping_sub)
    }

    fn by_each(&self, other: &Resources, act: fn(u32, u32) -> u32) -> Resources {
        let mut sum = *self;
        let words = sum.as_mut_bytes().chunks_exact_mut(4);
        for (word, by) in words.zip(other.as_bytes().chunks_exact(4)) {
            let [one, by] = [&*word, by]
                .map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
            word.copy_from_slice(&act(one, by).to_le_bytes());
        }
        sum
    }
}

record!(5,
/// What a module's periods cost.
Timing {
    /// Its place.
    place: u32,
    /// Periods.
    periods: u32,
    /// Cycles of all, low word.
    cycles_low: u32,
    /// High word.
    cycles_high: u32,
    /// The cheapest.
    least: u32,
    /// The dearest.
    most: u32,
});

record!(6,
/// How often a module made a system call.
Called {
    /// Its place.
    place: u32,
    /// The number, or `u32::MAX` for all that do not exist.
    call: u32,
    /// How often.
    made: u32,
    /// How often it was refused.
    refused: u32,
});

record!(7,
/// A module file that was refused.
Refused {
    /// Its place.
    place: u32,
    /// Why: the words of a [`crate::system::InstallError`].
    why: Words,
});

record!(8,
/// A benchmark's result.
Measured {
    /// A [`Benchmark`].
    benchmark: u32,
    /// Cycles of all rounds.
    cycles: u32,
    /// Cycles of as many rounds without the work.
    empty_cycles: u32,
    /// Rounds.
    rounds: u32,
});

record!(9,
/// A line that a module logged.
Said {
    /// Its place.
    place: u32,
    /// Its lives before this one.
    restarts: u32,
    /// The line.
    text: [u8; LOG_LINE_BYTES],
});

record!(10,
/// A trace record that a module left.
Noted {
    /// The module's place.
    place: u32,
    /// The module's words.
    words: [u32; 4],
    /// The cycle counter when it was left.
    cycles: u32,
});

record!(11,
/// A request of the host that was done, or not.
Replied {
    /// Which, counted from 1.
    request: u32,
    /// The tick.
    tick: u32,
    /// Cycles of modules since it was begun.
    cycles: u32,
    /// Why not: the words of a [`crate::pipeline::request::RequestError`].
    why: Words,
});

record!(12,
/// A configuration that a module told, or a part of it.
Answer {
    /// The module's place.
    place: u32,
    /// For which request.
    request: u32,
    /// Bytes of all parts.
    total: u32,
    /// Where these begin.
    offset: u32,
    /// The bytes, as far as there are so many.
    bytes: [u8; 256],
});

record!(13,
/// An instance that died and is again in the state that is wanted of it.
Revived {
    /// Its place.
    place: u32,
    /// Its lives before this one.
    restarts: u32,
    /// Ticks from its death until it was.
    ticks: u32,
    /// Cycles of modules.
    cycles: u32,
});

record!(14,
/// What went through a buffer of a pipeline.
Flowed {
    /// The host's number for it.
    buffer: u32,
    /// Bytes that were written.
    written: u32,
    /// The most that it held.
    peak: u32,
    /// Frames that went from, or to, a file of the host.
    frames: u32,
    /// Of those to a file, how many were silence for want of others.
    silence: u32,
});

record!(15,
/// How an instance of a pipeline did.
Acted {
    /// Its place.
    place: u32,
    /// Its module file.
    file: u32,
    /// How often it died.
    deaths: u32,
    /// Periods that were done after their deadline.
    late: u32,
    /// Periods that went by without it.
    missed: u32,
});

record!(16,
/// An entry of the audit trail.
Audited {
    /// The module's place.
    place: u32,
    /// The tick of 1 ms.
    ticks: u32,
    /// An [`Ending`]: `Refused`, `Fault` or `Overrun`.
    kind: u32,
    /// The number of the call, or `EXCCAUSE`.
    cause: u32,
    /// A [`syscalls::Reason`], for a refused call.
    reason: u32,
    /// The address that the refusal is about, or `EXCVADDR`.
    address: u32,
    /// The instruction.
    pc: u32,
});

/// What kind of failure ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Failure {
    /// The job cannot be read.
    Job = 1,
    /// A file of the host cannot be opened, read or written.
    File = 2,
    /// The WAV file cannot be played.
    Wav = 3,
    /// The module file was refused.
    Module = 4,
    /// The module was stopped.
    Stopped = 5,
    /// An entry point of the module returned an error.
    Entry = 6,
    /// What was taken did not all come back.
    Leak = 7,
}

/// How a module's entry point ended badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Ending {
    /// An exception.
    Fault = 1,
    /// An exception in a window vector, on the module's stack pointer.
    WindowFault = 2,
    /// A refused system call that stops the caller.
    Refused = 3,
    /// More cycles than its budget.
    Overrun = 4,
    /// A negative result.
    Failed = 5,
    /// It was taken away by a request.
    Withdrawn = 6,
}

/// What the kernel measures itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Benchmark {
    /// A null system call, from user code to user code.
    NullCall = 1,
    /// A switch of domains.
    DomainSwitch = 2,
    /// The ticks, asked for by a call that the entry code serves by itself.
    QuickCall = 3,
    /// A trace record of 16 bytes, proven and copied by the entry code.
    Trace = 4,
    /// An allocation of 64 bytes, after `prepare`.
    Alloc = 5,
    /// Freeing it.
    Free = 6,
    /// Yielding to a module in another domain, until it has yielded back.
    Yield = 7,
}

/// A text as it stands in a record: cut at the last character that fits.
#[must_use]
pub fn text<const N: usize>(from: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut end = from.len().min(N);
    while !from.is_char_boundary(end) {
        end -= 1;
    }
    bytes[..end].copy_from_slice(&from.as_bytes()[..end]);
    bytes
}

/// The text of a record.
#[must_use]
pub fn read_text(bytes: &[u8]) -> &str {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    core::str::from_utf8(&bytes[..end]).unwrap_or("(not UTF-8)")
}
