//! What the firmware around the library gives it, once: addresses, sizes and hooks.

use core::ffi::{c_char, c_int, c_void};

use crate::config::{FRAMES, PAGES};
use crate::ffi::{VmhHeapConfig, size_t};
use crate::refusal::Refusal;

/// Something went wrong, and nothing has changed.
pub const BULKHEAD_LOG_ERROR: c_int = 1;
/// Something is odd, and was done all the same.
pub const BULKHEAD_LOG_WARNING: c_int = 2;
/// An answer to a question, as vregion_info() asks one.
pub const BULKHEAD_LOG_INFO: c_int = 3;

/// Takes one sentence, which ends with a zero byte and is gone afterwards.
pub type BulkheadLog =
    Option<unsafe extern "C" fn(context: *mut c_void, level: c_int, text: *const c_char)>;

/// What the firmware around the library gives it. Every hook may be NULL and is called with
/// `context`; no hook may call a function of this library, but `log` and `fault` may: they are called
/// after the lock was given back.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct BulkheadEmbedder {
    /// Bytes of a page: a power of two.
    pub page_bytes: size_t,
    /// Bytes of a line of the data cache: a power of two, 8 or more.
    pub line_bytes: size_t,
    /// Where the window of virtual pages begins, through the data cache. At the start of a page.
    pub cached: usize,
    /// Where its alias past the data cache begins; the same as `cached` where there is none.
    pub uncached: usize,
    /// Bytes of the window.
    pub window_bytes: size_t,
    /// Bytes of the memory behind it.
    pub memory_bytes: size_t,
    /// Bytes of the heap behind rmalloc(): part of the window.
    pub heap_bytes: size_t,
    /// Bytes of the heap behind SOF_MEM_FLAG_USER_SHARED_BUFFER: part of the window; 0 is none.
    pub shared_bytes: size_t,
    /// Bytes of the virtual memory heap behind rballoc(), and at most of any other: part of the
    /// window; 0 is none.
    pub buffer_bytes: size_t,
    /// The blocks of that heap; NULL stands for SOF's own table where buffer_bytes is its size, else
    /// for what vmh_get_default_heap_config() says.
    pub buffers: *const VmhHeapConfig,
    /// Where L3 memory begins, through the data cache; it is mapped for good.
    pub l3: usize,
    /// Bytes of L3 memory; 0 is none.
    pub l3_bytes: size_t,
    /// Whether fast_get() shares small copies too, as SOF does without user space.
    pub share_small_constants: bool,
    /// The first argument of every hook.
    pub context: *mut c_void,
    /// Maps one page at this address, through both aliases, to the frame of this number below
    /// memory_bytes / page_bytes. 0, or a negative errno: then the page is not mapped.
    pub map:
        Option<unsafe extern "C" fn(context: *mut c_void, address: usize, frame: u32) -> c_int>,
    /// Unmaps pages, all of them mapped; then no TLB and no line of a cache leads there any more.
    pub unmap: Option<unsafe extern "C" fn(context: *mut c_void, address: usize, pages: u32)>,
    /// Writes the lines of these bytes back and drops them.
    pub flush: Option<unsafe extern "C" fn(context: *mut c_void, address: usize, bytes: size_t)>,
    /// Takes the lock of the library.
    pub lock: Option<unsafe extern "C" fn(context: *mut c_void)>,
    /// Gives it back.
    pub unlock: Option<unsafe extern "C" fn(context: *mut c_void)>,
    /// Takes what is to be said.
    pub log: BulkheadLog,
    /// Is told what SOF would panic for, after it was refused.
    pub fault: Option<unsafe extern "C" fn(context: *mut c_void, text: *const c_char)>,
    /// Whether whoever calls fast_get() may have a copy of these bytes, and no module can write
    /// them. 0, or a negative errno.
    pub check_constant:
        Option<unsafe extern "C" fn(context: *mut c_void, address: usize, bytes: size_t) -> c_int>,
    /// Lets whoever calls fast_get() read these pages. 0, or a negative errno.
    pub grant:
        Option<unsafe extern "C" fn(context: *mut c_void, address: usize, bytes: size_t) -> c_int>,
    /// Ends that; with the domain that fast_put() was given, or NULL when a region has ended.
    pub revoke: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            domain: *mut c_void,
            address: usize,
            bytes: size_t,
        ),
    >,
}

impl BulkheadEmbedder {
    /// Nothing given.
    pub(crate) const NONE: BulkheadEmbedder = BulkheadEmbedder {
        page_bytes: 0,
        line_bytes: 0,
        cached: 0,
        uncached: 0,
        window_bytes: 0,
        memory_bytes: 0,
        heap_bytes: 0,
        shared_bytes: 0,
        buffer_bytes: 0,
        buffers: core::ptr::null(),
        l3: 0,
        l3_bytes: 0,
        share_small_constants: false,
        context: core::ptr::null_mut(),
        map: None,
        unmap: None,
        flush: None,
        lock: None,
        unlock: None,
        log: None,
        fault: None,
        check_constant: None,
        grant: None,
        revoke: None,
    };

    /// # Errors
    /// What is wrong with the numbers.
    pub(crate) fn validate(&self) -> Result<(), Refusal> {
        let wrong = |field| Err(Refusal::Embedder(field));
        let page = self.page_bytes;
        if !page.is_power_of_two() || !(64..=1 << 20).contains(&page) {
            return wrong("page_bytes");
        }
        if !self.line_bytes.is_power_of_two() || self.line_bytes < 8 || self.line_bytes > page {
            return wrong("line_bytes");
        }
        let window = self.window_bytes;
        if window == 0 || !window.is_multiple_of(page) || window / page > PAGES {
            return wrong("window_bytes");
        }
        if !is_stretch(self.cached, window, page) {
            return wrong("cached");
        }
        let apart = self.cached.abs_diff(self.uncached);
        if !is_stretch(self.uncached, window, page) || (apart != 0 && apart < window) {
            return wrong("uncached");
        }
        if self.memory_bytes < page || self.memory_bytes / page > FRAMES {
            return wrong("memory_bytes");
        }
        let mut left = window;
        for (bytes, field) in [
            (self.heap_bytes, "heap_bytes"),
            (self.shared_bytes, "shared_bytes"),
            (self.buffer_bytes, "buffer_bytes"),
        ] {
            if !bytes.is_multiple_of(page) || bytes > left {
                return wrong(field);
            }
            left -= bytes;
        }
        if self.heap_bytes == 0 {
            return wrong("heap_bytes");
        }
        let l3 = self.l3_bytes;
        if l3 != 0 && (!is_stretch(self.l3, l3, page) || l3 > vregion::region::MAX_BYTES as usize) {
            return wrong("l3");
        }
        Ok(())
    }
}

/// Whether there are so many bytes from an address on, which is not 0, in whole pages.
const fn is_stretch(address: usize, bytes: usize, page: usize) -> bool {
    address != 0
        && address.is_multiple_of(page)
        && bytes.is_multiple_of(page)
        && address.checked_add(bytes - 1).is_some()
}
