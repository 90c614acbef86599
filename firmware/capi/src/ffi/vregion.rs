//! `sof/lib/vregion.h`.

use core::ffi::{c_int, c_uint, c_void};

use super::{Vregion, VregionSnapshot, call, pointer, report, size_t};
use crate::config::REGIONS;
use crate::embedder::{BULKHEAD_LOG_INFO, BULKHEAD_LOG_WARNING};
use crate::log::Text;
use crate::memory;
use crate::refusal::Refusal;
use crate::regions::{Put, Snapshot, Type};

fn region(token: Result<u32, Refusal>) -> *mut Vregion {
    memory::pointer(token.unwrap_or(0) as usize)
}

fn alloc(
    who: &str,
    vr: *mut Vregion,
    kind: Option<c_uint>,
    size: size_t,
    alignment: size_t,
    coherent: bool,
) -> *mut c_void {
    pointer(call(who, |state| {
        if vr.is_null() {
            return Err(Refusal::Null);
        }
        let kind = match kind {
            None => None,
            Some(0) => Some(Type::Interim),
            Some(1) => Some(Type::Lifetime),
            Some(other) => return Err(Refusal::Type(other)),
        };
        let store = &mut state.store;
        store.region_alloc(vr.addr(), kind, size, alignment, coherent)
    }))
}

/// A region of so many bytes, rounded up to pages that are all zero, in lifetime mode and with one
/// owner; or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_create(memsize: size_t) -> *mut Vregion {
    region(call("vregion_create", |state| {
        state.store.region_create(memsize, None)
    }))
}

/// vregion_create() of SOF's PR 10702: a part for life and a part for interim allocations, both there
/// from the start.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_create_parts(
    lifetime_size: size_t,
    interim_size: size_t,
) -> *mut Vregion {
    region(call("vregion_create", |state| {
        state.store.region_create(lifetime_size, Some(interim_size))
    }))
}

/// Ends the lifetime mode: what is left, 1,024 bytes or more, serves interim allocations. Where less
/// is left nothing can be allocated any more. A second call changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_set_interim(vr: *mut Vregion) {
    if vr.is_null() {
        return;
    }
    let who = "vregion_set_interim";
    let result = memory::enter(|state| state.store.regions.set_interim(vr.addr()));
    match result {
        Ok(()) => {}
        Err(Refusal::Sealed) => report(who, BULKHEAD_LOG_WARNING, &Refusal::Sealed),
        Err(refusal) => report(who, crate::embedder::BULKHEAD_LOG_ERROR, &refusal),
    }
}

/// One owner more; returns the region, or NULL where it has ended.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_get(vr: *mut Vregion) -> *mut Vregion {
    if vr.is_null() {
        return vr;
    }
    let result = call("vregion_get", |state| state.store.regions.get(vr.addr()));
    result.map_or(core::ptr::null_mut(), |()| vr)
}

/// One owner less; returns the region, or NULL where it has ended.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_put(vr: *mut Vregion) -> *mut Vregion {
    if vr.is_null() {
        return vr;
    }
    match call("vregion_put", |state| state.region_put(vr.addr())) {
        Ok(Put::Held) => vr,
        Ok(Put::Ended) | Err(_) => core::ptr::null_mut(),
    }
}

/// Bytes of a region, at a cache line and in whole lines; or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_alloc(vr: *mut Vregion, size: size_t) -> *mut c_void {
    alloc("vregion_alloc", vr, None, size, 0, false)
}

/// The same at a multiple of `alignment`, a power of two; less than a cache line means a line.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_alloc_align(
    vr: *mut Vregion,
    size: size_t,
    alignment: size_t,
) -> *mut c_void {
    alloc("vregion_alloc_align", vr, None, size, alignment, false)
}

/// The same as vregion_alloc(), through the alias past the data cache.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_alloc_coherent(vr: *mut Vregion, size: size_t) -> *mut c_void {
    alloc("vregion_alloc_coherent", vr, None, size, 0, true)
}

/// The same as vregion_alloc_align(), through the alias past the data cache.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_alloc_coherent_align(
    vr: *mut Vregion,
    size: size_t,
    alignment: size_t,
) -> *mut c_void {
    let who = "vregion_alloc_coherent_align";
    alloc(who, vr, None, size, alignment, true)
}

/// vregion_alloc() of SOF's PR 10702.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_alloc_type(vr: *mut Vregion, kind: c_uint, size: size_t) -> *mut c_void {
    alloc("vregion_alloc", vr, Some(kind), size, 0, false)
}

/// vregion_alloc_align() of SOF's PR 10702.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_alloc_align_type(
    vr: *mut Vregion,
    kind: c_uint,
    size: size_t,
    alignment: size_t,
) -> *mut c_void {
    let who = "vregion_alloc_align";
    alloc(who, vr, Some(kind), size, alignment, false)
}

/// vregion_alloc_coherent() of SOF's PR 10702.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_alloc_coherent_type(
    vr: *mut Vregion,
    kind: c_uint,
    size: size_t,
) -> *mut c_void {
    alloc("vregion_alloc_coherent", vr, Some(kind), size, 0, true)
}

/// vregion_alloc_coherent_align() of SOF's PR 10702.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_alloc_coherent_align_type(
    vr: *mut Vregion,
    kind: c_uint,
    size: size_t,
    alignment: size_t,
) -> *mut c_void {
    let who = "vregion_alloc_coherent_align";
    alloc(who, vr, Some(kind), size, alignment, true)
}

/// Frees what was allocated from this region, by the address through either alias. A lifetime
/// allocation's bytes stay with the region.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_free(vr: *mut Vregion, ptr: *mut c_void) {
    if vr.is_null() || ptr.is_null() {
        return;
    }
    let _ = call("vregion_free", |state| {
        state.store.region_free(vr.addr(), ptr.addr())
    });
}

/// Logs how the region is used.
#[unsafe(no_mangle)]
pub extern "C" fn vregion_info(vr: *mut Vregion) {
    let result = call("vregion_info", |state| state.store.region_info(vr.addr()));
    if let Ok(info) = result {
        let Snapshot {
            base,
            bytes,
            lifetime_used,
            owners,
            allocations,
            peak,
            ..
        } = info;
        let text = Text::of(
            "vregion_info",
            format_args!(
                "{bytes} bytes at {base:#x}, {lifetime_used} of them for life, {allocations} \
                 allocations, at most {peak} bytes at once, {owners} owners"
            ),
        );
        memory::say(BULKHEAD_LOG_INFO, &text);
    }
}

/// Bytes and cached address of the region; 0 and 0 where it has ended. Either pointer may be NULL.
///
/// # Safety
/// Each pointer is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vregion_mem_info(vr: *mut Vregion, size: *mut size_t, start: *mut usize) {
    let result = call("vregion_mem_info", |state| {
        state.store.region_info(vr.addr())
    });
    let (bytes, base) = result.map_or((0, 0), |info| (info.bytes as usize, info.base));
    // SAFETY: NULL is seen to; else the caller's promise.
    if let Some(size) = unsafe { size.as_mut() } {
        *size = bytes;
    }
    // SAFETY: as above.
    if let Some(start) = unsafe { start.as_mut() } {
        *start = base;
    }
}

/// Shows each region to the callback, which may call any function.
///
/// # Safety
/// The callback is NULL or can be called so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vregion_for_each(
    cb: Option<unsafe extern "C" fn(idx: c_int, s: *const VregionSnapshot, ctx: *mut c_void)>,
    ctx: *mut c_void,
) {
    let who = "vregion_for_each";
    let Some(cb) = cb else {
        report(who, crate::embedder::BULKHEAD_LOG_ERROR, &Refusal::Null);
        return;
    };
    let mut shown = 0;
    for number in 0..REGIONS {
        let Ok(info) = call(who, |state| Ok(state.store.region_at(number))) else {
            return;
        };
        let Some(info) = info else { continue };
        let snapshot = VregionSnapshot {
            base: info.base,
            size: info.bytes as usize,
            pages: info.pages,
            lifetime_used: info.lifetime_used as usize,
            lifetime_free_count: info.lifetime_freed as i32,
            use_count: info.owners,
        };
        // SAFETY: the caller's promise; the snapshot lives until it returns.
        unsafe { cb(shown, &snapshot, ctx) };
        shown += 1;
    }
}
