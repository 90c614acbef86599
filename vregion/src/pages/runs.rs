//! Which words have free runs of which lengths: found without a look at the words.

use super::bits::WORD_PAGES;
use super::pool::MAX_PAGES;

/// The lengths that are told apart: each but the last is at most twice as long as the next.
const LENGTHS: [u32; 10] = [32, 24, 16, 12, 8, 6, 4, 3, 2, 1];
/// The place of the length 1.
const ONE: usize = LENGTHS.len() - 1;
/// Lengths, rounded up so that a mask keeps every place inside.
const PLACES: usize = LENGTHS.len().next_power_of_two();

/// Words of a group: one bit for each.
const GROUP_WORDS: u32 = u32::BITS;
const GROUPS: usize = MAX_PAGES / (GROUP_WORDS * WORD_PAGES) as usize;

/// For each length a bit of each word. All zero: every word has a run of every length.
pub(super) struct Runs<const PAGES: usize> {
    /// Bit `w` of the group's word for a length is set iff word `w` has no free run as long.
    lacking: [[u32; PLACES]; GROUPS],
    /// No group before this one has a word with a run of that length. Not kept for one group.
    from: [u8; PLACES],
}

impl<const PAGES: usize> Runs<PAGES> {
    const WORDS: u32 = PAGES as u32 / WORD_PAGES;

    pub const fn new() -> Self {
        Runs {
            lacking: [[0; PLACES]; GROUPS],
            from: [0; PLACES],
        }
    }

    /// The lowest word that surely has a free run of `count` pages. O(1) on average: groups that have
    /// none are passed once, until a run of that length comes back.
    #[inline(always)]
    pub fn find(&mut self, count: u32) -> Option<u32> {
        self.find_length(class_of(count))
    }

    /// The lowest word that has a free page.
    #[inline(always)]
    pub fn first_not_full(&mut self) -> Option<u32> {
        self.find_length(ONE)
    }

    #[inline(always)]
    fn find_length(&mut self, place: usize) -> Option<u32> {
        let mut group = match Self::WORDS > GROUP_WORDS {
            true => u32::from(self.from[place % PLACES]),
            false => 0,
        };
        loop {
            let hits = !self.lacking[group as usize % GROUPS][place % PLACES];
            if hits != 0 {
                let word = group * GROUP_WORDS + hits.trailing_zeros();
                // What lies beyond the last word lacks nothing.
                return (word < Self::WORDS).then_some(word);
            }
            group += 1;
            if group * GROUP_WORDS >= Self::WORDS {
                return None;
            }
            self.from[place % PLACES] = group as u8;
        }
    }

    /// Notes that the longest free run of a word is short of so many lengths.
    #[inline(always)]
    pub fn change(&mut self, word: usize, before: u32, after: u32) {
        let group = word / GROUP_WORDS as usize % GROUPS;
        let bit = 1 << (word as u32 % GROUP_WORDS);
        let (mut place, end) = (before.min(after), before.max(after));
        while place < end {
            self.lacking[group][place as usize % PLACES] ^= bit;
            if Self::WORDS > GROUP_WORDS {
                let from = &mut self.from[place as usize % PLACES];
                *from = (*from).min(group as u8);
            }
            place += 1;
        }
    }

    /// Whether the notes on a word are right, as they are to be where it is short of so many lengths.
    pub fn hold(&self, word: usize, short: u32) -> bool {
        let group = word / GROUP_WORDS as usize;
        let lacking = self.lacking[group % GROUPS].iter().zip(&self.from);
        (0..).zip(lacking).all(|(place, (lacking, from))| {
            let lacks = lacking >> (word as u32 % GROUP_WORDS) & 1 != 0;
            lacks == (place < short) && (lacks || usize::from(*from) <= group)
        })
    }
}

/// The place of the shortest length that is at least `count`, which is from 1 to 32.
#[inline(always)]
const fn class_of(count: u32) -> usize {
    const CLASSES: [u8; 32] = {
        let mut classes = [0; 32];
        let mut count = 1;
        while count <= 32 {
            let mut place = ONE;
            while LENGTHS[place] < count {
                place -= 1;
            }
            classes[count as usize - 1] = place as u8;
            count += 1;
        }
        classes
    };
    CLASSES[count.wrapping_sub(1) as usize % CLASSES.len()] as usize
}

/// How many lengths the longest run of free pages of a word is short of.
#[inline(always)]
pub(super) const fn short_of(used: u32) -> u32 {
    let mut free = !used;
    if free == 0 {
        return 10;
    }
    free &= free >> 1;
    if free == 0 {
        return 9;
    }
    free &= free >> 1;
    if free == 0 {
        return 8;
    }
    free &= free >> 1;
    if free == 0 {
        return 7;
    }
    free &= free >> 2;
    if free == 0 {
        return 6;
    }
    free &= free >> 2;
    if free == 0 {
        return 5;
    }
    free &= free >> 4;
    if free == 0 {
        return 4;
    }
    free &= free >> 4;
    if free == 0 {
        return 3;
    }
    free &= free >> 8;
    if free == 0 {
        return 2;
    }
    free &= free >> 8;
    (free == 0) as u32
}

const _: () = assert!(LENGTHS[0] == WORD_PAGES);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_run_says_of_which_lengths_a_word_is_short() {
        for length in 0..=32_u32 {
            let run = if length == 0 {
                0_u32
            } else {
                !0 >> (32 - length)
            };
            let short = LENGTHS.iter().filter(|least| **least > length).count();
            for at in 0..=32 - length {
                let free = run.checked_shl(at).unwrap_or(0);
                assert_eq!(short_of(!free), short as u32);
            }
        }
        assert_eq!(short_of(0x5555_5555), 9);
    }

    #[test]
    fn words_are_found_by_length() {
        let mut runs = Runs::<1280>::new();
        assert_eq!(runs.find(32), Some(0));
        for word in 0..39 {
            runs.change(word, 0, 5);
            assert!(runs.hold(word, 5) && !runs.hold(word, 4));
        }
        assert_eq!((runs.find(6), runs.find(7)), (Some(0), Some(39)));
        runs.change(39, 0, 10);
        assert_eq!((runs.find(1), runs.find(7)), (Some(0), None));
        runs.change(33, 5, 3);
        assert_eq!((runs.find(12), runs.find(13)), (Some(33), None));
        runs.change(2, 5, 4);
        assert_eq!((runs.find(8), runs.find(9)), (Some(2), Some(33)));
    }
}
