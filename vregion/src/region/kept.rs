//! The record of a lifetime allocation: two words of those that an interim one has.

use super::Region;
use crate::heap::{FLAGS, Word, link_of};

const FREED: u32 = 1;
const COHERENT: u32 = 2;

/// A lifetime allocation, in offsets; its record has the addresses, which are at hand when it is made.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    /// The first byte; in its lowest bits flags.
    start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Kept {
    /// Writes what was allocated from one address up to another into its record.
    #[inline(always)]
    pub const fn write(record: &mut [u32; 8], start: u32, end: u32, coherent: bool) {
        let flags = if coherent { COHERENT } else { 0 };
        record[Word::Start as usize] = start | flags;
        record[Word::End as usize] = end;
    }

    pub const fn start(self) -> u32 {
        self.start & !FLAGS
    }

    pub const fn size(self) -> u32 {
        self.end - self.start()
    }

    /// Whether it was given up; its bytes stay.
    pub const fn is_freed(self) -> bool {
        self.start & FREED != 0
    }

    pub const fn is_coherent(self) -> bool {
        self.start & COHERENT != 0
    }
}

impl<const RECORDS: usize> Region<RECORDS> {
    /// The lifetime allocation of this number; the first is 1.
    pub(super) fn kept(&self, number: u32) -> Kept {
        let word = |word| self.heap.records.get(link_of(number), word);
        Kept {
            start: word(Word::Start).wrapping_sub(self.base),
            end: word(Word::End).wrapping_sub(self.base),
        }
    }

    /// Notes that the owner gave it up.
    pub(super) fn mark_freed(&mut self, number: u32) {
        let start = &mut self.heap.records.numbered(number)[Word::Start as usize];
        *start |= FREED;
    }

    /// The number of the last lifetime allocation that begins at or below this offset: they are in
    /// order, so halving finds it. 0 if there is none.
    pub(super) fn kept_at_or_below(&self, offset: u32) -> u32 {
        let (mut low, mut high) = (0, self.kept);
        while low < high {
            let middle = high - (high - low) / 2;
            if self.kept(middle).start() <= offset {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    }

    /// Where a lifetime allocation ends; before the first one, where the region begins.
    pub(super) fn kept_end(&self, number: u32) -> u32 {
        if number == 0 {
            0
        } else {
            self.kept(number).end
        }
    }
}
