//! The exported functions, a file for each of SOF's headers, and the types that C shares with them.
//! cbindgen makes `include/bulkhead_capi.h` of these files and of `embedder.rs`.

use core::ffi::{c_int, c_void};

use crate::embedder::BULKHEAD_LOG_ERROR;
use crate::log::Text;
use crate::memory;
use crate::refusal::Refusal;
use crate::state::State;

mod alloc;
mod fast_get;
mod objpool;
mod setup;
mod size;
mod types;
mod vmh;
mod vpage;
mod vregion;

pub use self::size::size_t;
pub use alloc::*;
pub use fast_get::*;
pub use objpool::*;
pub use setup::*;
pub use types::*;
pub use vmh::*;
pub use vpage::*;
pub use vregion::*;

/// Does a call's work; why it was refused is logged in the caller's name.
fn call<T>(
    who: &str,
    work: impl FnOnce(&mut State<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let result = memory::enter(work);
    if let Err(refusal) = &result {
        report(who, BULKHEAD_LOG_ERROR, refusal);
    }
    result
}

#[cold]
#[inline(never)]
fn report(who: &str, level: c_int, refusal: &Refusal) {
    memory::say(level, &Text::of(who, refusal));
}

/// The address that a call returned, or NULL.
fn pointer(result: Result<usize, Refusal>) -> *mut c_void {
    memory::pointer(result.unwrap_or(0))
}

/// 0, or the negative errno of a refusal.
fn status(result: Result<(), Refusal>) -> c_int {
    result.map_or_else(|refusal| refusal.errno(), |()| 0)
}
