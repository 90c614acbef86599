//! A core that does not answer: the call is undone completely, and works once it answers.

use domains::{DomainError, DomainHandle, Tenure};
use mmu::model::Answering;
use mmu::{Access, CoreId, Rights, Unanswered};

use crate::rig::{ACCESSES, ALIASES, BOARD, CORES, Rig, core, frame, page, place};
use crate::rules;

fn silent(core: CoreId) -> DomainError {
    let polls = BOARD.shootdown_polls;
    DomainError::Unanswered(Unanswered { core, polls })
}

/// A domain of every kind of partition that every core has used.
fn furnished() -> (Rig, DomainHandle) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0, 4, 5], Rights::DATA).unwrap();
    rig.grant_as(handle, 3, &[1], Rights::TEXT, Tenure::Constant)
        .unwrap();
    rig.grant_as(handle, 6, &[2], Rights::DATA, Tenure::Buffer)
        .unwrap();
    for number in 0..CORES {
        rig.on(number);
        rig.switch(handle);
        use_all(&mut rig);
    }
    rig.on(0);
    (rig, handle)
}

/// Every access does what the partitions say.
fn use_all(rig: &mut Rig) {
    let rights = [
        (0, Rights::DATA),
        (2, Rights::DATA),
        (3, Rights::TEXT),
        (5, Rights::empty()),
        (6, Rights::DATA),
    ];
    for (number, rights) in rights {
        for alias in ALIASES {
            for access in ACCESSES {
                let refused =
                    (!rights.contains(access.needs())).then(|| crate::rig::prohibited(access));
                assert_eq!(rig.cause(access, place(0, number, alias)), refused);
            }
        }
    }
}

const STARTS: [u32; 3] = [0, 3, 6];

type Call = dyn Fn(&mut Rig, DomainHandle) -> Result<(), DomainError>;

fn calls() -> Vec<Box<Call>> {
    let mut calls: Vec<Box<Call>> = vec![Box::new(Rig::destroy)];
    for start in STARTS {
        calls.push(Box::new(move |rig, handle| rig.revoke(handle, start)));
    }
    calls
}

#[test]
fn a_revoke_or_a_destroy_without_an_answer_is_undone_and_works_later() {
    for call in calls() {
        for quiet in [vec![1], vec![2], vec![1, 2]] {
            for way in [
                Answering::Never,
                Answering::AfterPolls(2 * BOARD.shootdown_polls),
            ] {
                let (mut rig, handle) = furnished();
                for number in &quiet {
                    rig.machine.answering(core(*number), way);
                }
                let before = (rig.state(), rig.tables());
                let refused = call(&mut rig, handle);
                assert_eq!(refused, Err(silent(core(quiet[0]))));
                assert!((rig.state(), rig.tables()) == before);
                rules::all(&rig);
                for number in 0..CORES {
                    rig.on(number);
                    use_all(&mut rig);
                }
                rig.on(0);
                assert_eq!(call(&mut rig, handle), refused, "again");
                for number in &quiet {
                    rig.machine.answering(core(*number), Answering::AtOnce);
                }
                call(&mut rig, handle).unwrap();
                rules::all(&rig);
            }
        }
    }
}

#[test]
fn an_answer_that_comes_too_late_harms_nobody() {
    for call in calls() {
        let (mut rig, handle) = furnished();
        rig.machine.answering(core(1), Answering::Never);
        call(&mut rig, handle).unwrap_err();
        let before = rig.state();
        assert!(rig.machine.let_answer(core(1)));
        assert!(!rig.machine.let_answer(core(1)));
        assert!(rig.state() == before);
        for number in 0..CORES {
            rig.on(number);
            use_all(&mut rig);
        }
    }
}

#[test]
fn the_acting_core_need_not_answer_itself() {
    for call in calls() {
        let (mut rig, handle) = furnished();
        rig.machine.answering(core(0), Answering::Never);
        call(&mut rig, handle).unwrap();
        rules::all(&rig);
    }
}

#[test]
fn a_core_that_never_entered_the_domain_may_be_silent() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    rig.grant(one, 0, &[0], Rights::DATA).unwrap();
    rig.grant(two, 0, &[1], Rights::DATA).unwrap();
    for (number, handle) in [(1, one), (2, two)] {
        rig.on(number);
        rig.switch(handle);
        rig.access(Access::Write, page(0), 1).unwrap();
    }
    rig.machine.answering(core(2), Answering::Never);
    rig.on(0);
    rig.revoke(one, 0).unwrap();
    rig.destroy(one).unwrap();
    rules::all(&rig);
    assert_eq!(rig.destroy(two), Err(silent(core(2))));
    assert_eq!(rig.domains.owners(frame(1)), 1);
    rig.on(2);
    assert_eq!(rig.cause(Access::Write, page(0)), None);
}

#[test]
fn a_letter_that_was_not_answered_is_in_the_next() {
    let (mut rig, handle) = furnished();
    let other = rig.create(0);
    rig.grant(other, 1, &[3], Rights::DATA).unwrap();
    rig.on(1);
    rig.switch(other);
    rig.access(Access::Read, page(1), 0).unwrap();
    rig.machine.answering(core(1), Answering::Never);
    rig.on(0);
    // It is asked for index 3 and does not answer; then it does, asked for index 1.
    assert_eq!(rig.revoke(handle, 3), Err(silent(core(1))));
    rig.machine.answering(core(1), Answering::AtOnce);
    rig.revoke(other, 1).unwrap();
    let left = rig.machine.entries(core(1)).into_iter();
    let left: Vec<u32> = left
        .filter(|entry| entry.is_refilled())
        .map(|entry| entry.page.page() % 4)
        .collect();
    assert!(!left.contains(&3) && !left.contains(&1), "{left:?}");
    rules::all(&rig);
}

#[test]
fn the_undone_revoke_leaves_no_hole_in_what_is_counted() {
    let (mut rig, handle) = furnished();
    rig.machine.answering(core(2), Answering::Never);
    for _ in 0..40 {
        for start in STARTS {
            assert_eq!(rig.revoke(handle, start), Err(silent(core(2))));
        }
    }
    rules::all(&rig);
    assert_eq!(rig.domains.owners(frame(1)), 1);
    assert_eq!(rig.domains.owners(frame(2)), 1);
    let other = rig.create(0);
    rig.share((handle, 3), (other, 0), Rights::READ).unwrap();
    rig.share((handle, 6), (other, 1), Rights::READ).unwrap();
    rig.refuses(DomainError::InUse(frame(4)), |rig| {
        rig.grant(other, 8, &[4], Rights::DATA)
    });
}
