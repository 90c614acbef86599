//! From a position to the record of the allocation there.

use super::records::{FLAGS, NONE, Records, Word};

/// Buckets of allocations, linked by `Chain`.
///
/// There are twice as many buckets as records, so a bucket has less than half an allocation on
/// average. The
/// product spreads positions that are equally far apart, as blocks of one size are. Who picks
/// positions with care can fill one bucket; walking it is then O(own allocations), paid by the
/// same module.
pub(super) struct Directory<const RECORDS: usize> {
    buckets: [[u32; 2]; RECORDS],
}

impl<const RECORDS: usize> Directory<RECORDS> {
    pub const fn new() -> Self {
        Directory {
            buckets: [[NONE; 2]; RECORDS],
        }
    }

    pub const fn clear(&mut self) {
        self.buckets = [[NONE; 2]; RECORDS];
    }

    /// 2^32 divided by the golden ratio; the number of a bucket from the highest bits of it.
    #[inline(always)]
    const fn bucket(position: u32) -> usize {
        (position.wrapping_mul(0x9e37_79b1) >> (31 - RECORDS.trailing_zeros())) as usize
            & (2 * RECORDS - 1)
    }

    /// Puts an allocation that begins at this position into its bucket; returns the next one
    /// there.
    #[inline(always)]
    pub fn insert(&mut self, block: u32, position: u32) -> u32 {
        core::mem::replace(
            &mut self.buckets.as_flattened_mut()[Self::bucket(position)],
            block,
        )
    }

    /// Takes the allocation that begins at this position out of its bucket; [`NONE`] if there is
    /// no such.
    #[inline(always)]
    pub fn remove(&mut self, records: &mut Records<RECORDS>, position: u32) -> u32 {
        let head = &mut self.buckets.as_flattened_mut()[Self::bucket(position)];
        let mut block = *head;
        let record = records.at(block);
        if record[Word::Start as usize] == position && block != NONE {
            *head = Records::<RECORDS>::plain(record[Word::Chain as usize]);
            return block;
        }
        let mut chain = record[Word::Chain as usize];
        while block != NONE {
            let before = block;
            block = Records::<RECORDS>::plain(chain);
            let record = records.at(block);
            let rest = record[Word::Chain as usize];
            if record[Word::Start as usize] == position && block != NONE {
                let rest = Records::<RECORDS>::plain(rest) | (chain & FLAGS);
                records.set(before, Word::Chain, rest);
                return block;
            }
            chain = rest;
        }
        NONE
    }

    /// The allocation that begins at this position; [`NONE`] if there is no such.
    pub fn find(&self, records: &Records<RECORDS>, position: u32) -> u32 {
        let head = self.buckets.as_flattened()[Self::bucket(position)];
        let mut bucket = records.chain(head, Word::Chain);
        let is_it = |block: &u32| records.get(*block, Word::Start) == position;
        bucket.find(is_it).unwrap_or(NONE)
    }

    /// Each bucket that has an allocation, with the first of them.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        let buckets = (0u32..).zip(self.buckets.as_flattened().iter().copied());
        buckets.filter(|(_, head)| *head != NONE)
    }

    /// Whether an allocation that begins at this position belongs into this bucket.
    pub fn belongs(bucket: u32, position: u32) -> bool {
        Self::bucket(position) == bucket as usize
    }
}
