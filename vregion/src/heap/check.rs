//! The rules of the heap.

use super::records::{NONE, Word, head};
use super::{Heap, classes};
use crate::InvariantError;

/// What a walk over a sound heap adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// Bytes allocated.
    pub allocated: u32,
    /// Allocations.
    pub allocations: u32,
}

impl<const RECORDS: usize> Heap<RECORDS> {
    /// Walks a heap from `start` to `end` whose `kept` first records belong to somebody else.
    /// O(records + classes).
    pub fn check(
        &self,
        (start, end): (u32, u32),
        kept: u32,
        line: u32,
    ) -> Result<Sum, InvariantError> {
        let mut sum = Sum::default();
        if start == end {
            let is_empty = self.anchor == NONE && self.alive == 0;
            return is_empty.then_some(sum).ok_or(InvariantError::Tiling(0));
        }
        let of = |block, word| self.records.get(block, word);
        let at_start = of(self.anchor, Word::Start) == start && of(self.anchor, Word::End) == start;
        if !at_start || self.anchor == NONE {
            return Err(InvariantError::Tiling(start));
        }
        let gap = of(self.anchor, Word::Gap);
        let (mut position, mut before) = (start + gap, self.anchor);
        let mut gaps = u32::from(gap != 0);
        for block in self.blocks() {
            let (first, last) = (of(block, Word::Start), of(block, Word::End));
            if first != position || of(block, Word::Before) != before || last <= first {
                return Err(InvariantError::Tiling(position));
            }
            if self.is_coherent(block) && (first | last) & (line - 1) != 0 {
                return Err(InvariantError::SharedLine(position));
            }
            let gap = of(block, Word::Gap);
            gaps += u32::from(gap != 0);
            sum.allocated += last - first;
            sum.allocations += 1;
            (position, before) = (last + gap, block);
        }
        if position != end || of(self.anchor, Word::Before) != before {
            return Err(InvariantError::Tiling(position));
        }
        if of(NONE, Word::Gap) != 0 {
            return Err(InvariantError::Records);
        }
        self.check_lists(gaps)?;
        self.check_directory(sum.allocations)?;
        let returned = self.spare.returned(&self.records).count() as u32;
        if sum.allocations != self.alive()
            || returned + self.spare.unused(&self.records) + self.records() + kept + 1
                != RECORDS as u32
        {
            return Err(InvariantError::Records);
        }
        Ok(sum)
    }

    fn check_lists(&self, gaps: u32) -> Result<(), InvariantError> {
        let mut listed = 0;
        for (class, first) in self.lists() {
            let mut previous = head(class);
            for block in self.records.chain(first, Word::Next) {
                let gap = self.records.get(block, Word::Gap);
                let own = gap != 0 && classes::floor(gap) == class;
                if !own || self.records.get(block, Word::Previous) != previous {
                    return Err(InvariantError::FreeList(class));
                }
                previous = block;
                listed += 1;
            }
            if first == NONE {
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
            for block in self.records.chain(head, Word::Chain) {
                let start = self.records.get(block, Word::Start);
                if !super::Directory::<RECORDS>::belongs(bucket, start) {
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
