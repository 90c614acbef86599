//! `sof/lib/vpage.h`.

use core::ffi::{c_uint, c_void};

use super::{SysMmDrvRegion, call, pointer};
use crate::memory;

/// Pages side by side, with memory behind them that is all zero. NULL for no pages, and where pages
/// or memory are lacking.
#[unsafe(no_mangle)]
pub extern "C" fn vpage_alloc(pages: c_uint) -> *mut c_void {
    pointer(call("vpage_alloc", |state| state.vpage_alloc(pages)))
}

/// Gives pages back that vpage_alloc() handed out, by the address of the first, through either
/// alias.
#[unsafe(no_mangle)]
pub extern "C" fn vpage_free(ptr: *mut c_void) {
    let _ = call("vpage_free", |state| state.vpage_free(ptr.addr()));
}

/// Pages side by side, without memory behind them.
#[unsafe(no_mangle)]
pub extern "C" fn vpage_reserve(pages: c_uint) -> *mut c_void {
    pointer(call("vpage_reserve", |state| state.vpage_reserve(pages)))
}

/// Gives pages back that vpage_reserve() handed out. Who mapped them has unmapped them.
#[unsafe(no_mangle)]
pub extern "C" fn vpage_release(ptr: *mut c_void) {
    let _ = call("vpage_release", |state| state.vpage_release(ptr.addr()));
}

/// The window that all pages come from; NULL before bulkhead_capi_init().
#[unsafe(no_mangle)]
pub extern "C" fn vpage_get_region() -> *const SysMmDrvRegion {
    let ready = call("vpage_get_region", |_| Ok(()));
    ready.map_or(core::ptr::null(), |()| memory::shown())
}
