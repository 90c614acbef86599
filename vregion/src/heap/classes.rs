//! Size classes and their lists of gaps.

use super::Heap;
use super::records::{HEAD, NONE};

/// Each power of two is parted into 2^4 classes; below 32 granules every size is its own class.
const STEPS_SHIFT: u32 = 4;
const STEPS: u32 = 1 << STEPS_SHIFT;
/// The most granules of a gap: 16 MiB.
pub(super) const MAX_SIZE: u32 = 1 << 21;
const CLASSES: usize = floor(MAX_SIZE) as usize + 1;
/// Words of bits. A power of two, so that a mask keeps every index inside.
const WORDS: usize = CLASSES.div_ceil(32).next_power_of_two();

/// The powers of two by which a class of this size is wide.
#[inline]
const fn width_shift(size: u32) -> u32 {
    // The highest bit of `size`, but not below that of STEPS.
    (31 - STEPS_SHIFT) - (size | STEPS).leading_zeros()
}

/// The class that holds gaps of this size.
#[inline]
pub(super) const fn floor(size: u32) -> u32 {
    let shift = width_shift(size);
    (shift << STEPS_SHIFT) + (size >> shift)
}

/// The first class whose gaps all have this size or more.
#[inline]
pub(super) const fn ceiling(size: u32) -> u32 {
    let shift = width_shift(size);
    // Rounding up into the next power of two gives that one's first class, without more ado.
    (shift << STEPS_SHIFT) + ((size + ((1 << shift) - 1)) >> shift)
}

/// Which classes have gaps.
#[repr(C)]
pub(super) struct Filled {
    /// A bit is set iff the word of `filled` is not 0.
    words: u32,
    /// A bit is set iff the list of its class has a gap.
    filled: [u32; WORDS],
}

/// The first of each class's list. A gap is named by the record that it follows.
pub(super) type Heads = [u16; WORDS * 32];

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
        *bits &= !(1 << (class % 32));
        if *bits == 0 {
            self.words &= !(1 << (class / 32 % 32));
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
    #[inline]
    pub(super) const fn first_at_least(&self, class: u32) -> u16 {
        match self.filled.first_at_least(class) {
            Some(class) => self.heads[class as usize % (WORDS * 32)],
            None => NONE,
        }
    }

    /// Puts a gap of this size, which is not 0, first into the list of its class.
    #[inline]
    pub(super) const fn insert(&mut self, block: u16, size: u32) {
        let class = floor(size);
        let head = &mut self.heads[class as usize % (WORDS * 32)];
        let next = *head;
        *head = block;
        let record = self.records.at_mut(block);
        record.gap = size;
        record.next = next;
        record.previous = HEAD | class as u16;
        if next == NONE {
            self.filled.set(class);
        } else {
            self.records.at_mut(next).previous = block;
        }
    }

    /// Takes the gap after this record out of its list.
    #[inline]
    pub(super) const fn remove(&mut self, block: u16) {
        let record = self.records.at(block);
        let (next, previous) = (record.next, record.previous);
        if previous & HEAD == 0 {
            self.records.at_mut(next).previous = previous;
            self.records.at_mut(previous).next = next;
        } else {
            self.remove_first(block);
        }
    }

    /// The same for one that is the first of its list.
    #[inline]
    pub(super) const fn remove_first(&mut self, block: u16) {
        let record = self.records.at(block);
        let (next, previous) = (record.next, record.previous);
        let class = (previous & !HEAD) as u32;
        self.heads[class as usize % (WORDS * 32)] = next;
        if next == NONE {
            self.filled.clear(class);
        } else {
            self.records.at_mut(next).previous = previous;
        }
    }

    /// Each class that the bits say has gaps, with the first of them.
    pub(super) fn lists(&self) -> impl Iterator<Item = (u32, u16)> {
        (0u32..).zip(&self.heads).filter_map(|(class, head)| {
            let bits = self.filled.filled.get(class as usize / 32)?;
            (bits >> (class % 32) & 1 != 0).then_some((class, *head))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_begins_where_the_one_before_ends() {
        let mut class = 0;
        for size in 1..=MAX_SIZE {
            let now = floor(size);
            assert!(now == class || now == class + 1, "size {size}");
            // All of class `ceiling` are large enough, and the one below has one that is not.
            let up = ceiling(size);
            assert_eq!(
                up,
                if now == class && size > 1 {
                    now + 1
                } else {
                    now
                },
                "size {size}"
            );
            class = now;
        }
        assert_eq!(class as usize, CLASSES - 1);
    }

    #[test]
    fn classes_are_a_sixteenth_wide() {
        for size in [32, 33, 100, 1000, 12_345, MAX_SIZE - 1] {
            let first = (1..=size)
                .rev()
                .take_while(|s| floor(*s) == floor(size))
                .last();
            assert!(size - first.unwrap() < size / 16 + 1);
        }
    }
}
