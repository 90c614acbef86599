//! Taking partitions away.

use domains::DomainError;
use mmu::{Access, PAGE_BYTES, Rights, VirtAddr};

use crate::rig::{ACCESSES, ALIASES, Rig, page, place, prohibited};
use crate::rules;

#[test]
fn what_is_no_start_of_a_partition_is_not_found() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 2, &[0, 1], Rights::DATA).unwrap();
    let wrong = [
        page(1),
        page(3),
        page(4),
        VirtAddr(page(2).0 + 1),
        place(0, 2, mmu::Alias::Uncached),
    ];
    for start in wrong {
        rig.refuses(DomainError::NotFound(start), |rig| {
            rig.domains
                .remove_partition(&mut rig.machine, handle, start)
        });
    }
}

#[test]
fn another_domains_partition_at_the_same_address_is_not_taken() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    rig.grant(one, 0, &[0], Rights::DATA).unwrap();
    assert_eq!(rig.revoke(two, 0), Err(DomainError::NotFound(page(0))));
    rig.switch(one);
    assert_eq!(rig.cause(Access::Read, page(0)), None);
}

#[test]
fn a_revoked_page_is_out_of_reach_at_once_through_both_aliases() {
    for alias in ALIASES {
        for access in ACCESSES {
            let mut rig = Rig::new();
            let handle = rig.create(0);
            let rights = match access {
                Access::Execute => Rights::TEXT,
                _ => Rights::DATA,
            };
            for number in 0..4 {
                rig.grant(handle, number, &[number], rights).unwrap();
            }
            rig.switch(handle);
            for number in 0..4 {
                let address = VirtAddr(place(0, number, alias).0 + PAGE_BYTES - 1);
                rig.access(access, address, 1).unwrap();
                rig.revoke(handle, number).unwrap();
                // The entry was in the TLB; nothing switched or flushed since.
                rules::all(&rig);
                assert_eq!(rig.cause(access, address), Some(prohibited(access)));
            }
        }
    }
}

#[test]
fn a_granted_page_is_in_reach_at_once_although_the_tlb_said_no() {
    for alias in ALIASES {
        let mut rig = Rig::new();
        let handle = rig.create(0);
        rig.switch(handle);
        for number in 0..4 {
            let address = place(0, number, alias);
            assert_eq!(rig.cause(Access::Read, address), Some(28));
            assert_eq!(rig.cause(Access::Execute, address), Some(20));
            rig.grant(handle, number, &[number], Rights::TEXT).unwrap();
            assert_eq!(rig.cause(Access::Read, address), None);
            assert_eq!(rig.cause(Access::Execute, address), None);
        }
    }
}

#[test]
fn its_neighbours_stay() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    for number in 0..3 {
        rig.grant(handle, number, &[number], Rights::DATA).unwrap();
    }
    rig.revoke(handle, 1).unwrap();
    rig.switch(handle);
    for (number, cause) in [(0, None), (1, Some(28)), (2, None), (3, Some(28))] {
        assert_eq!(rig.cause(Access::Read, page(number)), cause);
    }
    rules::all(&rig);
}

#[test]
fn a_part_of_a_partition_cannot_be_taken() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0, 1, 2], Rights::DATA).unwrap();
    for first in [1, 2, 3] {
        let error = DomainError::NotFound(page(first));
        rig.refuses(error, |rig| rig.revoke(handle, first));
    }
    rig.revoke(handle, 0).unwrap();
    rig.refuses(DomainError::NotFound(page(0)), |rig| rig.revoke(handle, 0));
    assert_eq!(rig.domains.frames_in_use(), 0);
}

#[test]
fn a_page_granted_again_with_other_rights_has_those() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.switch(handle);
    for rights in [Rights::DATA, Rights::READ, Rights::TEXT, Rights::DATA] {
        rig.grant(handle, 3, &[3], rights).unwrap();
        for alias in ALIASES {
            for access in ACCESSES {
                let expected = (!rights.contains(access.needs())).then_some(prohibited(access));
                assert_eq!(rig.cause(access, place(0, 3, alias)), expected);
            }
        }
        rig.revoke(handle, 3).unwrap();
        rules::all(&rig);
    }
}

#[test]
fn every_page_of_a_range_is_out_of_reach_wherever_it_starts_and_ends() {
    for first in 0..5 {
        for pages in 1..6 {
            let mut rig = Rig::new();
            let handle = rig.create(0);
            let frames: Vec<u32> = (0..pages).collect();
            rig.grant(handle, first, &frames, Rights::DATA).unwrap();
            rig.switch(handle);
            for number in first..first + pages {
                rig.access(Access::Write, page(number), 1).unwrap();
            }
            rig.revoke(handle, first).unwrap();
            rules::all(&rig);
            for number in first..first + pages {
                assert_eq!(rig.cause(Access::Write, page(number)), Some(29));
            }
        }
    }
}
