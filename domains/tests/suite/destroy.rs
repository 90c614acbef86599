//! Ending domains.

use domains::{Denied, DomainError};
use mmu::{Access, Alias, PageCount, Rights};

use crate::rig::{ACCESSES, ALIASES, Rig, frame, page, place};

#[test]
fn death_returns_everything_exactly() {
    let mut rig = Rig::new();
    let before = rig.resources();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0, 1], Rights::DATA).unwrap();
    rig.grant(handle, 4, &[2], Rights::TEXT).unwrap();
    rig.destroy(handle).unwrap();
    assert_eq!(rig.resources(), before);
    assert_eq!(rig.domains.mappings(frame(0)), 0);
    // Nothing is remembered of what the frames were used for.
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0, 1], Rights::TEXT).unwrap();
    rig.grant(handle, 4, &[2], Rights::DATA).unwrap();
}

#[test]
fn a_dead_domains_asid_is_in_no_tlb() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.switch(handle);
    // Entries that give access, and entries that give none, of every index of the TLB.
    for number in 0..4 {
        for alias in ALIASES {
            for access in ACCESSES {
                let _ = rig.access(access, place(0, number, alias), 1);
            }
        }
    }
    let asid = rig.domains.asid(handle).unwrap().number();
    assert!(rig.machine.asids_remembered().contains(&asid));
    rig.destroy(handle).unwrap();
    assert!(!rig.machine.asids_remembered().contains(&asid));
}

#[test]
fn a_domain_destroyed_while_it_runs_reaches_nothing_more() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.switch(handle);
    rig.access(Access::Write, page(0), 1).unwrap();
    rig.destroy(handle).unwrap();
    assert_eq!(rig.cause(Access::Read, page(0)), Some(28));
    assert_eq!(
        rig.cause(Access::Write, place(0, 0, Alias::Uncached)),
        Some(29)
    );
}

#[test]
fn a_stale_handle_is_refused_by_every_call() {
    let mut rig = Rig::new();
    let stale = rig.create(0);
    rig.destroy(stale).unwrap();
    let refused = DomainError::StaleHandle;
    // While its place is empty, and when another has it.
    for _ in 0..2 {
        assert_eq!(rig.destroy(stale), Err(refused));
        assert_eq!(rig.grant(stale, 0, &[0], Rights::DATA), Err(refused));
        assert_eq!(rig.revoke(stale, 0), Err(refused));
        assert_eq!(rig.domains.switch_image(stale), Err(refused));
        assert_eq!(rig.domains.asid(stale), Err(refused));
        assert_eq!(rig.domains.partitions(stale), Err(refused));
        for bytes in [0, 1] {
            let denied = rig.domains.may(stale, page(0), bytes, Access::Read);
            assert_eq!(denied, Err(Denied::StaleHandle));
            let denied = rig.domains.prove(stale, page(0), bytes, Access::Read);
            assert_eq!(denied.unwrap_err(), Denied::StaleHandle);
        }
        let other = rig.create(0);
        assert_ne!(other, stale);
        rig.grant(other, 0, &[0], Rights::DATA).unwrap();
    }
}

#[test]
fn a_handle_of_another_table_names_nothing_beyond_the_last_place() {
    let mut large = domains::Domains::<4, 8, 8>::new(&crate::rig::BOARD);
    let mut rig = Rig::new();
    let handle = (0..3)
        .map(|_| large.create(&mut rig.machine, 0).unwrap())
        .last()
        .unwrap();
    assert_eq!(rig.domains.asid(handle), Err(DomainError::StaleHandle));
    let small = &mut rig.domains;
    let refused = small.add_partition(
        &mut rig.machine,
        handle,
        page(0),
        PageCount(1),
        Rights::DATA,
        frame,
    );
    assert_eq!(refused, Err(DomainError::StaleHandle));
}

#[test]
fn a_handle_stays_stale_however_often_its_place_is_used() {
    let mut rig = Rig::new();
    let stale = rig.create(0);
    rig.destroy(stale).unwrap();
    for _ in 0..u16::MAX {
        let handle = rig.create(0);
        rig.destroy(handle).unwrap();
    }
    rig.create(0);
    assert_eq!(rig.domains.asid(stale), Err(DomainError::StaleHandle));
}
