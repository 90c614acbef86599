//! Size classes and their lists of gaps.

use super::records::{HEADS, NONE, Word, class_of_head, head, link_of, number_of};
use super::{GRANULE, GRANULE_SHIFT, Heap};

/// Each power of two is parted into 2^4 classes; below 256 bytes every size is its own class.
const STEPS_SHIFT: u32 = 4;
/// The first size that is not its own class's only one, as a bit; halved.
const STEPS: u32 = GRANULE << STEPS_SHIFT;
/// The most bytes of a gap: 16 MiB.
pub(super) const MAX_SIZE: u32 = 1 << 24;
const CLASSES: usize = {
    let classes = floor(MAX_SIZE) as usize + 1;
    assert!(
        classes <= HEADS as usize,
        "a head is told from a link by its sign"
    );
    classes
};
/// Words of bits. A power of two, so that a mask keeps every index inside.
const WORDS: usize = CLASSES.div_ceil(32).next_power_of_two();

/// The powers of two by which a class of this size is wide.
#[inline(always)]
const fn width_shift(size: u32) -> u32 {
    // The highest bit of `size`, but not below that of STEPS.
    (31 - STEPS_SHIFT) - (size | STEPS).leading_zeros()
}

/// The class of what is left of a size without its lowest bits.
#[inline(always)]
const fn class_of(shift: u32, steps: u32) -> u32 {
    (shift << STEPS_SHIFT) + steps - (GRANULE_SHIFT << STEPS_SHIFT)
}

/// The class that holds gaps of this size.
#[inline(always)]
pub(super) const fn floor(size: u32) -> u32 {
    let shift = width_shift(size);
    class_of(shift, size >> shift)
}

/// The first class whose gaps all have this size or more.
#[inline]
pub(super) const fn ceiling(size: u32) -> u32 {
    let shift = width_shift(size);
    // Rounding up into the next power of two gives that one's first class, without more ado.
    class_of(shift, (size + ((1 << shift) - 1)) >> shift)
}

/// Which classes have gaps.
#[repr(C)]
pub(super) struct Filled {
    /// A bit is set iff the word of `filled` is not 0.
    words: u32,
    /// A bit is set iff the list of its class has a gap.
    filled: [u32; WORDS],
}

/// The first of each class's list, as the number of its record. A gap is named by the record that it
/// follows.
pub(super) struct Heads([u16; CLASSES]);

impl Heads {
    pub const NONE: Heads = Heads([0; CLASSES]);

    /// No class is above the last.
    #[inline(always)]
    fn place(class: u32) -> usize {
        (class as usize).min(CLASSES - 1)
    }

    #[inline(always)]
    fn get(&self, class: u32) -> u32 {
        link_of(self.0[Self::place(class)].into())
    }

    #[inline(always)]
    fn set(&mut self, class: u32, link: u32) {
        self.0[Self::place(class)] = number_of(link) as u16;
    }
}

impl Filled {
    pub const NONE: Filled = Filled {
        words: 0,
        filled: [0; WORDS],
    };

    /// The first class from `class` on that has a gap.
    #[inline]
    const fn first_at_least(&self, class: u32) -> Option<u32> {
        let mut word = class / 32;
        let mut bits = self.filled[word as usize % WORDS] & (!0 << (class % 32));
        if bits == 0 {
            let words = self.words & (!1 << (word % 32));
            if words == 0 {
                return None;
            }
            word = words.trailing_zeros();
            bits = self.filled[word as usize % WORDS];
        }
        Some(word * 32 + bits.trailing_zeros())
    }

    #[inline]
    const fn set(&mut self, class: u32) {
        self.filled[(class / 32) as usize % WORDS] |= 1 << (class % 32);
        self.words |= 1 << (class / 32 % 32);
    }

    #[inline]
    const fn clear(&mut self, class: u32) {
        let bits = &mut self.filled[(class / 32) as usize % WORDS];
        // It is set: turning it over is one instruction less than masking it out.
        *bits ^= 1 << (class % 32);
        if *bits == 0 {
            self.words ^= 1 << (class / 32 % 32);
        }
    }

    /// Whether the upper bits say the same as the lower ones.
    pub fn words_agree(&self) -> bool {
        (0..32).all(|word| {
            let filled = self.filled.get(word).is_some_and(|bits| *bits != 0);
            filled == (self.words >> word & 1 != 0)
        })
    }
}

impl<const RECORDS: usize> Heap<RECORDS> {
    /// The first of the first list from `class` on that has any; [`NONE`] if none has.
    #[inline(always)]
    pub(super) fn first_at_least(&self, class: u32) -> u32 {
        match self.filled.first_at_least(class) {
            Some(class) => self.heads.get(class),
            None => NONE,
        }
    }

    /// Puts a gap of this size, which is not 0, first into the list of its class.
    #[inline(always)]
    pub(super) fn insert(&mut self, block: u32, size: u32) {
        let class = floor(size);
        let next = self.heads.get(class);
        self.heads.set(class, block);
        self.records.set(block, Word::Gap, size);
        self.records.set(block, Word::Next, next);
        self.records.set(block, Word::Previous, head(class));
        if next == NONE {
            self.filled.set(class);
        } else {
            self.records.set(next, Word::Previous, block);
        }
    }

    /// Takes the gap after this record out of its list.
    #[inline(always)]
    pub(super) fn remove(&mut self, block: u32) {
        let next = self.records.get(block, Word::Next);
        let previous = self.records.get(block, Word::Previous);
        match class_of_head(previous) {
            Some(class) => self.behead(class, previous, next),
            None => {
                self.records.set(previous, Word::Next, next);
                self.records.set(next, Word::Previous, previous);
            }
        }
    }

    /// The same for one that is the first of its list.
    #[inline(always)]
    pub(super) fn remove_first(&mut self, block: u32) {
        let next = self.records.get(block, Word::Next);
        let previous = self.records.get(block, Word::Previous);
        if let Some(class) = class_of_head(previous) {
            self.behead(class, previous, next);
        }
    }

    #[inline(always)]
    fn behead(&mut self, class: u32, head: u32, next: u32) {
        self.heads.set(class, next);
        if next == NONE {
            self.filled.clear(class);
        } else {
            self.records.set(next, Word::Previous, head);
        }
    }

    /// Each class that the bits say has gaps, with the first of them.
    pub(super) fn lists(&self) -> impl Iterator<Item = (u32, u32)> {
        (0..CLASSES as u32).filter_map(|class| {
            let bits = self.filled.filled.get(class as usize / 32)?;
            (bits >> (class % 32) & 1 != 0).then(|| (class, self.heads.get(class)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes() -> impl DoubleEndedIterator<Item = u32> {
        (1..=MAX_SIZE / GRANULE).map(|granules| granules * GRANULE)
    }

    #[test]
    fn every_class_begins_where_the_one_before_ends() {
        let mut class = 0;
        for size in sizes() {
            let now = floor(size);
            assert!(now == class || now == class + 1, "size {size}");
            // All of class `ceiling` are large enough, and the one below has one that is not.
            let up = ceiling(size);
            let goes_on = now == class && size > GRANULE;
            assert_eq!(up, now + u32::from(goes_on), "size {size}");
            class = now;
        }
        assert_eq!(class as usize, CLASSES - 1);
    }

    #[test]
    fn classes_are_a_sixteenth_wide() {
        for size in [256, 264, 800, 8000, 98_760, MAX_SIZE - 8] {
            let alike = sizes().rev().skip_while(|s| *s > size);
            let first = alike.take_while(|s| floor(*s) == floor(size)).last();
            assert!(size - first.unwrap() < size / 16 + GRANULE);
        }
    }
}
