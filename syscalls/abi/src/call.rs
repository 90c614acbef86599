//! The system calls by number.

/// A system call.
///
/// The number goes into `a8`, the arguments into `a2` to `a7`, the result comes back in `a2`:
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
}

/// How many numbers are in use; the numbers are dense.
pub const CALL_COUNT: usize = Call::ALL.len();

impl Call {
    /// Every call, in the order of its number.
    pub const ALL: [Call; 6] = [
        Call::Done,
        Call::Null,
        Call::Alloc,
        Call::Free,
        Call::Log,
        Call::HeapInfo,
    ];

    /// The call of that number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Call> {
        if (number as usize) < CALL_COUNT {
            Some(Self::ALL[number as usize])
        } else {
            None
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dense_and_in_order() {
        for (number, call) in Call::ALL.iter().enumerate() {
            assert_eq!(call.number() as usize, number);
            assert_eq!(Call::from_number(number as u32), Some(*call));
        }
        assert_eq!(Call::from_number(CALL_COUNT as u32), None);
        assert_eq!(Call::from_number(u32::MAX), None);
    }
}
