//! One block that no page parts: what most requests take, found on a straight path.

use super::VirtualHeap;
use super::blocks::WORD;
use super::group::GROUP_WORDS;
use super::layout::{MAX_BUNDLES, Shelf};
use super::store::{Extent, Store};
use crate::supply::PageSupply;

/// No offset of a block: every heap ends with the address space at the latest.
pub(super) const NO_PLACE: u32 = u32::MAX;

/// For sizes of 1, 2, up to 4, up to 8 bytes and so on the first shelf that may serve them.
pub(super) type FirstShelves = [u8; 33];

/// That there is none.
pub(super) const NO_SHELVES: FirstShelves = [MAX_BUNDLES as u8; 33];

/// Where the search of each class of sizes begins.
pub(super) fn first_shelves(shelves: &[Shelf]) -> FirstShelves {
    let mut first = NO_SHELVES;
    for (class, first) in first.iter_mut().enumerate() {
        // A class has sizes of more bytes than this.
        let above = (1_u64 << class) / 2;
        let mut blocks = shelves.iter().map(|shelf| u64::from(shelf.block_bytes));
        if let Some(number) = blocks.position(|bytes| bytes > above) {
            *first = number as u8;
        }
    }
    first
}

impl<const GROUPS: usize, const PAGES: usize> VirtualHeap<GROUPS, PAGES> {
    /// The offset of a block of the first shelf that may have one, or [`NO_PLACE`].
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub(super) fn take_one<S: PageSupply>(
        &mut self,
        bytes: u32,
        align: u32,
        supply: &mut S,
    ) -> Result<u32, S::Error> {
        // One less than nothing is the most of all, which fits nowhere.
        let class = WORD - bytes.wrapping_sub(1).leading_zeros();
        let number = self.first.get(class as usize).copied();
        let Some(shelf) = self.shelves.get_mut(usize::from(number.unwrap_or(u8::MAX))) else {
            return Ok(NO_PLACE);
        };
        let fits = bytes.wrapping_sub(1) < shelf.block_bytes && shelf.is_paged;
        if !fits || align > shelf.align || !align.is_power_of_two() {
            return Ok(NO_PLACE);
        }
        let number = u32::from(shelf.hints.from[0]);
        let Some((group, _)) = self.store.blocks.group(number * GROUP_WORDS) else {
            return Ok(NO_PLACE);
        };
        let before = match number == shelf.word / GROUP_WORDS {
            true => shelf.word % GROUP_WORDS,
            false => 0,
        };
        let Some((at, bit)) = group.first_free(before) else {
            return Ok(NO_PLACE);
        };
        let word = number * GROUP_WORDS + at as u32;
        if word >= shelf.word_end {
            return Ok(NO_PLACE);
        }
        let block = word * WORD + bit;
        let offset = shelf.offset(block);
        let page = self.store.page(offset);
        let extent = Extent {
            block,
            blocks: 1,
            first: page,
            last: page,
        };
        self.store.take(shelf, extent, true, supply)?;
        Ok(offset)
    }
}

impl<const GROUPS: usize, const PAGES: usize> Store<GROUPS, PAGES> {
    /// Frees the block at `offset`, which is below the end of this shelf of single blocks that no page
    /// parts; its bytes, or 0 where nothing is allocated at exactly that offset.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub(super) fn give_one<S: PageSupply>(
        &mut self,
        shelf: &mut Shelf,
        offset: u32,
        supply: &mut S,
    ) -> Result<u32, S::Error> {
        let Some(into) = offset.checked_sub(shelf.start) else {
            return Ok(0);
        };
        let block = shelf.block(into >> (u32::from(shelf.shift) % u32::BITS));
        let Some((group, at)) = self.blocks.group(block / WORD) else {
            return Ok(0);
        };
        if group.used[at] >> (block % WORD) & 1 == 0 || shelf.offset(block) != offset {
            return Ok(0);
        }
        let page = self.page(offset);
        let extent = Extent {
            block,
            blocks: 1,
            first: page,
            last: page,
        };
        self.give(shelf, extent, supply)
    }
}

#[cfg(test)]
mod tests {
    use core::ops::Range;
    use std::vec::Vec;

    use super::*;
    use crate::virtual_heap::{AllocError, Bundle, FreeError, Layout, Request};

    #[derive(Default)]
    struct Pages {
        mapped: Vec<u32>,
        refuse: bool,
    }

    impl PageSupply for Pages {
        type Error = ();

        fn map(&mut self, pages: Range<u32>) -> Result<(), ()> {
            if self.refuse {
                return Err(());
            }
            self.mapped.extend(pages);
            Ok(())
        }

        fn unmap(&mut self, pages: Range<u32>) -> Result<(), ()> {
            if self.refuse {
                return Err(());
            }
            self.mapped.retain(|page| !pages.contains(page));
            Ok(())
        }
    }

    fn heap(bundles: &[(u32, u32)]) -> VirtualHeap<2, 8> {
        let mut heap = VirtualHeap::new();
        let layout = Layout {
            bytes: 8 * 4096,
            page_bytes: 4096,
            base: 0xa040_0000,
        };
        let bundle = |&(block_bytes, count)| Bundle { block_bytes, count };
        let bundles: Vec<Bundle> = bundles.iter().map(bundle).collect();
        heap.open(layout, &bundles).unwrap();
        heap
    }

    #[test]
    fn each_size_begins_at_the_first_shelf_that_may_serve_it() {
        let heap = heap(&[(64, 64), (1000, 4), (1024, 4)]);
        let first = |bytes: u32| heap.first[(WORD - (bytes - 1).leading_zeros()) as usize];
        assert_eq!([1, 2, 64].map(first), [0, 0, 0]);
        assert_eq!([65, 512, 513, 1024].map(first), [1, 1, 1, 1]);
        assert_eq!(first(1025), MAX_BUNDLES as u8);
    }

    #[test]
    fn a_page_is_mapped_for_its_first_block_and_unmapped_after_its_last() {
        let (mut heap, mut pages) = (heap(&[(1024, 8)]), Pages::default());
        let made = [0; 5].map(|_| heap.alloc(Request::single(1000), &mut pages).unwrap());
        assert_eq!(made.map(|made| made.offset), [0, 1024, 2048, 3072, 4096]);
        assert_eq!(pages.mapped, [0, 1]);
        for offset in [3072, 0, 1024] {
            assert_eq!(heap.free(offset, &mut pages), Ok(1024));
            assert_eq!(heap.check(), Ok(()));
        }
        assert_eq!(pages.mapped, [0, 1]);
        let interior = FreeError::Interior {
            offset: 2056,
            start: 2048,
        };
        assert_eq!(heap.free(2056, &mut pages), Err(interior));
        assert_eq!(heap.free(2048, &mut pages), Ok(1024));
        assert_eq!(pages.mapped, [1]);
        let again = FreeError::NotAllocated(2048);
        assert_eq!(heap.free(2048, &mut pages), Err(again));
        assert_eq!(heap.check(), Ok(()));
    }

    /// F34 and F38 for a single block.
    #[test]
    fn what_cannot_be_mapped_or_unmapped_changes_nothing() {
        let (mut heap, mut pages) = (heap(&[(64, 64)]), Pages::default());
        pages.refuse = true;
        let refused = heap.alloc(Request::single(64), &mut pages);
        assert_eq!(refused, Err(AllocError::Map(())));
        assert_eq!((heap.stats().allocations, heap.stats().failures), (0, 1));
        assert_eq!(heap.check(), Ok(()));
        pages.refuse = false;
        let made = heap.alloc(Request::single(64), &mut pages).unwrap();
        pages.refuse = true;
        let refused = heap.free(made.offset, &mut pages);
        assert_eq!(refused, Err(FreeError::Unmap(())));
        assert_eq!(heap.stats().allocations, 1);
        assert_eq!(heap.check(), Ok(()));
    }

    #[test]
    fn what_spans_blocks_is_freed_whole_beside_single_ones() {
        let (mut heap, mut pages) = (heap(&[(64, 128)]), Pages::default());
        let one = heap.alloc(Request::single(64), &mut pages).unwrap();
        let many = heap.alloc(Request::contiguous(200), &mut pages).unwrap();
        assert_eq!(heap.free(many.offset, &mut pages), Ok(256));
        assert_eq!(heap.free(one.offset, &mut pages), Ok(64));
        assert_eq!(pages.mapped, []);
        assert_eq!(heap.check(), Ok(()));
    }

    /// F17 and F18 for a single block.
    #[test]
    fn requests_that_mean_nothing_are_refused() {
        let (mut heap, mut pages) = (heap(&[(64, 128)]), Pages::default());
        let mut alloc = |bytes, align| {
            let request = Request::single(bytes).aligned(align);
            heap.alloc(request, &mut pages).unwrap_err()
        };
        assert_eq!(alloc(0, 1), AllocError::Empty);
        assert_eq!(alloc(64, 0), AllocError::Alignment(0));
        assert_eq!(alloc(64, 24), AllocError::Alignment(24));
        let too_large = |bytes, align| AllocError::TooLarge { bytes, align };
        assert_eq!(alloc(u32::MAX, 1), too_large(u32::MAX, 1));
        assert_eq!(alloc(64, 8192), too_large(64, 8192));
    }
}
