//! Owners, the seal, and parts.

use super::*;

/// SOF counts a dying region up again, and one put too many makes it immortal.
#[test]
fn f36_a_closed_region_has_no_owners_any_more() {
    let (mut region, mut mapped) = open(7);
    region.alloc(Request::plain(100), &mut mapped).unwrap();
    assert_eq!(region.get(), Ok(2));
    assert_eq!(region.put(&mut mapped), Ok(Put::Held(1)));
    assert_eq!(mapped.pages.len(), 1);
    assert_eq!(region.put(&mut mapped), Ok(Put::Closed));
    assert_eq!(region.get(), Err(OwnerError::Closed));
    assert_eq!(region.put(&mut mapped), Err(PutError::Closed));
    assert_eq!(
        region.alloc(Request::plain(8), &mut mapped),
        Err(AllocError::Closed)
    );
    assert_eq!(region.free(0), Err(FreeError::Closed));
    assert_eq!(region.seal(0), Err(SealError::Closed));
    assert_eq!(region.reset_interim(&mut mapped), Err(ResetError::Closed));
    region.check().unwrap();
}

#[test]
fn f36_owners_are_counted_without_wrapping() {
    let (mut region, mut mapped) = open(7);
    region.owners = u32::MAX;
    assert_eq!(region.get(), Err(OwnerError::TooMany));
    assert_eq!(region.owners, u32::MAX);
    assert_eq!(region.put(&mut mapped), Ok(Put::Held(u32::MAX - 1)));
}

#[test]
fn pages_that_stay_mapped_are_not_forgotten() {
    let (mut region, mut mapped) = open(7);
    region.alloc(Request::plain(9000), &mut mapped).unwrap();
    mapped.refuse_unmap = true;
    assert_eq!(region.put(&mut mapped), Err(PutError::Unmap(99)));
    assert_eq!(region.get(), Err(OwnerError::Closed));
    assert_eq!(region.open(geometry(7), PAGE), Err(OpenError::Mapped(3)));
    assert_eq!(region.unmap_closed(&mut mapped), Err(99));
    region.check().unwrap();
    mapped.refuse_unmap = false;
    assert_eq!(region.unmap_closed(&mut mapped), Ok(0));
    region.open(geometry(7), PAGE).unwrap();
    assert_eq!(region.open(geometry(7), PAGE), Err(OpenError::InUse(1)));
}

/// In SOF a module that fills its region has no interim allocation, and nobody is told.
#[test]
fn f50_sealing_without_room_is_an_error_there_and_then() {
    let (mut region, mut mapped) = open(2);
    region
        .alloc(Request::plain(2 * PAGE - 1000), &mut mapped)
        .unwrap();
    let refused = region::SealError::NoRoom {
        left: 1000,
        least: 1024,
    };
    assert_eq!(region.seal(1024), Err(SealError::Region(refused)));
    assert_eq!(region.seal(1000), Ok(1000));
}

#[test]
fn f50_the_size_is_always_told() {
    let (region, _) = open(7);
    let info = region.info().unwrap();
    assert_eq!((info.geometry, info.stats.bytes), (geometry(7), 7 * PAGE));
    assert_eq!(Grown::new().info(), None);
}

#[test]
fn f17_f18_requests_that_mean_nothing() {
    let (mut region, mut mapped) = open(7);
    let mut alloc = |bytes, align| region.alloc(Request::plain(bytes).aligned(align), &mut mapped);
    assert_eq!(
        alloc(16, 96),
        Err(AllocError::Region(region::AllocError::Alignment(96)))
    );
    for bytes in [u32::MAX - 0x3f, u32::MAX - 15, u32::MAX] {
        assert!(matches!(alloc(bytes, 128), Err(AllocError::Region(_))));
    }
    for bytes in [u32::MAX, 0xffff_f001] {
        let part = region.add_part(bytes, Rights(1), &mut mapped);
        assert_eq!(
            part,
            Err(AllocError::Region(region::AllocError::Wraps(bytes)))
        );
    }
    assert!(mapped.pages.is_empty());
    assert_eq!(region.info().unwrap().stats.used, 0);
}

#[test]
fn f46_parts_have_their_pages_to_themselves() {
    let (mut region, mut mapped) = open(16);
    region.alloc(Request::plain(100), &mut mapped).unwrap();
    let text = region.add_part(5000, Rights(5), &mut mapped).unwrap();
    assert_eq!(
        text,
        Part {
            offset: PAGE,
            bytes: 2 * PAGE,
            rights: Rights(5)
        }
    );
    let constants = region.add_part(PAGE, Rights(1), &mut mapped).unwrap();
    assert_eq!(constants.offset, 3 * PAGE);
    let data = region.alloc(Request::plain(8), &mut mapped).unwrap();
    assert_eq!(data.offset, 4 * PAGE);
    assert_eq!(region.free(text.offset), Err(FreeError::Part(PAGE)));
    assert!(region.parts().eq([text, constants]));
    region.check().unwrap();
    mapped.bad = Some(5);
    assert_eq!(
        region.add_part(1, Rights(3), &mut mapped),
        Err(AllocError::Map(5))
    );
    mapped.bad = None;
    for _ in 2..MAX_PARTS {
        region.add_part(1, Rights(3), &mut mapped).unwrap();
    }
    assert_eq!(
        region.add_part(1, Rights(3), &mut mapped),
        Err(AllocError::NoPart)
    );
    region.seal(8).unwrap();
    assert_eq!(
        region.add_part(1, Rights(3), &mut mapped),
        Err(AllocError::Sealed)
    );
    region.check().unwrap();
}

#[test]
fn regions_that_cannot_be() {
    let open = |geometry, page| Grown::new().open(geometry, page).err();
    assert_eq!(open(geometry(7), 32), Some(OpenError::Page(32)));
    assert_eq!(open(geometry(7), 5000), Some(OpenError::Page(5000)));
    let half = Geometry {
        bytes: PAGE / 2,
        ..geometry(1)
    };
    assert_eq!(open(half, PAGE), Some(OpenError::PartOfPage(PAGE)));
    let off = Geometry {
        base: 0xa000_0040,
        ..geometry(1)
    };
    assert_eq!(open(off, PAGE), Some(OpenError::PartOfPage(PAGE)));
    assert_eq!(
        open(geometry(65), PAGE),
        Some(OpenError::Pages {
            pages: 65,
            most: 64
        })
    );
    let empty = region::GeometryError::Bytes(0);
    assert_eq!(open(geometry(0), PAGE), Some(OpenError::Geometry(empty)));
}
