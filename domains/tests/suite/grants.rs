//! Giving partitions: each reason to refuse, and that a refusal changes nothing.

use domains::{DomainError, DomainHandle, MAX_PARTITIONS};
use mmu::{AddressError, Alias, PAGE_BYTES, PageCount, PhysAddr, Rights, SLOT_PAGES, VirtAddr};

use crate::rig::{BOARD, Rig, frame, page, place};

/// A domain in slot 0 with a data page at page 2; another in the same slot with text.
fn furnished() -> (Rig, DomainHandle) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 2, &[0], Rights::DATA).unwrap();
    let other = rig.create(0);
    rig.grant(other, 2, &[1], Rights::TEXT).unwrap();
    (rig, handle)
}

/// The call is refused, and afterwards all is as before.
fn refused(
    start: VirtAddr,
    pages: u32,
    rights: Rights,
    frame_of: impl Fn(u32) -> PhysAddr,
) -> DomainError {
    let (mut rig, handle) = furnished();
    let before = (rig.resources(), rig.tables());
    let partitions = rig.domains.partitions(handle).unwrap().to_vec();
    let counts: Vec<u32> = (0..8).map(|n| rig.domains.mappings(frame(n))).collect();
    let (machine, pages) = (&mut rig.machine, PageCount(pages));
    let error = rig
        .domains
        .add_partition(machine, handle, start, pages, rights, frame_of)
        .unwrap_err();
    assert_eq!((rig.resources(), rig.tables()), before);
    assert_eq!(rig.domains.partitions(handle).unwrap(), partitions);
    let after: Vec<u32> = (0..8).map(|n| rig.domains.mappings(frame(n))).collect();
    assert_eq!(after, counts, "the ledger kept a part of a refused grant");
    assert_eq!(rig.domains.first_stray_entry(&rig.machine), None);
    // Frames 2 to 7 were never used and can still be anything.
    for (first, rights) in [(8, Rights::TEXT), (8, Rights::DATA)] {
        rig.grant(handle, first, &[2, 3, 4, 5, 6, 7], rights)
            .unwrap();
        rig.revoke(handle, first).unwrap();
    }
    error
}

#[test]
fn a_start_inside_a_page_is_refused() {
    for offset in [1, 4, 2048, PAGE_BYTES - 1] {
        let start = page(0).0 + offset;
        assert_eq!(
            refused(VirtAddr(start), 1, Rights::DATA, |_| frame(2)),
            DomainError::Range(AddressError::Unaligned(start))
        );
    }
}

#[test]
fn no_pages_are_refused() {
    assert_eq!(
        refused(page(0), 0, Rights::DATA, |_| frame(2)),
        DomainError::Range(AddressError::Empty(page(0).0))
    );
}

#[test]
fn a_range_that_wraps_is_refused() {
    let last = VirtAddr(0xffff_f000);
    for (start, pages) in [
        (page(0), u32::MAX),
        (page(0), 0x10_0000),
        (last, 1),
        (last, 2),
    ] {
        let start_bits = start.0;
        assert_eq!(
            refused(start, pages, Rights::DATA, |_| frame(2)),
            DomainError::Range(AddressError::Wraps {
                start: start_bits,
                pages
            })
        );
    }
}

#[test]
fn a_range_that_is_not_all_in_the_slot_is_refused() {
    let foreign = [
        (page(SLOT_PAGES), 1),
        (page(SLOT_PAGES - 1), 2),
        (page(3), SLOT_PAGES),
        (VirtAddr(page(0).0 - PAGE_BYTES), 1),
        (VirtAddr(page(0).0 - PAGE_BYTES), 2),
        (place(0, 0, Alias::Uncached), 1),
        (BOARD.table_window, 1),
        (VirtAddr(0), 1),
        (VirtAddr(0xffff_e000), 1),
    ];
    for (start, pages) in foreign {
        assert_eq!(
            refused(start, pages, Rights::DATA, |_| frame(2)),
            DomainError::OutsideSlot(start)
        );
    }
}

#[test]
fn unlawful_rights_are_refused() {
    for bits in 0..8 {
        let rights = Rights::from_bits_truncate(bits);
        if [Rights::READ, Rights::DATA, Rights::TEXT].contains(&rights) {
            continue;
        }
        assert_eq!(
            refused(page(0), 1, rights, |_| frame(2)),
            DomainError::Rights(rights)
        );
    }
}

#[test]
fn an_overlap_of_one_page_is_refused_from_either_side() {
    for (first, pages) in [(2, 1), (1, 2), (2, 2), (1, 3), (0, 4)] {
        assert_eq!(
            refused(page(first), pages, Rights::READ, |n| frame(2 + n)),
            DomainError::Overlap(page(2))
        );
    }
    let (mut rig, handle) = furnished();
    rig.grant(handle, 0, &[2, 3], Rights::READ).unwrap();
    rig.grant(handle, 3, &[4, 5], Rights::READ).unwrap();
}

#[test]
fn one_partition_too_many_is_refused() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    let many = MAX_PARTITIONS as u32;
    for first in 0..many {
        rig.grant(handle, first, &[0], Rights::DATA).unwrap();
    }
    assert_eq!(rig.domains.mappings(frame(0)), many);
    let before = (rig.resources(), rig.tables());
    assert_eq!(
        rig.grant(handle, many, &[1], Rights::DATA),
        Err(DomainError::NoPartition(MAX_PARTITIONS))
    );
    assert_eq!((rig.resources(), rig.tables()), before);
}

#[test]
fn frames_that_are_no_modules_are_refused_wherever_in_the_range_they_stand() {
    let foreign = [
        frame(8),
        PhysAddr(frame(0).0 - PAGE_BYTES),
        BOARD.table_frames.start,
        PhysAddr(frame(2).0 + 4),
        PhysAddr(0),
        PhysAddr(u32::MAX),
        PhysAddr(0xffff_f000),
    ];
    for bad in foreign {
        for at in 0..4 {
            let frame_of = |n| if n == at { bad } else { frame(2 + n) };
            assert_eq!(
                refused(page(8), 4, Rights::DATA, frame_of),
                DomainError::ForeignFrame(bad)
            );
        }
    }
}

#[test]
fn text_of_another_domain_cannot_become_writable() {
    let frame_of = |n| frame(if n == 3 { 1 } else { 2 + n });
    assert_eq!(
        refused(page(8), 4, Rights::DATA, frame_of),
        DomainError::Executable(frame(1))
    );
}

#[test]
fn data_cannot_become_executable() {
    let frame_of = |n| frame(if n == 3 { 0 } else { 2 + n });
    assert_eq!(
        refused(page(8), 4, Rights::TEXT, frame_of),
        DomainError::Writable(frame(0))
    );
}

#[test]
fn a_frame_mapped_too_often_to_be_counted_is_refused() {
    let mut domains = Box::new(domains::Domains::<66, 1, 132>::new(&mmu::Platform {
        table_frames: mmu::PhysRange {
            start: BOARD.table_frames.start,
            frames: 132,
        },
        module_frames: mmu::PhysRange {
            start: PhysAddr(0x50_0000),
            frames: 1,
        },
        ..BOARD
    }));
    let mut machine = mmu::model::ModelMachine::new(*domains.platform());
    let only = PhysAddr(0x50_0000);
    let mut add = |pages| {
        let handle = domains.create(&mut machine, 0).unwrap();
        let pages = PageCount(pages);
        let added =
            domains.add_partition(&mut machine, handle, page(0), pages, Rights::READ, |_| only);
        (added, domains.mappings(only))
    };
    for _ in 0..63 {
        assert_eq!(add(SLOT_PAGES).0, Ok(()));
    }
    // 1,023 would do; the last page of a whole slot is one too many.
    let most = u32::from(u16::MAX);
    assert_eq!(
        add(SLOT_PAGES),
        (Err(DomainError::TooShared(only)), most + 1 - SLOT_PAGES)
    );
    assert_eq!(add(SLOT_PAGES - 1), (Ok(()), most));
}
