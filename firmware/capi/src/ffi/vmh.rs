//! `sof/lib/regions_mm.h`.

use core::ffi::{c_int, c_void};

use super::{SysMmDrvRegion, VmhHeap, VmhHeapConfig, call, pointer, report, status};
use crate::embedder::{BULKHEAD_LOG_ERROR, BULKHEAD_LOG_INFO};
use crate::heaps::default_config;
use crate::log::Text;
use crate::memory;
use crate::refusal::Refusal;

/// A heap with these bundles, or with those of vmh_get_default_heap_config() where `cfg` is NULL; or
/// NULL. No two heaps share pages. Where it allocates contiguously an allocation may take several
/// blocks.
///
/// # Safety
/// `cfg` is NULL or can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmh_init_heap(
    cfg: *const VmhHeapConfig,
    allocating_continuously: bool,
) -> *mut VmhHeap {
    // SAFETY: NULL is seen to; else the caller's promise.
    let cfg = unsafe { cfg.as_ref() }.copied();
    let token = call("vmh_init_heap", |state| {
        state.store.heap_create(cfg, allocating_continuously)
    });
    memory::pointer(token.unwrap_or(0) as usize)
}

/// Bytes of a heap, of which only those pages are mapped that they lie in; or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn vmh_alloc(heap: *mut VmhHeap, alloc_size: u32) -> *mut c_void {
    pointer(call("vmh_alloc", |state| {
        state.store.heap_alloc(heap.addr(), alloc_size)
    }))
}

/// Frees an allocation of this heap, by its address through either alias. 0, or -EINVAL where nothing
/// is allocated from exactly there.
#[unsafe(no_mangle)]
pub extern "C" fn vmh_free(heap: *mut VmhHeap, ptr: *mut c_void) -> c_int {
    status(call("vmh_free", |state| {
        state.store.heap_free(heap.addr(), ptr.addr())
    }))
}

/// Ends a heap. 0, -ENOTEMPTY where something is allocated, or -EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn vmh_free_heap(heap: *mut VmhHeap) -> c_int {
    status(call("vmh_free_heap", |state| {
        state.store.heap_end(heap.addr())
    }))
}

/// Five bundles with blocks of 64 to 1,024 bytes, each a fifth of the region in whole pages.
///
/// # Safety
/// Each pointer is NULL, or the first can be read and the second written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmh_get_default_heap_config(
    region: *const SysMmDrvRegion,
    cfg: *mut VmhHeapConfig,
) {
    let who = "vmh_get_default_heap_config";
    // SAFETY: NULL is seen to; else the caller's promise.
    let (region, cfg) = unsafe { (region.as_ref(), cfg.as_mut()) };
    let (Some(region), Some(cfg)) = (region, cfg) else {
        report(who, BULKHEAD_LOG_ERROR, &Refusal::Null);
        return;
    };
    let page = call(who, |state| Ok(state.store.machine.page_bytes()));
    *cfg = page.map_or(VmhHeapConfig::NONE, |page| {
        default_config(region.size, page as usize)
    });
}

/// Logs how a heap is used, and which of its bundles were full when they were asked.
#[unsafe(no_mangle)]
pub extern "C" fn vmh_log_stats(heap: *mut VmhHeap) {
    let who = "vmh_log_stats";
    let Ok(usage) = call(who, |state| state.store.heaps.usage(heap.addr())) else {
        return;
    };
    let text = Text::of(
        who,
        format_args!(
            "{} bytes in {} allocations, {} pages mapped, {} requests refused",
            usage.used, usage.allocations, usage.pages, usage.failures
        ),
    );
    memory::say(BULKHEAD_LOG_INFO, &text);
    for bundle in 0.. {
        let refused = memory::enter(|state| state.store.heaps.refused(heap.addr(), bundle));
        let Ok(Some((bytes, refused))) = refused else {
            return;
        };
        if refused != 0 {
            let what = format_args!("all blocks of {bytes} bytes were in use {refused} times");
            memory::say(BULKHEAD_LOG_INFO, &Text::of(who, what));
        }
    }
}
