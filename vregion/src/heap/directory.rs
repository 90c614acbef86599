//! From a position to the record of the block allocated there.

use super::records::{NONE, Records};

/// Buckets of allocated blocks, linked by the field that free blocks use for their list.
///
/// There are as many buckets as records, so a bucket has less than one block on average. The
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

    /// 2^32 divided by the golden ratio, then the highest bits scaled to the number of buckets.
    #[inline]
    fn bucket(position: u32) -> usize {
        let spread = position.wrapping_mul(0x9e37_79b1) >> 16;
        (spread as usize * RECORDS) >> 16
    }

    /// Puts a block that begins at this position into its bucket; returns the next one there.
    #[inline]
    pub fn insert(&mut self, block: u16, position: u32) -> u16 {
        let head = self.buckets.get_mut(Self::bucket(position));
        head.map_or(NONE, |head| core::mem::replace(head, block))
    }

    /// Takes the block that begins at this position out of its bucket.
    #[inline]
    pub fn remove(&mut self, records: &mut Records<RECORDS>, position: u32) -> Option<u16> {
        let head = self.buckets.get_mut(Self::bucket(position))?;
        let mut block = *head;
        let mut before = NONE;
        while block != NONE {
            let record = records.at(block);
            let next = record.next;
            if record.start == position {
                if before == NONE {
                    *head = next;
                } else {
                    records.at_mut(before).next = next;
                }
                return Some(block);
            }
            before = block;
            block = next;
        }
        None
    }

    /// Each bucket that has a block, with the first of them.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u16)> {
        let buckets = (0u32..).zip(self.buckets.iter().copied());
        buckets.filter(|(_, head)| *head != NONE)
    }

    /// Whether a block that begins at this position belongs into this bucket.
    pub fn belongs(bucket: u32, position: u32) -> bool {
        Self::bucket(position) == bucket as usize
    }
}
