//! Regions whose pages are mapped as they grow.

use std::fmt::Debug;

use vregion::grown::{GrownRegion, Rights};
use vregion::region::{Geometry, Request};
use vregion::supply::PageByPage;

use super::{BASE, PAGE, World, fail_each};
use crate::faults::Faults;

type Grown = GrownRegion<32, 2>;

/// A region with a page and a bit allocated for life; sealed, also with a freed allocation whose
/// pages, in the middle, stay mapped.
fn grown(sealed: bool) -> World<Grown> {
    let mut world = World::new(Grown::new());
    let geometry = Geometry {
        bytes: 48 * PAGE,
        line: 64,
        base: BASE,
    };
    let (region, faults) = (&mut world.allocator, &mut PageByPage(&mut world.faults));
    region.open(geometry, PAGE).unwrap();
    region.alloc(Request::plain(5_000), faults).unwrap();
    if sealed {
        region.seal(1).unwrap();
        let low = region.alloc(Request::plain(9 * PAGE), faults).unwrap();
        let middle = region.alloc(Request::plain(3 * PAGE), faults).unwrap();
        region.free(middle.offset).unwrap();
        region.free(low.offset).unwrap();
        region.reset_interim(faults).unwrap();
        let aligned = Request::plain(PAGE).aligned(8 * PAGE);
        let middle = region.alloc(aligned, faults).unwrap();
        region.free(middle.offset).unwrap();
    }
    world
}

fn seen_grown(region: &Grown) -> impl Debug + PartialEq + use<> {
    region.check().unwrap();
    let info = region.info().unwrap();
    let parts: Vec<_> = region.parts().collect();
    let stats = info.stats;
    (info.pages, stats.used, stats.allocations, parts)
}

#[test]
fn a_region_as_it_grows() {
    let act = |region: &mut Grown, faults: &mut Faults| {
        region.alloc(Request::plain(10 * PAGE), &mut PageByPage(faults))
    };
    assert_eq!(fail_each(|| grown(false), seen_grown, act), 10);
    // A page in the middle is there already.
    assert_eq!(fail_each(|| grown(true), seen_grown, act), 9);
}

#[test]
fn an_allocation_of_a_region_with_another_size() {
    let make = || {
        let mut world = grown(true);
        let mut faults = PageByPage(&mut world.faults);
        let small = Request::plain(100);
        world.allocator.alloc(small, &mut faults).unwrap();
        world
    };
    let act = |region: &mut Grown, faults: &mut Faults| {
        // It lies behind the 5,000 bytes, in a page that is there.
        region.resize(5_000, 10 * PAGE, &mut PageByPage(faults))
    };
    assert_eq!(fail_each(make, seen_grown, act), 9);
}

#[test]
fn a_part_of_a_region() {
    let act = |region: &mut Grown, faults: &mut Faults| {
        region.add_part(3 * PAGE + 1, Rights(1), &mut PageByPage(faults))
    };
    assert_eq!(fail_each(|| grown(false), seen_grown, act), 4);
}
