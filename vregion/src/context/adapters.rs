//! The allocators of this crate as a context uses them.

use thiserror_no_std::Error;

use super::{Allocator, Block};
use crate::region::{self, Kind, Region};
use crate::supply::PageSupply;
use crate::virtual_heap::{self, Span, VirtualHeap};

/// A region, and who fills its memory with zeros.
pub struct RegionMemory<'a, const RECORDS: usize, Z> {
    /// The region.
    pub region: &'a mut Region<RECORDS>,
    /// Fills with zeros, from an offset of the region on.
    pub zero: Z,
}

/// What a region refuses, when asked for either.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RegionMemoryError {
    /// An allocation.
    #[error("{0}")]
    Alloc(region::AllocError),
    /// A free.
    #[error("{0}")]
    Free(region::FreeError),
}

impl<const RECORDS: usize, Z: FnMut(u32, u32)> Allocator for RegionMemory<'_, RECORDS, Z> {
    type Error = RegionMemoryError;

    fn alloc(&mut self, bytes: u32, align: u32, coherent: bool) -> Result<Block, Self::Error> {
        let kind = if coherent {
            Kind::Coherent
        } else {
            Kind::Plain
        };
        let allocation = self.region.alloc(region::Request { bytes, align, kind });
        let allocation = allocation.map_err(RegionMemoryError::Alloc)?;
        Ok(Block {
            offset: allocation.offset,
            bytes: allocation.bytes,
        })
    }

    fn free(&mut self, offset: u32) -> Result<(), Self::Error> {
        let freed = self.region.free(offset);
        freed.map(|_| ()).map_err(RegionMemoryError::Free)
    }

    fn resize(&mut self, offset: u32, bytes: u32) -> Option<u32> {
        let resized = self.region.resize(offset, bytes);
        resized.ok().map(|resized| resized.bytes)
    }

    fn zero(&mut self, offset: u32, bytes: u32) {
        (self.zero)(offset, bytes);
    }
}

/// A virtual heap, who backs its pages, and who fills its memory with zeros.
pub struct HeapMemory<'a, const GROUPS: usize, const PAGES: usize, S, Z> {
    /// The heap.
    pub heap: &'a mut VirtualHeap<GROUPS, PAGES>,
    /// Backs the pages of the heap.
    pub supply: &'a mut S,
    /// Fills with zeros, from an offset of the heap on.
    pub zero: Z,
    /// Whether an allocation may take more than one block.
    pub span: Span,
    /// Bytes of a cache line, of which coherent allocations have whole ones: a power of two.
    pub line: u32,
}

/// What a virtual heap refuses, when asked for either.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum HeapMemoryError<E> {
    /// An allocation.
    #[error("{0}")]
    Alloc(virtual_heap::AllocError<E>),
    /// A free.
    #[error("{0}")]
    Free(virtual_heap::FreeError<E>),
    /// The size cannot be rounded up to cache lines.
    #[error("{0} bytes, rounded up, are more than an address space has")]
    Wraps(u32),
}

impl<const GROUPS: usize, const PAGES: usize, S: PageSupply, Z: FnMut(u32, u32)> Allocator
    for HeapMemory<'_, GROUPS, PAGES, S, Z>
{
    type Error = HeapMemoryError<S::Error>;

    fn alloc(&mut self, bytes: u32, align: u32, coherent: bool) -> Result<Block, Self::Error> {
        // Blocks at multiples of a line whose bytes reach to the end of their last line share it
        // with nobody: the next block begins at a line as well.
        let (bytes, align) = if coherent {
            let rounded = bytes.checked_next_multiple_of(self.line);
            (
                rounded.ok_or(HeapMemoryError::Wraps(bytes))?,
                align.max(self.line),
            )
        } else {
            (bytes, align)
        };
        let request = virtual_heap::Request {
            bytes,
            align,
            span: self.span,
        };
        let allocation = self.heap.alloc(request, self.supply);
        let allocation = allocation.map_err(HeapMemoryError::Alloc)?;
        Ok(Block {
            offset: allocation.offset,
            bytes: allocation.bytes,
        })
    }

    fn free(&mut self, offset: u32) -> Result<(), Self::Error> {
        let freed = self.heap.free(offset, self.supply);
        freed.map(|_| ()).map_err(HeapMemoryError::Free)
    }

    fn resize(&mut self, offset: u32, bytes: u32) -> Option<u32> {
        let resized = self.heap.resize(offset, bytes, self.supply);
        resized.ok().map(|()| bytes)
    }

    fn zero(&mut self, offset: u32, bytes: u32) {
        (self.zero)(offset, bytes);
    }
}
