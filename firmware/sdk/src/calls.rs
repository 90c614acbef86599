//! The system calls, as Rust sees them.

use core::ptr::NonNull;

use abi::{AllocFlags, Errno, HeapInfo, TraceRecord};

use crate::raw;

/// Every error a call may return.
const ERRORS: [Errno; 6] = [
    Errno::Perm,
    Errno::NoMemory,
    Errno::Fault,
    Errno::Invalid,
    Errno::Quota,
    Errno::NoSystem,
];

/// The error in a register, if there is one. A number that this ABI does not know is `Invalid`.
fn error(register: u32) -> Option<Errno> {
    Errno::is_error(register).then(|| {
        let known = ERRORS
            .into_iter()
            .find(|errno| errno.to_register() == register);
        known.unwrap_or(Errno::Invalid)
    })
}

/// Crosses the border and comes back: what a system call costs at least.
pub fn null() {
    raw::bulkhead_null();
}

/// Allocates `bytes` bytes in the module's region. `align` is a power of two, or 0 for the least.
pub fn alloc(bytes: u32, align: u32, flags: AllocFlags) -> Result<NonNull<u8>, Errno> {
    let address = raw::bulkhead_alloc(bytes, align, flags.bits());
    // An error stands in the low word on every machine, and its upper bits are all ones.
    if address.addr() >= -4095_isize as usize {
        return Err(error(address.addr() as u32).unwrap_or(Errno::Invalid));
    }
    NonNull::new(address).ok_or(Errno::NoMemory)
}

/// Frees an allocation. The kernel stops a module that frees anything else.
///
/// # Safety
/// `address` came from [`alloc`], and nothing refers to its bytes.
pub unsafe fn free(address: NonNull<u8>) {
    // SAFETY: the caller's promise.
    unsafe { raw::bulkhead_free(address.as_ptr()) };
}

/// Writes a line to the kernel's log; returns how many bytes the kernel took.
pub fn log(text: &str) -> Result<u32, Errno> {
    // A text without bytes may point anywhere, and the kernel refuses an address that is not the
    // module's, whatever the length.
    let start = if text.is_empty() {
        c"".as_ptr().cast()
    } else {
        text.as_ptr()
    };
    // SAFETY: the pointer and the length are those of a string, or of none at a byte of ours.
    let taken = unsafe { raw::bulkhead_log(start, text.len() as u32) } as u32;
    error(taken).map_or(Ok(taken), Err)
}

/// The state of the module's region.
#[must_use]
pub fn heap_info() -> HeapInfo {
    let mut info = HeapInfo::default();
    // SAFETY: the record is ours to write, and aligned.
    unsafe { raw::bulkhead_heap_info(&mut info) };
    info
}

/// The ticks of 1 ms since the kernel began to play, wrapping.
#[must_use]
pub fn ticks() -> u32 {
    raw::bulkhead_ticks()
}

/// Lets another module run whose turn it is as much as this one's.
pub fn yield_now() {
    raw::bulkhead_yield();
}

/// Leaves a record of four words, to be read in the report with the time of it. Refused with
/// [`Errno::Quota`] when 32 are waiting.
pub fn trace(words: [u32; 4]) -> Result<(), Errno> {
    let record = TraceRecord { words };
    // SAFETY: the record is ours to read, and aligned.
    let result = unsafe { raw::bulkhead_trace(&record) } as u32;
    error(result).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_back_by_name() {
        for errno in ERRORS {
            assert_eq!(error(errno.to_register()), Some(errno));
        }
        assert_eq!(error(0), None);
        assert_eq!(error(0xa000_0000), None);
        assert_eq!(error(-77_i32 as u32), Some(Errno::Invalid));
    }

    #[test]
    fn a_refused_allocation_is_an_error() {
        assert_eq!(alloc(16, 3, AllocFlags::empty()), Err(Errno::Invalid));
        assert_eq!(
            alloc(u32::MAX, 0, AllocFlags::empty()),
            Err(Errno::NoMemory)
        );
    }
}
