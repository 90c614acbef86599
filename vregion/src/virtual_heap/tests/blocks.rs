//! Blocks, pages and alignment.

use super::*;

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
