//! The interim heap: constant-time allocation with every record outside the memory.
//!
//! Allocations are linked in address order, and each knows the gap of free granules after it; the
//! first of them is an anchor without any granules, at the start of the heap. A gap is in the list
//! of its size class; two levels of bits find the first list that has a gap of at least some size
//! (the two-level segregated fit of Masmano, Ripoll, Crespo and Real). The [`directory`] finds the
//! allocation that begins at a position.
//!
//! All numbers here are granules. Positions are those of the address space, so that an alignment
//! means what the user takes it to mean; they stay below 2^29.

mod check;
mod classes;
mod directory;
mod records;
#[cfg(test)]
mod tests;

use classes::{Filled, Heads};
use directory::Directory;
pub(crate) use records::{NONE, Records};

/// The bytes of a granule as a power of two: 8 bytes, the widest scalar of the core.
pub(crate) const GRANULE_SHIFT: u32 = 3;
/// The least size and alignment of anything.
pub(crate) const GRANULE: u32 = 1 << GRANULE_SHIFT;

/// Why the heap has nothing for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeapFull {
    /// No gap is large enough, as far as the search sees.
    NoRoom,
    /// An allocation takes a record, and none is left.
    NoRecord,
}

/// A heap over one stretch of granules. Its records are also for whoever keeps lifetime
/// allocations.
///
/// What is used most lies first: an offset of up to 1 KiB is part of an instruction, a larger one
/// takes two more.
#[repr(C)]
pub(crate) struct Heap<const RECORDS: usize> {
    /// The record before the first allocation: it has the start of the heap, and no granules.
    anchor: u16,
    /// Allocations.
    alive: u16,
    filled: Filled,
    pub(crate) records: Records<RECORDS>,
    heads: Heads,
    directory: Directory<RECORDS>,
}

impl<const RECORDS: usize> Heap<RECORDS> {
    pub const fn new() -> Self {
        Heap {
            anchor: NONE,
            alive: 0,
            filled: Filled::NONE,
            records: Records::new(),
            heads: [NONE; _],
            directory: Directory::new(),
        }
    }

    /// Forgets all allocations. All records are spare again, except the first `kept`.
    pub const fn clear(&mut self, kept: u16) {
        self.anchor = NONE;
        self.alive = 0;
        self.filled = Filled::NONE;
        self.records.reset(kept);
    }

    /// One gap from `start` up to `end` in a heap that is clear. The caller sees to it that a
    /// record is left.
    pub const fn open(&mut self, start: u32, end: u32) {
        self.heads = [NONE; _];
        self.directory.clear();
        if start < end {
            let anchor = self.records.take_fresh();
            self.anchor = anchor;
            let record = self.records.at_mut(anchor);
            record.set(start, start, false);
            record.before = anchor;
            record.after = anchor;
            self.insert(anchor, end - start);
        }
    }

    /// Allocations. O(1).
    pub const fn alive(&self) -> u32 {
        self.alive as u32
    }

    /// Records that the heap has taken. O(1).
    pub const fn records(&self) -> u32 {
        self.alive as u32 + (self.anchor != NONE) as u32
    }

    /// `size` granules at a multiple of `align`, a power of two. Returns the position.
    ///
    /// Up to three lists are looked at, and of each only the first gap: O(1). A refusal for want
    /// of room can thus come while a gap would do, if that lies deeper in the list of its class; a
    /// class is 1/16 of its size wide.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn alloc(&mut self, size: u32, align: u32, coherent: bool) -> Result<u32, HeapFull> {
        // What was freed last in the request's own class often fits exactly; the next class up
        // always does, if it begins where it should.
        let mut before = self.first_at_least(classes::floor(size));
        let mut gap_start = self.records.at(before).end;
        let mut position = (gap_start + (align - 1)) & !(align - 1);
        let mut end = position + size;
        if before == NONE || end > gap_start + self.records.at(before).gap {
            before = self.search(size, align);
            if before == NONE {
                return Err(HeapFull::NoRoom);
            }
            gap_start = self.records.at(before).end;
            position = (gap_start + (align - 1)) & !(align - 1);
            end = position + size;
        }
        let taken = self.records.take();
        if taken == NONE {
            return Err(HeapFull::NoRecord);
        }
        self.remove_first(before);
        let holder = self.records.at_mut(before);
        let gap_end = gap_start + holder.gap;
        let after = holder.after;
        holder.after = taken;
        holder.gap = 0;
        self.records.at_mut(after).before = taken;
        let chain = self.directory.insert(taken, position);
        let record = self.records.at_mut(taken);
        record.set(position, end, coherent);
        record.before = before;
        record.after = after;
        record.chain = chain;
        record.gap = 0;
        self.alive += 1;
        if end != gap_end {
            self.insert(taken, gap_end - end);
        }
        if position != gap_start {
            self.insert_front(before, position - gap_start);
        }
        Ok(position)
    }

    /// The gap before an aligned allocation: there is none where all are aligned alike.
    #[cold]
    #[inline(never)]
    fn insert_front(&mut self, before: u16, gap: u32) {
        self.insert(before, gap);
    }

    /// The record before a gap in which the request fits though the first look found none.
    #[cold]
    #[inline(never)]
    fn search(&self, size: u32, align: u32) -> u16 {
        // Any gap of these classes is large enough,
        let large = self.first_at_least(classes::ceiling(size));
        let large = self.fit(large, size, align);
        if large != NONE || size + align > classes::MAX_SIZE {
            return large;
        }
        // and any of these however it lies.
        let any = self.first_at_least(classes::ceiling(size + align - 1));
        self.fit(any, size, align)
    }

    /// The record, if the request fits into the gap after it.
    fn fit(&self, before: u16, size: u32, align: u32) -> u16 {
        let record = self.records.at(before);
        let position = (record.end + (align - 1)) & !(align - 1);
        if before != NONE && position + size <= record.end + record.gap {
            before
        } else {
            NONE
        }
    }

    /// Frees what was allocated at exactly this position. Returns its size, or 0 where nothing is
    /// allocated there.
    ///
    /// O(1) on average; O(allocations) if they all fall into one bucket of the directory.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn free(&mut self, position: u32) -> u32 {
        let block = self.directory.remove(&mut self.records, position);
        if block == NONE {
            return 0;
        }
        if self.records.at(block).gap != 0 {
            self.remove(block);
        }
        let record = self.records.at(block);
        let (before, after) = (record.before, record.after);
        let (end, gap) = (record.end, record.gap);
        self.records.at_mut(after).before = before;
        self.records.give(block);
        self.alive -= 1;
        let holder = self.records.at_mut(before);
        holder.after = after;
        let gap = end + gap - holder.end;
        if holder.gap != 0 {
            self.remove(before);
        }
        self.insert(before, gap);
        end - position
    }

    /// The start of the allocation that has this position inside. O(allocations).
    pub fn holder(&self, position: u32) -> Option<u32> {
        let mut walk = self.blocks().map(|block| self.records.at(block));
        let block = walk.find(|block| position < block.end)?;
        (position >= block.start).then_some(block.start)
    }

    /// The allocations in address order; at most as many as there are records.
    fn blocks(&self) -> impl Iterator<Item = u16> {
        let step = |index: &u16| Some(self.records.at(*index).after);
        core::iter::successors(step(&self.anchor), step)
            .take_while(|index| *index != self.anchor)
            .take(RECORDS)
    }
}
