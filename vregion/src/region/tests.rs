//! Cases by hand; what random steps do is in `tests/region.rs`.

use super::*;

const BASE: u32 = 0xa000_0000;

fn region<const RECORDS: usize>(bytes: u32) -> Region<RECORDS> {
    let mut region = Region::new();
    region
        .open(Geometry {
            bytes,
            line: 64,
            base: BASE,
        })
        .unwrap();
    region
}

/// The sizes of SOF's boot test. Less is lost to rounding here, so what has to be refused once the
/// region is sealed is one page and a bit.
#[test]
fn sof_sizes() {
    let mut region = region::<64>(3 * 4096);
    let one = region.alloc(Request::plain(6000)).unwrap();
    let two = region.alloc(Request::plain(5000).aligned(16)).unwrap();
    assert_eq!((one.offset, two.offset % 16), (0, 0));
    assert_eq!(region.seal(1024), Ok(3 * 4096 - 6000 - 5000));
    let refused = AllocError::NoRoom {
        bytes: 6000,
        align: 8,
    };
    assert_eq!(region.alloc(Request::plain(6000)), Err(refused));
    assert_eq!(region.free(one.offset), Ok(Freed::Kept { bytes: 6000 }));
    assert_eq!(region.free(two.offset), Ok(Freed::Kept { bytes: 5000 }));
    assert_eq!(region.alloc(Request::plain(6000)), Err(refused));

    let small = region.alloc(Request::plain(20)).unwrap();
    let aligned = region.alloc(Request::plain(1000).aligned(16)).unwrap();
    assert_eq!(aligned.offset % 16, 0);
    let refused = AllocError::NoRoom {
        bytes: 2000,
        align: 8,
    };
    assert_eq!(region.alloc(Request::plain(2000)), Err(refused));
    region.free(small.offset).unwrap();
    region.free(aligned.offset).unwrap();
    region.alloc(Request::plain(1000)).unwrap();
    region.check().unwrap();
}

#[test]
fn requests_that_mean_nothing() {
    for sealed in [false, true] {
        let mut region = region::<16>(4096);
        if sealed {
            region.seal(0).unwrap();
        }
        let before = region.stats();
        let mut refused = |request: Request, why| {
            assert_eq!(region.alloc(request), Err(why));
            region.check().unwrap();
        };
        refused(Request::plain(0), AllocError::Empty);
        refused(Request::coherent(0), AllocError::Empty);
        refused(Request::plain(8).aligned(0), AllocError::Alignment(0));
        refused(Request::plain(8).aligned(96), AllocError::Alignment(96));
        refused(Request::plain(u32::MAX), AllocError::Wraps(u32::MAX));
        refused(
            Request::coherent(0xffff_fff0),
            AllocError::Wraps(0xffff_fff0),
        );
        let large = |bytes| AllocError::TooLarge {
            bytes,
            region: 4096,
        };
        refused(Request::plain(4097), large(4097));
        refused(Request::plain(0xffff_fff0), large(0xffff_fff0));
        refused(Request::coherent(0xffff_ff00), large(0xffff_ff00));
        // The first 4,096 bytes from this base on hold a multiple of 2^29, and of no more.
        for align in [1 << 30, 1 << 31] {
            let why = AllocError::NoRoom { bytes: 8, align };
            refused(Request::plain(8).aligned(align), why);
        }
        assert_eq!(region.stats(), before);
        region.alloc(Request::plain(8).aligned(1 << 29)).unwrap();
        region.check().unwrap();
    }
}

#[test]
fn alignment_is_that_of_the_address() {
    for sealed in [false, true] {
        let mut region = Region::<16>::new();
        let base = 0x1000_0040;
        region
            .open(Geometry {
                bytes: 8192,
                line: 64,
                base,
            })
            .unwrap();
        if sealed {
            region.seal(0).unwrap();
        }
        let page = region.alloc(Request::plain(1).aligned(4096)).unwrap();
        assert_eq!(
            page,
            Allocation {
                offset: 0xfc0,
                // Sealed, what is left of the line is of no use to others.
                bytes: if sealed { 64 } else { 8 }
            }
        );
        region.check().unwrap();
    }
}

#[test]
fn coherent_lines_are_shared_with_nobody() {
    for sealed in [false, true] {
        let mut region = region::<16>(4096);
        region.alloc(Request::plain(8)).unwrap();
        if sealed {
            region.seal(0).unwrap();
        }
        let one = region.alloc(Request::coherent(1)).unwrap();
        assert_eq!(
            one,
            Allocation {
                offset: 64,
                bytes: 64
            }
        );
        let two = region.alloc(Request::coherent(65)).unwrap();
        assert_eq!(
            two,
            Allocation {
                offset: 128,
                bytes: 128
            }
        );
        let three = region.alloc(Request::plain(8)).unwrap();
        // Sealed, the gap before the first coherent one can still be used.
        assert_eq!(three.offset, if sealed { 8 } else { 256 });
        region.check().unwrap();
    }
}

#[test]
fn geometry_is_checked() {
    let mut region = Region::<16>::new();
    let good = Geometry {
        bytes: 4096,
        line: 64,
        base: 0xffff_f000,
    };
    let mut open = |geometry| region.open(geometry);
    for bytes in [0, 12, MAX_BYTES + 8, u32::MAX] {
        assert_eq!(
            open(Geometry { bytes, ..good }),
            Err(GeometryError::Bytes(bytes))
        );
    }
    for line in [0, 4, 48] {
        assert_eq!(
            open(Geometry { line, ..good }),
            Err(GeometryError::Line(line))
        );
    }
    let (base, line, bytes) = (0x1020, 64, 4104);
    assert_eq!(
        open(Geometry { base, ..good }),
        Err(GeometryError::Base { base, line })
    );
    let wraps = GeometryError::Wraps {
        base: good.base,
        bytes,
    };
    assert_eq!(open(Geometry { bytes, ..good }), Err(wraps));
    // The last page of the address space is a page like any other.
    open(good).unwrap();
    region.alloc(Request::plain(8)).unwrap();
    region.seal(0).unwrap();
    region.alloc(Request::plain(4088)).unwrap();
    region.check().unwrap();
}

#[test]
fn a_region_without_memory_refuses() {
    let mut region = Region::<16>::new();
    let why = |bytes| AllocError::TooLarge { bytes, region: 0 };
    assert_eq!(region.alloc(Request::plain(8)), Err(why(8)));
    assert_eq!(region.alloc(Request::coherent(1)), Err(why(1)));
    assert_eq!(region.free(0), Err(FreeError::Foreign(0)));
    assert_eq!(region.seal(8), Err(SealError::NoRoom { left: 0, least: 8 }));
    assert_eq!(region.reset_interim(), 0);
    assert_eq!(region.stats(), RegionStats::default());
    region.check().unwrap();
}

#[test]
fn seal_says_at_once_when_too_little_is_left() {
    let mut full = region::<16>(4096);
    full.alloc(Request::plain(4000)).unwrap();
    assert_eq!(
        full.seal(1024),
        Err(SealError::NoRoom {
            left: 96,
            least: 1024
        })
    );
    assert!(!full.is_sealed());
    full.alloc(Request::plain(96)).unwrap();
    // Who wants nothing gets nothing.
    assert_eq!(full.seal(0), Ok(0));
    assert_eq!(full.seal(0), Err(SealError::Sealed));
    full.check().unwrap();

    let mut crowded = region::<4>(4096);
    for _ in 0..3 {
        crowded.alloc(Request::plain(8)).unwrap();
    }
    assert_eq!(
        crowded.alloc(Request::plain(8)),
        Err(AllocError::NoRecord(4))
    );
    assert_eq!(crowded.seal(8), Err(SealError::NoRecord(4)));
    crowded.undo(16).unwrap();
    assert_eq!(crowded.seal(8), Ok(4096 - 16));
    crowded.check().unwrap();
}

#[test]
fn frees_that_are_refused() {
    let mut region = region::<16>(4096);
    let one = region.alloc(Request::plain(24)).unwrap();
    let two = region.alloc(Request::coherent(64)).unwrap();
    assert_eq!(region.free(200), Err(FreeError::NotAllocated(200)));
    region.seal(0).unwrap();
    let three = region.alloc(Request::plain(24)).unwrap();
    assert_eq!((one.offset, two.offset, three.offset), (0, 64, 128));
    let before = region.stats();
    let mut refused = |offset, why| {
        assert_eq!(region.free(offset), Err(why));
        region.check().unwrap();
    };
    for (offset, start) in [(4, 0), (8, 0), (23, 0), (127, 64), (129, 128), (136, 128)] {
        refused(offset, FreeError::Interior { offset, start });
    }
    // The gap before the coherent one; the free part of the heap, at and off a granule.
    for offset in [24, 63, 152, 153, 4088, 4095] {
        refused(offset, FreeError::NotAllocated(offset));
    }
    for offset in [4096, 4097, 1 << 31, u32::MAX] {
        refused(offset, FreeError::Foreign(offset));
    }
    assert_eq!(region.stats(), before);
    region.free(one.offset).unwrap();
    assert_eq!(region.free(one.offset), Err(FreeError::Twice(0)));
    assert_eq!(
        region.free(8),
        Err(FreeError::Interior {
            offset: 8,
            start: 0
        })
    );
    region.free(three.offset).unwrap();
    assert_eq!(region.free(three.offset), Err(FreeError::NotAllocated(128)));
    region.check().unwrap();
}

#[test]
fn undo_leaves_no_trace() {
    let mut region = region::<16>(4096);
    let one = region.alloc(Request::plain(24)).unwrap();
    let before = region.stats();
    let two = region.alloc(Request::coherent(64)).unwrap();
    assert_eq!(region.undo(one.offset), Err(FreeError::NotNewest(0)));
    assert_eq!(region.undo(two.offset + 1), Err(FreeError::NotNewest(65)));
    region.undo(two.offset).unwrap();
    region.check().unwrap();
    assert_eq!(region.stats(), before);
    assert_eq!(region.alloc(Request::plain(8)).unwrap().offset, 24);
    region.undo(24).unwrap();
    region.undo(0).unwrap();
    assert_eq!(region.undo(0), Err(FreeError::NotAllocated(0)));
    assert_eq!(region.alloc(Request::plain(24)), Ok(one));
    region.free(0).unwrap();
    assert_eq!(region.undo(0), Err(FreeError::NotNewest(0)));
    region.seal(0).unwrap();
    assert_eq!(region.undo(0), Err(FreeError::NotNewest(0)));
    let before = region.stats();
    let three = region.alloc(Request::plain(24)).unwrap();
    region.undo(three.offset).unwrap();
    region.check().unwrap();
    assert_eq!(region.stats(), before);
}

/// Nothing of a region lies in memory that a module or another core could cache: it is one value,
/// and every change takes it by `&mut`, so that whoever shares it holds a lock (SOF's F35). This
/// holds as long as no operation takes `&self` and changes something.
#[test]
fn f35_a_region_has_no_state_that_a_shared_reference_could_change() {
    const fn without_cells<T: Sync + Send + core::panic::RefUnwindSafe>() {}
    without_cells::<Region<16>>();
    without_cells::<crate::pages::PagePool<32, 32>>();
    without_cells::<crate::virtual_heap::VirtualHeap<1, 32>>();
}

#[test]
fn reset_drops_what_is_interim() {
    let mut region = region::<16>(4096);
    let one = region.alloc(Request::plain(100)).unwrap();
    assert_eq!(region.reset_interim(), 0);
    let left = region.seal(0).unwrap();
    let fresh = region.stats();
    for _ in 0..3 {
        region.alloc(Request::coherent(100)).unwrap();
    }
    assert_eq!(region.stats().allocations, 4);
    assert_eq!(region.reset_interim(), 3);
    assert_eq!(
        RegionStats {
            peak: 104,
            ..region.stats()
        },
        fresh
    );
    region.check().unwrap();
    region.alloc(Request::plain(left)).unwrap();
    region.free(one.offset).unwrap();
    assert_eq!(region.stats().allocations, 1);
    region.check().unwrap();
    region
        .open(Geometry {
            bytes: 64,
            line: 64,
            base: 0,
        })
        .unwrap();
    assert_eq!(region.stats().peak, 0);
    region.check().unwrap();
}

#[test]
fn each_mode_has_its_own_entry() {
    let mut region = region::<16>(4096);
    let (bytes, align) = (8, 8);
    let no_room = Err(AllocError::NoRoom { bytes, align });
    assert_eq!(region.alloc_interim(Request::plain(8)), no_room);
    assert_eq!(region.alloc_lifetime(Request::plain(8)).unwrap().offset, 0);
    region.check().unwrap();
    region.seal(0).unwrap();
    assert_eq!(region.alloc_lifetime(Request::plain(8)), no_room);
    assert_eq!(region.alloc_interim(Request::plain(8)).unwrap().offset, 8);
    region.check().unwrap();
    // A region that begins anew has forgotten its heap.
    let geometry = Geometry {
        bytes: 4096,
        line: 64,
        base: BASE,
    };
    region.open(geometry).unwrap();
    assert_eq!(region.alloc_interim(Request::plain(8)), no_room);
    region.check().unwrap();
}

#[test]
fn the_peak_outlives_a_free() {
    let mut region = region::<16>(4096);
    region.seal(0).unwrap();
    let one = region.alloc(Request::plain(104)).unwrap();
    region.free(one.offset).unwrap();
    assert_eq!((region.stats().used, region.stats().peak), (0, 104));
    region.alloc(Request::plain(48)).unwrap();
    assert_eq!((region.stats().used, region.stats().peak), (48, 104));
    region.check().unwrap();
}
