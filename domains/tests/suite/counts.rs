//! What shootdowns are counted as.

use domains::Counts;
use mmu::Rights;
use mmu::model::Answering;

use crate::rig::{BOARD, CORES, Rig, core};

/// A domain with five pages that so many cores have entered; the first core goes on.
fn entered_on(cores: u32) -> (Rig, domains::DomainHandle) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    for number in 0..5 {
        rig.grant(handle, number, &[number], Rights::DATA).unwrap();
    }
    for number in 0..cores {
        rig.on(number);
        rig.switch(handle);
    }
    rig.on(0);
    (rig, handle)
}

#[test]
fn what_concerns_one_core_is_not_counted() {
    for cores in 0..2 {
        let (mut rig, handle) = entered_on(cores);
        rig.revoke(handle, 1).unwrap();
        rig.grant(handle, 1, &[6], Rights::TEXT).unwrap();
        rig.destroy(handle).unwrap();
        assert_eq!(rig.domains.counts(), Counts::default());
    }
}

#[test]
fn every_core_of_every_shootdown_is_counted() {
    for cores in 2..=CORES {
        let (mut rig, handle) = entered_on(cores);
        for number in 0..3 {
            rig.revoke(handle, number).unwrap();
        }
        rig.destroy(handle).unwrap();
        let counts = Counts {
            shootdowns: 4,
            cores_asked: 4 * (cores - 1),
            most_polls: 1,
            unanswered: 0,
        };
        assert_eq!(rig.domains.counts(), counts);
        assert_eq!(rig.domains.take_counts(), counts);
        assert_eq!(rig.domains.counts(), Counts::default());
    }
}

#[test]
fn the_longest_wait_stays() {
    let (mut rig, handle) = entered_on(2);
    for (number, polls, most) in [(0, 0, 1), (1, 5, 6), (2, 2, 6), (3, 6, 7)] {
        rig.machine.answering(core(1), Answering::AfterPolls(polls));
        rig.revoke(handle, number).unwrap();
        assert_eq!(rig.domains.counts().most_polls, most);
    }
}

#[test]
fn waiting_is_bounded_and_what_was_not_answered_is_counted() {
    let (mut rig, handle) = entered_on(CORES);
    rig.machine.answering(core(2), Answering::Never);
    rig.revoke(handle, 0).unwrap_err();
    rig.destroy(handle).unwrap_err();
    let counts = rig.domains.counts();
    assert_eq!((counts.shootdowns, counts.unanswered), (2, 2));
    assert_eq!(counts.cores_asked, 2 * (CORES - 1));
    // The first core asked answered at the first look.
    assert_eq!(counts.most_polls, 1 + BOARD.shootdown_polls);
    rig.machine.answering(core(2), Answering::AtOnce);
    rig.destroy(handle).unwrap();
    let after = rig.domains.counts();
    assert_eq!((after.shootdowns, after.unanswered), (3, 2));
    assert_eq!(after.most_polls, counts.most_polls);
}
