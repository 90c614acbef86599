//! Size classes and their lists of free blocks.

use super::records::{HEAD, NONE, Record, Records};

/// Each power of two is parted into 2^4 classes; below 32 granules every size is its own class.
const STEPS_SHIFT: u32 = 4;
const STEPS: u32 = 1 << STEPS_SHIFT;
/// The most granules of a block: 16 MiB.
pub(super) const MAX_SIZE: u32 = 1 << 21;
const CLASSES: usize = floor(MAX_SIZE) as usize + 1;
const WORDS: usize = CLASSES.div_ceil(32);

/// The powers of two by which a class of this size is wide.
const fn width_shift(size: u32) -> u32 {
    // The highest bit of `size`, but not below that of STEPS.
    (31 - (size | STEPS).leading_zeros()) - STEPS_SHIFT
}

/// The class that holds blocks of this size.
#[inline]
pub(super) const fn floor(size: u32) -> u32 {
    let shift = width_shift(size);
    (shift << STEPS_SHIFT) + (size >> shift)
}

/// The first class whose blocks all have this size or more.
#[inline]
pub(super) const fn ceiling(size: u32) -> u32 {
    let shift = width_shift(size);
    // Rounding up into the next power of two gives that one's first class, without more ado.
    (shift << STEPS_SHIFT) + ((size + ((1 << shift) - 1)) >> shift)
}

/// A list of free blocks for each class.
pub(super) struct FreeLists {
    /// A bit is set iff the word of `filled` is not 0.
    words: u32,
    /// A bit is set iff the list of its class has a block.
    filled: [u32; WORDS],
    /// The first block of each list, by word and bit.
    heads: [[u16; 32]; WORDS],
}

/// Where a class has its bit and its list.
#[derive(Clone, Copy)]
pub(super) struct Place {
    word: usize,
    bit: usize,
}

#[inline]
const fn place(class: u32) -> Place {
    Place {
        word: (class / 32) as usize,
        bit: (class % 32) as usize,
    }
}

impl FreeLists {
    pub const fn new() -> Self {
        FreeLists {
            words: 0,
            filled: [0; WORDS],
            heads: [[NONE; 32]; WORDS],
        }
    }

    /// The first class from `class` on that has a block, and the first block there.
    #[inline]
    pub fn first_at_least(&self, class: u32) -> Option<(Place, u16)> {
        let Place { mut word, bit } = place(class);
        let mut bits = self.filled.get(word)? & (!0 << bit);
        if bits == 0 {
            // `word` is below WORDS, so the shift is below 32.
            let words = self.words & (!0 << (word + 1));
            if words == 0 {
                return None;
            }
            word = words.trailing_zeros() as usize;
            bits = *self.filled.get(word)?;
        }
        let bit = bits.trailing_zeros() as usize % 32;
        Some((Place { word, bit }, self.heads.get(word)?[bit]))
    }

    /// Puts a block first into the list of its class; with this its record is complete.
    #[inline]
    pub fn insert<const RECORDS: usize>(
        &mut self,
        records: &mut Records<RECORDS>,
        block: u16,
        mut record: Record,
    ) {
        let class = floor(record.size());
        let Place { word, bit } = place(class);
        if let (Some(heads), Some(filled)) = (self.heads.get_mut(word), self.filled.get_mut(word)) {
            record.next = heads[bit];
            heads[bit] = block;
            *filled |= 1 << bit;
            self.words |= 1 << word;
        }
        record.previous = HEAD | class as u16;
        // For NONE this writes a field that nobody reads.
        records.at_mut(record.next).previous = block;
        *records.at_mut(block) = record;
    }

    /// Takes a free block, whose record this is, out of the list of its class.
    #[inline]
    pub fn remove<const RECORDS: usize>(
        &mut self,
        records: &mut Records<RECORDS>,
        record: &Record,
    ) {
        if record.previous & HEAD == 0 {
            records.at_mut(record.next).previous = record.previous;
            records.at_mut(record.previous).next = record.next;
        } else {
            self.remove_first(records, place(u32::from(record.previous & !HEAD)), record);
        }
    }

    /// The same for a block known to be the first in the list of this class.
    #[inline]
    pub fn remove_first<const RECORDS: usize>(
        &mut self,
        records: &mut Records<RECORDS>,
        Place { word, bit }: Place,
        record: &Record,
    ) {
        records.at_mut(record.next).previous = record.previous;
        if let (Some(heads), Some(filled)) = (self.heads.get_mut(word), self.filled.get_mut(word)) {
            heads[bit] = record.next;
            if record.next == NONE {
                *filled &= !(1 << bit);
                if *filled == 0 {
                    self.words &= !(1 << word);
                }
            }
        }
    }

    /// Each class that the bits say has blocks, with the first of them.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u16)> {
        let heads = (0u32..).zip(self.heads.iter().flatten());
        heads.filter_map(|(class, head)| {
            let Place { word, bit } = place(class);
            (self.filled.get(word)? >> bit & 1 != 0).then_some((class, *head))
        })
    }

    /// Whether the upper bits say the same as the lower ones.
    pub fn words_agree(&self) -> bool {
        (0..32).all(|word| {
            let filled = self.filled.get(word).is_some_and(|bits| *bits != 0);
            filled == (self.words >> word & 1 != 0)
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
