//! Cases by hand and random steps.

mod random;
mod rings;
mod sizes;

use std::collections::{BTreeMap, VecDeque};
use std::vec;
use std::vec::Vec;

use super::*;
use crate::range::{Range, RangeError};

/// So much memory, of which any part can be had.
struct Memory {
    left: u32,
    next: u32,
    taken: BTreeMap<u32, u32>,
}

impl Memory {
    fn new(left: u32) -> Self {
        Memory {
            left,
            next: 0,
            taken: BTreeMap::new(),
        }
    }
}

impl BufferMemory for Memory {
    type Error = u32;

    fn take(&mut self, bytes: u32, align: u32) -> Result<Block, u32> {
        self.left = self.left.checked_sub(bytes).ok_or(self.left)?;
        let offset = self.next.next_multiple_of(align);
        self.next = offset + bytes;
        self.taken.insert(offset, bytes);
        Ok(Block { offset, bytes })
    }

    fn take_range(&mut self, range: Range) -> Result<Block, u32> {
        self.take(
            range.preferred.min(self.left).max(range.minimum),
            range.align,
        )
    }

    fn give(&mut self, block: Block) {
        assert_eq!(self.taken.remove(&block.offset), Some(block.bytes));
        self.left += block.bytes;
    }
}

fn fill(buffer: &mut ComponentBuffer, bytes: u32) {
    buffer.ring_mut().get_space(bytes).unwrap();
    buffer.ring_mut().commit_space(bytes).unwrap();
}
