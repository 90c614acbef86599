//! How much of the kernel's own means one module can use.

/// Allocations that a module can have alive at once: each needs a record in kernel memory.
pub const REGION_RECORDS: usize = 128;

/// The longest line of the log; longer ones are refused.
pub const LOG_LINE_BYTES: usize = 120;

/// Bytes that a module can log in one entry point; what is beyond is refused.
pub const LOG_BYTES_PER_ENTRY: u32 = 1024;
