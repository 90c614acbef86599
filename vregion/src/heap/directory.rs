//! From a position to the record of the allocation there.

use super::records::{NONE, Records};

/// Buckets of allocations, linked by `chain`.
///
/// There are as many buckets as records, so a bucket has less than one allocation on average. The
/// product spreads positions that are equally far apart, as blocks of one size are. Who picks
/// positions with care can fill one bucket; walking it is then O(own allocations), paid by the
/// same module.
pub(super) struct Directory<const RECORDS: usize> {
    buckets: [u16; RECORDS],
}

impl<const RECORDS: usize> Directory<RECORDS> {
    pub const fn new() -> Self {
        Directory {
            buckets: [NONE; RECORDS],
        }
    }

    pub const fn clear(&mut self) {
        self.buckets = [NONE; RECORDS];
    }

    /// 2^32 divided by the golden ratio; as many of the highest bits as there are buckets.
    #[inline]
    const fn bucket(position: u32) -> usize {
        (position.wrapping_mul(0x9e37_79b1) >> (32 - RECORDS.trailing_zeros())) as usize
            & (RECORDS - 1)
    }

    /// Puts an allocation that begins at this position into its bucket; returns the next one
    /// there.
    #[inline]
    pub const fn insert(&mut self, block: u16, position: u32) -> u16 {
        core::mem::replace(&mut self.buckets[Self::bucket(position)], block)
    }

    /// Takes the allocation that begins at this position out of its bucket; [`NONE`] if there is
    /// no such.
    #[inline]
    pub fn remove(&mut self, records: &mut Records<RECORDS>, position: u32) -> u16 {
        let head = &mut self.buckets[Self::bucket(position)];
        let mut block = *head;
        if records.at(block).start == position && block != NONE {
            *head = records.at(block).chain;
            return block;
        }
        let mut before = block;
        while before != NONE {
            block = records.at(before).chain;
            if records.at(block).start == position && block != NONE {
                records.at_mut(before).chain = records.at(block).chain;
                return block;
            }
            before = block;
        }
        NONE
    }

    /// Each bucket that has an allocation, with the first of them.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u16)> {
        let buckets = (0u32..).zip(self.buckets.iter().copied());
        buckets.filter(|(_, head)| *head != NONE)
    }

    /// Whether an allocation that begins at this position belongs into this bucket.
    pub fn belongs(bucket: u32, position: u32) -> bool {
        Self::bucket(position) == bucket as usize
    }
}
