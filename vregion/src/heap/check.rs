//! The rules of the heap.

use super::records::{HEAD, NONE};
use super::{GRANULE_SHIFT, Heap, classes};
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
        (start, end): (u32, u32),
        kept: u32,
        origin: u32,
        line: u32,
    ) -> Result<Sum, InvariantError> {
        let offset = |position: u32| position.wrapping_sub(origin) << GRANULE_SHIFT;
        let mut sum = Sum::default();
        if start == end {
            let is_empty = self.anchor == NONE && self.alive == 0;
            return is_empty.then_some(sum).ok_or(InvariantError::Tiling(0));
        }
        let anchor = self.records.at(self.anchor);
        if anchor.start != start || anchor.end != start || self.anchor == NONE {
            return Err(InvariantError::Tiling(offset(start)));
        }
        let (mut position, mut before) = (start + anchor.gap, self.anchor);
        let mut gaps = u32::from(anchor.gap != 0);
        for block in self.blocks() {
            let record = self.records.at(block);
            if record.start != position || record.before != before || record.end <= record.start {
                return Err(InvariantError::Tiling(offset(position)));
            }
            if record.is_coherent() && (record.start | record.end) & (line - 1) != 0 {
                return Err(InvariantError::SharedLine(offset(position)));
            }
            gaps += u32::from(record.gap != 0);
            sum.allocated += record.size();
            sum.allocations += 1;
            (position, before) = (record.end + record.gap, block);
        }
        if position != end || anchor.before != before {
            return Err(InvariantError::Tiling(offset(position)));
        }
        self.check_lists(gaps)?;
        self.check_directory(sum.allocations)?;
        let returned = self.records.returned().count() as u32;
        if sum.allocations != self.alive()
            || returned + self.records.unused() + self.records() + kept + 1 != RECORDS as u32
        {
            return Err(InvariantError::Records);
        }
        Ok(sum)
    }

    fn check_lists(&self, gaps: u32) -> Result<(), InvariantError> {
        let mut listed = 0;
        for (class, head) in self.lists() {
            let mut previous = HEAD | class as u16;
            for block in self.records.chain(head, |record| record.next) {
                let record = self.records.at(block);
                let own = classes::floor(record.gap) == class;
                if record.gap == 0 || record.previous != previous || !own {
                    return Err(InvariantError::FreeList(class));
                }
                previous = block;
                listed += 1;
            }
            if head == NONE {
                return Err(InvariantError::FreeList(class));
            }
        }
        if listed != gaps || !self.filled.words_agree() {
            return Err(InvariantError::FreeList(0));
        }
        Ok(())
    }

    fn check_directory(&self, allocations: u32) -> Result<(), InvariantError> {
        let mut found = 0;
        for (bucket, head) in self.directory.iter() {
            for block in self.records.chain(head, |record| record.chain) {
                let record = self.records.at(block);
                if !super::Directory::<RECORDS>::belongs(bucket, record.start) {
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
