//! The types that SOF's callers know.

use core::ffi::{c_int, c_uint, c_void};

use super::size_t;

/// A virtual region. Nobody may look inside: the pointer is a number that the library checks.
pub struct Vregion {
    _opaque: [u8; 0],
}

/// A virtual memory heap, as opaque as a region.
pub struct VmhHeap {
    _opaque: [u8; 0],
}

/// A heap of rmalloc()'s family, as opaque as a region.
pub struct KHeap {
    _opaque: [u8; 0],
}

/// A memory domain of the embedder's.
pub struct KMemDomain {
    _opaque: [u8; 0],
}

/// A link of SOF's lists, from the header of SOF or from `bulkhead/foreign.h`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct ListItem {
    /// The next one.
    pub next: *mut ListItem,
    /// The one before.
    pub prev: *mut ListItem,
}

/// A stretch of virtual memory, from the header of Zephyr or from `bulkhead/foreign.h`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct SysMmDrvRegion {
    /// Where it begins.
    pub addr: *mut c_void,
    /// Its bytes.
    pub size: size_t,
    /// What it is for.
    pub attr: u32,
}

/// What there is to know of a region.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct VregionSnapshot {
    /// Its cached address.
    pub base: usize,
    /// Its bytes.
    pub size: size_t,
    /// Its pages.
    pub pages: c_uint,
    /// Bytes of lifetime allocations.
    pub lifetime_used: size_t,
    /// Lifetime allocations that were freed, which gives nothing back.
    pub lifetime_free_count: c_int,
    /// Owners.
    pub use_count: c_uint,
}

/// The most bundles of a virtual memory heap.
pub const MAX_MEMORY_ALLOCATORS_COUNT: usize = 10;

/// Blocks of one size.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct VmhBlockBundleDescriptor {
    /// Bytes of a block: 8 or more, and no fewer than in the row before.
    pub block_size: size_t,
    /// Blocks; together they are whole pages.
    pub number_of_blocks: size_t,
}

/// The bundles of a heap. A row without bytes or blocks ends the table.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct VmhHeapConfig {
    /// The rows.
    pub block_bundles_table: [VmhBlockBundleDescriptor; MAX_MEMORY_ALLOCATORS_COUNT],
}

impl VmhHeapConfig {
    pub(crate) const NONE: VmhHeapConfig = VmhHeapConfig {
        block_bundles_table: [VmhBlockBundleDescriptor {
            block_size: 0,
            number_of_blocks: 0,
        }; MAX_MEMORY_ALLOCATORS_COUNT],
    };
}

/// What a module allocates from. Read, never written.
#[repr(C)]
pub struct ModAllocCtx {
    /// A heap, or NULL; used where there is no region.
    pub heap: *mut KHeap,
    /// A region, or NULL.
    pub vreg: *mut Vregion,
}

/// The head of an object pool. The caller sets `list` by list_init() or LIST_INIT(), and `heap` or
/// `vreg`; all but `list` is read once, by the first objpool_alloc().
#[repr(C)]
pub struct ObjpoolHead {
    /// Empty, or the pool's token in both links.
    pub list: ListItem,
    /// A heap, or NULL; used where there is no region.
    pub heap: *mut KHeap,
    /// A region, or NULL.
    pub vreg: *mut Vregion,
    /// As SOF has it; not used.
    pub flags: u32,
}

/// Looks at an object; true ends the search.
pub type ObjpoolIterateCb =
    Option<unsafe extern "C" fn(data: *mut c_void, arg: *mut c_void) -> bool>;
