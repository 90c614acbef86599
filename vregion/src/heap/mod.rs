//! The interim heap: constant-time allocation with every record outside the memory.
//!
//! Allocations are linked in address order, and each knows the gap of free bytes after it; the
//! first of them is an anchor without any bytes, at the start of the heap. A gap is in the list
//! of its size class; two levels of bits find the first list that has a gap of at least some size
//! (the two-level segregated fit of Masmano, Ripoll, Crespo and Real). The [`directory`] finds the
//! allocation that begins at a position.
//!
//! Sizes and positions are multiples of 8 bytes. Positions count from the start of the region and are
//! below 2^25. Where an alignment is of the address space, the caller says how the start is skewed.

mod check;
mod classes;
mod directory;
mod records;
mod resize;
#[cfg(test)]
mod tests;

use classes::{Filled, Heads};
use directory::Directory;
use records::Spare;
pub(crate) use records::{FLAGS, NONE, Records, Word, link_of};
pub(crate) use resize::Resized;

/// The bytes of a granule as a power of two: 8 bytes, the widest scalar of the core.
const GRANULE_SHIFT: u32 = 3;
/// The least size and alignment of anything.
pub(crate) const GRANULE: u32 = 1 << GRANULE_SHIFT;

/// Says of an allocation in the heap, beside its link in the directory, that it is coherent.
const COHERENT: u32 = 1;

/// Where what was refused begins.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// A heap over one stretch of bytes. Its records are also for whoever keeps lifetime allocations.
///
/// What is used most lies first: an offset of up to 1 KiB is part of an instruction, a larger one
/// takes two more.
#[repr(C)]
pub(crate) struct Heap<const RECORDS: usize> {
    /// Allocations.
    alive: u32,
    spare: Spare,
    filled: Filled,
    heads: Heads,
    pub(crate) records: Records<RECORDS>,
    directory: Directory<RECORDS>,
    /// The record before the first allocation: it has the start of the heap, and no bytes.
    anchor: u32,
}

impl<const RECORDS: usize> Heap<RECORDS> {
    pub const fn new() -> Self {
        Heap {
            alive: 0,
            spare: Spare::NONE,
            filled: Filled::NONE,
            heads: Heads::NONE,
            records: Records::new(),
            directory: Directory::new(),
            anchor: NONE,
        }
    }

    /// Forgets all allocations. All records are spare again, except the first `kept`.
    pub const fn clear(&mut self, kept: u32) {
        self.anchor = NONE;
        self.alive = 0;
        self.filled = Filled::NONE;
        self.spare = Spare::but(kept);
    }

    /// One gap from `start` up to `end` in a heap that is clear. The caller sees to it that a
    /// record is left.
    pub fn open(&mut self, start: u32, end: u32) {
        self.heads = Heads::NONE;
        self.directory.clear();
        if start < end {
            let anchor = self.spare.take_fresh(&self.records);
            self.anchor = anchor;
            self.records.set(anchor, Word::Start, start);
            self.records.set(anchor, Word::End, start);
            self.records.set(anchor, Word::Before, anchor);
            self.records.set(anchor, Word::After, anchor);
            self.insert(anchor, end - start);
        }
    }

    /// Allocations. O(1).
    pub const fn alive(&self) -> u32 {
        self.alive
    }

    /// Records that the heap has taken. O(1).
    pub const fn records(&self) -> u32 {
        self.alive + (self.anchor != NONE) as u32
    }

    /// `size` bytes where position and `skew` together are a multiple of `align`, a power of two.
    /// Returns the position, or [`NOWHERE`] for want of room or of a record.
    ///
    /// Up to three lists are looked at, and of each only the first gap: O(1). A refusal for want
    /// of room can thus come while a gap would do, if that lies deeper in the list of its class; a
    /// class is 1/16 of its size wide.
    #[inline(always)]
    pub fn alloc(&mut self, size: u32, align: u32, skew: u32, coherent: bool) -> u32 {
        // What was freed last in the request's own class often fits exactly; the next class up
        // always does, if it begins where it should.
        let mut before = self.first_at_least(classes::floor(size));
        let mut gap_start = self.records.get(before, Word::End);
        let mut gap = self.records.get(before, Word::Gap);
        let mut front = front(gap_start, align, skew);
        if front + size > gap {
            before = self.search(size, align, skew);
            if before == NONE {
                return NOWHERE;
            }
            gap_start = self.records.get(before, Word::End);
            gap = self.records.get(before, Word::Gap);
            front = self::front(gap_start, align, skew);
        }
        let taken = self.spare.take(&self.records);
        if taken == NONE {
            return NOWHERE;
        }
        self.remove_first(before);
        let position = gap_start + front;
        let after = self.records.get(before, Word::After);
        self.records.set(before, Word::After, taken);
        self.records.set(before, Word::Gap, 0);
        self.records.set(after, Word::Before, taken);
        let chain = self.directory.insert(taken, position);
        let flags = if coherent { COHERENT } else { 0 };
        self.records.set(taken, Word::Start, position);
        self.records.set(taken, Word::End, position + size);
        self.records.set(taken, Word::Before, before);
        self.records.set(taken, Word::After, after);
        self.records.set(taken, Word::Chain, chain | flags);
        self.alive += 1;
        let rest = gap - (front + size);
        if rest != 0 {
            self.insert(taken, rest);
        } else {
            self.records.set(taken, Word::Gap, 0);
        }
        if front != 0 {
            self.insert_front(before, front);
        }
        position
    }

    /// The gap before an aligned allocation: there is none where all are aligned alike.
    #[cold]
    #[inline(never)]
    fn insert_front(&mut self, before: u32, gap: u32) {
        self.insert(before, gap);
    }

    /// The record before a gap in which the request fits though the first look found none.
    #[cold]
    #[inline(never)]
    fn search(&self, size: u32, align: u32, skew: u32) -> u32 {
        // Any gap of these classes is large enough,
        let large = self.first_at_least(classes::ceiling(size));
        if self.fits(large, size, align, skew) {
            return large;
        }
        if size + align > classes::MAX_SIZE {
            return NONE;
        }
        // and any of these however it lies.
        let any = self.first_at_least(classes::ceiling(size + align - GRANULE));
        if self.fits(any, size, align, skew) {
            any
        } else {
            NONE
        }
    }

    /// Whether the request fits into the gap after this record.
    fn fits(&self, before: u32, size: u32, align: u32, skew: u32) -> bool {
        let gap_start = self.records.get(before, Word::End);
        front(gap_start, align, skew) + size <= self.records.get(before, Word::Gap)
    }

    /// Whether a request was refused for want of a record alone. O(1).
    pub fn lacks_record(&self, size: u32, align: u32, skew: u32) -> bool {
        let first = self.first_at_least(classes::floor(size));
        let fits = self.fits(first, size, align, skew);
        (fits || self.search(size, align, skew) != NONE) && !self.spare.is_some(&self.records)
    }

    /// Frees what was allocated at exactly this position. Returns its size, or 0 where nothing is
    /// allocated there.
    ///
    /// O(1) on average; O(allocations) if they all fall into one bucket of the directory.
    #[inline(always)]
    pub fn free(&mut self, position: u32) -> u32 {
        let block = self.directory.remove(&mut self.records, position);
        if block == NONE {
            return 0;
        }
        let gap = self.records.get(block, Word::Gap);
        if gap != 0 {
            self.remove(block);
        }
        let end = self.records.get(block, Word::End);
        let before = self.records.get(block, Word::Before);
        let after = self.records.get(block, Word::After);
        self.spare.give(&mut self.records, block);
        self.alive -= 1;
        self.records.set(after, Word::Before, before);
        self.records.set(before, Word::After, after);
        if self.records.get(before, Word::Gap) != 0 {
            self.remove(before);
        }
        let gap = end + gap - self.records.get(before, Word::End);
        self.insert(before, gap);
        end - position
    }

    /// The start of the allocation that has this position inside. O(allocations).
    pub fn holder(&self, position: u32) -> Option<u32> {
        let mut blocks = self.blocks();
        let block = blocks.find(|block| position < self.records.get(*block, Word::End))?;
        let start = self.records.get(block, Word::Start);
        (position >= start).then_some(start)
    }

    fn is_coherent(&self, block: u32) -> bool {
        self.records.get(block, Word::Chain) & COHERENT != 0
    }

    /// The allocations in address order; at most as many as there are records.
    fn blocks(&self) -> impl Iterator<Item = u32> {
        let step = |link: &u32| Some(self.records.get(*link, Word::After));
        core::iter::successors(step(&self.anchor), step)
            .take_while(|link| *link != self.anchor)
            .take(RECORDS)
    }
}

/// Bytes between the start of a gap and the first place in it that is aligned.
#[inline(always)]
const fn front(gap_start: u32, align: u32, skew: u32) -> u32 {
    (gap_start + skew).wrapping_neg() & (align - 1)
}
