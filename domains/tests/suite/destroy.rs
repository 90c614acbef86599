//! Ending domains.

use domains::{Denied, DomainError, Domains, ThreadId};
use mmu::model::ModelMachine;
use mmu::{Access, Alias, CoreId, Rights, Table, VirtAddr};

use crate::rig::{ACCESSES, ALIASES, BOARD, Rig, core, frame, own, page, place, runs};
use crate::rules;

#[test]
fn death_returns_everything_exactly() {
    let mut rig = Rig::new();
    let before = rig.resources();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0, 1], Rights::DATA).unwrap();
    rig.grant(handle, 4, &[2], Rights::TEXT).unwrap();
    rig.destroy(handle).unwrap();
    assert_eq!(rig.resources(), before);
    assert_eq!(rig.domains.owners(frame(0)), 0);
    rules::all(&rig);
    // Nothing is remembered of what the frames were used for.
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0, 1], Rights::TEXT).unwrap();
    rig.grant(handle, 4, &[2], Rights::DATA).unwrap();
}

#[test]
fn a_dead_domains_asid_is_in_no_tlb_of_any_core() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    for number in 0..3 {
        rig.on(number);
        rig.switch(handle);
        // Entries that give access, and entries that give none, of every index of the TLB.
        for page in 0..4 {
            for alias in ALIASES {
                for access in ACCESSES {
                    let _ = rig.access(access, place(0, page, alias), 1);
                }
            }
        }
    }
    let asid = rig.domains.asid(handle).unwrap().number();
    assert_eq!(rig.machine.asids_remembered(), [asid]);
    rig.destroy(handle).unwrap();
    assert_eq!(rig.machine.asids_remembered(), []);
}

#[test]
fn a_domain_with_partitions_of_one_index_leaves_no_entry_of_another() {
    // Entries that say "no access" carry the ASID too, and are of pages in no partition.
    for number in 0..4 {
        let mut rig = Rig::new();
        let handle = rig.create(0);
        rig.grant(handle, 8, &[0], Rights::DATA).unwrap();
        rig.switch(handle);
        assert_eq!(rig.cause(Access::Read, page(number)), Some(28));
        rig.destroy(handle).unwrap();
        assert_eq!(rig.machine.asids_remembered(), []);
    }
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
    let uncached = place(0, 0, Alias::Uncached);
    assert_eq!(rig.cause(Access::Write, uncached), Some(29));
}

#[test]
fn the_tables_of_an_empty_place_give_nothing() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0, 3, 5], Rights::DATA).unwrap();
    rig.grant(handle, 1000, &[6, 7], Rights::TEXT).unwrap();
    let image = rig.image(handle);
    rig.destroy(handle).unwrap();
    for word in [image.cached[0], image.uncached[0]] {
        let table = Table::at(mmu::PhysAddr(word & !0xfff));
        for number in 0..1024 {
            assert!(!table.entry(&rig.machine, page(number)).is_valid());
        }
    }
}

#[test]
fn members_keep_their_domain_alive() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    for number in 0..2 {
        rig.domains.add_thread(ThreadId(number), handle).unwrap();
    }
    rig.refuses(DomainError::HasThreads(2), |rig| rig.destroy(handle));
    rig.domains.remove_thread(ThreadId(0)).unwrap();
    rig.refuses(DomainError::HasThreads(1), |rig| rig.destroy(handle));
    rig.domains.remove_thread(ThreadId(1)).unwrap();
    rig.destroy(handle).unwrap();
    rules::all(&rig);
}

#[test]
fn a_stale_handle_is_refused_by_every_call() {
    let mut rig = Rig::new();
    let stale = rig.create(0);
    rig.destroy(stale).unwrap();
    let error = DomainError::StaleHandle;
    // While its place is empty, and when another has it.
    for _ in 0..2 {
        let other = rig.create(0);
        rig.refuses(error, |rig| rig.destroy(stale));
        rig.refuses(error, |rig| rig.grant(stale, 0, &[0], Rights::DATA));
        rig.refuses(error, |rig| rig.revoke(stale, 0));
        rig.refuses(error, |rig| rig.share((stale, 0), (other, 0), Rights::READ));
        rig.refuses(error, |rig| rig.inherit(stale, other));
        rig.refuses(error, |rig| rig.inherit(other, stale));
        rig.refuses(error, |rig| {
            rig.domains.enter(stale, CoreId::BOOT).map(|_| ())
        });
        rig.refuses(error, |rig| rig.domains.add_thread(ThreadId(0), stale));
        assert_eq!(rig.domains.asid(stale), Err(error));
        assert_eq!(rig.domains.partitions(stale), Err(error));
        for bytes in [0, 1] {
            let denied = rig.domains.may(stale, page(0), bytes, Access::Read);
            assert_eq!(denied, Err(Denied::StaleHandle));
            let denied = rig.domains.prove(stale, page(0), bytes, Access::Read);
            assert_eq!(denied.unwrap_err(), Denied::StaleHandle);
        }
        rig.grant(other, 0, &[0], Rights::DATA).unwrap();
        rig.refuses(error, |rig| rig.share((other, 0), (stale, 0), Rights::READ));
        rig.refuses(error, |rig| rig.revoke(stale, 0));
        rig.destroy(other).unwrap();
    }
}

#[test]
fn a_handle_of_other_domains_names_nothing_beyond_the_last_place() {
    let mut machine = ModelMachine::new(BOARD);
    let mut few = Domains::<1, 8, 1>::new(&BOARD, &mut machine);
    let mut rig = Rig::new();
    rig.create(0);
    let second = rig.create(0);
    let refused = DomainError::StaleHandle;
    assert_eq!(few.asid(second), Err(refused));
    let partition = own(0, 1, Rights::DATA);
    let granted = few.add_partition(&mut machine, second, partition, runs(&[frame(0)]));
    assert_eq!(granted, Err(refused));
    assert_eq!(few.enter(second, core(0)), Err(refused));
    assert_eq!(few.destroy(&mut machine, second), Err(refused));
    let denied = few.may(second, VirtAddr(0), 0, Access::Read);
    assert_eq!(denied, Err(Denied::StaleHandle));
}

#[test]
fn a_handle_stays_stale_however_often_its_place_is_used() {
    let mut rig = Rig::new();
    let stale = rig.domains.create(0).unwrap();
    rig.destroy(stale).unwrap();
    for _ in 0..u16::MAX {
        let handle = rig.domains.create(0).unwrap();
        assert_ne!(handle, stale);
        rig.destroy(handle).unwrap();
    }
    rig.create(0);
    assert_eq!(rig.domains.asid(stale), Err(DomainError::StaleHandle));
    rules::all(&rig);
}

#[test]
fn a_place_used_again_does_not_know_its_last_domain() {
    let mut rig = Rig::new();
    let before = (0..3).map(|_| rig.create(0)).collect::<Vec<_>>();
    for handle in &before {
        rig.grant(*handle, 0, &[], Rights::DATA).unwrap_err();
    }
    rig.grant(before[1], 5, &[1], Rights::TEXT).unwrap();
    rig.destroy(before[1]).unwrap();
    let handle = rig.create(7);
    assert_ne!(handle, before[1]);
    assert_eq!(rig.domains.partitions(handle), Ok(&[][..]));
    rules::all(&rig);
}
