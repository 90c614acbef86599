//! A page of a domain's own, on one core: grants and revocations have a path of their own for it.
//! What holds for every partition holds for it, with whatever it is surrounded by.

use domains::{DomainError, Tenure};
use mmu::model::ModelMachine;
use mmu::{Access, Frames, Machine, PhysRange, Rights};

use crate::rig::{
    ACCESSES, ALIASES, FRAMES, Rig, Small, TABLES, board, core, frame, own, page, place, prohibited,
};
use crate::rules;

const LAWFUL: [Rights; 3] = [Rights::READ, Rights::DATA, Rights::TEXT];

/// Does all that the rights allow with a page of slot 0, through both aliases, and nothing else can
/// be done.
fn use_page(rig: &mut Rig, number: u32, rights: Rights) {
    for alias in ALIASES {
        for access in ACCESSES {
            let denied = (!rights.contains(access.needs())).then(|| prohibited(access));
            assert_eq!(rig.cause(access, place(0, number, alias)), denied);
        }
    }
}

#[test]
fn every_page_of_all_rights_comes_and_goes_whatever_stands_before_and_behind() {
    for rights in LAWFUL {
        for around in 0..1 << 4 {
            let mut rig = Rig::new();
            let handle = rig.create(0);
            rig.switch(handle);
            for number in (0..4).filter(|number| around & 1 << number != 0) {
                let at = [0, 2, 6, 8][number as usize];
                rig.grant(handle, at, &[number], Rights::DATA).unwrap();
            }
            let before = rig.state();
            for number in [1, 3, 5, 7] {
                rig.grant(handle, number, &[4], rights).unwrap();
                rules::all(&rig);
                use_page(&mut rig, number, rights);
                assert_eq!(rig.domains.owners(frame(4)), 1);
                rig.revoke(handle, number).unwrap();
                rules::all(&rig);
                use_page(&mut rig, number, Rights::empty());
                assert!(rig.state() == before);
            }
        }
    }
}

#[test]
fn it_leaves_no_line_in_either_cache() {
    for rights in LAWFUL {
        let mut rig = Rig::new();
        let handle = rig.create(0);
        rig.switch(handle);
        rig.grant(handle, 0, &[0], rights).unwrap();
        use_page(&mut rig, 0, rights);
        assert_ne!(rig.machine.lines(core(0)), []);
        rig.revoke(handle, 0).unwrap();
        assert_eq!(rig.machine.lines(core(0)), []);
    }
}

#[test]
fn what_was_written_to_it_is_in_memory_and_comes_back_no_more() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.switch(handle);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.access(Access::Write, page(0), 7).unwrap();
    rig.revoke(handle, 0).unwrap();
    let mut byte = [0];
    rig.machine.load(frame(0), &mut byte);
    assert_eq!(byte, [7]);
    rig.machine.zero_frame(frame(0));
    rig.machine.evict_all(core(0));
    rig.machine.load(frame(0), &mut byte);
    assert_eq!(byte, [0]);
}

#[test]
fn frames_that_it_cannot_have_are_refused_and_nothing_changes() {
    let mut rig = Rig::new();
    let (handle, other) = (rig.create(0), rig.create(0));
    rig.switch(handle);
    rig.grant(other, 0, &[0], Rights::DATA).unwrap();
    rig.grant_as(other, 1, &[1], Rights::READ, Tenure::Constant)
        .unwrap();
    for taken in [0, 1] {
        let error = DomainError::InUse(frame(taken));
        rig.refuses(error, |rig| rig.grant(handle, 0, &[taken], Rights::DATA));
    }
    for beyond in [
        FRAMES as u32,
        FRAMES as u32 + 1,
        u32::MAX / mmu::PAGE_BYTES / 2,
    ] {
        let error = DomainError::ForeignFrame(frame(beyond));
        rig.refuses(error, |rig| rig.grant(handle, 0, &[beyond], Rights::DATA));
    }
}

#[test]
fn pages_that_it_cannot_be_are_refused_and_nothing_changes() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.switch(handle);
    rig.grant(handle, 2, &[0, 1], Rights::DATA).unwrap();
    for number in [2, 3] {
        let error = DomainError::Overlap(page(2));
        rig.refuses(error, |rig| rig.grant(handle, number, &[2], Rights::READ));
    }
    let error = DomainError::OutsideSlot(page(mmu::SLOT_PAGES));
    rig.refuses(error, |rig| {
        rig.grant(handle, mmu::SLOT_PAGES, &[2], Rights::DATA)
    });
    rig.grant(handle, mmu::SLOT_PAGES - 1, &[2], Rights::DATA)
        .unwrap();
    rules::all(&rig);
}

#[test]
fn what_is_shared_goes_one_side_at_a_time() {
    for tenure in [Tenure::Constant, Tenure::Buffer] {
        let mut rig = Rig::new();
        let (handle, other) = (rig.create(0), rig.create(0));
        rig.grant_as(handle, 0, &[0], Rights::READ, tenure).unwrap();
        let rights = match tenure {
            Tenure::Buffer => Rights::DATA,
            Tenure::Own | Tenure::Constant => Rights::READ,
        };
        rig.share((handle, 0), (other, 1), rights).unwrap();
        rig.switch(handle);
        rig.revoke(handle, 0).unwrap();
        rules::all(&rig);
        assert_eq!(rig.domains.owners(frame(0)), 1);
        let error = DomainError::InUse(frame(0));
        rig.refuses(error, |rig| rig.grant(handle, 0, &[0], Rights::DATA));
        rig.revoke(other, 1).unwrap();
        rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
        rules::all(&rig);
    }
}

#[test]
fn a_ledger_with_places_to_spare_gives_no_frame_that_is_not_there() {
    let few = board(TABLES, FRAMES as u32 - 3);
    let mut machine = ModelMachine::new(few);
    let mut domains = Small::new(&few, &mut machine);
    let handle = domains.create(0).unwrap();
    for number in 0..FRAMES as u32 + 1 {
        let at = frame(number);
        let granted =
            domains.add_partition(&mut machine, handle, own(number, 1, Rights::DATA), |_| {
                PhysRange::page(at)
            });
        let expected = match few.module_frames.index_of(at) {
            Some(_) => Ok(()),
            None => Err(DomainError::ForeignFrame(at)),
        };
        assert_eq!(granted, expected);
        domains.check(&machine).unwrap();
    }
    assert_eq!(domains.frames_in_use(), few.module_frames.frames);
}
