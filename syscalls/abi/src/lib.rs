//! What a kernel and its modules agree on, and nothing else: system-call numbers, error codes,
//! records, the module header. Modules are built against this crate alone, so a module author
//! reads a few hundred lines to know the whole border.
#![no_std]
#![forbid(unsafe_code)]

mod call;
mod errno;
mod header;
mod records;

pub use call::{CALL_COUNT, Call, TABLE_CALLS};
pub use errno::Errno;
pub use header::{
    ABI_VERSION, Command, EntryPoint, HEADER_MAGIC, HEADER_SEGMENT, ModuleHeader, NAME_BYTES,
    UUID_BYTES,
};
pub use records::{
    AllocFlags, AudioBytes, HeapInfo, MESSAGE_BODY_BYTES, MESSAGE_PAGE_BYTES, Message, Time,
    TraceRecord,
};
