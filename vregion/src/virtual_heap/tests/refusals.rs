//! What is refused, and what that leaves.

use super::*;

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
