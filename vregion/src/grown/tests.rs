//! Cases by hand and random steps.

use core::ops::Range;
use std::collections::BTreeSet;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::region;

const PAGE: u32 = 4096;

#[derive(Default)]
struct Mapped {
    pages: BTreeSet<u32>,
    bad: Option<u32>,
    refuse_unmap: bool,
    /// Mapped runs, in order.
    runs: Vec<Range<u32>>,
}

impl PageSupply for Mapped {
    type Error = u32;

    fn map(&mut self, pages: Range<u32>) -> Result<(), u32> {
        assert!(!pages.is_empty());
        if let Some(bad) = self.bad.filter(|bad| pages.contains(bad)) {
            return Err(bad);
        }
        self.runs.push(pages.clone());
        pages.for_each(|page| assert!(self.pages.insert(page), "mapped twice"));
        Ok(())
    }

    fn unmap(&mut self, pages: Range<u32>) -> Result<(), u32> {
        if self.refuse_unmap {
            return Err(99);
        }
        pages.for_each(|page| assert!(self.pages.remove(&page), "not mapped"));
        Ok(())
    }
}

type Grown = GrownRegion<64, 2>;

fn geometry(pages: u32) -> Geometry {
    Geometry {
        bytes: pages * PAGE,
        line: 64,
        base: 0xa000_0000,
    }
}

fn open(pages: u32) -> (Grown, Mapped) {
    let mut region = Grown::new();
    region.open(geometry(pages), PAGE).unwrap();
    (region, Mapped::default())
}

#[test]
fn pages_are_mapped_as_the_region_grows() {
    let (mut region, mut mapped) = open(7);
    assert!(mapped.pages.is_empty());
    region.alloc(Request::plain(100), &mut mapped).unwrap();
    assert_eq!(mapped.pages, (0..1).collect());
    region
        .alloc(Request::plain(PAGE - 104), &mut mapped)
        .unwrap();
    assert_eq!(mapped.pages.len(), 1);
    region
        .alloc(Request::plain(2 * PAGE + 8), &mut mapped)
        .unwrap();
    assert_eq!(mapped.pages, (0..4).collect());
    assert_eq!(mapped.runs, [0..1, 1..4]);
    region.seal(PAGE).unwrap();
    assert_eq!(mapped.pages.len(), 4);
    let scratch = region.alloc(Request::plain(3 * PAGE), &mut mapped).unwrap();
    assert!(region.is_mapped(scratch));
    let info = region.info().unwrap();
    assert_eq!(
        (info.pages, info.peak_pages, info.owners, info.sealed),
        (7, 7, 1, true)
    );
    region.check().unwrap();
    // Freed, the pages stay; reset, they go, all but those of the lifetime part.
    region.free(scratch.offset).unwrap();
    assert_eq!(mapped.pages.len(), 7);
    region.alloc(Request::plain(8), &mut mapped).unwrap();
    assert_eq!(region.reset_interim(&mut mapped), Ok(1));
    assert_eq!(mapped.pages, (0..4).collect());
    region.check().unwrap();
    assert_eq!(region.put(&mut mapped), Ok(Put::Closed));
    assert!(mapped.pages.is_empty());
    assert_eq!(region.info(), None);
}

/// SOF leaves the pages mapped that came before the one that could not be.
#[test]
fn f34_pages_that_cannot_be_mapped_leave_nothing() {
    let (mut region, mut mapped) = open(40);
    region.alloc(Request::plain(8), &mut mapped).unwrap();
    region.seal(1).unwrap();
    // Pages with gaps between them.
    for page in [3, 4, 9, 33] {
        let all = region
            .alloc(Request::plain(8).aligned(PAGE), &mut mapped)
            .unwrap();
        region.free(all.offset).unwrap();
        let to = Allocation {
            offset: page * PAGE,
            bytes: 8,
        };
        region.map(to, &mut mapped).unwrap();
    }
    let (before, stats) = (mapped.pages.clone(), region.info().unwrap().stats.used);
    for bad in (0..40).filter(|page| !before.contains(page)) {
        mapped.bad = Some(bad);
        let refused = region.alloc(Request::plain(39 * PAGE), &mut mapped);
        assert_eq!(refused, Err(AllocError::Map(bad)));
        assert_eq!(mapped.pages, before);
        assert_eq!(region.info().unwrap().stats.used, stats);
        region.check().unwrap();
    }
    mapped.bad = None;
    region
        .alloc(Request::plain(39 * PAGE), &mut mapped)
        .unwrap();
    assert_eq!(mapped.pages.len(), 40);
}

#[test]
fn f34_a_lifetime_allocation_without_memory_is_undone() {
    let (mut region, mut mapped) = open(7);
    region.alloc(Request::plain(100), &mut mapped).unwrap();
    for bad in 1..3 {
        mapped.bad = Some(bad);
        assert_eq!(
            region.alloc(Request::plain(9000), &mut mapped),
            Err(AllocError::Map(bad))
        );
        assert_eq!(region.info().unwrap().stats.lifetime_bytes, 104);
        assert_eq!(mapped.pages.len(), 1);
    }
    assert_eq!(region.info().unwrap().failures, 2);
    mapped.bad = None;
    assert_eq!(
        region
            .alloc(Request::plain(9000), &mut mapped)
            .unwrap()
            .offset,
        104
    );
    region.check().unwrap();
}

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_allocation_has_its_memory(
        seal_at in 0..12_usize,
        steps in prop::collection::vec((0..10_u8, 1..20_000_u32, 0..14_u32, any::<u16>()), 1..100),
    ) {
        let (mut region, mut mapped) = open(40);
        let mut live: Vec<Allocation> = Vec::new();
        let mut interim: Vec<Allocation> = Vec::new();
        for (step, (what, bytes, shift, pick)) in steps.into_iter().enumerate() {
            if step == seal_at {
                region.seal(0).unwrap();
            }
            match what {
                0..=5 => {
                    mapped.bad = (what == 5).then_some(u32::from(pick) % 40);
                    let (before, info) = (mapped.pages.clone(), region.info().unwrap());
                    let bytes = if pick % 2 == 0 { bytes } else { bytes % 600 + 1 };
                    match region.alloc(Request::plain(bytes).aligned(1 << shift), &mut mapped) {
                        Ok(allocation) => {
                            prop_assert!(region.is_mapped(allocation));
                            if step >= seal_at { interim.push(allocation) } else { live.push(allocation) }
                        }
                        Err(_) => {
                            prop_assert_eq!(&mapped.pages, &before);
                            let now = region.info().unwrap();
                            prop_assert_eq!((now.stats.used, now.pages), (info.stats.used, info.pages));
                        }
                    }
                    mapped.bad = None;
                }
                6 if step < seal_at && step % 3 == 0 => {
                    if let Ok(part) = region.add_part(bytes % 5000 + 1, Rights(7), &mut mapped) {
                        live.push(Allocation { offset: part.offset, bytes: part.bytes });
                    }
                }
                7 | 8 if !interim.is_empty() => {
                    let allocation = interim.swap_remove(usize::from(pick) % interim.len());
                    region.free(allocation.offset).unwrap();
                }
                9 if pick % 4 == 0 => {
                    prop_assert_eq!(region.reset_interim(&mut mapped), Ok(interim.len() as u32));
                    interim.clear();
                    let kept = region.info().unwrap().stats.lifetime_bytes.div_ceil(PAGE);
                    if step >= seal_at {
                        prop_assert!(mapped.pages.iter().all(|page| *page < kept));
                    }
                }
                _ => {}
            }
            region.check().unwrap();
            prop_assert!(live.iter().chain(&interim).all(|allocation| region.is_mapped(*allocation)));
            prop_assert_eq!(region.info().unwrap().pages as usize, mapped.pages.len());
            for page in 0..40 {
                prop_assert_eq!(region.has(page), mapped.pages.contains(&page));
            }
        }
        prop_assert_eq!(region.put(&mut mapped), Ok(Put::Closed));
        prop_assert!(mapped.pages.is_empty());
    }
}
