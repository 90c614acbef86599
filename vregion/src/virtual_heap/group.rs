//! A group of blocks: their bits, the notes on their free runs, and the hints that searches follow.

use super::blocks::{Blocks, WORD};

/// Words of a group: their notes on free runs are the bits of one word each.
pub(super) const GROUP_WORDS: u32 = 32;
/// Runs of 1, 2, 4, 8, 16 and 32 blocks.
pub(super) const CLASSES: usize = 6;
/// The same, rounded up so that a mask keeps every place inside.
pub(super) const PLACES: usize = CLASSES.next_power_of_two();

#[derive(Clone, Copy)]
pub(super) struct Group {
    /// Set iff the block is in use, or stands for none.
    pub used: [u32; GROUP_WORDS as usize],
    /// Set iff the next block belongs to the same allocation.
    pub joined: [u32; GROUP_WORDS as usize],
    /// Set for the first block of an allocation iff its bytes reach the last page of its blocks.
    pub reaches: [u32; GROUP_WORDS as usize],
    /// Class c has the bit of a word set iff 2^c of its blocks side by side are free.
    pub runs: [u32; PLACES],
    /// For each word the number of classes that have its bit set.
    pub levels: [u8; GROUP_WORDS as usize],
}

/// Where the search for each class of runs begins in one bundle, and how it goes on.
#[derive(Clone, Copy)]
pub(super) struct Hints {
    /// A group before which no word of the bundle has such a run.
    pub from: [u16; CLASSES],
    /// Bit s is set if a group of stretch s may have one. A stretch is as many groups as it takes for
    /// a word to have a bit of each.
    pub later: [u32; CLASSES],
}

impl Hints {
    /// No bundle.
    pub const NONE: Hints = Hints::beginning(0);

    /// A bundle whose first word is this one: nothing is known.
    pub const fn beginning(word: u32) -> Hints {
        Hints {
            from: [(word / GROUP_WORDS) as u16; CLASSES],
            later: [!0; CLASSES],
        }
    }
}

impl Group {
    /// No run anywhere: what was never opened is never found.
    pub const CLOSED: Group = Group {
        used: [0; GROUP_WORDS as usize],
        joined: [0; GROUP_WORDS as usize],
        reaches: [0; GROUP_WORDS as usize],
        runs: [0; PLACES],
        levels: [0; GROUP_WORDS as usize],
    };

    /// The lowest word from `from` on with a free block, and its lowest free block.
    #[inline(always)]
    pub fn first_free(&self, from: u32) -> Option<(usize, u32)> {
        let hits = self.runs[0] & (!0 << from);
        if hits == 0 {
            return None;
        }
        let at = hits.trailing_zeros() as usize % GROUP_WORDS as usize;
        Some((at, (!self.used[at]).trailing_zeros() % WORD))
    }

    /// Frees blocks of a word of this group, which is that many of `GROUPS`. Runs only become longer.
    #[inline(always)]
    pub fn give<const GROUPS: usize>(
        &mut self,
        at: usize,
        mask: u32,
        number: u32,
        hints: &mut Hints,
    ) {
        self.joined[at] &= !mask;
        self.reaches[at] &= !mask;
        let used = self.used[at] & !mask;
        self.used[at] = used;
        let (mut class, after) = (u32::from(self.levels[at]), level(used));
        self.levels[at] = after as u8;
        while class < after {
            let place = class as usize % PLACES;
            self.runs[place] |= 1 << at;
            if let (Some(from), Some(later)) =
                (hints.from.get_mut(place), hints.later.get_mut(place))
            {
                *from = (*from).min(number as u16);
                *later |= 1 << (number >> Blocks::<GROUPS>::STRETCH);
            }
            class += 1;
        }
    }

    /// Writes a word of `used` and, where its longest free run has changed class, the notes on it.
    #[inline(always)]
    pub fn change(&mut self, at: usize, used: u32) {
        self.used[at] = used;
        let (before, after) = (u32::from(self.levels[at]), level(used));
        self.levels[at] = after as u8;
        // All of these are clear where the word was below them, and set where it was above.
        let (mut class, high) = (before.min(after), before.max(after));
        while class < high {
            self.runs[class as usize % PLACES] ^= 1 << at;
            class += 1;
        }
    }
}

/// How many of the runs 1, 2, 4, 8, 16, 32 fit into the free bits of a word.
#[inline(always)]
pub(super) const fn level(used: u32) -> u32 {
    let mut free = !used;
    if free == 0 {
        return 0;
    }
    free &= free >> 1;
    if free == 0 {
        return 1;
    }
    free &= free >> 2;
    if free == 0 {
        return 2;
    }
    free &= free >> 4;
    if free == 0 {
        return 3;
    }
    free &= free >> 8;
    if free == 0 {
        return 4;
    }
    free &= free >> 16;
    5 + (free != 0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_the_longest_run() {
        assert_eq!(level(!0), 0);
        assert_eq!(level(0), 6);
        assert_eq!(level(1), 5);
        assert_eq!(level(!0b1011), 2);
        assert_eq!(level(!0b1010_0101), 1);
        assert_eq!(level(!(0xff << 7)), 4);
    }
}
