//! The search for free pages side by side, a word at a time.

use core::ops::Range;

use super::bits::{Word, read};
use super::map::{GROUP_PAGES, PageMap, WORD_PAGES};
use super::runs::short_of;
use super::steps::word_starts;
use crate::bits::run_starts;

impl<const PAGES: usize> PageMap<PAGES> {
    /// The lowest `count` pages that are free, side by side, and cross no multiple of `boundary`.
    ///
    /// `boundary` is a power of two, and `count` is from 1 to `boundary`. O(`PAGES` / 32) at worst; a
    /// group that has refused as much before costs one comparison.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    pub fn find(&mut self, count: u32, boundary: u32) -> Option<u32> {
        let low = self.runs.first_not_full()? * WORD_PAGES;
        let pages = PAGES as u32;
        // Below a word, boundaries are a pattern in the word; above, they part the words.
        let starts = word_starts(count, boundary);
        let window = boundary.max(WORD_PAGES);
        let mut start = low;
        while start < pages {
            let group = (start / GROUP_PAGES) as usize;
            let group_end = (group as u32 + 1) * GROUP_PAGES;
            let refused = u32::from(*self.refused.get(group)?);
            if window <= GROUP_PAGES && refused != 0 && count >= refused {
                start = group_end;
                continue;
            }
            // The next multiple of a power of two.
            let end = (start | (window - 1)).saturating_add(1).min(pages);
            let found = self.find_between(start..end, count, starts);
            if found.is_some() {
                return found;
            }
            // Only the search of a whole group says something about any boundary.
            let begins = start == low || start.is_multiple_of(GROUP_PAGES);
            if begins && end == group_end.min(pages) && starts == !0 {
                self.refused[group] = count.min(GROUP_PAGES) as u16;
            }
            start = end;
        }
        None
    }

    /// Whether a note on the group that begins at this page, or on one of its words, is wrong and hides
    /// a run that would do.
    pub fn hides_run(&self, group_start: u32) -> bool {
        let pages = PAGES as u32;
        let refused = self.refused.get((group_start / GROUP_PAGES) as usize);
        let count = u32::from(refused.copied().unwrap_or(0));
        let end = (group_start + GROUP_PAGES).min(pages);
        if count != 0 && self.find_between(group_start..end, count, !0).is_some() {
            return true;
        }
        let words = group_start / WORD_PAGES..end / WORD_PAGES;
        words.map(|index| index as usize).any(|index| {
            let short = self.bits.get(index, Word::Short);
            short != short_of(self.bits.get(index, Word::Used)) || !self.runs.hold(index, short)
        })
    }

    /// The same within one window, whose ends are multiples of 32. `starts`: the bits of a word at
    /// which a run may begin; runs join over words iff it is all ones.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    fn find_between(&self, window: Range<u32>, count: u32, starts: u32) -> Option<u32> {
        let joins = starts == !0;
        let groups = self.bits.groups();
        let words =
            groups.get((window.start / WORD_PAGES) as usize..(window.end / WORD_PAGES) as usize)?;
        let mut page = window.start;
        // Free pages right below this word.
        let mut before = 0;
        for group in words {
            let used = read(group, Word::Used);
            if used == !0 {
                before = 0;
            } else if used == 0 {
                if (joins && before + WORD_PAGES >= count) || count <= WORD_PAGES {
                    return Some(page - before);
                }
                before += WORD_PAGES;
            } else {
                if before != 0 && before + used.trailing_zeros() >= count {
                    return Some(page - before);
                }
                let free = run_starts(!used, count) & starts;
                if free != 0 {
                    return Some(page + free.trailing_zeros());
                }
                before = if joins { used.leading_zeros() } else { 0 };
            }
            page += WORD_PAGES;
        }
        None
    }
}
