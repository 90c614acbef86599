//! What Zephyr's memory domains accept, leak or leave half done, fault by fault, and do not here.

use domains::{Denied, DomainError, DomainHandle, Partition, Tenure, ThreadId};
use mmu::{
    Access, AddressError, Alias, PAGE_BYTES, PageCount, PhysAddr, Rights, SLOT_BYTES, VirtAddr,
};

use crate::rig::{ALIASES, BOARD, Rig, frame, own, page, place, runs};
use crate::rules;

fn one() -> (Rig, DomainHandle) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    (rig, handle)
}

#[track_caller]
fn add(
    rig: &mut Rig,
    handle: DomainHandle,
    partition: Partition,
    at: PhysAddr,
) -> Result<(), DomainError> {
    let pages = partition.range.pages();
    let frames = |page| mmu::PhysRange::rest(at, page, pages);
    let machine = &mut rig.machine;
    rig.domains
        .add_partition(machine, handle, partition, frames)
}

#[test]
fn an_unaligned_start_maps_neither_more_nor_less() {
    // start 0x1800, size 0x1000: the page in front would be all granted, the one behind missing.
    let (mut rig, handle) = one();
    let start = VirtAddr(page(1).0 + 0x800);
    let made = Partition::new(start, PageCount::holding(0x1000), Rights::DATA, Tenure::Own);
    assert_eq!(made, Err(AddressError::Unaligned(start.0).into()));
    rig.switch(handle);
    for number in 0..4 {
        assert_eq!(rig.cause(Access::Read, page(number)), Some(28));
    }
}

#[test]
fn a_size_of_no_whole_pages_is_rounded_in_the_open() {
    // A count of pages cannot say 4097 bytes; whoever rounds does it before the call.
    assert_eq!(PageCount::holding(4097), PageCount(2));
    let (mut rig, handle) = one();
    rig.grant(handle, 0, &[0, 1], Rights::DATA).unwrap();
    let last = VirtAddr(page(2).0 - 1);
    assert_eq!(rig.domains.may(handle, last, 1, Access::Write), Ok(()));
    assert!(rig.domains.may(handle, last, 2, Access::Write).is_err());
}

#[test]
fn a_claim_that_ends_in_the_last_page_is_never_granted() {
    let (mut rig, handle) = one();
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    for start in [0xffff_f000, 0xffff_f001, 0xffff_fffe, u32::MAX].map(VirtAddr) {
        let left = u32::MAX - start.0 + 1;
        for bytes in [0, 1, left - 1, left] {
            let denied = rig.domains.may(handle, start, bytes, Access::Read);
            assert_eq!(denied, Err(Denied::NotGranted(start)));
        }
        for bytes in [left + 1, u32::MAX] {
            let denied = rig.domains.may(handle, start, bytes, Access::Read);
            assert_eq!(denied, Err(Denied::Wraps(start)));
        }
    }
    // Rounding the end up to a page would bring it to zero.
    let start = page(0);
    for bytes in (0xffff_f001 - start.0)..=(0xffff_f003 - start.0) {
        let denied = rig.domains.may(handle, start, bytes, Access::Read);
        assert_eq!(denied, Err(Denied::NotGranted(page(1))));
    }
}

#[test]
fn an_overlap_with_what_stands_behind_a_hole_is_seen() {
    // Three, the middle one taken out, and then one over the last.
    let (mut rig, handle) = one();
    for (number, first) in [0, 4, 8].into_iter().enumerate() {
        rig.grant(handle, first, &[number as u32], Rights::READ)
            .unwrap();
    }
    rig.revoke(handle, 4).unwrap();
    for (first, pages) in [(8, 1), (7, 2), (5, 4)] {
        let partition = own(first, pages, Rights::DATA);
        rig.refuses(DomainError::Overlap(page(8)), |rig| {
            add(rig, handle, partition, frame(4))
        });
    }
    rig.refuses(DomainError::Overlap(page(0)), |rig| {
        add(rig, handle, own(0, 1, Rights::DATA), frame(4))
    });
    add(&mut rig, handle, own(1, 4, Rights::DATA), frame(4)).unwrap();
    rules::all(&rig);
}

#[test]
fn a_refused_partition_leaves_its_place_free() {
    let (mut rig, handle) = one();
    for _ in 0..2 * domains::MAX_PARTITIONS {
        rig.refuses(DomainError::ForeignFrame(frame(8)), |rig| {
            add(rig, handle, own(4, 2, Rights::DATA), frame(7))
        });
    }
    assert_eq!(rig.domains.partitions(handle).unwrap(), []);
    add(&mut rig, handle, own(4, 2, Rights::DATA), frame(6)).unwrap();
}

#[test]
fn a_domain_with_one_bad_partition_is_not_made_at_all() {
    let mut rig = Rig::new();
    let before = rig.state();
    let list = [
        (own(0, 1, Rights::DATA), frame(0)),
        (own(4, 1, Rights::DATA), frame(9)),
        (own(8, 1, Rights::DATA), frame(2)),
    ];
    for _ in 0..600 {
        let made = rig.domains.create_with(&mut rig.machine, 0, &list);
        assert_eq!(made, Err(DomainError::ForeignFrame(frame(9))));
    }
    assert!(rig.state() == before);
}

#[test]
fn a_region_has_both_its_addresses_or_none() {
    let (mut rig, handle) = one();
    rig.switch(handle);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    for alias in ALIASES {
        assert_eq!(rig.cause(Access::Write, place(0, 0, alias)), None);
    }
    rig.revoke(handle, 0).unwrap();
    for alias in ALIASES {
        assert_eq!(rig.cause(Access::Write, place(0, 0, alias)), Some(29));
        assert!(
            rig.domains
                .may(handle, place(0, 0, alias), 1, Access::Read)
                .is_err()
        );
    }
    rig.refuses(DomainError::InUse(frame(1)), |rig| {
        let frames = [frame(0), frame(1), frame(1)];
        let partition = own(0, 3, Rights::DATA);
        rig.domains
            .add_partition(&mut rig.machine, handle, partition, runs(&frames))
    });
    for alias in ALIASES {
        assert_eq!(rig.cause(Access::Write, place(0, 0, alias)), Some(29));
    }
}

#[test]
fn page_tables_and_kernel_memory_are_no_frames_of_a_partition() {
    let (mut rig, handle) = one();
    let tables = BOARD.table_frames;
    let kernel = BOARD.kernel_map.iter().map(|entry| entry.pte.frame());
    let tables = (0..tables.frames).filter_map(|number| tables.frame(number));
    for at in tables.chain(kernel) {
        for rights in [Rights::READ, Rights::DATA, Rights::TEXT] {
            rig.refuses(DomainError::ForeignFrame(at), |rig| {
                add(rig, handle, own(0, 1, rights), at)
            });
        }
    }
}

#[test]
fn a_partition_at_an_address_without_a_table_is_refused() {
    // Zephyr writes through a table address of zero there.
    let (mut rig, handle) = one();
    for start in [
        0,
        BOARD.table_window.0,
        page(0).0 + SLOT_BYTES,
        page(0).0 - SLOT_BYTES,
        0xd000_0000,
        BOARD.uncached_window.0,
    ] {
        let start = VirtAddr(start);
        let made = Partition::new(start, PageCount(1), Rights::DATA, Tenure::Own).unwrap();
        rig.refuses(DomainError::OutsideSlot(start), |rig| {
            add(rig, handle, made, frame(0))
        });
    }
}

#[test]
fn text_by_one_alias_is_not_written_by_the_other_or_by_another_domain() {
    let (mut rig, handle) = one();
    let other = rig.create(0);
    add(&mut rig, handle, own(0, 1, Rights::TEXT), frame(0)).unwrap();
    for (domain, first) in [(handle, 4), (other, 0)] {
        rig.refuses(DomainError::InUse(frame(0)), |rig| {
            add(rig, domain, own(first, 1, Rights::DATA), frame(0))
        });
    }
    let twin = place(0, 0, Alias::Uncached);
    let made = Partition::new(twin, PageCount(1), Rights::DATA, Tenure::Own).unwrap();
    rig.refuses(DomainError::OutsideSlot(twin), |rig| {
        add(rig, handle, made, frame(0))
    });
    rig.switch(handle);
    assert_eq!(rig.cause(Access::Write, twin), Some(29));
}

#[test]
fn a_partition_is_taken_away_by_its_start_whatever_became_of_the_callers_copy() {
    let (mut rig, handle) = one();
    let mut copy = own(3, 2, Rights::DATA);
    add(&mut rig, handle, copy, frame(0)).unwrap();
    copy.rights = Rights::TEXT;
    copy.range = own(3, 7, Rights::DATA).range;
    let (machine, start) = (&mut rig.machine, copy.range.start());
    rig.domains
        .remove_partition(machine, handle, start)
        .unwrap();
    assert_eq!(rig.domains.frames_in_use(), 0);
    rules::all(&rig);
}

#[test]
fn one_bad_page_in_the_middle_of_a_good_span_is_found() {
    let (mut rig, handle) = one();
    let frames = [0, 1, 2, 3, 4, 5];
    for (first, number) in frames.into_iter().enumerate() {
        rig.grant(handle, first as u32, &[number], Rights::DATA)
            .unwrap();
    }
    for bad in 1..5 {
        rig.revoke(handle, bad).unwrap();
        for alias in ALIASES {
            let (start, address) = (place(0, 0, alias), place(0, bad, alias));
            let unaligned = VirtAddr(start.0 + 7);
            for (start, bytes) in [(start, 6 * PAGE_BYTES), (unaligned, 5 * PAGE_BYTES)] {
                let denied = rig.domains.may(handle, start, bytes, Access::Write);
                assert_eq!(denied, Err(Denied::NotGranted(address)));
            }
        }
        rig.grant(handle, bad, &[bad], Rights::READ).unwrap();
        let access = Access::Write;
        let address = page(bad);
        let denied = rig.domains.may(handle, page(0), 6 * PAGE_BYTES, access);
        assert_eq!(denied, Err(Denied::Prohibited { address, access }));
        rig.revoke(handle, bad).unwrap();
        rig.grant(handle, bad, &[bad], Rights::DATA).unwrap();
    }
}

#[test]
fn a_destroyed_domain_cannot_be_used() {
    let (mut rig, handle) = one();
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.destroy(handle).unwrap();
    let next = rig.create(0);
    rig.grant(next, 0, &[0], Rights::DATA).unwrap();
    let error = DomainError::StaleHandle;
    rig.refuses(error, |rig| rig.grant(handle, 4, &[1], Rights::DATA));
    rig.refuses(error, |rig| rig.revoke(handle, 0));
    rig.refuses(error, |rig| rig.destroy(handle));
    rig.refuses(error, |rig| rig.domains.add_thread(ThreadId(0), handle));
    let denied = rig.domains.may(handle, page(0), 1, Access::Read);
    assert_eq!(denied, Err(Denied::StaleHandle));
}

#[test]
fn domains_come_and_go_without_end() {
    let mut rig = Rig::new();
    let before = rig.resources();
    for round in 0..2_000 {
        rig.on(round % 3);
        let list = [(own(round % 500, 2, Rights::DATA), frame(round % 7))];
        let handle = rig.domains.create_with(&mut rig.machine, 0, &list).unwrap();
        rig.switch(handle);
        assert_eq!(rig.cause(Access::Write, page(round % 500)), None);
        assert_eq!(rig.cause(Access::Write, page(round % 500 + 2)), Some(29));
        rig.destroy(handle).unwrap();
        assert_eq!(rig.resources(), before);
        assert_eq!(rig.machine.asids_remembered(), []);
    }
    rules::all(&rig);
}

#[test]
fn a_thread_is_always_in_its_domain_or_in_the_next() {
    let (mut rig, handle) = one();
    let gone = rig.create(0);
    rig.destroy(gone).unwrap();
    let thread = ThreadId(1);
    rig.domains.add_thread(thread, handle).unwrap();
    rig.refuses(DomainError::StaleHandle, |rig| {
        rig.domains.add_thread(thread, gone)
    });
    assert_eq!(rig.domains.domain_of(thread), Ok(handle));
}
