//! Why a context refuses. After a refusal it is as it was before.

use thiserror_no_std::Error;

/// Why an allocation was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AllocError<R, H> {
    /// No bytes were asked for.
    #[error("an allocation needs at least one byte")]
    Empty,
    /// The alignment is no power of two.
    #[error("an alignment of {0} bytes is not a power of two")]
    Alignment(u32),
    /// With so many bytes more the sum of all would wrap.
    #[error("{0} bytes more are more than an address space has")]
    Wraps(u32),
    /// Nothing to write it down in.
    #[error("the context has used up its {0} records; free something, or give it more")]
    NoRecord(u32),
    /// The region refuses.
    #[error("the region refuses: {0}")]
    Region(R),
    /// The virtual heap refuses.
    #[error("the virtual heap refuses: {0}")]
    Heap(H),
}

/// Why a free was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FreeError<R, H> {
    /// Another context's.
    #[error("the allocation belongs to context {owner}, not to context {context}")]
    Foreign {
        /// Whose it is.
        owner: u16,
        /// Who was asked.
        context: u16,
    },
    /// Freed before.
    #[error("the allocation was freed before: its name is no longer in use")]
    Stale,
    /// It came from the virtual heap, and none was given.
    #[error("the allocation came from the virtual heap, which was not given")]
    NoHeap,
    /// The region refuses; the allocation stays.
    #[error("the region refuses: {0}")]
    Region(R),
    /// The virtual heap refuses; the allocation stays.
    #[error("the virtual heap refuses: {0}")]
    Heap(H),
}

/// Why an allocation did not get another size; it stays as it was.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ReallocError<R, H> {
    /// There is no such allocation here.
    #[error("{0}")]
    Id(FreeError<R, H>),
    /// No memory for the new size.
    #[error("{0}")]
    Alloc(AllocError<R, H>),
}
