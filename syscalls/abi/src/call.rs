//! The system calls by number.

/// A system call.
///
/// The number goes into `a8`, the arguments into `a2` to `a6`, the result comes back in `a2`:
/// in that order a windowed stub finds its arguments already in place. `a0`, `a1`, `a12` to
/// `a15`, the loop registers, `THREADPTR` and the MAC16 registers are kept; `a3` to `a11`, `SAR`,
/// `SCOMPARE1` and `LITBASE` come back as zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Call {
    /// The entry point has ended. `a2`: its result, 0 or a negative [`crate::Errno`].
    /// Does not return.
    Done = 0,
    /// Does nothing and returns 0: the cost of the border itself.
    Null = 1,
    /// Allocates in the module's own region. `a2`: bytes, `a3`: alignment (a power of two, 0
    /// for the least), `a4`: [`crate::AllocFlags`]. Returns the address, or a negative errno.
    Alloc = 2,
    /// Frees what [`Call::Alloc`] gave. `a2`: the address. Freeing anything else stops the module.
    Free = 3,
    /// Writes a line to the kernel's log. `a2`: address of UTF-8 text, `a3`: bytes. Returns the
    /// bytes taken. A buffer that is not the module's to read stops the module.
    Log = 4,
    /// Writes a [`crate::HeapInfo`]. `a2`: address, aligned to 4. An address that is not the
    /// module's to write stops the module.
    HeapInfo = 5,
    /// Ends every allocation made after `prepare`, and gives every constant back. Returns 0.
    FreeAll = 6,
    /// Writes a [`crate::Time`]. `a2`: address, aligned to 8. An address that is not the module's
    /// to write stops the module.
    Time = 7,
    /// Copies constants into the region, for fast access. `a2`: address, `a3`: bytes, 8 KiB at
    /// most. Returns the address of the copy, the same one for the same constants, or a negative
    /// errno. A source that is not the module's to read stops the module.
    FastGet = 8,
    /// Gives a copy of constants back, as often as it was got. `a2`: its address. Giving anything
    /// else stops the module.
    FastPut = 9,
    /// Gets bytes to read from a source. `a2`: its pin, `a3`: bytes, `a4`: address of a
    /// [`crate::AudioBytes`], aligned to 4. Returns 0 or a negative errno.
    SourceGet = 10,
    /// Gives back bytes that were got from a source: of them, `a3` are consumed. `a2`: its pin.
    SourceRelease = 11,
    /// How many bytes a source has. `a2`: its pin.
    SourceAvailable = 12,
    /// Gets space to write to a sink. `a2`: its pin, `a3`: bytes, `a4`: address of a
    /// [`crate::AudioBytes`], aligned to 4. Returns 0 or a negative errno.
    SinkGet = 13,
    /// Commits space that was got from a sink: of it, `a3` bytes are written. `a2`: its pin.
    SinkCommit = 14,
    /// How many bytes of space a sink has. `a2`: its pin.
    SinkFree = 15,
    /// The ticks of 1 ms since the kernel began to play, wrapping. Served by the entry code alone:
    /// every register but `a2` and `a8` is kept, and `a8` comes back as the caller's own `LEND`.
    Ticks = 32,
    /// Notes a [`crate::TraceRecord`] with the time in cycles. `a2`: its address, aligned to 16.
    /// A record on the caller's stack is mostly taken by the entry code alone, in a third of the
    /// time. Returns 0, or `-EQUOTA` when 32 are noted that the kernel has not taken away yet.
    Trace = 64,
    /// Lets another module run whose turn it is as much as the caller's; returns 0 when it is the
    /// caller's turn again, at once where there is no other. The loop registers and MAC16 come back
    /// as zero too.
    Yield = 128,
}

/// How many calls there are.
pub const CALL_COUNT: usize = Call::ALL.len();

/// Numbers below this are served by way of the kernel's table; those from it on by the entry code,
/// or by nobody.
pub const TABLE_CALLS: u32 = 32;

/// How many of the table's numbers are in use, from 0 on without a gap.
const FAST_CALLS_BEGIN: u32 = CALL_COUNT as u32 - 3;

impl Call {
    /// Every call, in the order of its number.
    pub const ALL: [Call; 19] = [
        Call::Done,
        Call::Null,
        Call::Alloc,
        Call::Free,
        Call::Log,
        Call::HeapInfo,
        Call::FreeAll,
        Call::Time,
        Call::FastGet,
        Call::FastPut,
        Call::SourceGet,
        Call::SourceRelease,
        Call::SourceAvailable,
        Call::SinkGet,
        Call::SinkCommit,
        Call::SinkFree,
        Call::Ticks,
        Call::Trace,
        Call::Yield,
    ];

    /// The call of that number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Call> {
        match number {
            32 => Some(Call::Ticks),
            64 => Some(Call::Trace),
            128 => Some(Call::Yield),
            _ if number < FAST_CALLS_BEGIN => Some(Self::ALL[number as usize]),
            _ => None,
        }
    }

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Call::Ticks => FAST_CALLS_BEGIN as usize,
            Call::Trace => FAST_CALLS_BEGIN as usize + 1,
            Call::Yield => FAST_CALLS_BEGIN as usize + 2,
            _ => self as usize,
        }
    }

    /// The number that goes into `a8`.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The name as the C header has it, after `bulkhead_`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Call::Done => "done",
            Call::Null => "null",
            Call::Alloc => "alloc",
            Call::Free => "free",
            Call::Log => "log",
            Call::HeapInfo => "heap_info",
            Call::FreeAll => "free_all",
            Call::Time => "time",
            Call::FastGet => "fast_get",
            Call::FastPut => "fast_put",
            Call::SourceGet => "source_get",
            Call::SourceRelease => "source_release",
            Call::SourceAvailable => "source_available",
            Call::SinkGet => "sink_get",
            Call::SinkCommit => "sink_commit",
            Call::SinkFree => "sink_free",
            Call::Ticks => "ticks",
            Call::Trace => "trace",
            Call::Yield => "yield",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_name_calls_and_nothing_else_does() {
        for (index, call) in Call::ALL.into_iter().enumerate() {
            assert_eq!(call.index(), index);
            assert_eq!(Call::from_number(call.number()), Some(call));
            assert_eq!(call.number() as usize == index, call.number() < TABLE_CALLS);
        }
        let known = (0..=0xffff).filter(|number| Call::from_number(*number).is_some());
        assert_eq!(known.count(), CALL_COUNT);
        assert_eq!(Call::from_number(u32::MAX), None);
    }
}
