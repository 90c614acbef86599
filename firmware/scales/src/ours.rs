//! This repository's allocators.

use core::convert::Infallible;

use vregion::pages::{Backing, FrameNumber, Mapping, PageCount, PageNumber, PagePool, Run};
use vregion::region::{Geometry, Region, Request};

use crate::{Place, REFUSED, Subject};

/// Where a region would be: only alignment depends on it.
const BASE: u32 = 0xa000_0000;
/// SOF's line.
const LINE: u32 = 64;

/// The interim heap of a region for 200 allocations, as the traces have.
pub type Interim = Many<256>;

/// The interim heap of a region with that many records.
#[derive(Default)]
pub struct Many<const RECORDS: usize>(Region<RECORDS>);

impl<const RECORDS: usize> Many<RECORDS> {
    /// No memory yet. All zero bytes.
    #[must_use]
    pub const fn new() -> Self {
        Many(Region::new())
    }

    /// Begins anew with that many bytes, all of them for interim allocations.
    pub fn open(&mut self, bytes: u32) {
        // A region that did not open refuses everything.
        let _ = self.0.open(Geometry {
            bytes,
            line: LINE,
            base: BASE,
        });
        let _ = self.0.seal(bytes);
    }
}

impl<const RECORDS: usize> Subject for Many<RECORDS> {
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn alloc(&mut self, size: u32, align: u32) -> Place {
        let made = self.0.alloc_interim(Request::plain(size).aligned(align));
        made.map_or(REFUSED, |made| made.offset as Place)
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn free(&mut self, place: Place, _size: u32, _align: u32) {
        // What a refused free leaves behind, the next allocations show.
        let _ = self.0.free(place as u32);
    }
}

/// Lifetime allocations.
#[derive(Default)]
pub struct Lifetime(Region<256>);

impl Lifetime {
    /// No memory yet. All zero bytes.
    #[must_use]
    pub const fn new() -> Self {
        Lifetime(Region::new())
    }

    /// Begins anew with that many bytes.
    pub fn open(&mut self, bytes: u32) {
        let _ = self.0.open(Geometry {
            bytes,
            line: LINE,
            base: BASE,
        });
    }
}

impl Subject for Lifetime {
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn alloc(&mut self, size: u32, align: u32) -> Place {
        let made = self.0.alloc_lifetime(Request::plain(size).aligned(align));
        made.map_or(REFUSED, |made| made.offset as Place)
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn free(&mut self, _place: Place, _size: u32, _align: u32) {}
}

/// A pool of pages, mapped by nobody.
#[derive(Default)]
pub struct Pages<const PAGES: usize>(PagePool<PAGES, PAGES>);

impl<const PAGES: usize> Pages<PAGES> {
    /// All free. All zero bytes.
    #[must_use]
    pub const fn new() -> Self {
        Pages(PagePool::new())
    }
}

/// Tables that cost nothing.
struct Free;

impl Backing for Free {
    type Error = Infallible;

    #[inline(always)]
    fn zero(&mut self, _frame: FrameNumber) {}

    #[inline(always)]
    fn map(&mut self, _mapping: &Mapping<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline(always)]
    fn unmap(&mut self, _mapping: &Mapping<'_>) {}
}

impl<const PAGES: usize> Subject for Pages<PAGES> {
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn alloc(&mut self, size: u32, _align: u32) -> Place {
        // As far as the address space goes, no boundary.
        let boundary = PageCount(1 << 16);
        match self.0.alloc(PageCount(size), boundary, &mut Free) {
            Ok(run) => run.first.0 as Place,
            Err(_) => REFUSED,
        }
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn free(&mut self, place: Place, size: u32, _align: u32) {
        let run = Run {
            first: PageNumber(place as u32),
            count: PageCount(size),
        };
        let _ = self.0.release(run, &mut Free);
    }
}

impl Many<256> {
    /// Asks for what the traces do not: see [`crate::rest`].
    pub fn rest(&mut self, bytes: u32) -> bool {
        crate::rest::region(&mut self.0, Request::coherent(bytes)).is_some()
    }
}

impl Pages<1024> {
    /// Asks for what the traces do not: see [`crate::rest`].
    pub fn rest(&mut self, count: u32) -> bool {
        crate::rest::pages(&mut self.0, PageCount(count), &mut Free).is_some()
    }
}
