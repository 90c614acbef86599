//! The system calls, as Rust sees them.

use core::ptr::NonNull;

use abi::{AllocFlags, AudioBytes, Errno, HeapInfo, Time, TraceRecord};

use crate::raw;

/// The error in a register, if there is one. A number that this ABI does not know is `Invalid`.
fn error(register: u32) -> Option<Errno> {
    Errno::is_error(register).then(|| {
        let known = Errno::ALL
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
    pointer(raw::bulkhead_alloc(bytes, align, flags.bits()))
}

/// An address that a call returned, or its error.
fn pointer(address: *mut u8) -> Result<NonNull<u8>, Errno> {
    // An error stands in the low word on every machine, and its upper bits are all ones.
    if address.addr() >= -4095_isize as usize {
        return Err(error(address.addr() as u32).unwrap_or(Errno::Invalid));
    }
    NonNull::new(address).ok_or(Errno::NoMemory)
}

/// Nothing, or the error that a call returned.
fn done(result: i32) -> Result<(), Errno> {
    error(result as u32).map_or(Ok(()), Err)
}

/// Ends every allocation made after `prepare`, and gives every copy of constants back.
///
/// # Safety
/// Nothing refers to any of them.
pub unsafe fn free_all() {
    // SAFETY: the caller's promise.
    unsafe { raw::bulkhead_free_all() };
}

/// The ticks and the cycle counter of the core.
#[must_use]
pub fn time() -> Time {
    let mut time = Time::default();
    // SAFETY: the record is ours to write, and aligned.
    unsafe { raw::bulkhead_time(&mut time) };
    time
}

/// A copy of constants in the region, for fast access; the same one for the same constants. Give it
/// back with [`fast_put`], as often as it was got.
pub fn fast_get(constants: &'static [u8]) -> Result<&'static [u8], Errno> {
    let bytes = constants.len() as u32;
    // SAFETY: the pointer and the length are those of a slice.
    let copy = unsafe { raw::bulkhead_fast_get(constants.as_ptr(), bytes) };
    let copy = pointer(copy.cast_mut())?;
    // SAFETY: the kernel has put as many bytes there, and leaves them until they are put back,
    // which `fast_put` makes its caller answer for.
    Ok(unsafe { core::slice::from_raw_parts(copy.as_ptr(), constants.len()) })
}

/// Gives a copy of constants back. The kernel stops a module that gives anything else.
///
/// # Safety
/// `copy` came from [`fast_get`] and was put less often than it was got. After as many puts as gets
/// nothing refers to its bytes.
pub unsafe fn fast_put(copy: &'static [u8]) {
    // SAFETY: the caller's promise.
    unsafe { raw::bulkhead_fast_put(copy.as_ptr()) };
}

/// Gets bytes to read from a source: where they lie. Refused with [`Errno::NoData`] where there are
/// not as many.
pub fn source_get(pin: u32, bytes: u32) -> Result<AudioBytes, Errno> {
    let mut got = AudioBytes::default();
    // SAFETY: the record is ours to write, and aligned.
    done(unsafe { raw::bulkhead_source_get(pin, bytes, &mut got) }).map(|()| got)
}

/// Gives bytes of a source back; `bytes` of them are consumed.
pub fn source_release(pin: u32, bytes: u32) -> Result<(), Errno> {
    done(raw::bulkhead_source_release(pin, bytes))
}

/// How many bytes a source has.
pub fn source_available(pin: u32) -> Result<u32, Errno> {
    let bytes = raw::bulkhead_source_available(pin) as u32;
    error(bytes).map_or(Ok(bytes), Err)
}

/// Gets space to write to a sink: where it lies. Refused with [`Errno::Quota`] where there is not as
/// much.
pub fn sink_get(pin: u32, bytes: u32) -> Result<AudioBytes, Errno> {
    let mut got = AudioBytes::default();
    // SAFETY: the record is ours to write, and aligned.
    done(unsafe { raw::bulkhead_sink_get(pin, bytes, &mut got) }).map(|()| got)
}

/// Commits space of a sink; `bytes` of it are written.
pub fn sink_commit(pin: u32, bytes: u32) -> Result<(), Errno> {
    done(raw::bulkhead_sink_commit(pin, bytes))
}

/// How many bytes of space a sink has.
pub fn sink_free(pin: u32) -> Result<u32, Errno> {
    let bytes = raw::bulkhead_sink_free(pin) as u32;
    error(bytes).map_or(Ok(bytes), Err)
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
    done(unsafe { raw::bulkhead_trace(&record) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_back_by_name() {
        for errno in Errno::ALL {
            assert_eq!(error(errno.to_register()), Some(errno));
        }
        assert_eq!(error(0), None);
        assert_eq!(error(0xa000_0000), None);
        assert_eq!(error(-77_i32 as u32), Some(Errno::Invalid));
    }

    #[test]
    fn constants_are_found_again_and_given_back() {
        static CONSTANTS: [u8; 5] = *b"table";
        let before = heap_info().allocations;
        let copy = fast_get(&CONSTANTS).unwrap();
        assert_eq!(copy, CONSTANTS);
        assert_eq!(fast_get(&CONSTANTS).unwrap().as_ptr(), copy.as_ptr());
        assert_eq!(heap_info().allocations, before + 1);
        assert_eq!(fast_get(&[]), Err(Errno::Invalid));
        for _ in 0..2 {
            // SAFETY: got twice, and not used any more.
            unsafe { fast_put(copy) };
        }
        assert_eq!(heap_info().allocations, before);
    }

    #[test]
    fn without_audio_nothing_is_bound() {
        assert_eq!(source_get(0, 4), Err(Errno::Invalid));
        assert_eq!(sink_get(0, 4), Err(Errno::Invalid));
        assert_eq!(source_available(7), Err(Errno::Invalid));
        assert_eq!(sink_free(0), Err(Errno::Invalid));
        assert_eq!(source_release(0, 1), Err(Errno::Invalid));
        assert_eq!(sink_commit(0, 1), Err(Errno::Invalid));
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
