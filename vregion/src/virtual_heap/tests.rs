//! Cases by hand; what random steps do is in `tests/virtual_heap.rs`.

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

/// The table that SOF ships for its audio buffers.
#[test]
fn the_shipped_sizes_fit() {
    let sizes = [
        (32, 128),
        (512, 8),
        (1024, 44),
        (2048, 8),
        (4096, 11),
        (8192, 10),
        (65_536, 3),
        (131_072, 1),
        (524_288, 1),
    ];
    let mut heap = heap(sizes);
    let mut mapped = Mapped::default();
    let end = heap
        .bundle_stats()
        .last()
        .map(|last| last.offset + last.block_bytes);
    assert_eq!(end, Some(0x10_0000));
    for (block_bytes, count) in sizes {
        for _ in 0..count {
            let block = heap
                .alloc(Request::single(block_bytes), &mut mapped)
                .unwrap();
            assert_eq!(block.offset % block_bytes.min(PAGE), 0);
        }
    }
    heap.check().unwrap();
    assert_eq!((heap.stats().used, heap.stats().pages), (0x10_0000, 256));
    assert_eq!(
        heap.alloc(Request::single(1), &mut mapped),
        Err(AllocError::Full { bytes: 1 })
    );
}

#[test]
fn sizes_need_no_power_of_two() {
    let mut heap = heap([(96, 50), (6000, 7)]);
    let mut mapped = Mapped::default();
    let small: Vec<u32> = (0..50)
        .map(|_| heap.alloc(Request::single(90), &mut mapped).unwrap().offset)
        .collect();
    assert_eq!(small, (0..50).map(|index| index * 96).collect::<Vec<_>>());
    assert_eq!(mapped.pages, (0..2).collect());
    // Blocks of 6000 bytes share pages with their neighbours.
    let large: Vec<u32> = (0..7)
        .map(|_| {
            heap.alloc(Request::single(6000), &mut mapped)
                .unwrap()
                .offset
        })
        .collect();
    assert_eq!(large[1], 8192 + 6000);
    heap.check().unwrap();
    for offset in large
        .iter()
        .step_by(2)
        .chain(large.iter().skip(1).step_by(2))
    {
        assert_eq!(heap.free(*offset, &mut mapped), Ok(6000));
        heap.check().unwrap();
    }
    assert_eq!(mapped.pages, (0..2).collect());
    small
        .iter()
        .for_each(|offset| assert_eq!(heap.free(*offset, &mut mapped), Ok(96)));
    assert!(mapped.pages.is_empty());
}

/// 48 KiB in a block of 64 KiB cost 48 KiB.
#[test]
fn only_what_is_used_is_mapped() {
    let mut heap = heap([(65_536, 3)]);
    let mut mapped = Mapped::default();
    let one = heap.alloc(Request::single(48 << 10), &mut mapped).unwrap();
    assert_eq!(mapped.pages, (0..12).collect());
    let two = heap.alloc(Request::single(1), &mut mapped).unwrap();
    assert_eq!((two.offset, mapped.pages.len()), (65_536, 13));
    let all = heap.alloc(Request::single(65_536), &mut mapped).unwrap();
    assert_eq!(mapped.pages.len(), 29);
    heap.check().unwrap();
    for block in [one, two, all] {
        heap.free(block.offset, &mut mapped).unwrap();
        heap.check().unwrap();
    }
    assert!(mapped.pages.is_empty());
    assert_eq!(
        (heap.stats().peak, heap.stats().peak_pages),
        (3 * 65_536, 29)
    );
}

/// Blocks of one page and a half: the bytes end before the page that is shared, or in it.
#[test]
fn a_block_that_ends_early_does_not_hold_its_neighbours_page() {
    for bytes in [4096, 4097, 8192, 8193, 9000] {
        let mut heap = heap([(9000, 4)]);
        let mut mapped = Mapped::default();
        let one = heap.alloc(Request::single(bytes), &mut mapped).unwrap();
        let two = heap.alloc(Request::single(9000), &mut mapped).unwrap();
        assert_eq!((one.offset, two.offset), (0, 9000));
        heap.check().unwrap();
        heap.free(one.offset, &mut mapped).unwrap();
        assert_eq!(mapped.pages, (2..5).collect(), "{bytes}");
        heap.check().unwrap();
        heap.free(two.offset, &mut mapped).unwrap();
        assert!(mapped.pages.is_empty());
    }
}

#[test]
fn contiguous_requests_span_blocks() {
    let mut heap = heap([(32, 256)]);
    let mut mapped = Mapped::default();
    assert_eq!(
        heap.alloc(Request::single(512), &mut mapped),
        Err(AllocError::TooLarge {
            bytes: 512,
            align: 1
        })
    );
    let offsets: Vec<u32> = (0..16)
        .map(|_| {
            heap.alloc(Request::contiguous(512), &mut mapped)
                .unwrap()
                .offset
        })
        .collect();
    assert_eq!(
        offsets,
        (0..16).map(|index| index * 512).collect::<Vec<_>>()
    );
    assert_eq!(
        heap.alloc(Request::contiguous(1), &mut mapped),
        Err(AllocError::Full { bytes: 1 })
    );
    assert_eq!(heap.bundle_stats().next().unwrap().refused, 1);
    // Two neighbours that are free make room for twice as much, across words of 32 blocks.
    heap.free(offsets[1], &mut mapped).unwrap();
    heap.free(offsets[2], &mut mapped).unwrap();
    assert_eq!(
        heap.alloc(Request::contiguous(1024), &mut mapped)
            .unwrap()
            .offset,
        512
    );
    heap.check().unwrap();
    assert_eq!(heap.free(512, &mut mapped), Ok(1024));
    assert_eq!(
        heap.alloc(Request::contiguous(8192), &mut mapped),
        Err(AllocError::Full { bytes: 8192 })
    );
    for index in [0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] {
        heap.free(offsets[index], &mut mapped).unwrap();
    }
    let all = heap.alloc(Request::contiguous(8161), &mut mapped).unwrap();
    assert_eq!(heap.free(all.offset, &mut mapped), Ok(8192));
    assert!(mapped.pages.is_empty());
}

#[test]
fn alignment_passes_bundles_over() {
    let mut heap = heap([(96, 8), (128, 8), (4096, 2)]);
    let mut mapped = Mapped::default();
    let mut at = |align| heap.alloc(Request::single(10).aligned(align), &mut mapped);
    assert_eq!(at(32).unwrap().offset, 0);
    assert_eq!(at(64).unwrap().offset, 4096);
    assert_eq!(at(4096).unwrap().offset, 8192);
    assert_eq!(
        at(8192),
        Err(AllocError::TooLarge {
            bytes: 10,
            align: 8192
        })
    );
}

#[test]
fn f17_an_alignment_that_is_no_power_of_two_is_refused() {
    let mut heap = heap([(4096, 2)]);
    let mut mapped = Mapped::default();
    for align in [0, 3, 96, u32::MAX] {
        let refused = heap.alloc(Request::single(16).aligned(align), &mut mapped);
        assert_eq!(refused, Err(AllocError::Alignment(align)));
    }
}

#[test]
fn f18_a_size_that_wraps_is_refused() {
    let mut heap = heap([(64, 64), (4096, 2)]);
    let mut mapped = Mapped::default();
    for bytes in [u32::MAX, u32::MAX - 62, 0xffff_f000, 1 << 31] {
        let too_large = AllocError::TooLarge { bytes, align: 1 };
        assert_eq!(
            heap.alloc(Request::contiguous(bytes), &mut mapped),
            Err(too_large)
        );
        assert_eq!(
            heap.alloc(Request::single(bytes), &mut mapped),
            Err(too_large)
        );
    }
    assert_eq!(
        heap.alloc(Request::single(0), &mut mapped),
        Err(AllocError::Empty)
    );
    assert_eq!(heap.stats(), HeapStats::default());
}

/// SOF accepts a pointer into a block in its single mode, and panics on any other bad one.
#[test]
fn f38_frees_that_are_refused_are_told_apart() {
    let mut heap = heap([(64, 3), (4096, 4)]);
    let mut mapped = Mapped::default();
    let one = heap.alloc(Request::single(64), &mut mapped).unwrap().offset;
    let span = heap
        .alloc(Request::contiguous(128), &mut mapped)
        .unwrap()
        .offset;
    let before = heap.stats();
    let interior = |offset, start| Err(FreeError::Interior { offset, start });
    assert_eq!(heap.free(one + 8, &mut mapped), interior(one + 8, one));
    assert_eq!(heap.free(span + 64, &mut mapped), interior(span + 64, span));
    assert_eq!(
        heap.free(span + 127, &mut mapped),
        interior(span + 127, span)
    );
    assert_eq!(
        heap.free(8192, &mut mapped),
        Err(FreeError::NotAllocated(8192))
    );
    // The rest of the small bundle's page is nobody's.
    assert_eq!(heap.free(192, &mut mapped), Err(FreeError::Foreign(192)));
    assert_eq!(
        heap.free(5 * PAGE, &mut mapped),
        Err(FreeError::Foreign(5 * PAGE))
    );
    assert_eq!(
        heap.free(u32::MAX, &mut mapped),
        Err(FreeError::Foreign(u32::MAX))
    );
    assert_eq!(heap.stats(), before);
    heap.free(one, &mut mapped).unwrap();
    assert_eq!(
        heap.free(one, &mut mapped),
        Err(FreeError::NotAllocated(one))
    );
    heap.check().unwrap();
}

/// SOF frees the block's bit first and finds out afterwards that it cannot unmap.
#[test]
fn f38_what_cannot_be_unmapped_is_not_free() {
    let mut heap = heap([(4096, 2)]);
    let mut mapped = Mapped {
        refuse_unmap: true,
        ..Mapped::default()
    };
    let one = heap.alloc(Request::single(4096), &mut mapped).unwrap();
    let before = heap.stats();
    assert_eq!(heap.free(one.offset, &mut mapped), Err(FreeError::Unmap(8)));
    assert_eq!(heap.stats(), before);
    heap.check().unwrap();
    mapped.refuse_unmap = false;
    heap.free(one.offset, &mut mapped).unwrap();
    assert!(mapped.pages.is_empty());
}

#[test]
fn f38_layouts_that_cannot_be() {
    let layout = Layout {
        bytes: 512 * PAGE,
        page_bytes: PAGE,
        base: 0xa000_0000,
    };
    let open = |layout, sizes: &[(u32, u32)]| {
        let bundles: Vec<Bundle> = sizes
            .iter()
            .map(|(block_bytes, count)| Bundle {
                block_bytes: *block_bytes,
                count: *count,
            })
            .collect();
        Heap::new().open(layout, &bundles)
    };
    assert_eq!(
        open(
            Layout {
                page_bytes: 96,
                ..layout
            },
            &[(64, 1)]
        ),
        Err(LayoutError::Page(96))
    );
    assert_eq!(
        open(Layout { base: 64, ..layout }, &[(64, 1)]),
        Err(LayoutError::Base(64))
    );
    let wraps = LayoutError::Wraps {
        base: 0xffff_f000,
        bytes: 512 * PAGE,
    };
    assert_eq!(
        open(
            Layout {
                base: 0xffff_f000,
                ..layout
            },
            &[(64, 1)]
        ),
        Err(wraps)
    );
    assert_eq!(open(layout, &[]), Err(LayoutError::Bundles(0)));
    assert_eq!(open(layout, &[(64, 1); 17]), Err(LayoutError::Bundles(17)));
    assert_eq!(open(layout, &[(64, 1), (4, 1)]), Err(LayoutError::Block(1)));
    assert_eq!(open(layout, &[(64, 0)]), Err(LayoutError::Count(0)));
    assert_eq!(
        open(layout, &[(128, 1), (64, 1)]),
        Err(LayoutError::Order(1))
    );
    let too_large = |bundle| {
        Err(LayoutError::TooLarge {
            bundle,
            bytes: 512 * PAGE,
        })
    };
    // The product wraps to something small.
    assert_eq!(open(layout, &[(1 << 16, 1 << 16)]), too_large(0));
    assert_eq!(open(layout, &[(1 << 16, (1 << 16) + 1)]), too_large(0));
    assert_eq!(open(layout, &[(64, 1), (PAGE, 512)]), too_large(1));
    let large = Layout {
        bytes: 600 * PAGE,
        ..layout
    };
    assert_eq!(open(large, &[(PAGE, 513)]), Err(LayoutError::Pages(512)));
    assert_eq!(open(layout, &[(8, 4097)]), Err(LayoutError::Blocks(4096)));
    assert_eq!(
        open(layout, &[(8, 4065), (64, 1)]),
        Err(LayoutError::Blocks(4096))
    );
    assert_eq!(open(layout, &[(8, 4064), (64, 1)]), Ok(()));
}

#[test]
fn a_heap_in_use_is_not_torn_down() {
    let mut heap = heap([(64, 4)]);
    let mut mapped = Mapped::default();
    let one = heap.alloc(Request::single(64), &mut mapped).unwrap();
    assert_eq!(heap.close(), Err(CloseError::InUse(1)));
    let layout = Layout {
        bytes: PAGE,
        page_bytes: PAGE,
        base: 0,
    };
    assert_eq!(
        heap.open(layout, &bundles([(8, 8)])),
        Err(LayoutError::InUse(1))
    );
    heap.free(one.offset, &mut mapped).unwrap();
    heap.close().unwrap();
    let closed = AllocError::TooLarge { bytes: 1, align: 1 };
    assert_eq!(heap.alloc(Request::single(1), &mut mapped), Err(closed));
    heap.open(layout, &bundles([(8, 8)])).unwrap();
    heap.check().unwrap();
}

/// SOF leaves the pages mapped that came before the one that could not be.
#[test]
fn f34_a_partial_mapping_is_rolled_back() {
    use crate::supply::{MapPage, PageByPage};

    #[derive(Default)]
    struct OneByOne {
        mapped: BTreeSet<u32>,
        bad: Option<u32>,
    }
    impl MapPage for OneByOne {
        type Error = u32;
        fn map_page(&mut self, page: u32) -> Result<(), u32> {
            if self.bad == Some(page) {
                return Err(page);
            }
            assert!(self.mapped.insert(page));
            Ok(())
        }
        fn unmap_page(&mut self, page: u32) {
            assert!(self.mapped.remove(&page));
        }
    }
    let mut heap = heap([(8 * PAGE, 2)]);
    let mut pages = PageByPage(OneByOne::default());
    for bad in 0..8 {
        pages.0.bad = Some(bad);
        let refused = heap.alloc(Request::single(8 * PAGE), &mut pages);
        assert_eq!(refused, Err(AllocError::Map(bad)));
        assert!(pages.0.mapped.is_empty());
        heap.check().unwrap();
        assert_eq!((heap.stats().used, heap.stats().failures), (0, bad + 1));
    }
    pages.0.bad = None;
    let block = heap.alloc(Request::single(8 * PAGE), &mut pages).unwrap();
    heap.free(block.offset, &mut pages).unwrap();
    assert!(pages.0.mapped.is_empty());
}

const DEEP: Range = Range {
    minimum: 16 << 10,
    preferred: 128 << 10,
    align: 64,
};

/// The example of SOF's PR 9155: two deep buffers, each of 16 to 128 KiB, and 96 KiB to have.
#[test]
fn two_deep_buffers_share_what_there_is() {
    // 96 KiB of blocks.
    let mut blocks = heap([(32 << 10, 1), (64 << 10, 1)]);
    let mut mapped = Mapped::default();
    assert_eq!(
        blocks.alloc_range(DEEP, &mut mapped).unwrap().bytes,
        64 << 10
    );
    assert_eq!(
        blocks.alloc_range(DEEP, &mut mapped).unwrap().bytes,
        32 << 10
    );
    // 96 KiB of memory, and more blocks than that.
    let mut memory = heap([(16 << 10, 4), (32 << 10, 4), (64 << 10, 3), (128 << 10, 1)]);
    let mut mapped = Mapped {
        limit: Some(24),
        ..Mapped::default()
    };
    assert_eq!(
        memory.alloc_range(DEEP, &mut mapped).unwrap().bytes,
        64 << 10
    );
    assert_eq!(
        memory.alloc_range(DEEP, &mut mapped).unwrap().bytes,
        32 << 10
    );
    assert_eq!(mapped.pages.len(), 24);
    assert_eq!(memory.stats().failures, 0);
    memory.check().unwrap();
}

#[test]
fn a_range_takes_what_is_preferred_else_whole_blocks_else_the_minimum() {
    let mut heap = heap([(4096, 1), (10_000, 1), (65_536, 1)]);
    let mut mapped = Mapped::default();
    let mut take = |minimum, preferred| {
        heap.alloc_range(
            Range {
                minimum,
                preferred,
                align: 1,
            },
            &mut mapped,
        )
        .map(|got| got.bytes)
    };
    assert_eq!(take(1000, 40_000), Ok(40_000));
    assert_eq!(take(1000, 40_000), Ok(10_000));
    assert_eq!(take(1000, 40_000), Ok(4096));
    let full = RangeError::Minimum(AllocError::Full { bytes: 1000 });
    assert_eq!(take(1000, 40_000), Err(full));
    assert_eq!(heap.stats().failures, 1);
    heap.check().unwrap();
}

#[test]
fn ranges_that_are_refused() {
    let mut heap = heap([(4096, 2)]);
    let mut mapped = Mapped::default();
    let mut take = |minimum, preferred, align| {
        heap.alloc_range(
            Range {
                minimum,
                preferred,
                align,
            },
            &mut mapped,
        )
    };
    assert_eq!(take(0, 10, 1), Err(RangeError::Empty));
    assert_eq!(
        take(11, 10, 1),
        Err(RangeError::Inverted {
            minimum: 11,
            preferred: 10
        })
    );
    assert_eq!(
        take(10, 20, 3),
        Err(RangeError::Minimum(AllocError::Alignment(3)))
    );
    let too_large = |bytes, align| Err(RangeError::Minimum(AllocError::TooLarge { bytes, align }));
    assert_eq!(take(4097, u32::MAX, 1), too_large(4097, 1));
    assert_eq!(take(10, 20, 8192), too_large(10, 8192));
    // The hint may be anything.
    assert_eq!(take(10, u32::MAX, 64).unwrap().bytes, 4096);
}
