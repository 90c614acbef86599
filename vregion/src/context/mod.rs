//! An allocation context: all that one module has allocated, and from where.
//!
//! Each allocation remembers the allocator it came from, and goes back there and nowhere else. In
//! SOF (`mod_alloc_ctx`, `sof_ctx_alloc`, `mod_alloc_ext` and `mod_free`) an allocation for a buffer
//! comes from the virtual heap and is freed into the module's region, where it is lost.
//!
//! What an allocation is for is part of the request ([`Intent`]); plain functions serve the common
//! cases.

use bitflags::bitflags;

use crate::InvariantError;

mod adapters;
mod common;
mod error;
mod free;
mod records;
mod resize;
#[cfg(test)]
mod tests;

pub use adapters::{HeapMemory, HeapMemoryError, RegionMemory, RegionMemoryError};
pub use error::{AllocError, FreeError, ReallocError};
pub use free::FreedAll;
use records::{Record, Records};
pub use resize::Reallocated;

bitflags! {
    /// What an allocation is for. Nothing set: plain data, through the cached alias.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Intent: u8 {
        /// Through the uncached alias: shared with another core or with DMA.
        const COHERENT = 1;
        /// Large, and perhaps for long: from the virtual heap, where there is one.
        const BUFFER = 1 << 1;
        /// All bytes zero.
        const ZEROED = 1 << 2;
    }
}

/// An allocation as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Bytes, at least one.
    pub bytes: u32,
    /// What the address is a multiple of: a power of two.
    pub align: u32,
    /// What it is for.
    pub intent: Intent,
}

/// Which allocator an allocation came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The module's region.
    Region,
    /// The virtual heap.
    Heap,
}

/// Bytes of an allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where they begin, as the allocator counts.
    pub offset: u32,
    /// How many there are; at least those asked for.
    pub bytes: u32,
}

/// Something to allocate from.
pub trait Allocator {
    /// Why it refuses.
    type Error;

    /// At least `bytes` bytes at a multiple of `align`; if coherent, in cache lines of their own.
    ///
    /// # Errors
    /// Nothing has changed.
    fn alloc(&mut self, bytes: u32, align: u32, coherent: bool) -> Result<Block, Self::Error>;

    /// Takes the bytes back that begin at `offset`.
    ///
    /// # Errors
    /// Nothing has changed.
    fn free(&mut self, offset: u32) -> Result<(), Self::Error>;

    /// Gives an allocation more bytes, or fewer, where it lies; the bytes it has then, or `None` if
    /// nothing has changed.
    fn resize(&mut self, offset: u32, bytes: u32) -> Option<u32> {
        let _ = (offset, bytes);
        None
    }

    /// Fills with zeros.
    fn zero(&mut self, offset: u32, bytes: u32);
}

/// The allocators of a context. It does not keep them: a virtual heap serves many contexts.
pub struct Memory<'a, R, H> {
    /// The module's region.
    pub region: &'a mut R,
    /// The virtual heap; without one the region serves buffers too.
    pub heap: Option<&'a mut H>,
}

/// Names an allocation of one context for as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AllocationId {
    context: u16,
    index: u16,
    generation: u16,
}

/// An allocation of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Its name.
    pub id: AllocationId,
    /// Which allocator it came from.
    pub source: Source,
    /// Where it begins, as that allocator counts.
    pub offset: u32,
    /// The bytes asked for.
    pub bytes: u32,
}

/// How a context is used. Bytes are those asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextStats {
    /// Bytes allocated now.
    pub used: u32,
    /// The most bytes ever allocated at once.
    pub peak: u32,
    /// Allocations now.
    pub allocations: u32,
    /// Requests refused.
    pub failures: u32,
}

/// The allocations of one module; at most `RECORDS`, 1 to 32,768.
pub struct Context<const RECORDS: usize> {
    number: u16,
    records: Records<RECORDS>,
    stats: ContextStats,
}

type Allocated<R, H> =
    Result<Allocation, AllocError<<R as Allocator>::Error, <H as Allocator>::Error>>;

impl<const RECORDS: usize> Context<RECORDS> {
    /// A context without allocations. Its number tells it from others: no two that live at once may
    /// have the same.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Context {
            number,
            records: Records::new(),
            stats: ContextStats {
                used: 0,
                peak: 0,
                allocations: 0,
                failures: 0,
            },
        }
    }

    /// Allocates. O(1), and the allocator's work.
    ///
    /// # Errors
    /// [`AllocError`]; nothing has changed but the number of failures.
    pub fn request<R: Allocator, H: Allocator>(
        &mut self,
        request: Request,
        memory: &mut Memory<'_, R, H>,
    ) -> Allocated<R, H> {
        let result = self.serve(request, memory);
        if result.is_err() {
            self.stats.failures = self.stats.failures.saturating_add(1);
        }
        result
    }

    fn serve<R: Allocator, H: Allocator>(
        &mut self,
        request: Request,
        memory: &mut Memory<'_, R, H>,
    ) -> Allocated<R, H> {
        let Request {
            bytes,
            align,
            intent,
        } = request;
        if bytes == 0 {
            return Err(AllocError::Empty);
        }
        if !align.is_power_of_two() {
            return Err(AllocError::Alignment(align));
        }
        if !self.records.has_spare() {
            return Err(AllocError::NoRecord(RECORDS as u32));
        }
        // Whatever does not fit into the sum does not fit into the memory either.
        let used = self
            .stats
            .used
            .checked_add(bytes)
            .ok_or(AllocError::Wraps(bytes))?;
        let coherent = intent.contains(Intent::COHERENT);
        let zeroed = intent.contains(Intent::ZEROED);
        let (source, block) = match &mut memory.heap {
            Some(heap) if intent.contains(Intent::BUFFER) => {
                let block = heap
                    .alloc(bytes, align, coherent)
                    .map_err(AllocError::Heap)?;
                if zeroed {
                    heap.zero(block.offset, bytes);
                }
                (Source::Heap, block)
            }
            _ => {
                let region = &mut *memory.region;
                let block = region
                    .alloc(bytes, align, coherent)
                    .map_err(AllocError::Region)?;
                if zeroed {
                    region.zero(block.offset, bytes);
                }
                (Source::Region, block)
            }
        };
        let id = self.records.take(Record {
            offset: block.offset,
            bytes,
            capacity: block.bytes,
            align,
            intent,
            source,
        });
        self.stats.used = used;
        self.stats.peak = self.stats.peak.max(used);
        self.stats.allocations += 1;
        Ok(Allocation {
            id: self.name(id),
            source,
            offset: block.offset,
            bytes,
        })
    }

    fn name(&self, (index, generation): (u16, u16)) -> AllocationId {
        AllocationId {
            context: self.number,
            index,
            generation,
        }
    }

    /// How the context is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> ContextStats {
        self.stats
    }

    /// What is allocated under this name. O(1).
    #[must_use]
    pub fn get(&self, id: AllocationId) -> Option<Allocation> {
        if id.context != self.number {
            return None;
        }
        let record = self.records.named(id.index, id.generation)?;
        Some(Allocation {
            id,
            source: record.source,
            offset: record.offset,
            bytes: record.bytes,
        })
    }

    /// What is allocated from exactly this offset of an allocator on, for callers that only have an
    /// address. O(`RECORDS`).
    #[must_use]
    pub fn find(&self, source: Source, offset: u32) -> Option<Allocation> {
        let mut live = self.records.iter();
        let (id, record) =
            live.find(|(_, record)| record.source == source && record.offset == offset)?;
        let id = self.name(id);
        Some(Allocation {
            id,
            source,
            offset,
            bytes: record.bytes,
        })
    }

    /// Walks the context. O(`RECORDS`).
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        let (mut used, mut allocations) = (0, 0);
        for (_, record) in self.records.iter() {
            if record.bytes > record.capacity {
                return Err(InvariantError::UsedBytes);
            }
            used += record.bytes;
            allocations += 1;
        }
        if !self.records.spares_hold(allocations) {
            return Err(InvariantError::Records);
        }
        if used != self.stats.used {
            return Err(InvariantError::UsedBytes);
        }
        if allocations != self.stats.allocations {
            return Err(InvariantError::Allocations);
        }
        if self.stats.used > self.stats.peak {
            return Err(InvariantError::Peak);
        }
        Ok(())
    }
}
