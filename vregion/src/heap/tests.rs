//! Cases by hand; what random steps do is in `tests/region.rs`.

use super::check::Sum;
use super::*;

/// All numbers of these tests are granules.
const START: u32 = 1000;
const END: u32 = 2000;
const LINE: u32 = 64;

struct Bench<const RECORDS: usize> {
    heap: Heap<RECORDS>,
}

impl<const RECORDS: usize> Bench<RECORDS> {
    fn new() -> Self {
        let mut heap = Heap::new();
        heap.clear(0);
        heap.open(START * GRANULE, END * GRANULE);
        let bench = Bench { heap };
        assert_eq!(bench.check(), Sum::default());
        bench
    }

    fn alloc(&mut self, size: u32, align: u32) -> Option<u32> {
        let before = (self.check(), self.heap.records());
        let (size, align) = (size * GRANULE, align * GRANULE);
        let position = self.heap.alloc(size, align, 0, false);
        if position == NOWHERE {
            assert_eq!((self.check(), self.heap.records()), before);
            return None;
        }
        assert_eq!(position % GRANULE, 0);
        self.check();
        Some(position / GRANULE)
    }

    fn free(&mut self, position: u32) -> Option<u32> {
        let size = self.heap.free(position * GRANULE) / GRANULE;
        self.check();
        (size != 0).then_some(size)
    }

    fn check(&self) -> Sum {
        let stretch = (START * GRANULE, END * GRANULE);
        self.heap.check(stretch, 0, LINE).unwrap()
    }
}

#[test]
fn gaps_merge_on_both_sides() {
    let mut bench = Bench::<16>::new();
    let at: [u32; 4] = core::array::from_fn(|_| bench.alloc(100, 1).unwrap());
    assert_eq!(at, [1000, 1100, 1200, 1300]);
    assert_eq!(bench.heap.records(), 5);
    assert_eq!(bench.free(1000), Some(100));
    assert_eq!(bench.free(1200), Some(100));
    assert_eq!(bench.free(1100), Some(100));
    assert_eq!(bench.heap.records(), 2);
    assert_eq!(bench.alloc(300, 1), Some(1000));
    assert_eq!(bench.free(1300), Some(100));
    assert_eq!(bench.free(1000), Some(300));
    assert_eq!(bench.alloc(1000, 1), Some(START));
    assert_eq!(bench.alloc(1, 1), None);
}

#[test]
fn the_gap_before_an_aligned_block_stays_usable() {
    let mut bench = Bench::<16>::new();
    assert_eq!(bench.alloc(10, 1024), Some(1024));
    assert_eq!(bench.alloc(24, 1), Some(1000));
    assert_eq!(bench.alloc(10, 1024), None);
    assert_eq!(bench.alloc(10, 1 << 28), None);
    assert_eq!(bench.free(1024), Some(10));
    assert_eq!(bench.free(1024), None);
    assert_eq!(bench.free(1000), Some(24));
    assert_eq!(bench.alloc(1000, 1), Some(START));
}

#[test]
fn a_freed_block_fits_the_same_size_again() {
    let mut bench = Bench::<16>::new();
    // 101 is no first size of a class: only a look at the block itself shows that it fits.
    let (one, _wall) = (bench.alloc(101, 1).unwrap(), bench.alloc(899, 1).unwrap());
    bench.free(one);
    assert_eq!(bench.alloc(101, 1), Some(one));
}

#[test]
fn records_run_out_without_harm() {
    // One record is nobody's, one the anchor.
    let mut bench = Bench::<4>::new();
    let one = bench.alloc(10, 1).unwrap();
    // The gaps before and after it take none.
    let two = bench.alloc(10, 512).unwrap();
    assert_eq!(bench.alloc(10, 1), None);
    assert!(bench.heap.lacks_record(10 * GRANULE, GRANULE, 0));
    bench.free(one).unwrap();
    let rest = bench.alloc(24, 1).unwrap();
    assert_eq!((two, rest), (1024, 1000));
    for position in [two, rest] {
        bench.free(position).unwrap();
    }
    assert_eq!(bench.alloc(1000, 1), Some(START));
}

#[test]
fn a_position_is_told_to_its_holder() {
    let mut bench = Bench::<16>::new();
    bench.alloc(10, 1).unwrap();
    bench.alloc(10, 1).unwrap();
    bench.free(START);
    let holder = |position| {
        let start = bench.heap.holder(position * GRANULE)?;
        Some(start / GRANULE)
    };
    assert_eq!(holder(START + 5), None);
    assert_eq!(holder(START + 9), None);
    assert_eq!(holder(START + 10), Some(START + 10));
    assert_eq!(holder(START + 19), Some(START + 10));
    assert_eq!(holder(START + 20), None);
    assert_eq!(holder(END), None);
}
