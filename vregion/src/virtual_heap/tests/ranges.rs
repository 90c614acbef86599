//! Ranges.

use super::*;

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
