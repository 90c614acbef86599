//! Why a region with owners refuses. After a refusal it is as it was before, unless the variant says
//! otherwise.

use thiserror_no_std::Error;

use crate::region;

/// Why a region could not begin.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum OpenError {
    /// Somebody has it.
    #[error("the region still has {0} owners")]
    InUse(u32),
    /// Pages of the last one are left.
    #[error("{0} pages of the last region could not be unmapped yet")]
    Mapped(u32),
    /// No size for a page.
    #[error("a page is a power of two and at least a cache line, not {0} bytes")]
    Page(u32),
    /// The region would share a page.
    #[error("the region does not begin and end at pages of {0} bytes")]
    PartOfPage(u32),
    /// More pages than there are bits for.
    #[error("the region has {pages} pages, and there are bits for {most}")]
    Pages {
        /// Pages of the region.
        pages: u32,
        /// Pages that there are bits for.
        most: u32,
    },
    /// What is wrong with the region itself.
    #[error("{0}")]
    Geometry(region::GeometryError),
}

/// Why an allocation was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AllocError<E> {
    /// The region has no owner.
    #[error("the region is closed")]
    Closed,
    /// The region refuses.
    #[error("{0}")]
    Region(region::AllocError),
    /// The pages could not be mapped.
    #[error("the pages could not be mapped: {0}")]
    Map(E),
    /// Parts come before the seal.
    #[error("the region is sealed: parts are made before")]
    Sealed,
    /// Nothing to write a part down in.
    #[error("a region has at most 8 parts")]
    NoPart,
}

/// Why an allocation keeps its size.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ResizeError<E> {
    /// The region has no owner.
    #[error("the region is closed")]
    Closed,
    /// The region refuses.
    #[error("{0}")]
    Region(region::ResizeError),
    /// The pages of the bytes added could not be mapped.
    #[error("the pages could not be mapped: {0}")]
    Map(E),
}

/// Why a free was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FreeError {
    /// The region has no owner.
    #[error("the region is closed")]
    Closed,
    /// A part of the module.
    #[error("a part of the module begins at offset {0:#x}: it stays as long as the region")]
    Part(u32),
    /// The region refuses.
    #[error("{0}")]
    Region(region::FreeError),
}

/// Why the lifetime mode did not end.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SealError {
    /// The region has no owner.
    #[error("the region is closed")]
    Closed,
    /// The region refuses.
    #[error("{0}")]
    Region(region::SealError),
}

/// Why the interim part was not reset.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ResetError<E> {
    /// The region has no owner.
    #[error("the region is closed")]
    Closed,
    /// The allocations are dropped, but pages are still mapped.
    #[error("pages of dropped allocations could not be unmapped: {0}")]
    Unmap(E),
}

/// Why there is no further owner.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum OwnerError {
    /// The last owner has gone.
    #[error("the region is closed: its last owner has gone")]
    Closed,
    /// Too many owners.
    #[error("the region has all the owners that can be counted")]
    TooMany,
}

/// Why an owner could not go.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PutError<E> {
    /// The last owner has gone before.
    #[error("the region is closed: its last owner has gone before")]
    Closed,
    /// The region is closed, but pages are still mapped: see
    /// [`GrownRegion::unmap_closed`](super::GrownRegion::unmap_closed).
    #[error("the region is closed, but its pages could not be unmapped: {0}")]
    Unmap(E),
}
