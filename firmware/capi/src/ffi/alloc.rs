//! `rtos/alloc.h`.

use core::ffi::c_void;

use super::{KHeap, ModAllocCtx, call, pointer, size_t};
use crate::alloc::SYSTEM_TOKEN;
use crate::areas::SHARED;
use crate::log::Text;
use crate::memory;
use crate::refusal::Refusal;

/// Memory for DMA: all of it is.
pub const SOF_MEM_FLAG_DMA: u32 = 1 << 2;
/// rbrealloc() copies nothing.
pub const SOF_MEM_FLAG_NO_COPY: u32 = 1 << 3;
/// Through the alias past the data cache.
pub const SOF_MEM_FLAG_COHERENT: u32 = 1 << 4;
/// From L3 memory.
pub const SOF_MEM_FLAG_L3: u32 = 1 << 5;
/// From memory that takes little power: not told apart.
pub const SOF_MEM_FLAG_LOW_POWER: u32 = 1 << 6;
/// For the kernel: not told apart.
pub const SOF_MEM_FLAG_KERNEL: u32 = 1 << 7;
/// For user space: not told apart.
pub const SOF_MEM_FLAG_USER: u32 = 1 << 8;
/// From the heap that user space shares, where there is one.
pub const SOF_MEM_FLAG_USER_SHARED_BUFFER: u32 = 1 << 9;
/// sof_heap_alloc() without a heap takes it from the heap of rballoc().
pub const SOF_MEM_FLAG_LARGE_BUFFER: u32 = 1 << 10;

/// What SOF would panic for: the embedder is told as well.
fn or_fault(who: &str, result: Result<(), Refusal>) {
    if let Err(refusal) = result {
        memory::fault(&Text::of(who, refusal));
    }
}

/// Bytes that are all zero, of an allocation that was just made.
fn zeroed(result: Result<usize, Refusal>, bytes: size_t) -> *mut c_void {
    if let Ok(address) = result {
        memory::zero_at(address, bytes);
    }
    pointer(result)
}

/// The heap and the region of a context, as the numbers they are.
///
/// # Safety
/// NULL, or it can be read.
unsafe fn sources(ctx: *const ModAllocCtx) -> (usize, usize) {
    // SAFETY: NULL is seen to; else the caller's promise.
    let ctx = unsafe { ctx.as_ref() };
    ctx.map_or((0, 0), |ctx| (ctx.heap.addr(), ctx.vreg.addr()))
}

/// Bytes of SOF's heap at a multiple of `alignment`, a power of two, and of a cache line; in whole
/// lines. Or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn rmalloc_align(flags: u32, bytes: size_t, alignment: u32) -> *mut c_void {
    pointer(call("rmalloc_align", |state| {
        state.store.malloc(flags, bytes, alignment as usize)
    }))
}

/// The same at a cache line.
#[unsafe(no_mangle)]
pub extern "C" fn rmalloc(flags: u32, bytes: size_t) -> *mut c_void {
    pointer(call("rmalloc", |state| state.store.malloc(flags, bytes, 0)))
}

/// The same, all zero.
#[unsafe(no_mangle)]
pub extern "C" fn rzalloc(flags: u32, bytes: size_t) -> *mut c_void {
    let result = call("rzalloc", |state| state.store.malloc(flags, bytes, 0));
    zeroed(result, bytes)
}

/// Bytes for a buffer, from the virtual memory heap where there is one.
#[unsafe(no_mangle)]
pub extern "C" fn rballoc_align(flags: u32, bytes: size_t, alignment: u32) -> *mut c_void {
    pointer(call("rballoc_align", |state| {
        state.store.balloc(flags, bytes, alignment as usize)
    }))
}

/// The same at a cache line.
#[unsafe(no_mangle)]
pub extern "C" fn rballoc(flags: u32, bytes: size_t) -> *mut c_void {
    pointer(call("rballoc", |state| state.store.balloc(flags, bytes, 0)))
}

/// A buffer of another size with the same content, without it where SOF_MEM_FLAG_NO_COPY is set. NULL,
/// and the old one stays, where that cannot be had or `bytes` is 0.
#[unsafe(no_mangle)]
pub extern "C" fn rbrealloc_align(
    ptr: *mut c_void,
    flags: u32,
    bytes: size_t,
    old_bytes: size_t,
    alignment: u32,
) -> *mut c_void {
    pointer(call("rbrealloc_align", |state| {
        let align = alignment as usize;
        let old = ptr.addr();
        state.store.brealloc(old, flags, bytes, old_bytes, align)
    }))
}

/// The same at a cache line.
#[unsafe(no_mangle)]
pub extern "C" fn rbrealloc(
    ptr: *mut c_void,
    flags: u32,
    bytes: size_t,
    old_bytes: size_t,
) -> *mut c_void {
    pointer(call("rbrealloc", |state| {
        let old = ptr.addr();
        state.store.brealloc(old, flags, bytes, old_bytes, 0)
    }))
}

/// Frees what rmalloc() and its family handed out, by the address through either alias.
#[unsafe(no_mangle)]
pub extern "C" fn rfree(ptr: *mut c_void) {
    if !ptr.is_null() {
        let result = call("rfree", |state| state.store.free(ptr.addr()));
        or_fault("rfree", result);
    }
}

/// Bytes of this heap, or of SOF's where it is NULL; or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn sof_heap_alloc(
    heap: *mut KHeap,
    flags: u32,
    bytes: size_t,
    alignment: size_t,
) -> *mut c_void {
    pointer(call("sof_heap_alloc", |state| {
        let heap = heap.addr();
        state.store.sof_alloc(heap, flags, bytes, alignment)
    }))
}

/// Frees them again.
#[unsafe(no_mangle)]
pub extern "C" fn sof_heap_free(heap: *mut KHeap, addr: *mut c_void) {
    if !addr.is_null() {
        let result = call("sof_heap_free", |state| {
            state.store.sof_free(heap.addr(), addr.addr())
        });
        or_fault("sof_heap_free", result);
    }
}

/// SOF's heap; NULL before bulkhead_capi_init().
#[unsafe(no_mangle)]
pub extern "C" fn sof_sys_heap_get() -> *mut KHeap {
    let token = call("sof_sys_heap_get", |_| Ok(SYSTEM_TOKEN));
    memory::pointer(token.unwrap_or(0) as usize)
}

/// NULL: no heap of its own for user space, as in SOF without LL in user space.
#[unsafe(no_mangle)]
pub extern "C" fn sof_sys_user_heap_get() -> *mut KHeap {
    core::ptr::null_mut()
}

/// The cached address of the heap that user space shares; 0 where there is none.
#[unsafe(no_mangle)]
pub extern "C" fn get_shared_buffer_heap_start() -> usize {
    shared_heap("get_shared_buffer_heap_start").map_or(0, |(start, _)| start)
}

/// Its bytes.
#[unsafe(no_mangle)]
pub extern "C" fn get_shared_buffer_heap_size() -> size_t {
    shared_heap("get_shared_buffer_heap_size").map_or(0, |(_, bytes)| bytes)
}

fn shared_heap(who: &str) -> Option<(usize, usize)> {
    let window = call(who, |state| {
        let area = state.store.areas.get(SHARED);
        area.map(|area| area.window).ok_or(Refusal::NoSuchMemory)
    });
    window
        .ok()
        .map(|window| (window.cached, window.bytes as usize))
}

/// Bytes of the context's region, or of its heap where it has none; or NULL.
///
/// # Safety
/// `ctx` is NULL or can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sof_ctx_alloc(
    ctx: *mut ModAllocCtx,
    flags: u32,
    size: size_t,
    alignment: size_t,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    let sources = unsafe { sources(ctx) };
    pointer(call("sof_ctx_alloc", |state| {
        state.store.ctx_alloc(sources, flags, size, alignment)
    }))
}

/// The same, all zero.
///
/// # Safety
/// `ctx` is NULL or can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sof_ctx_zalloc(
    ctx: *mut ModAllocCtx,
    flags: u32,
    size: size_t,
    alignment: size_t,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    let sources = unsafe { sources(ctx) };
    let result = call("sof_ctx_zalloc", |state| {
        state.store.ctx_alloc(sources, flags, size, alignment)
    });
    zeroed(result, size)
}

/// Frees them again, into the region or the heap that they came from.
///
/// # Safety
/// `ctx` is NULL or can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sof_ctx_free(ctx: *mut ModAllocCtx, ptr: *mut c_void) {
    if ptr.is_null() {
        return;
    }
    // SAFETY: the caller's promise.
    let sources = unsafe { sources(ctx) };
    let result = call("sof_ctx_free", |state| {
        state.store.ctx_free(sources, ptr.addr())
    });
    or_fault("sof_ctx_free", result);
}
