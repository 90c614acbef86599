//! The virtual heap, with the bundles that SOF makes where nobody names any.

use core::convert::Infallible;
use core::ops::Range;

use vregion::supply::PageSupply;
use vregion::virtual_heap::{Bundle, Layout, Request, VirtualHeap};

use crate::{Place, REFUSED, Subject};

const PAGE_BYTES: u32 = 4096;
const BASE: u32 = 0xa040_0000;

/// Buffers in blocks of a virtual heap.
#[derive(Default)]
pub struct Buffers<const GROUPS: usize, const PAGES: usize>(VirtualHeap<GROUPS, PAGES>);

impl<const GROUPS: usize, const PAGES: usize> Buffers<GROUPS, PAGES> {
    /// No blocks yet. All zero bytes.
    #[must_use]
    pub const fn new() -> Self {
        Buffers(VirtualHeap::new())
    }

    /// Begins anew with five bundles of 64 to 1024 bytes, a fifth of all bytes each.
    pub fn open(&mut self, bytes: u32) {
        let fifth = bytes / 5 / PAGE_BYTES * PAGE_BYTES;
        let bundles = [64, 128, 256, 512, 1024].map(|block_bytes| Bundle {
            block_bytes,
            count: fifth / block_bytes,
        });
        self.open_with(bytes, &bundles);
    }

    /// Begins anew with one bundle of 64 bytes a block.
    pub fn open_one(&mut self, bytes: u32) {
        let bundle = Bundle {
            block_bytes: 64,
            count: bytes / 64,
        };
        self.open_with(bytes, &[bundle]);
    }

    fn open_with(&mut self, bytes: u32, bundles: &[Bundle]) {
        let layout = Layout {
            bytes,
            page_bytes: PAGE_BYTES,
            base: BASE,
        };
        // A heap that did not open refuses everything.
        let _ = self.0.open(layout, bundles);
    }

    /// As many blocks side by side as a request takes.
    pub const fn contiguous(&mut self) -> Contiguous<'_, GROUPS, PAGES> {
        Contiguous(&mut self.0)
    }

    /// One block for each request.
    pub const fn single(&mut self) -> Single<'_, GROUPS, PAGES> {
        Single(&mut self.0)
    }
}

/// See [`Buffers::contiguous`].
pub struct Contiguous<'h, const GROUPS: usize, const PAGES: usize>(
    &'h mut VirtualHeap<GROUPS, PAGES>,
);

/// See [`Buffers::single`].
pub struct Single<'h, const GROUPS: usize, const PAGES: usize>(&'h mut VirtualHeap<GROUPS, PAGES>);

impl<const GROUPS: usize, const PAGES: usize> Subject for Contiguous<'_, GROUPS, PAGES> {
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn alloc(&mut self, size: u32, _align: u32) -> Place {
        let made = self.0.alloc(Request::contiguous(size), &mut Free);
        made.map_or(REFUSED, |made| made.offset as Place)
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn free(&mut self, place: Place, _size: u32, _align: u32) {
        let _ = self.0.free(place as u32, &mut Free);
    }
}

impl<const GROUPS: usize, const PAGES: usize> Subject for Single<'_, GROUPS, PAGES> {
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn alloc(&mut self, size: u32, _align: u32) -> Place {
        let made = self.0.alloc(Request::single(size), &mut Free);
        made.map_or(REFUSED, |made| made.offset as Place)
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn free(&mut self, place: Place, _size: u32, _align: u32) {
        let _ = self.0.free(place as u32, &mut Free);
    }
}

/// Pages that cost nothing.
struct Free;

impl PageSupply for Free {
    type Error = Infallible;

    #[inline(always)]
    fn map(&mut self, _pages: Range<u32>) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline(always)]
    fn unmap(&mut self, _pages: Range<u32>) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Buffers<7, 256> {
    /// Asks for what the traces do not: see [`crate::rest`].
    pub fn rest(&mut self, bytes: u32) -> bool {
        let range = vregion::range::Range {
            minimum: bytes,
            preferred: bytes + 1,
            align: 1,
        };
        crate::rest::heap(&mut self.0, range, &mut Free).is_some()
    }
}
