//! Error codes, numbered as POSIX and SOF number them.

/// Why a call was refused; a system call returns it negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Errno {
    /// Not permitted.
    Perm = 1,
    /// No memory left in the region.
    NoMemory = 12,
    /// A pointer that is not the caller's.
    Fault = 14,
    /// Bytes were got before and not given back yet.
    Busy = 16,
    /// An argument outside its range.
    Invalid = 22,
    /// No space left: more than the quota allows, or than a buffer has.
    Quota = 28,
    /// No such system call.
    NoSystem = 38,
    /// Not as much data as that.
    NoData = 61,
}

impl Errno {
    /// Every error, in the order of its number.
    pub const ALL: [Errno; 8] = [
        Errno::Perm,
        Errno::NoMemory,
        Errno::Fault,
        Errno::Busy,
        Errno::Invalid,
        Errno::Quota,
        Errno::NoSystem,
        Errno::NoData,
    ];
}

impl Errno {
    /// The value as it stands in `a2`.
    #[must_use]
    pub const fn to_register(self) -> u32 {
        (-(self as i32)) as u32
    }

    /// Whether a register holds an error: the last 4,095 values of the address space, in which no
    /// module memory can lie.
    #[must_use]
    pub const fn is_error(register: u32) -> bool {
        register >= 0xffff_f001
    }
}
