//! Pages, mapped as they are needed.

use super::*;

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
