//! Which blocks are in use: bits, and for each word of them the longest free run in it.

use core::ops::Range;

use super::group::{GROUP_WORDS, Group, Hints, PLACES, level};
use crate::bits::run_starts;

pub(super) const WORD: u32 = u32::BITS;

/// Three bits for each of `GROUPS` x 1024 blocks.
pub(super) struct Blocks<const GROUPS: usize> {
    groups: [Group; GROUPS],
}

impl<const GROUPS: usize> Blocks<GROUPS> {
    /// Groups of a stretch, as a power of two.
    pub const STRETCH: u32 = GROUPS.div_ceil(WORD as usize).next_power_of_two().ilog2();

    pub const fn new() -> Self {
        Blocks {
            groups: [Group::CLOSED; GROUPS],
        }
    }

    /// All of these words stand for `count` free blocks; what is left of the last is never free.
    pub fn open(&mut self, words: Range<u32>, count: u32) {
        let mut left = count;
        for word in words {
            let here = left.min(WORD);
            left -= here;
            let Some((group, at)) = self.group_mut(word) else {
                return;
            };
            group.joined[at] = 0;
            group.reaches[at] = 0;
            group.change(at, if here == WORD { 0 } else { !0 << here });
        }
    }

    /// The lowest words' `count` free blocks side by side, as the number of the first.
    ///
    /// O(1) on average where some word has a run of the next power of two; else O(words).
    #[inline(always)]
    pub fn find(&self, words: Range<u32>, count: u32, hints: &mut Hints) -> Option<u32> {
        if count <= WORD {
            let class = (WORD - (count - 1).leading_zeros()) as usize;
            let from = hints.from.get_mut(class)?;
            let mut number = u32::from(*from);
            // The first group begins with words of other bundles.
            let mut mask = match number == words.start / GROUP_WORDS {
                true => !0 << (words.start % GROUP_WORDS),
                false => !0,
            };
            while let Some(group) = self.groups.get(number as usize) {
                let hits = group.runs[class % PLACES] & mask;
                if hits != 0 {
                    let at = hits.trailing_zeros();
                    let word = number * GROUP_WORDS + at;
                    if word >= words.end {
                        break;
                    }
                    let used = group.used[at as usize % GROUP_WORDS as usize];
                    let starts = run_starts(!used, count);
                    return Some(word * WORD + starts.trailing_zeros());
                }
                number += 1;
                if number % (1 << Self::STRETCH) == 0 {
                    // A stretch ends, and none before it has such a run.
                    let later = hints.later.get_mut(class)?;
                    *later &= !1 << ((number - 1) >> Self::STRETCH);
                    if *later == 0 {
                        break;
                    }
                    number = later.trailing_zeros() << Self::STRETCH;
                }
                // Beyond the bundle it ends at a run of another one, or of none.
                *from = number as u16;
                mask = !0;
            }
            if count == 1 {
                return None;
            }
        }
        self.scan(words, count)
    }

    /// The same, looking at every word: runs that cross words, and those between two classes.
    #[cold]
    #[inline(never)]
    fn scan(&self, words: Range<u32>, count: u32) -> Option<u32> {
        // Free blocks right below this word.
        let mut before = 0;
        for word in words {
            let used = self.used_word(word);
            let first = word * WORD;
            if before + used.trailing_zeros() >= count {
                return Some(first - before);
            }
            if used == 0 {
                before += WORD;
                continue;
            }
            let starts = run_starts(!used, count);
            if starts != 0 {
                return Some(first + starts.trailing_zeros());
            }
            before = used.leading_zeros();
        }
        None
    }

    /// Marks `count` free blocks from `first` on as one allocation.
    #[inline(always)]
    pub fn take(&mut self, first: u32, count: u32, reaches: bool) {
        let bit = first % WORD;
        if bit + count <= WORD {
            let Some((group, at)) = self.group_mut(first / WORD) else {
                return;
            };
            let mask = (!0 >> (WORD - count)) << bit;
            // The last of them is joined to none.
            group.joined[at] |= mask & (mask >> 1);
            group.reaches[at] |= u32::from(reaches) << bit;
            group.change(at, group.used[at] | mask);
        } else {
            self.take_long(first, count, reaches);
        }
    }

    #[cold]
    #[inline(never)]
    fn take_long(&mut self, first: u32, count: u32, reaches: bool) {
        self.each_word(first, count - 1, |group, at, mask, _| {
            group.joined[at] |= mask
        });
        self.each_word(first, count, |group, at, mask, _| {
            group.change(at, group.used[at] | mask);
        });
        self.set_reaches(first, reaches);
    }

    /// Notes whether the bytes of the allocation from `first` on reach its last page.
    pub fn set_reaches(&mut self, first: u32, reaches: bool) {
        if let Some((group, at)) = self.group_mut(first / WORD) {
            let bit = 1 << (first % WORD);
            group.reaches[at] = group.reaches[at] & !bit | if reaches { bit } else { 0 };
        }
    }

    /// Frees the blocks of one allocation, whose bundle has these hints.
    #[inline(always)]
    pub fn give(&mut self, first: u32, count: u32, hints: &mut Hints) {
        let bit = first % WORD;
        if bit + count > WORD {
            self.give_long(first, count, hints);
        } else if let Some((group, at)) = self.group_mut(first / WORD) {
            let mask = (!0 >> (WORD - count)) << bit;
            group.give::<GROUPS>(at, mask, first / WORD / GROUP_WORDS, hints);
        }
    }

    #[cold]
    #[inline(never)]
    fn give_long(&mut self, first: u32, count: u32, hints: &mut Hints) {
        self.each_word(first, count, |group, at, mask, number| {
            group.give::<GROUPS>(at, mask, number, hints);
        });
    }

    /// How many blocks the allocation has that begins with this one, and whether its bytes reach the
    /// last page of them.
    #[inline(always)]
    pub fn allocation(&self, first: u32) -> Option<(u32, bool)> {
        let bit = first % WORD;
        let (group, at) = self.group(first / WORD)?;
        if group.used[at] >> bit & 1 == 0 {
            return None;
        }
        let joined = group.joined[at];
        let before = match bit {
            0 => first != 0 && self.is_joined(first - 1),
            _ => joined >> (bit - 1) & 1 != 0,
        };
        if before {
            return None;
        }
        let mut blocks = (joined >> bit).trailing_ones() + 1;
        if bit + blocks > WORD {
            blocks = self.length(first);
        }
        Some((blocks, group.reaches[at] >> bit & 1 != 0))
    }

    #[inline(always)]
    pub fn is_used(&self, block: u32) -> bool {
        self.used_word(block / WORD) >> (block % WORD) & 1 != 0
    }

    #[inline(always)]
    pub fn is_joined(&self, block: u32) -> bool {
        let group = self.group(block / WORD);
        group.is_some_and(|(group, at)| group.joined[at] >> (block % WORD) & 1 != 0)
    }

    #[inline(always)]
    pub fn reaches(&self, block: u32) -> bool {
        let group = self.group(block / WORD);
        group.is_some_and(|(group, at)| group.reaches[at] >> (block % WORD) & 1 != 0)
    }

    /// Blocks of the allocation that begins with this one.
    #[cold]
    #[inline(never)]
    fn length(&self, first: u32) -> u32 {
        let mut count = 0;
        loop {
            let block = first + count;
            let Some((group, at)) = self.group(block / WORD) else {
                return count;
            };
            let bit = block % WORD;
            let joined = (group.joined[at] >> bit).trailing_ones();
            count += joined;
            if bit + joined < WORD {
                return count + 1;
            }
        }
    }

    /// Blocks in use among those of this word.
    pub fn used_word(&self, word: u32) -> u32 {
        self.group(word).map_or(!0, |(group, at)| group.used[at])
    }

    /// Whether the notes on free runs are right for this word.
    pub fn notes_hold(&self, word: u32) -> bool {
        self.group(word).is_some_and(|(group, at)| {
            let level = level(group.used[at]);
            let mut notes = (0_u32..).zip(group.runs);
            let holds = notes.all(|(class, runs)| (runs >> at & 1 != 0) == (class < level));
            holds && level == u32::from(group.levels[at])
        })
    }

    /// Whether the hints of these words hide no run of this one, which is among them.
    pub fn hints_hold(&self, word: u32, hints: &Hints) -> bool {
        let number = word / GROUP_WORDS;
        let level = level(self.used_word(word)) as usize;
        let mut found = hints.from.iter().zip(&hints.later).take(level);
        found.all(|(from, later)| {
            u32::from(*from) <= number && later >> (number >> Self::STRETCH) & 1 != 0
        })
    }

    #[inline(always)]
    pub fn group(&self, word: u32) -> Option<(&Group, usize)> {
        let group = self.groups.get((word / GROUP_WORDS) as usize)?;
        Some((group, (word % GROUP_WORDS) as usize))
    }

    #[inline(always)]
    pub fn group_mut(&mut self, word: u32) -> Option<(&mut Group, usize)> {
        let group = self.groups.get_mut((word / GROUP_WORDS) as usize)?;
        Some((group, (word % GROUP_WORDS) as usize))
    }

    #[inline(always)]
    fn each_word(
        &mut self,
        first: u32,
        count: u32,
        mut change: impl FnMut(&mut Group, usize, u32, u32),
    ) {
        let (mut block, end) = (first, first + count);
        while block < end {
            let bit = block % WORD;
            let here = (end - block).min(WORD - bit);
            if let Some((group, at)) = self.group_mut(block / WORD) {
                let number = block / (WORD * GROUP_WORDS);
                change(group, at, (!0 >> (WORD - here)) << bit, number);
            }
            block += here;
        }
    }
}

#[cfg(test)]
mod tests;
