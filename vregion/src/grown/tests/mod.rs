//! Cases by hand and random steps.

mod life;
mod pages;
mod random;

use core::ops::Range;
use std::collections::BTreeSet;
use std::vec::Vec;

use super::*;
use crate::region;

const PAGE: u32 = 4096;

#[derive(Default)]
struct Mapped {
    pages: BTreeSet<u32>,
    bad: Option<u32>,
    refuse_unmap: bool,
    /// Mapped runs, in order.
    runs: Vec<Range<u32>>,
}

impl PageSupply for Mapped {
    type Error = u32;

    fn map(&mut self, pages: Range<u32>) -> Result<(), u32> {
        assert!(!pages.is_empty());
        if let Some(bad) = self.bad.filter(|bad| pages.contains(bad)) {
            return Err(bad);
        }
        self.runs.push(pages.clone());
        pages.for_each(|page| assert!(self.pages.insert(page), "mapped twice"));
        Ok(())
    }

    fn unmap(&mut self, pages: Range<u32>) -> Result<(), u32> {
        if self.refuse_unmap {
            return Err(99);
        }
        pages.for_each(|page| assert!(self.pages.remove(&page), "not mapped"));
        Ok(())
    }
}

type Grown = GrownRegion<64, 2>;

fn geometry(pages: u32) -> Geometry {
    Geometry {
        bytes: pages * PAGE,
        line: 64,
        base: 0xa000_0000,
    }
}

fn open(pages: u32) -> (Grown, Mapped) {
    let mut region = Grown::new();
    region.open(geometry(pages), PAGE).unwrap();
    (region, Mapped::default())
}
