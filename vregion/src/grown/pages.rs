//! The pages of a region.

use core::ops::Range;

use super::GrownRegion;
use crate::region::Allocation;
use crate::supply::PageSupply;

impl<const RECORDS: usize, const WORDS: usize> GrownRegion<RECORDS, WORDS> {
    /// Whether all of these bytes lie in mapped pages. O(pages).
    #[must_use]
    pub fn is_mapped(&self, allocation: Allocation) -> bool {
        self.pages_of(allocation).all(|page| self.has(page))
    }

    /// Maps the pages of the allocation that are not mapped yet: all of them, or none.
    pub(super) fn map<S: PageSupply>(
        &mut self,
        allocation: Allocation,
        supply: &mut S,
    ) -> Result<(), S::Error> {
        let pages = self.pages_of(allocation);
        let Some(first) = self.next(pages.clone(), false) else {
            return Ok(());
        };
        let before = self.mapped;
        let mut gap = self.run(first, pages.end, false);
        loop {
            if let Err(error) = supply.map(gap.clone()) {
                self.roll_back(&before, first..gap.start, supply);
                return Err(error);
            }
            self.set(gap.clone(), true);
            let Some(next) = self.next(gap.end..pages.end, false) else {
                break;
            };
            gap = self.run(next, pages.end, false);
        }
        self.peak_pages = self.peak_pages.max(self.pages);
        Ok(())
    }

    /// Unmaps those of the pages that were not mapped before.
    #[cold]
    fn roll_back<S: PageSupply>(
        &mut self,
        before: &[u32; WORDS],
        pages: Range<u32>,
        supply: &mut S,
    ) {
        let mut page = pages.start;
        while page < pages.end {
            let new = |page: &u32| self.has(*page) && !bit(before, *page);
            let Some(start) = (page..pages.end).find(new) else {
                return;
            };
            let end = (start..pages.end)
                .find(|page| !new(page))
                .unwrap_or(pages.end);
            // Pages that stay mapped are known to be, and go with the region.
            if supply.unmap(start..end).is_ok() {
                self.set(start..end, false);
            }
            page = end;
        }
    }

    /// Unmaps all pages from this one on. After an error those that are still mapped are known to
    /// be.
    pub(super) fn unmap_from<S: PageSupply>(
        &mut self,
        first: u32,
        supply: &mut S,
    ) -> Result<(), S::Error> {
        let end = WORDS as u32 * 32;
        let mut from = first;
        while let Some(start) = self.next(from..end, true) {
            let run = self.run(start, end, true);
            supply.unmap(run.clone())?;
            from = run.end;
            self.set(run, false);
        }
        Ok(())
    }

    pub(super) fn has(&self, page: u32) -> bool {
        bit(&self.mapped, page)
    }

    fn pages_of(&self, allocation: Allocation) -> Range<u32> {
        let last = (allocation.end() - 1) >> self.page_shift;
        allocation.offset >> self.page_shift..last + 1
    }

    /// The first page of the range that is mapped, or that is not. O(pages / 32).
    fn next(&self, pages: Range<u32>, mapped: bool) -> Option<u32> {
        let mut page = pages.start;
        while page < pages.end {
            let word = self.mapped.get((page / 32) as usize)?;
            let word = if mapped { *word } else { !*word };
            let left = word & (!0 << (page % 32));
            if left != 0 {
                page = page & !31 | left.trailing_zeros();
                break;
            }
            page = (page | 31) + 1;
        }
        (page < pages.end).then_some(page)
    }

    /// The pages from `start` on, below `end`, that are all mapped, or all not.
    fn run(&self, start: u32, end: u32, mapped: bool) -> Range<u32> {
        start..self.next(start..end, !mapped).unwrap_or(end)
    }

    fn set(&mut self, pages: Range<u32>, mapped: bool) {
        let count = pages.end - pages.start;
        for page in pages {
            if let Some(word) = self.mapped.get_mut((page / 32) as usize) {
                *word = *word & !(1 << (page % 32)) | u32::from(mapped) << (page % 32);
            }
        }
        if mapped {
            self.pages += count;
        } else {
            self.pages -= count;
        }
    }
}

fn bit(words: &[u32], page: u32) -> bool {
    let word = words.get((page / 32) as usize);
    word.is_some_and(|word| word >> (page % 32) & 1 != 0)
}
