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
    /// A bit is set iff all bits of its word are; a word of these is a group.
    full: [u32; GROUPS],
    /// For each word: as many free pages side by side, or more, begin nowhere in it; 0 if that is
    /// not known. A search that fails learns it, a release forgets it.
    without: [u8; WORDS],
}

impl PageMap {
    pub const fn new() -> Self {
        PageMap {
            words: [0; WORDS],
            refused: [0; GROUPS],
            full: [0; GROUPS],
            without: [0; WORDS],
        }
    }

    pub fn is_set(&self, page: u32) -> bool {
        let word = self.words.get((page / WORD_PAGES) as usize);
        word.is_some_and(|word| word >> (page % WORD_PAGES) & 1 != 0)
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn set(&mut self, run: Range<u32>) {
        for (index, mask) in Pieces::of(run) {
            if let Some(word) = self.words.get_mut(index) {
                *word |= mask;
                if *word == !0
                    && let Some(full) = self.full.get_mut(index / 32)
                {
                    *full |= 1 << (index % 32);
                }
            }
        }
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn clear(&mut self, run: Range<u32>) {
        let (first, last) = (run.start / GROUP_PAGES, (run.end - 1) / GROUP_PAGES);
        for group in first..=last {
            if let Some(group) = self.refused.get_mut(group as usize) {
                *group = 0;
            }
        }
        // No run of at most a word's pages that begins before the word before reaches these.
        let before = (run.start / WORD_PAGES).wrapping_sub(1);
        if let Some(without) = self.without.get_mut(before as usize) {
            *without = 0;
        }
        for (index, mask) in Pieces::of(run) {
            if let Some(without) = self.without.get_mut(index) {
                *without = 0;
            }
            if let (Some(word), Some(full)) =
                (self.words.get_mut(index), self.full.get_mut(index / 32))
            {
                *word &= !mask;
                *full &= !(1 << (index % 32));
            }
        }
    }

    /// The first page of the run that is not set. O(pages / 32).
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn first_clear(&self, run: Range<u32>) -> Option<u32> {
        for (index, mask) in Pieces::of(run) {
            let clear = !self.words.get(index)? & mask;
            if clear != 0 {
                return Some(index as u32 * WORD_PAGES + clear.trailing_zeros());
            }
        }
        None
    }

    /// The lowest `count` pages below `pages` that are free, side by side, and cross no multiple
    /// of `boundary`.
    ///
    /// `pages` is a multiple of 32, `boundary` a power of two, and `count` is from 1 to `boundary`.
    /// O(`pages` / 32) at worst; a group that has refused as much before costs one comparison.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn find(&mut self, pages: u32, count: u32, boundary: u32) -> Option<u32> {
        // Below a word, boundaries are a pattern in the word; above, they part the words.
        let starts = word_starts(count, boundary);
        let window = boundary.max(WORD_PAGES);
        let low = self.first_not_full() * WORD_PAGES;
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
            let found = if count <= WORD_PAGES && starts == !0 {
                self.find_short(start..end, count)
            } else {
                self.find_between(start..end, count, starts)
            };
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

    /// The first word that has a free page, or a number beyond all words.
    #[inline]
    fn first_not_full(&self) -> u32 {
        let mut word = 0;
        for full in &self.full {
            if *full != !0 {
                return word + (!full).trailing_zeros();
            }
            word += 32;
        }
        word
    }

    /// Whether a note on the group that begins at this page, or on one of its words, hides a run
    /// that would do.
    pub fn hides_run(&self, group_start: u32, pages: u32) -> bool {
        let refused = self.refused.get((group_start / GROUP_PAGES) as usize);
        let count = u32::from(refused.copied().unwrap_or(0));
        let end = (group_start + GROUP_PAGES).min(pages);
        if count != 0 && self.find_between(group_start..end, count, !0).is_some() {
            return true;
        }
        (group_start..end).any(|page| {
            let index = (page / WORD_PAGES) as usize;
            let without = self.without.get(index).map_or(0, |count| u32::from(*count));
            let free = (page..pages).take_while(|page| !self.is_set(*page));
            let word = self.words.get(index).copied().unwrap_or(!0);
            let full = self
                .full
                .get(index / 32)
                .map_or(0, |full| full >> (index % 32) & 1);
            full != u32::from(word == !0) || without != 0 && free.take(32).count() as u32 >= without
        })
    }

    /// The same within one window, whose ends are multiples of 32, for no more pages than a word
    /// has. What it learns of a word makes the next search for as much pass by.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    fn find_short(&mut self, window: Range<u32>, count: u32) -> Option<u32> {
        let words = (window.start / WORD_PAGES) as usize..(window.end / WORD_PAGES) as usize;
        let mut rest = self.words.get(words.clone())?;
        let mut page = window.start;
        for without in self.without.get_mut(words)? {
            let [used, after @ ..] = rest else {
                return None;
            };
            rest = after;
            if count.wrapping_sub(1) >= u32::from(*without).wrapping_sub(1) {
                page += WORD_PAGES;
                continue;
            }
            let free = run_starts(!*used, count);
            if free != 0 {
                return Some(page + free.trailing_zeros());
            }
            let last = used.leading_zeros();
            // What follows the window is not seen, and so nothing is learned of what reaches there.
            match after.first() {
                _ if last == 0 => *without = count as u8,
                Some(next) if last + next.trailing_zeros() < count => *without = count as u8,
                Some(_) => return Some(page + WORD_PAGES - last),
                None => {}
            }
            page += WORD_PAGES;
        }
        None
    }

    /// The same within one window, whose ends are multiples of 32. `starts`: the bits of a word at
    /// which a run may begin; runs join over words iff it is all ones.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    fn find_between(&self, window: Range<u32>, count: u32, starts: u32) -> Option<u32> {
        let joins = starts == !0;
        let words = self
            .words
            .get((window.start / WORD_PAGES) as usize..(window.end / WORD_PAGES) as usize)?;
        let mut page = window.start;
        // Free pages right below this word.
        let mut before = 0;
        for used in words {
            let used = *used;
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
///
/// Each line doubles the length of the runs; the last one adds what is more than a power of two.
#[inline]
const fn run_starts(mut free: u32, count: u32) -> u32 {
    if count > WORD_PAGES {
        return 0;
    }
    if count >= 2 {
        free &= free >> 1;
    }
    if count >= 4 {
        free &= free >> 2;
    }
    if count >= 8 {
        free &= free >> 4;
    }
    if free == 0 {
        return 0;
    }
    if count >= 16 {
        free &= free >> 8;
    }
    if count >= 32 {
        free &= free >> 16;
    }
    free & free >> (count - (1 << count.ilog2()))
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
