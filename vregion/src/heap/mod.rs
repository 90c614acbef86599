//! The interim heap: constant-time allocation with every record outside the memory.
//!
//! Blocks cover the heap in address order. A free block is in the list of its size class; two
//! levels of bits find the first list that has a block of at least some size (the two-level
//! segregated fit of Masmano, Ripoll, Crespo and Real). An allocated block is in the
//! [`directory`], by which a free finds its record.
//!
//! All numbers here are granules. Positions are those of the address space, so that an alignment
//! means what the user takes it to mean; they stay below 2^29.

mod check;
mod classes;
mod directory;
mod records;
#[cfg(test)]
mod tests;

use classes::{FreeLists, Place};
use directory::Directory;
use records::Record;
pub(crate) use records::{NONE, Records};

/// The bytes of a granule as a power of two: 8 bytes, the widest scalar of the core.
pub(crate) const GRANULE_SHIFT: u32 = 3;
/// The least size and alignment of anything.
pub(crate) const GRANULE: u32 = 1 << GRANULE_SHIFT;

/// Why the heap has nothing for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeapFull {
    /// No free block is large enough, as far as the search sees.
    NoRoom,
    /// Splitting a block takes a record, and none is left.
    NoRecord,
}

/// A heap over one stretch of granules. Its records are shared with whoever else keeps some.
pub(crate) struct Heap<const RECORDS: usize> {
    lists: FreeLists,
    directory: Directory<RECORDS>,
}

impl<const RECORDS: usize> Heap<RECORDS> {
    pub const fn new() -> Self {
        Heap {
            lists: FreeLists::new(),
            directory: Directory::new(),
        }
    }

    /// One free block from `start` up to `end`. The caller sees to it that a record is left.
    pub fn open(&mut self, records: &mut Records<RECORDS>, start: u32, end: u32) {
        self.lists = FreeLists::new();
        self.directory.clear();
        let block = if start < end {
            let block = records.take();
            let record = Record::free(start, end - start, NONE, NONE);
            self.lists.insert(records, block, record);
            block
        } else {
            NONE
        };
        records.at_mut(NONE).after = block;
        records.at_mut(NONE).before = block;
    }

    /// `size` granules at a multiple of `align`, a power of two. Returns the position.
    ///
    /// Two lists are looked at, and of each only the first block: O(1). A refusal for want of room
    /// can thus come while a block would do, if that lies deeper in the list of its class; a class
    /// is 1/16 of its size wide.
    #[inline]
    pub fn alloc(
        &mut self,
        records: &mut Records<RECORDS>,
        size: u32,
        align: u32,
        coherent: bool,
    ) -> Result<u32, HeapFull> {
        // What was freed last in the request's own class often fits exactly.
        let (place, block, position) = match self.fit(records, classes::floor(size), size, align) {
            Some(found) => found,
            // Any block of these classes fits.
            None => self
                .fit(records, classes::ceiling(size + align - 1), size, align)
                .ok_or(HeapFull::NoRoom)?,
        };
        let free = *records.at(block);
        let front = position - free.start;
        let tail = free.size() - front - size;
        // Two are always enough; how many it really takes is only asked when they are scarce.
        let spare = records.spare();
        if spare < 2 && u32::from(front != 0) + u32::from(tail != 0) > spare {
            return Err(HeapFull::NoRecord);
        }
        self.lists.remove_first(records, place, &free);
        let (mut taken, mut before, mut after) = (block, free.before, free.after);
        if front != 0 {
            taken = records.take();
            let record = Record::free(free.start, front, before, taken);
            self.lists.insert(records, block, record);
            records.at_mut(after).before = taken;
            before = block;
        }
        if tail != 0 {
            let rest = records.take();
            let record = Record::free(position + size, tail, taken, after);
            self.lists.insert(records, rest, record);
            records.at_mut(after).before = rest;
            after = rest;
        }
        let next = self.directory.insert(taken, position);
        let record = records.at_mut(taken);
        record.start = position;
        record.set_allocated(size, coherent);
        record.before = before;
        record.after = after;
        record.next = next;
        Ok(position)
    }

    /// The first block in the first list from `class` on, if the request fits into it.
    #[inline]
    fn fit(
        &self,
        records: &Records<RECORDS>,
        class: u32,
        size: u32,
        align: u32,
    ) -> Option<(Place, u16, u32)> {
        let (place, block) = self.lists.first_at_least(class)?;
        Some((place, block, records.at(block).fit(size, align)?))
    }

    /// Frees what was allocated at exactly this position. Returns its size, or `None` where nothing
    /// is allocated there.
    ///
    /// O(1) on average; O(allocations) if they all fall into one bucket of the directory.
    #[inline]
    pub fn free(&mut self, records: &mut Records<RECORDS>, position: u32) -> Option<u32> {
        let mut block = self.directory.remove(records, position)?;
        let Record {
            mut start,
            mut before,
            mut after,
            ..
        } = *records.at(block);
        let freed = records.at(block).size();
        let mut size = freed;
        // The ends of the heap are the record NONE, which is never free.
        let neighbour = *records.at(after);
        if neighbour.is_free() {
            self.lists.remove(records, &neighbour);
            records.give(after);
            size += neighbour.size();
            after = neighbour.after;
            records.at_mut(after).before = block;
        }
        let neighbour = *records.at(before);
        if neighbour.is_free() {
            self.lists.remove(records, &neighbour);
            records.give(block);
            size += neighbour.size();
            start = neighbour.start;
            block = before;
            before = neighbour.before;
            records.at_mut(after).before = block;
        }
        let record = Record::free(start, size, before, after);
        self.lists.insert(records, block, record);
        Some(freed)
    }

    /// The start of the allocated block that has this position inside. O(blocks).
    pub fn holder(&self, records: &Records<RECORDS>, position: u32) -> Option<u32> {
        let mut walk = records.blocks().map(|block| records.at(block));
        let block = walk.find(|block| position < block.start + block.size())?;
        (!block.is_free() && position >= block.start).then_some(block.start)
    }
}
