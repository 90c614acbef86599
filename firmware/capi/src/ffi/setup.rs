//! The beginning and the end.

use core::ffi::{c_int, c_void};

use super::{report, status};
use crate::embedder::{BULKHEAD_LOG_ERROR, BulkheadEmbedder, BulkheadLog};
use crate::memory;
use crate::refusal::Refusal;

/// Gives the library its memory and its hooks. Before this, every function answers NULL or -ENODEV.
///
/// Returns 0; -EINVAL where the embedder's numbers cannot be; -EBUSY the second time; what the hook
/// `map` answered, as -ENOMEM.
///
/// # Safety
/// NULL, or an embedder that is what it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_capi_init(embedder: *const BulkheadEmbedder) -> c_int {
    // SAFETY: NULL is seen to; else the caller's promise.
    let embedder = unsafe { embedder.as_ref() };
    let result = embedder.ok_or(Refusal::Null).and_then(memory::start);
    if let Err(refusal) = &result {
        report("bulkhead_capi_init", BULKHEAD_LOG_ERROR, refusal);
    }
    status(result)
}

/// Gives all memory back. Returns 0, or -EBUSY where something is still allocated.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_capi_exit() -> c_int {
    let result = memory::stop();
    if let Err(refusal) = &result {
        report("bulkhead_capi_exit", BULKHEAD_LOG_ERROR, refusal);
    }
    status(result)
}

/// Sets who takes the sentences of the log, also before bulkhead_capi_init(), which sets it too.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_capi_log_to(log: BulkheadLog, context: *mut c_void) {
    memory::log_to(log, context);
}
