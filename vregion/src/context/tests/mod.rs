//! Cases by hand and random steps, over a real region and a real virtual heap.

mod asking;
mod freeing;
mod random;

use core::ops::Range;
use std::boxed::Box;
use std::collections::BTreeSet;
use std::vec::Vec;

use super::*;
use crate::region::{Geometry, Region};
use crate::supply::PageSupply;
use crate::virtual_heap::{self, Bundle, Layout, Span, VirtualHeap};

const LINE: u32 = 64;

#[derive(Default)]
struct Mapped {
    pages: BTreeSet<u32>,
    refuse: bool,
}

impl PageSupply for Mapped {
    type Error = u8;

    fn map(&mut self, pages: Range<u32>) -> Result<(), u8> {
        if self.refuse {
            return Err(1);
        }
        pages.for_each(|page| assert!(self.pages.insert(page)));
        Ok(())
    }

    fn unmap(&mut self, pages: Range<u32>) -> Result<(), u8> {
        if self.refuse {
            return Err(2);
        }
        pages.for_each(|page| assert!(self.pages.remove(&page)));
        Ok(())
    }
}

/// A region and a heap that many contexts use.
struct Machine {
    region: Box<Region<64>>,
    heap: Box<VirtualHeap<1, 64>>,
    mapped: Mapped,
    zeroed: Vec<(Source, u32, u32)>,
}

impl Machine {
    fn new() -> Self {
        let mut region = Box::new(Region::new());
        region
            .open(Geometry {
                bytes: 8192,
                line: LINE,
                base: 0xa000_0000,
            })
            .unwrap();
        region.seal(4096).unwrap();
        let mut heap = Box::new(VirtualHeap::new());
        let layout = Layout {
            bytes: 64 * 4096,
            page_bytes: 4096,
            base: 0xa010_0000,
        };
        let bundles = [(96, 8), (256, 16), (16_384, 4)];
        let bundles = bundles.map(|(block_bytes, count)| Bundle { block_bytes, count });
        heap.open(layout, &bundles).unwrap();
        Machine {
            region,
            heap,
            mapped: Mapped::default(),
            zeroed: Vec::new(),
        }
    }

    fn with<T>(&mut self, heap: bool, act: impl FnOnce(&mut Dyn<'_, '_>) -> T) -> T {
        let zeroed = core::cell::RefCell::new(Vec::new());
        let note = |source| {
            let zeroed = &zeroed;
            Box::new(move |offset, bytes| zeroed.borrow_mut().push((source, offset, bytes)))
                as Box<dyn FnMut(u32, u32) + '_>
        };
        let result = {
            let mut region = RegionMemory {
                region: &mut *self.region,
                zero: note(Source::Region),
            };
            let mut memory = HeapMemory {
                heap: &mut *self.heap,
                supply: &mut self.mapped,
                zero: note(Source::Heap),
                span: Span::Single,
                line: LINE,
            };
            let heap = heap.then_some(&mut memory);
            act(&mut Memory {
                region: &mut region,
                heap,
            })
        };
        self.zeroed.extend(zeroed.into_inner());
        result
    }

    fn check(&self) {
        self.region.check().unwrap();
        self.heap.check().unwrap();
    }
}

type Zero<'a> = Box<dyn FnMut(u32, u32) + 'a>;
type Dyn<'m, 'z> =
    Memory<'m, RegionMemory<'z, 64, Zero<'z>>, HeapMemory<'z, 1, 64, Mapped, Zero<'z>>>;
