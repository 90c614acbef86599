//! The access decision at its edges.

use domains::{Denied, DomainHandle, Partition, Tenure};
use mmu::{Access, Alias, PAGE_BYTES, PageCount, Rights, VirtAddr};

use crate::rig::{ALIASES, BOARD, Rig, frame, page, place, runs};

/// Pages 0 and 1 are data in two partitions, page 2 is constant, page 4 is text.
fn furnished() -> (Rig, DomainHandle) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 1, &[1], Rights::DATA).unwrap();
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.grant(handle, 2, &[2], Rights::READ).unwrap();
    rig.grant(handle, 4, &[3], Rights::TEXT).unwrap();
    (rig, handle)
}

fn at(alias: Alias, number: u32, offset: i64) -> VirtAddr {
    VirtAddr((i64::from(place(0, number, alias).0) + offset) as u32)
}

#[test]
fn a_range_may_straddle_partitions_to_its_last_byte() {
    let (rig, handle) = furnished();
    for alias in ALIASES {
        let may = |start, bytes, access| rig.domains.may(handle, start, bytes, access);
        let (first, behind) = (at(alias, 0, 0), at(alias, 3, 0));
        assert_eq!(may(first, 3 * PAGE_BYTES, Access::Read), Ok(()));
        assert_eq!(
            may(first, 3 * PAGE_BYTES + 1, Access::Read),
            Err(Denied::NotGranted(behind))
        );
        assert_eq!(may(at(alias, 1, -1), 2, Access::Write), Ok(()));
        assert_eq!(may(at(alias, 2, -1), 1, Access::Write), Ok(()));
        let address = at(alias, 2, 0);
        let access = Access::Write;
        assert_eq!(
            may(at(alias, 2, -1), 2, access),
            Err(Denied::Prohibited { address, access })
        );
        assert_eq!(may(at(alias, 2, -1), 2, Access::Read), Ok(()));
        assert_eq!(may(at(alias, 3, -1), 1, Access::Read), Ok(()));
        assert_eq!(
            may(behind, 1, Access::Read),
            Err(Denied::NotGranted(behind))
        );
        let before = at(alias, 0, -1);
        assert_eq!(
            may(before, 2, Access::Read),
            Err(Denied::NotGranted(before))
        );
    }
}

#[test]
fn text_is_executed_and_read_but_not_written() {
    let (rig, handle) = furnished();
    for alias in ALIASES {
        let start = at(alias, 4, 0);
        let may = |access| rig.domains.may(handle, start, PAGE_BYTES, access);
        assert_eq!(may(Access::Read), Ok(()));
        assert_eq!(may(Access::Execute), Ok(()));
        let (address, access) = (start, Access::Write);
        assert_eq!(may(access), Err(Denied::Prohibited { address, access }));
        let (address, access) = (at(alias, 0, 0), Access::Execute);
        let denied = rig.domains.may(handle, address, 1, access);
        assert_eq!(denied, Err(Denied::Prohibited { address, access }));
    }
}

#[test]
fn a_claim_of_no_bytes_needs_the_right_to_the_byte_at_its_start() {
    let (rig, handle) = furnished();
    let mut starts = vec![0, 1, u32::MAX, 0xffff_f000, BOARD.table_window.0];
    for alias in ALIASES {
        for number in 0..6 {
            starts.extend([-1, 0, 1].map(|offset| at(alias, number, offset).0));
        }
    }
    for start in starts.into_iter().map(VirtAddr) {
        for access in crate::rig::ACCESSES {
            let one = rig.domains.may(handle, start, 1, access);
            assert_eq!(rig.domains.may(handle, start, 0, access), one);
        }
    }
    let foreign = at(Alias::Uncached, 3, 0);
    let refused = rig.domains.may(handle, foreign, 0, Access::Read);
    assert_eq!(refused, Err(Denied::NotGranted(foreign)));
}

#[test]
fn a_range_that_wraps_is_denied_even_from_a_granted_page() {
    let (rig, handle) = furnished();
    for alias in ALIASES {
        let start = at(alias, 0, 0);
        for bytes in [u32::MAX, u32::MAX - 1, (!start.0 + 1) + 1] {
            assert_eq!(
                rig.domains.may(handle, start, bytes, Access::Read),
                Err(Denied::Wraps(start))
            );
        }
        let to_the_end = !start.0 + 1;
        assert_eq!(
            rig.domains.may(handle, start, to_the_end, Access::Read),
            Err(Denied::NotGranted(at(alias, 3, 0)))
        );
    }
}

#[test]
fn the_last_page_of_the_address_space_is_nobodys() {
    let (rig, handle) = furnished();
    for (start, bytes) in [(u32::MAX, 1), (0xffff_f000, PAGE_BYTES), (0xffff_ffff, 1)] {
        let start = VirtAddr(start);
        assert_eq!(
            rig.domains.may(handle, start, bytes, Access::Read),
            Err(Denied::NotGranted(start))
        );
    }
    let start = VirtAddr(u32::MAX);
    assert_eq!(
        rig.domains.may(handle, start, 2, Access::Read),
        Err(Denied::Wraps(start))
    );
}

#[test]
fn the_last_byte_of_each_window_can_be_granted_and_the_next_is_denied() {
    let mut rig = Rig::new();
    let slot = BOARD.slots() - 1;
    let handle = rig.create(slot);
    let start = place(slot, 1023, Alias::Cached);
    let partition = Partition::new(start, PageCount(1), Rights::DATA, Tenure::Own);
    let (machine, domains) = (&mut rig.machine, &mut rig.domains);
    let granted = domains.add_partition(machine, handle, partition.unwrap(), runs(&[frame(0)]));
    assert_eq!(granted, Ok(()));
    for alias in ALIASES {
        let start = place(slot, 1023, alias);
        let may = |bytes| rig.domains.may(handle, start, bytes, Access::Write);
        assert_eq!(may(PAGE_BYTES), Ok(()));
        let behind = VirtAddr(start.0 + PAGE_BYTES);
        assert_eq!(may(PAGE_BYTES + 1), Err(Denied::NotGranted(behind)));
        // From one window on into the other.
        assert!(may(0x6000_0000 - PAGE_BYTES).is_err());
    }
}

#[test]
fn nothing_is_granted_outside_the_windows() {
    let (rig, handle) = furnished();
    let outside = [
        0,
        BOARD.table_frames.start.0,
        BOARD.module_frames.start.0,
        BOARD.table_window.0 | page(0).0 >> 10,
        BOARD.uncached_window.0 - 1,
        BOARD.cached_window.0 - 1,
        BOARD.cached_window.0 + BOARD.window_bytes,
        0xd000_0000,
    ];
    for start in outside.map(VirtAddr) {
        assert_eq!(
            rig.domains.may(handle, start, 1, Access::Read),
            Err(Denied::NotGranted(start))
        );
    }
}

#[test]
fn a_denial_names_the_address_as_it_was_claimed() {
    let (rig, handle) = furnished();
    let start = at(Alias::Uncached, 2, 0);
    let denied = rig
        .domains
        .may(handle, start, 1, Access::Write)
        .unwrap_err();
    assert_eq!(denied.address(), Some(start));
    assert_eq!(Denied::StaleHandle.address(), None);
}

#[test]
fn every_last_byte_is_exact() {
    let (rig, handle) = furnished();
    for alias in ALIASES {
        for number in 0..3 {
            let start = at(alias, number, 0);
            let left = (3 - number) * PAGE_BYTES;
            for bytes in [1, PAGE_BYTES - 1, PAGE_BYTES, left - 1, left] {
                assert_eq!(rig.domains.may(handle, start, bytes, Access::Read), Ok(()));
            }
            let behind = Err(Denied::NotGranted(at(alias, 3, 0)));
            for bytes in [left + 1, left + PAGE_BYTES, u32::MAX - start.0 + 1] {
                let denied = rig.domains.may(handle, start, bytes, Access::Read);
                assert_eq!(denied, behind, "{bytes} bytes from {start}");
            }
        }
    }
}

#[test]
fn a_claim_over_both_windows_is_denied_where_it_leaves_the_first() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    // From the uncached page to the cached one: the first and the last byte are the domain's.
    let start = place(0, 0, Alias::Uncached);
    let bytes = page(0).0 - start.0 + PAGE_BYTES;
    let behind = VirtAddr(start.0 + PAGE_BYTES);
    let denied = rig.domains.may(handle, start, bytes, Access::Read);
    assert_eq!(denied, Err(Denied::NotGranted(behind)));
}
