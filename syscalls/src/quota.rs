//! How much of the kernel's own means one module can use.

/// Allocations that a module can have alive at once: each needs a record in kernel memory.
pub const REGION_RECORDS: usize = 128;

/// The longest line of the log; longer ones are refused.
pub const LOG_LINE_BYTES: usize = 120;

/// Lines that a module can log in one entry point; what is beyond is refused. The kernel keeps as
/// many for each module until they are read, so that none can push out another's.
pub const LOG_LINES_PER_ENTRY: u32 = 4;

/// The most bytes that one call zeroes. Interrupts are off meanwhile, so it bounds how long every
/// other module waits.
pub const ZEROED_BYTES: u32 = 16 * 1024;

/// The most bytes of constants that one call copies, for the same reason.
pub const COPIED_BYTES: u32 = 8 * 1024;

/// Copies of constants that a module can have.
pub const CONSTANT_COPIES: usize = 16;

/// Sources and sinks that a module can have, each.
pub const PINS: usize = 8;
