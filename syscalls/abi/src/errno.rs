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
    /// An argument outside its range.
    Invalid = 22,
    /// More than the quota allows.
    Quota = 28,
    /// No such system call.
    NoSystem = 38,
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
