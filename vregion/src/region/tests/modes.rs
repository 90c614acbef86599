//! The seal, and what frees and resets do in each mode.

use super::*;

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
