//! Which pages are reserved, begin a reservation and are committed, searched a word at a time.

use core::ops::Range;

pub(super) use super::bits::WORD_PAGES;
pub(super) use super::bits::Word;
use super::bits::{Bits, read, write};
use super::pool::MAX_PAGES;
use super::runs::{Runs, short_of};
use crate::bits::run_starts;

/// Pages that share a note on which searches failed: what one page table maps.
pub(super) const GROUP_PAGES: u32 = 1024;
const GROUPS: usize = MAX_PAGES / GROUP_PAGES as usize;

/// What is known of each page but its frame.
pub(super) struct PageMap<const PAGES: usize> {
    /// Where this is not 0, no free run of that many pages lies within the group: the next search
    /// for as much passes it by. A release forgets it.
    pub(super) refused: [u16; GROUPS],
    pub(super) runs: Runs<PAGES>,
    pub(super) bits: Bits<PAGES>,
}

/// What is the case somewhere among pages, as bits that are not 0.
#[derive(Clone, Copy, Default)]
pub(super) struct Survey {
    /// A page is free.
    pub free: u32,
    /// A reservation begins with a page other than the first.
    pub parted: u32,
    /// A page is committed.
    pub backed: u32,
    /// A page is not committed.
    pub bare: u32,
}

/// A run of pages that all have their bits in one word.
#[derive(Clone, Copy)]
pub(super) struct Short {
    index: usize,
    /// The bit of the first page.
    first: u32,
    /// The bits of all pages.
    mask: u32,
}

impl Short {
    /// The run, if it is such a one.
    #[inline(always)]
    pub const fn of(first: u32, count: u32) -> Option<Self> {
        let bit = first % WORD_PAGES;
        // One less than none is the most of all.
        if count.wrapping_sub(1) >= WORD_PAGES - bit {
            return None;
        }
        Some(Short {
            index: (first / WORD_PAGES) as usize,
            first: 1 << bit,
            mask: (!0 >> (WORD_PAGES - count)) << bit,
        })
    }

    #[inline(always)]
    pub const fn page(self) -> u32 {
        self.index as u32 * WORD_PAGES + self.first.trailing_zeros()
    }
}

impl<const PAGES: usize> PageMap<PAGES> {
    /// Whether this is a whole reservation, all of it committed.
    #[inline(always)]
    pub fn is_whole(&self, run: Short) -> bool {
        let Some(group) = self.bits.groups().get(run.index) else {
            return false;
        };
        let starts = read(group, Word::Starts);
        let inner = read(group, Word::Used) & !starts;
        // The page after it goes on with no reservation.
        let seen = run.mask | run.mask << 1;
        starts & run.first != 0
            && inner & seen == run.mask ^ run.first
            && run.mask & !read(group, Word::Backed) == 0
            && (run.mask.cast_signed() >= 0 || !self.goes_on(run.index + 1))
    }

    /// Whether the first page of a word goes on with a reservation.
    #[inline(always)]
    fn goes_on(&self, index: usize) -> bool {
        let group = self.bits.groups().get(index);
        group.is_some_and(|group| read(group, Word::Used) & !read(group, Word::Starts) & 1 != 0)
    }

    /// Writes which pages of a word are reserved, and what follows from that.
    #[inline(always)]
    fn set_used(&mut self, index: usize, used: u32) {
        let Some(group) = self.bits.group_mut(index) else {
            return;
        };
        let (before, after) = (read(group, Word::Short), short_of(used));
        write(group, Word::Used, used);
        write(group, Word::Short, after);
        if before != after {
            self.runs.change(index, before, after);
        }
    }

    /// Frees pages of one word, whatever was known of them.
    #[inline(always)]
    fn give(&mut self, index: usize, mask: u32) {
        self.refused[index / 32 % GROUPS] = 0;
        let Some(group) = self.bits.group_mut(index) else {
            return;
        };
        let used = read(group, Word::Used) & !mask;
        let starts = read(group, Word::Starts) & !mask;
        write(group, Word::Starts, starts);
        let backed = read(group, Word::Backed) & !mask;
        write(group, Word::Backed, backed);
        self.set_used(index, used);
    }

    /// Reserves free pages of one word. `first`: the bit of the reservation's first page, or 0.
    #[inline(always)]
    fn take(&mut self, index: usize, mask: u32, first: u32) {
        let Some(group) = self.bits.group_mut(index) else {
            return;
        };
        let used = read(group, Word::Used) | mask;
        let starts = read(group, Word::Starts) | first;
        write(group, Word::Starts, starts);
        self.set_used(index, used);
    }

    /// Frees the pages of a whole reservation.
    #[inline(always)]
    pub fn release_short(&mut self, run: Short) {
        self.give(run.index, run.mask);
    }

    /// Reserves and commits free pages.
    #[inline(always)]
    pub fn take_short(&mut self, run: Short) {
        if let Some(group) = self.bits.group_mut(run.index) {
            let backed = read(group, Word::Backed) | run.mask;
            write(group, Word::Backed, backed);
        }
        self.take(run.index, run.mask, run.first);
    }

    /// The lowest word that surely has a free run of that length, and the lowest run in it. O(1).
    #[inline(always)]
    pub fn find_in_word(&mut self, count: u32) -> Option<Short> {
        let index = self.runs.find(count)?;
        let free = !self.bits.get(index as usize, Word::Used);
        let starts = run_starts(free, count);
        let first = starts & starts.wrapping_neg();
        Some(Short {
            index: index as usize,
            first,
            mask: (first << (count - 1) << 1).wrapping_sub(first),
        })
    }

    pub const fn new() -> Self {
        PageMap {
            refused: [0; GROUPS],
            runs: Runs::new(),
            bits: Bits::new(),
        }
    }

    #[inline(always)]
    fn bit(&self, page: u32, word: Word) -> bool {
        let index = (page / WORD_PAGES) as usize;
        page < PAGES as u32 && self.bits.get(index, word) >> (page % WORD_PAGES) & 1 != 0
    }

    /// Whether the page is reserved.
    #[inline(always)]
    pub fn is_set(&self, page: u32) -> bool {
        self.bit(page, Word::Used)
    }

    /// Whether a reservation begins with the page.
    #[inline(always)]
    pub fn starts(&self, page: u32) -> bool {
        self.bit(page, Word::Starts)
    }

    /// Whether the page is committed.
    #[inline(always)]
    pub fn is_backed(&self, page: u32) -> bool {
        self.bit(page, Word::Backed)
    }

    /// What is the case among these pages, of which there is at least one.
    #[inline(always)]
    pub fn survey(&self, run: Range<u32>) -> Survey {
        let mut survey = Survey::default();
        let first = 1 << (run.start % WORD_PAGES);
        let mut inner = !first;
        for (index, mask) in Pieces::of(run) {
            let Some(group) = self.bits.groups().get(index) else {
                return survey;
            };
            let backed = read(group, Word::Backed);
            survey.free |= mask & !read(group, Word::Used);
            survey.parted |= mask & inner & read(group, Word::Starts);
            survey.backed |= mask & backed;
            survey.bare |= mask & !backed;
            inner = !0;
        }
        survey
    }

    /// Reserves free pages.
    #[inline(always)]
    pub fn reserve(&mut self, run: Range<u32>) {
        let mut first = 1 << (run.start % WORD_PAGES);
        for (index, mask) in Pieces::of(run) {
            self.take(index, mask, first);
            first = 0;
        }
    }

    /// Notes that these pages are committed, or that they are not.
    #[inline(always)]
    pub fn set_backed(&mut self, run: Range<u32>, is_backed: bool) {
        for (index, mask) in Pieces::of(run) {
            if let Some(group) = self.bits.group_mut(index) {
                let backed = read(group, Word::Backed);
                let backed = if is_backed {
                    backed | mask
                } else {
                    backed & !mask
                };
                write(group, Word::Backed, backed);
            }
        }
    }

    /// Frees the pages of one reservation.
    #[inline(always)]
    pub fn release(&mut self, run: Range<u32>) {
        for (index, mask) in Pieces::of(run) {
            self.give(index, mask);
        }
    }

    /// The first page of the run of which this word says so. O(pages).
    #[cold]
    #[inline(never)]
    pub fn first_that(&self, run: Range<u32>, word: Word, is_set: bool) -> Option<u32> {
        let mut run = run;
        run.find(|page| self.bit(*page, word) == is_set)
    }
}

/// A run as words of the map: the index of each and the bits in it.
struct Pieces {
    page: u32,
    left: u32,
}

impl Pieces {
    const fn of(run: Range<u32>) -> Self {
        Pieces {
            page: run.start,
            left: run.end - run.start,
        }
    }
}

impl Iterator for Pieces {
    type Item = (usize, u32);

    #[inline]
    fn next(&mut self) -> Option<(usize, u32)> {
        if self.left == 0 {
            return None;
        }
        let (index, bit) = (self.page / WORD_PAGES, self.page % WORD_PAGES);
        let count = self.left.min(WORD_PAGES - bit);
        self.page += count;
        self.left -= count;
        Some((index as usize, !0 >> (WORD_PAGES - count) << bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_exactly_the_run() {
        for start in 0..70 {
            for end in start + 1..=100 {
                let mut pages = std::vec::Vec::new();
                for (index, mask) in Pieces::of(start..end) {
                    pages.extend(
                        (0..32)
                            .filter(|bit| mask >> bit & 1 != 0)
                            .map(|b| index as u32 * 32 + b),
                    );
                }
                assert!(pages.into_iter().eq(start..end), "{start}..{end}");
            }
        }
    }
}
