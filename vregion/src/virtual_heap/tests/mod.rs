//! Cases by hand; what random steps do is in `tests/virtual_heap.rs`.

mod blocks;
mod ranges;
mod refusals;

use core::ops::Range as Pages;
use std::collections::BTreeSet;
use std::vec::Vec;

use super::*;
use crate::range::{Range, RangeError};
use crate::supply::PageSupply;

const PAGE: u32 = 4096;

/// Pages that are mapped; refuses when told to, or beyond a number of them.
#[derive(Default)]
struct Mapped {
    pages: BTreeSet<u32>,
    limit: Option<usize>,
    refuse_unmap: bool,
}

impl PageSupply for Mapped {
    type Error = u8;

    fn map(&mut self, pages: Pages<u32>) -> Result<(), u8> {
        assert!(!pages.is_empty());
        if self
            .limit
            .is_some_and(|limit| self.pages.len() + pages.len() > limit)
        {
            return Err(7);
        }
        pages.for_each(|page| assert!(self.pages.insert(page), "mapped twice"));
        Ok(())
    }

    fn unmap(&mut self, pages: Pages<u32>) -> Result<(), u8> {
        assert!(!pages.is_empty());
        if self.refuse_unmap {
            return Err(8);
        }
        pages.for_each(|page| assert!(self.pages.remove(&page), "unmapped what is not mapped"));
        Ok(())
    }
}

type Heap = VirtualHeap<4, 512>;

fn bundles<const N: usize>(sizes: [(u32, u32); N]) -> [Bundle; N] {
    sizes.map(|(block_bytes, count)| Bundle { block_bytes, count })
}

fn heap<const N: usize>(sizes: [(u32, u32); N]) -> Heap {
    let mut heap = Heap::new();
    let layout = Layout {
        bytes: 512 * PAGE,
        page_bytes: PAGE,
        base: 0xa000_0000,
    };
    heap.open(layout, &bundles(sizes)).unwrap();
    heap.check().unwrap();
    heap
}
