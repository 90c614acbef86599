//! Freeing.

use super::records::Record;
use super::{AllocationId, Allocator, Context, FreeError, Memory, Source};

/// What became of all allocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreedAll {
    /// Allocations that went back.
    pub freed: u32,
    /// Allocations that their allocator did not take back; they are still there.
    pub refused: u32,
}

type Freed<R, H, T> = Result<T, FreeError<<R as Allocator>::Error, <H as Allocator>::Error>>;

impl<const RECORDS: usize> Context<RECORDS> {
    /// Frees an allocation of this context into the allocator it came from. O(1), and the
    /// allocator's work.
    ///
    /// # Errors
    /// [`FreeError`]; nothing has changed.
    pub fn free<R: Allocator, H: Allocator>(
        &mut self,
        id: AllocationId,
        memory: &mut Memory<'_, R, H>,
    ) -> Freed<R, H, ()> {
        let record = self.record(id)?;
        self.release(id.index, record, memory)
    }

    /// Frees everything, as when the module ends. What an allocator refuses to take back is kept
    /// and counted. O(`RECORDS`), and the allocators' work.
    pub fn free_all<R: Allocator, H: Allocator>(
        &mut self,
        memory: &mut Memory<'_, R, H>,
    ) -> FreedAll {
        let mut all = FreedAll::default();
        for index in 0..RECORDS as u16 {
            let Some(record) = self.records.at(index).map(|(_, record)| *record) else {
                continue;
            };
            match self.release(index, record, memory) {
                Ok(()) => all.freed += 1,
                Err(_) => all.refused += 1,
            }
        }
        all
    }

    pub(super) fn record<R, H>(&self, id: AllocationId) -> Result<Record, FreeError<R, H>> {
        if id.context != self.number {
            return Err(FreeError::Foreign {
                owner: id.context,
                context: self.number,
            });
        }
        let record = self.records.named(id.index, id.generation);
        record.copied().ok_or(FreeError::Stale)
    }

    fn release<R: Allocator, H: Allocator>(
        &mut self,
        index: u16,
        record: Record,
        memory: &mut Memory<'_, R, H>,
    ) -> Freed<R, H, ()> {
        match record.source {
            Source::Region => memory
                .region
                .free(record.offset)
                .map_err(FreeError::Region)?,
            Source::Heap => {
                let heap = memory.heap.as_mut().ok_or(FreeError::NoHeap)?;
                heap.free(record.offset).map_err(FreeError::Heap)?;
            }
        }
        self.records.give(index);
        self.stats.used -= record.bytes;
        self.stats.allocations -= 1;
        Ok(())
    }
}
