//! Which pages are reserved: one bit a page, searched a word at a time.

use core::ops::Range;

use super::pool::MAX_PAGES;

/// Pages in a word of the map.
pub(super) const WORD_PAGES: u32 = u32::BITS;
const WORDS: usize = MAX_PAGES / WORD_PAGES as usize;
/// Pages that share a note on which searches failed: what one page table maps.
pub(super) const GROUP_PAGES: u32 = 1024;
const GROUPS: usize = MAX_PAGES / GROUP_PAGES as usize;

/// A bit is set iff its page is reserved.
///
/// The length of an array cannot be computed from a const parameter, so the map always has bits
/// for [`MAX_PAGES`] pages (2 KiB). Pages beyond the pool's are never looked at.
pub(super) struct PageMap {
    words: [u32; WORDS],
    /// Where this is not 0, no free run of that many pages lies within the group: the next search
    /// for as much passes it by. A release forgets it.
    refused: [u16; GROUPS],
}

impl PageMap {
    pub const fn new() -> Self {
        PageMap {
            words: [0; WORDS],
            refused: [0; GROUPS],
        }
    }

    pub fn is_set(&self, page: u32) -> bool {
        let word = self.words.get((page / WORD_PAGES) as usize);
        word.is_some_and(|word| word >> (page % WORD_PAGES) & 1 != 0)
    }

    pub fn set(&mut self, run: Range<u32>) {
        self.each_word(run, |word, mask| *word |= mask);
    }

    pub fn clear(&mut self, run: Range<u32>) {
        let (first, last) = (run.start / GROUP_PAGES, (run.end - 1) / GROUP_PAGES);
        if let Some(groups) = self.refused.get_mut(first as usize..=last as usize) {
            groups.fill(0);
        }
        self.each_word(run, |word, mask| *word &= !mask);
    }

    /// The first page of the run that is not set. O(pages / 32).
    pub fn first_clear(&self, run: Range<u32>) -> Option<u32> {
        pieces(run).find_map(|(index, mask)| {
            let clear = !self.words.get(index)? & mask;
            (clear != 0).then(|| index as u32 * WORD_PAGES + clear.trailing_zeros())
        })
    }

    /// The lowest `count` pages below `pages` that are free, side by side, and cross no multiple
    /// of `boundary`.
    ///
    /// `pages` is a multiple of 32, `boundary` a power of two, and `count` is from 1 to `boundary`.
    /// O(`pages` / 32) at worst; a group that has refused as much before costs one comparison.
    pub fn find(&mut self, pages: u32, count: u32, boundary: u32) -> Option<u32> {
        // Below a word, boundaries are a pattern in the word; above, they part the words.
        let starts = word_starts(count, boundary);
        let window = boundary.max(WORD_PAGES);
        let mut start = 0;
        while start < pages {
            let group = (start / GROUP_PAGES) as usize;
            let group_end = (group as u32 + 1) * GROUP_PAGES;
            let refused = u32::from(*self.refused.get(group)?);
            if window <= GROUP_PAGES && refused != 0 && count >= refused {
                start = group_end;
                continue;
            }
            let end = start.saturating_add(window).min(pages);
            let found = self.find_between(start..end, count, starts);
            if found.is_some() {
                return found;
            }
            // Only the search of a whole group says something about any boundary.
            if start.is_multiple_of(GROUP_PAGES) && end == group_end.min(pages) && starts == !0 {
                self.refused[group] = count.min(GROUP_PAGES) as u16;
            }
            start = end;
        }
        None
    }

    /// Whether a note on the group that begins at this page hides a run that would do.
    pub fn hides_run(&self, group_start: u32, pages: u32) -> bool {
        let refused = self.refused.get((group_start / GROUP_PAGES) as usize);
        let count = u32::from(refused.copied().unwrap_or(0));
        let end = (group_start + GROUP_PAGES).min(pages);
        count != 0 && self.find_between(group_start..end, count, !0).is_some()
    }

    /// The same within one window, whose ends are multiples of 32. `starts`: the bits of a word at
    /// which a run may begin; runs join over words iff it is all ones.
    fn find_between(&self, window: Range<u32>, count: u32, starts: u32) -> Option<u32> {
        let joins = starts == !0;
        let words = self
            .words
            .get((window.start / WORD_PAGES) as usize..(window.end / WORD_PAGES) as usize)?;
        // Free pages right below this word.
        let mut before = 0;
        for (index, used) in words.iter().copied().enumerate() {
            if used == !0 {
                before = 0;
                continue;
            }
            let page = window.start + index as u32 * WORD_PAGES;
            if joins {
                if before + used.trailing_zeros() >= count {
                    return Some(page - before);
                }
                if used == 0 {
                    before += WORD_PAGES;
                    continue;
                }
            }
            let free = run_starts(!used, count) & starts;
            if free != 0 {
                return Some(page + free.trailing_zeros());
            }
            before = used.leading_zeros();
        }
        None
    }

    fn each_word(&mut self, run: Range<u32>, change: impl Fn(&mut u32, u32)) {
        for (index, mask) in pieces(run) {
            if let Some(word) = self.words.get_mut(index) {
                change(word, mask);
            }
        }
    }
}

/// A run as words of the map: the index of each and the bits in it.
fn pieces(run: Range<u32>) -> impl Iterator<Item = (usize, u32)> {
    let words = run.start / WORD_PAGES..run.end.div_ceil(WORD_PAGES);
    words.map(move |index| {
        let start = index * WORD_PAGES;
        let low = run.start.saturating_sub(start);
        let high = (run.end - start).min(WORD_PAGES);
        (index as usize, !0 << low & !0 >> (WORD_PAGES - high))
    })
}

/// The bits of a word at which `count` pages may begin without crossing a multiple of `boundary`.
fn word_starts(count: u32, boundary: u32) -> u32 {
    if boundary >= WORD_PAGES {
        return !0;
    }
    let mut starts = (1 << (boundary - count + 1)) - 1;
    let mut covered = boundary;
    while covered < WORD_PAGES {
        starts |= starts << covered;
        covered *= 2;
    }
    starts
}

/// The bits from which on `count` bits of `free` are set, all in this word.
fn run_starts(mut free: u32, count: u32) -> u32 {
    if count > WORD_PAGES {
        return 0;
    }
    let mut have = 1;
    while have < count && free != 0 {
        let step = have.min(count - have);
        free &= free >> step;
        have += step;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_in_a_word() {
        assert_eq!(run_starts(!0, 1), !0);
        assert_eq!(run_starts(!0, 32), 1);
        assert_eq!(run_starts(!0, 33), 0);
        assert_eq!(run_starts(0b0111_0110, 3), 0b0001_0000);
        assert_eq!(run_starts(0b0111_0110, 2), 0b0011_0010);
        assert_eq!(run_starts(0, 1), 0);
    }

    #[test]
    fn starts_between_boundaries() {
        assert_eq!(word_starts(1, 1), !0);
        assert_eq!(word_starts(2, 2), 0x5555_5555);
        assert_eq!(word_starts(3, 4), 0x3333_3333);
        assert_eq!(word_starts(16, 16), 0x0001_0001);
        assert_eq!(word_starts(5, 32), !0);
    }

    #[test]
    fn pieces_cover_exactly_the_run() {
        for start in 0..70 {
            for end in start + 1..=100 {
                let mut pages = std::vec::Vec::new();
                for (index, mask) in pieces(start..end) {
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
