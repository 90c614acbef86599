//! Giving an allocation another size.

use super::{
    AllocError, Allocation, AllocationId, Allocator, Context, FreeError, Intent, Memory,
    ReallocError, Request, Source,
};

/// An allocation with another size.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reallocated {
    /// It stays where it was, with its name.
    InPlace(Allocation),
    /// It is elsewhere. The old one is still there: copy its bytes, then free it.
    Moved {
        /// The allocation as it was.
        old: Allocation,
        /// The one that takes its place.
        new: Allocation,
        /// Bytes to copy.
        copy: u32,
    },
}

type Resized<R, H> =
    Result<Reallocated, ReallocError<<R as Allocator>::Error, <H as Allocator>::Error>>;

impl<const RECORDS: usize> Context<RECORDS> {
    /// Gives an allocation `bytes` bytes: where it lies, if its block has them or its allocator can
    /// add them, else as a new one of the same alignment and intent. With [`Intent::ZEROED`] the
    /// bytes added are zero.
    ///
    /// O(1), and the allocator's work.
    ///
    /// # Errors
    /// [`ReallocError`]; nothing has changed but the number of failures.
    pub fn reallocate<R: Allocator, H: Allocator>(
        &mut self,
        id: AllocationId,
        bytes: u32,
        memory: &mut Memory<'_, R, H>,
    ) -> Resized<R, H> {
        let record = self.record(id).map_err(ReallocError::Id)?;
        let old = Allocation {
            id,
            source: record.source,
            offset: record.offset,
            bytes: record.bytes,
        };
        let rest = self.stats.used - record.bytes;
        let refused = match rest.checked_add(bytes) {
            _ if bytes == 0 => Some(AllocError::Empty),
            None => Some(AllocError::Wraps(bytes)),
            Some(_) => None,
        };
        if let Some(error) = refused {
            self.stats.failures = self.stats.failures.saturating_add(1);
            return Err(ReallocError::Alloc(error));
        }
        let capacity = if bytes <= record.capacity && bytes >= record.bytes {
            Some(record.capacity)
        } else {
            let resized = match record.source {
                Source::Region => memory.region.resize(record.offset, bytes),
                Source::Heap => {
                    let heap = memory.heap.as_mut();
                    let heap = heap.ok_or(ReallocError::Id(FreeError::NoHeap))?;
                    heap.resize(record.offset, bytes)
                }
            };
            // Fewer bytes always fit.
            resized.or((bytes < record.bytes).then_some(record.capacity))
        };
        let zeroed = record.intent.contains(Intent::ZEROED);
        let Some(capacity) = capacity else {
            let request = Request {
                bytes,
                align: record.align,
                intent: record.intent,
            };
            let new = self.request(request, memory);
            let new = new.map_err(ReallocError::Alloc)?;
            return Ok(Reallocated::Moved {
                old,
                new,
                copy: record.bytes,
            });
        };
        if zeroed && bytes > record.bytes {
            let (from, count) = (record.offset + record.bytes, bytes - record.bytes);
            match (record.source, &mut memory.heap) {
                (Source::Heap, Some(heap)) => heap.zero(from, count),
                _ => memory.region.zero(from, count),
            }
        }
        if let Some(record) = self.records.at_mut(id.index) {
            record.bytes = bytes;
            record.capacity = capacity;
        }
        self.stats.used = rest + bytes;
        self.stats.peak = self.stats.peak.max(self.stats.used);
        Ok(Reallocated::InPlace(Allocation { bytes, ..old }))
    }
}
