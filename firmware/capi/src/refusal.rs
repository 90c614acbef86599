//! Why a call was refused. Nothing has changed then.

use core::ffi::c_int;

use thiserror_no_std::Error;
use vregion::pages::{CommitError, PageError};
use vregion::{constants, object_pool, region, virtual_heap};

use crate::errno::{EBUSY, EINVAL, ENODEV, ENOENT, ENOMEM, ENOTEMPTY};

/// Why pages could not be mapped.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MapError {
    /// All memory is in use.
    #[error("{wanted} pages of memory are needed and {left} are left")]
    NoMemory {
        /// Pages asked for.
        wanted: u32,
        /// Pages left.
        left: u32,
    },
    /// The hook says no.
    #[error("the hook `map` answered {0}")]
    Hook(c_int),
}

/// Why the memory behind a virtual heap did not come or go.
pub type SupplyError = CommitError<MapError>;

/// Why there is no copy of a constant.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CopyError {
    /// The bytes wrap.
    #[error("they run past the end of the address space")]
    Wraps,
    /// A hook says no.
    #[error("a hook answered {0}")]
    Hook(c_int),
    /// No memory.
    #[error("{0}")]
    Region(region::AllocError),
    /// No memory.
    #[error("{0}")]
    Heap(virtual_heap::AllocError<SupplyError>),
    /// The owner's region has ended.
    #[error("the owner's region has ended")]
    NoRegion,
}

/// Why an object pool has no further chunk.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ChunkError {
    /// Its heap or region has no room.
    #[error("{0}")]
    Region(region::AllocError),
    /// Its region has ended.
    #[error("the pool's region has ended")]
    NoRegion,
}

/// Why a call was refused.
#[derive(Clone, Copy, Debug, Error)]
pub enum Refusal {
    #[error("bulkhead_capi_init() has not been called")]
    NotReady,
    #[error("the library is in use: called from a hook, or without a lock on two cores")]
    Entered,
    #[error("it was initialised before")]
    Twice,
    #[error("the embedder's {0} cannot be")]
    Embedder(&'static str),
    #[error("a pointer is NULL")]
    Null,
    #[error("no bytes or pages were asked for")]
    Empty,
    #[error("{0} bytes are more than an address space has")]
    TooLarge(usize),
    #[error("an alignment of {0} bytes is not a power of two")]
    Alignment(usize),
    #[error("{0:#x} lies in no memory of this library")]
    Foreign(usize),
    #[error("{0:#x} is not the start of pages that vpage_{1} handed out and still has")]
    NotPages(usize, &'static str),
    #[error("{0:#x} is no region: it has ended, or never was one")]
    NoRegion(usize),
    #[error("{0:#x} is no virtual memory heap: it has ended, or never was one")]
    NoHeap(usize),
    #[error("{0:#x} is no heap")]
    NoArea(usize),
    #[error("all {0} places for a region are taken")]
    NoPlace(usize),
    #[error("all {0} virtual memory heaps are taken")]
    NoHeapPlace(usize),
    #[error("all {0} object pools are taken")]
    NoPoolPlace(usize),
    #[error("a region has all the owners that can be counted")]
    Owners,
    #[error("the switch to interim failed: nothing can be allocated any more")]
    Invalid,
    #[error("the region is not in this mode")]
    Mode,
    #[error("{0} is no type of memory")]
    Type(u32),
    #[error("the switch to interim was made before")]
    Sealed,
    #[error("{0:#x} is not in this region")]
    NotInRegion(usize),
    #[error("a heap is configured with bundles of whole pages, no larger than {0} bytes together")]
    Bundles(u32),
    #[error("the size or the flags are not those of the pool")]
    NotThePool,
    #[error("the callback stopped at no object")]
    NoMatch,
    #[error("there is no such memory here")]
    NoSuchMemory,
    #[error("{0} things are still in use")]
    InUse(u32),
    #[error("{0:#x} is no copy that this owner has")]
    NoCopy(usize),
    #[error("{0}")]
    Pages(PageError),
    #[error("{0}")]
    Commit(SupplyError),
    #[error("{0}")]
    Geometry(region::GeometryError),
    #[error("{0}")]
    Region(region::AllocError),
    #[error("{0}")]
    RegionFree(region::FreeError),
    #[error("{0}")]
    Seal(region::SealError),
    #[error("{0}")]
    Layout(virtual_heap::LayoutError),
    #[error("{0}")]
    Heap(virtual_heap::AllocError<SupplyError>),
    #[error("{0}")]
    HeapFree(virtual_heap::FreeError<SupplyError>),
    #[error("{0}")]
    Close(virtual_heap::CloseError),
    #[error("{0}")]
    NewPool(object_pool::PoolError),
    #[error("{0}")]
    Pool(object_pool::AllocError<ChunkError>),
    #[error("{0}")]
    PoolFree(object_pool::FreeError),
    #[error("{0}")]
    Get(constants::GetError<CopyError>),
    #[error("{0}")]
    Put(constants::PutError),
}

impl Refusal {
    /// What the function returns where it returns a number.
    pub const fn errno(&self) -> c_int {
        -match self {
            Refusal::NotReady => ENODEV,
            Refusal::Entered | Refusal::Twice | Refusal::InUse(_) => EBUSY,
            Refusal::NoMatch => ENOENT,
            Refusal::Close(_) => ENOTEMPTY,
            Refusal::Commit(_) | Refusal::NoPlace(_) | Refusal::NoHeapPlace(_) => ENOMEM,
            _ => EINVAL,
        }
    }
}

macro_rules! from {
    ($($variant:ident($error:ty)),* $(,)?) => {
        $(impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Refusal::$variant(error)
            }
        })*
    };
}

from! {
    Pages(PageError),
    Commit(SupplyError),
    Geometry(region::GeometryError),
    Region(region::AllocError),
    RegionFree(region::FreeError),
    Seal(region::SealError),
    Layout(virtual_heap::LayoutError),
    Heap(virtual_heap::AllocError<SupplyError>),
    HeapFree(virtual_heap::FreeError<SupplyError>),
    Close(virtual_heap::CloseError),
    NewPool(object_pool::PoolError),
    Pool(object_pool::AllocError<ChunkError>),
    PoolFree(object_pool::FreeError),
    Get(constants::GetError<CopyError>),
    Put(constants::PutError),
}
