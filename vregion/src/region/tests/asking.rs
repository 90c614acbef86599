//! Requests, and geometry.

use super::*;

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
