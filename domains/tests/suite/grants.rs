//! Giving partitions: each reason to refuse, and that a refusal changes nothing.

use domains::{DomainError, DomainHandle, MAX_PARTITIONS, Partition, Tenure};
use mmu::{
    Access, AddressError, Alias, PAGE_BYTES, PageCount, PhysAddr, PhysRange, Rights, SLOT_PAGES,
    VirtAddr,
};

use crate::rig::{BOARD, Rig, frame, own, page, place, runs};
use crate::rules;

/// A domain in slot 0 with a data page at page 2; another in the same slot with text. Frames 2 to
/// 7 are nobody's.
fn furnished() -> (Rig, DomainHandle) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 2, &[0], Rights::DATA).unwrap();
    let other = rig.create(0);
    rig.grant(other, 2, &[1], Rights::TEXT).unwrap();
    (rig, handle)
}

/// The partition is refused on those frames, and afterwards all is as before.
#[track_caller]
fn refused(error: DomainError, partition: Partition, frames: &[PhysAddr]) {
    let (mut rig, handle) = furnished();
    rig.refuses(error, |rig| {
        let machine = &mut rig.machine;
        rig.domains
            .add_partition(machine, handle, partition, runs(frames))
    });
    // Frames 2 to 7 were never used and can still be anything.
    for rights in [Rights::TEXT, Rights::DATA] {
        rig.grant(handle, 8, &[2, 3, 4, 5, 6, 7], rights).unwrap();
        rig.revoke(handle, 8).unwrap();
    }
}

fn partition(start: VirtAddr, pages: u32) -> Result<Partition, DomainError> {
    Partition::new(start, PageCount(pages), Rights::DATA, Tenure::Own)
}

#[test]
fn a_start_inside_a_page_is_refused() {
    for offset in [1, 4, 2048, PAGE_BYTES - 1] {
        let start = page(0).0 + offset;
        let refused = DomainError::Range(AddressError::Unaligned(start));
        assert_eq!(partition(VirtAddr(start), 1), Err(refused));
    }
}

#[test]
fn no_pages_are_refused() {
    let refused = DomainError::Range(AddressError::Empty(page(0).0));
    assert_eq!(partition(page(0), 0), Err(refused));
}

#[test]
fn a_range_that_wraps_is_refused() {
    let last = VirtAddr(0xffff_f000);
    for (at, pages) in [
        (page(0), u32::MAX),
        (page(0), 0x10_0000),
        (last, 1),
        (last, 2),
    ] {
        let start = at.0;
        let refused = DomainError::Range(AddressError::Wraps { start, pages });
        assert_eq!(partition(at, pages), Err(refused));
    }
}

#[test]
fn a_range_that_is_not_all_in_the_slot_is_refused() {
    for (start, pages) in [
        (page(SLOT_PAGES), 1),
        (page(SLOT_PAGES - 1), 2),
        (page(3), SLOT_PAGES),
        (VirtAddr(page(0).0 - PAGE_BYTES), 1),
        (VirtAddr(page(0).0 - PAGE_BYTES), 2),
        (place(0, 0, Alias::Uncached), 1),
        (BOARD.table_window, 1),
        (VirtAddr(0), 1),
        (VirtAddr(0xffff_e000), 1),
    ] {
        let partition = partition(start, pages).unwrap();
        refused(
            DomainError::OutsideSlot(start),
            partition,
            &[frame(2), frame(3)],
        );
    }
}

#[test]
fn rights_that_no_tenure_permits_are_refused_before_and_after_they_are_a_partition() {
    for tenure in [Tenure::Own, Tenure::Constant, Tenure::Buffer] {
        for bits in 0..8 {
            let rights = Rights::from_bits_truncate(bits);
            let lawful = match tenure {
                Tenure::Own => [Rights::READ, Rights::DATA, Rights::TEXT].contains(&rights),
                Tenure::Constant => [Rights::READ, Rights::TEXT].contains(&rights),
                Tenure::Buffer => [Rights::READ, Rights::DATA].contains(&rights),
            };
            assert_eq!(tenure.permits(rights), lawful, "{rights} as {tenure}");
            let made = Partition::new(page(0), PageCount(1), rights, tenure);
            let error = DomainError::Rights { rights, tenure };
            assert_eq!(made.err(), (!lawful).then_some(error));
            if !lawful {
                // Its fields are open to anyone.
                let mut partition = own(0, 1, Rights::DATA);
                (partition.rights, partition.tenure) = (rights, tenure);
                refused(error, partition, &[frame(2)]);
            }
        }
    }
}

#[test]
fn an_overlap_of_one_page_is_refused_from_either_side() {
    let frames: Vec<PhysAddr> = (2..8).map(frame).collect();
    for (first, pages) in [(2, 1), (1, 2), (2, 2), (1, 3), (0, 4)] {
        let partition = own(first, pages, Rights::READ);
        refused(DomainError::Overlap(page(2)), partition, &frames);
    }
    let (mut rig, handle) = furnished();
    rig.grant(handle, 0, &[2, 3], Rights::READ).unwrap();
    rig.grant(handle, 3, &[4, 5, 6], Rights::READ).unwrap();
    rules::all(&rig);
    // Inside, at the end, and beyond the end of a longer one.
    for (first, pages) in [(3, 1), (4, 1), (5, 1), (5, 4)] {
        rig.refuses(DomainError::Overlap(page(3)), |rig| {
            let frames = [7, 7, 7, 7].map(frame);
            let (machine, partition) = (&mut rig.machine, own(first, pages, Rights::DATA));
            rig.domains
                .add_partition(machine, handle, partition, runs(&frames))
        });
    }
}

#[test]
fn one_partition_too_many_is_refused() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    let many = MAX_PARTITIONS as u32;
    let constant = Tenure::Constant;
    for first in 0..many {
        rig.grant_as(handle, first, &[0], Rights::READ, constant)
            .unwrap();
    }
    assert_eq!(rig.domains.owners(frame(0)), many);
    let full = DomainError::NoPartition(MAX_PARTITIONS);
    rig.refuses(full, |rig| rig.grant(handle, many, &[1], Rights::DATA));
    rig.refuses(full, |rig| {
        rig.share((handle, 0), (handle, many), Rights::READ)
    });
    rig.revoke(handle, 7).unwrap();
    rig.grant(handle, many, &[1], Rights::DATA).unwrap();
    rules::all(&rig);
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
            let mut frames = [2, 3, 4, 5].map(frame);
            frames[at] = bad;
            // One that follows the frames before it is the end of their run.
            refused(
                DomainError::ForeignFrame(bad),
                own(8, 4, Rights::DATA),
                &frames,
            );
        }
    }
}

#[test]
fn a_run_that_goes_on_behind_the_last_frame_is_refused_at_that_frame() {
    let frames: Vec<PhysAddr> = (5..9).map(frame).collect();
    let partition = own(8, 4, Rights::DATA);
    refused(DomainError::ForeignFrame(frame(8)), partition, &frames);
}

#[test]
fn a_frame_in_use_is_refused_wherever_in_the_range_it_stands() {
    for used in [0, 1] {
        for at in 0..4 {
            let mut frames = [2, 4, 3, 6].map(frame);
            frames[at] = frame(used);
            for rights in [Rights::READ, Rights::DATA, Rights::TEXT] {
                let partition = own(8, 4, rights);
                refused(DomainError::InUse(frame(used)), partition, &frames);
            }
        }
    }
}

#[test]
fn a_frame_in_use_is_refused_wherever_in_one_run_it_stands() {
    for frames in 1..=8 {
        let run: Vec<u32> = (0..frames).collect();
        for used in 0..frames {
            let mut rig = Rig::new();
            let (handle, other) = (rig.create(0), rig.create(0));
            rig.grant(other, 0, &[used], Rights::DATA).unwrap();
            let error = DomainError::InUse(frame(used));
            rig.refuses(error, |rig| rig.grant(handle, 8, &run, Rights::DATA));
            rig.destroy(other).unwrap();
            rig.grant(handle, 8, &run, Rights::DATA).unwrap();
            rules::all(&rig);
            rig.revoke(handle, 8).unwrap();
            rules::all(&rig);
        }
    }
}

#[test]
fn a_frame_named_twice_is_seen_twice() {
    let frames = [3, 4, 3].map(frame);
    let partition = own(8, 3, Rights::DATA);
    refused(DomainError::InUse(frame(3)), partition, &frames);
}

#[test]
fn a_run_longer_than_its_partition_gives_no_more_than_the_partition() {
    let (mut rig, handle) = furnished();
    let whole = |_| PhysRange {
        start: frame(2),
        frames: u32::MAX,
    };
    let partition = own(8, 1, Rights::DATA);
    let (machine, domains) = (&mut rig.machine, &mut rig.domains);
    domains
        .add_partition(machine, handle, partition, whole)
        .unwrap();
    let taken: Vec<u32> = (0..8).map(|n| rig.domains.owners(frame(n))).collect();
    assert_eq!(taken, [1, 1, 1, 0, 0, 0, 0, 0]);
    rules::all(&rig);
    rig.switch(handle);
    assert_eq!(rig.cause(Access::Read, page(8)), None);
    assert_eq!(rig.cause(Access::Read, page(9)), Some(28));
    assert_eq!(rig.cause(Access::Read, page(7)), Some(28));
}

#[test]
fn the_last_of_several_runs_gives_no_more_than_the_partition_either() {
    let (mut rig, handle) = furnished();
    let whole = |page| match page {
        0 => PhysRange {
            start: frame(7),
            frames: 1,
        },
        page => PhysRange {
            start: frame(1 + page),
            frames: u32::MAX,
        },
    };
    let partition = own(8, 3, Rights::DATA);
    let (machine, domains) = (&mut rig.machine, &mut rig.domains);
    let granted = domains.add_partition(machine, handle, partition, whole);
    assert_eq!(granted, Ok(()));
    let taken: Vec<u32> = (0..8).map(|n| rig.domains.owners(frame(n))).collect();
    assert_eq!(taken, [1, 1, 1, 1, 0, 0, 0, 1]);
    rules::all(&rig);
    rig.revoke(handle, 8).unwrap();
    assert_eq!(rig.domains.frames_in_use(), 2);
    rules::all(&rig);
}

#[test]
fn scattered_frames_stand_behind_their_pages_in_order() {
    use mmu::Frames;
    let (mut rig, handle) = furnished();
    let frames = [7, 2, 3, 4, 6, 5];
    rig.grant(handle, 8, &frames, Rights::DATA).unwrap();
    rules::all(&rig);
    for number in frames {
        rig.machine.write(frame(number), &[number as u8]);
    }
    rig.switch(handle);
    for (at, number) in (8..).zip(frames) {
        assert_eq!(rig.access(Access::Read, page(at), 0), Ok(number as u8));
    }
    rig.revoke(handle, 8).unwrap();
    assert_eq!(rig.domains.frames_in_use(), 2);
    rules::all(&rig);
}

#[test]
fn a_frame_that_stands_where_a_run_would_have_it_is_of_that_run_only_if_all_before_it_are() {
    for frames in [[3, 2, 5, 4, 7, 6], [2, 7, 4, 6, 5, 3]] {
        let (mut rig, handle) = furnished();
        let other = rig.create(0);
        let constant = Tenure::Constant;
        rig.grant_as(handle, 8, &frames, Rights::READ, constant)
            .unwrap();
        rig.share((handle, 8), (other, 3), Rights::READ).unwrap();
        rules::all(&rig);
        rig.revoke(handle, 8).unwrap();
        rules::all(&rig);
        rig.destroy(other).unwrap();
        rules::all(&rig);
        assert_eq!(rig.domains.frames_in_use(), 2);
    }
}

#[test]
fn the_whole_slot_can_be_one_partition() {
    let big = crate::rig::board(2, SLOT_PAGES + 1);
    let mut machine = mmu::model::ModelMachine::new(big);
    let mut domains = Box::new(domains::Domains::<1, 1025, 1>::new(&big, &mut machine));
    let first = big.module_frames.start;
    let whole = own(0, SLOT_PAGES, Rights::DATA);
    let handle = domains
        .create_with(&mut machine, 0, &[(whole, first)])
        .unwrap();
    assert_eq!(domains.check(&machine), Ok(()));
    assert_eq!(domains.frames_in_use(), SLOT_PAGES);
    let last = PhysAddr(first.0 + SLOT_PAGES * PAGE_BYTES);
    assert_eq!(domains.owners(last), 0);
    let bytes = SLOT_PAGES * PAGE_BYTES;
    assert_eq!(domains.may(handle, page(0), bytes, Access::Write), Ok(()));
    assert!(
        domains
            .may(handle, page(0), bytes + 1, Access::Write)
            .is_err()
    );
    domains
        .remove_partition(&mut machine, handle, page(0))
        .unwrap();
    assert_eq!(domains.check(&machine), Ok(()));
    assert_eq!(domains.frames_in_use(), 0);
}
