//! The rules of the heap.

use super::records::{HEAD, NONE};
use super::{GRANULE_SHIFT, Heap, Records, classes};
use crate::InvariantError;

/// What a walk over a sound heap adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// Granules allocated.
    pub allocated: u32,
    /// Allocations.
    pub allocations: u32,
}

impl<const RECORDS: usize> Heap<RECORDS> {
    /// Walks a heap from `start` to `end` whose `kept` first records belong to somebody else.
    /// Offsets in errors count from granule `origin`. O(records + classes).
    pub fn check(
        &self,
        records: &Records<RECORDS>,
        (start, end): (u32, u32),
        kept: u32,
        origin: u32,
        line: u32,
    ) -> Result<Sum, InvariantError> {
        let offset = |position: u32| position.wrapping_sub(origin) << GRANULE_SHIFT;
        let mut sum = Sum::default();
        let (mut position, mut before, mut free) = (start, NONE, 0);
        let mut before_free = false;
        for block in records.blocks() {
            let record = records.at(block);
            let sound = record.start == position && record.before == before && record.size() != 0;
            if !sound || record.size() > classes::MAX_SIZE {
                return Err(InvariantError::Tiling(offset(position)));
            }
            if record.is_free() && before_free {
                return Err(InvariantError::NotMerged(offset(position)));
            }
            if record.is_coherent() && (record.start | record.size()) & (line - 1) != 0 {
                return Err(InvariantError::SharedLine(offset(position)));
            }
            if record.is_free() {
                free += 1;
            } else {
                sum.allocated += record.size();
                sum.allocations += 1;
            }
            (position, before, before_free) = (position + record.size(), block, record.is_free());
        }
        if position != end || records.at(NONE).before != before || records.at(NONE).is_free() {
            return Err(InvariantError::Tiling(offset(position)));
        }
        self.check_lists(records, free)?;
        self.check_directory(records, sum.allocations)?;
        let returned = records.returned().count() as u32;
        if returned + records.unused() != records.spare()
            || records.spare() + free + sum.allocations + kept + 1 != RECORDS as u32
        {
            return Err(InvariantError::Records);
        }
        Ok(sum)
    }

    fn check_lists(&self, records: &Records<RECORDS>, free: u32) -> Result<(), InvariantError> {
        let mut listed = 0;
        for (class, head) in self.lists.iter() {
            let mut previous = HEAD | class as u16;
            for block in records.chain(head, |record| record.next) {
                let record = records.at(block);
                let own = classes::floor(record.size()) == class;
                if !record.is_free() || record.previous != previous || !own {
                    return Err(InvariantError::FreeList(class));
                }
                previous = block;
                listed += 1;
            }
            if head == NONE {
                return Err(InvariantError::FreeList(class));
            }
        }
        if listed != free || !self.lists.words_agree() {
            return Err(InvariantError::FreeList(0));
        }
        Ok(())
    }

    fn check_directory(
        &self,
        records: &Records<RECORDS>,
        allocations: u32,
    ) -> Result<(), InvariantError> {
        let mut found = 0;
        for (bucket, head) in self.directory.iter() {
            for block in records.chain(head, |record| record.next) {
                let record = records.at(block);
                if record.is_free() || !super::Directory::<RECORDS>::belongs(bucket, record.start) {
                    return Err(InvariantError::Directory(bucket));
                }
                found += 1;
            }
        }
        if found != allocations {
            return Err(InvariantError::Directory(RECORDS as u32));
        }
        Ok(())
    }
}
