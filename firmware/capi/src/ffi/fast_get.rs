//! `sof/lib/fast-get.h`.

use core::ffi::c_void;

use super::{KMemDomain, ModAllocCtx, call, size_t};
use crate::memory;

/// A copy in fast memory of constants: shared and on pages of their own where they are larger than half
/// a page, else from the context's region or heap. Or NULL.
///
/// # Safety
/// `ctx` is NULL or can be read, and so can `size` bytes from `dram_ptr` on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fast_get(
    ctx: *mut ModAllocCtx,
    dram_ptr: *const c_void,
    size: size_t,
) -> *const c_void {
    // SAFETY: NULL is seen to; else the caller's promise.
    let region = unsafe { ctx.as_ref() }.map_or(0, |ctx| ctx.vreg.addr());
    let result = call("fast_get", |state| {
        // `copy_in` reads it by its number.
        state.fast_get(region, dram_ptr.expose_provenance(), size)
    });
    memory::pointer::<c_void>(result.unwrap_or(0)).cast_const()
}

/// Gives a copy up: with the last one it ends, and before that the domain's right to read it.
///
/// # Safety
/// `ctx` is NULL or can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fast_put(
    ctx: *mut ModAllocCtx,
    mdom: *mut KMemDomain,
    sram_ptr: *const c_void,
) {
    // SAFETY: NULL is seen to; else the caller's promise.
    let region = unsafe { ctx.as_ref() }.map_or(0, |ctx| ctx.vreg.addr());
    let _ = call("fast_put", |state| {
        state.fast_put(region, mdom.addr(), sram_ptr.addr())
    });
}
