//! One core has the others forget.

use mmu::model::{Answering, ModelMachine};
use mmu::{
    Alias, CoreSet, DC233C, Machine, PageCount, Pte, Rights, Stale, Unanswered, VirtAddr, VirtRange,
};

use super::rig::{BOARD, Rig, at, core, frame, rig};

fn page(number: u32) -> VirtAddr {
    at(Alias::Cached, number)
}

fn others() -> CoreSet {
    CoreSet::EMPTY.with(core(1)).with(core(2))
}

/// Every core has pages 0 and 1 in its TLB and a dirty line of page 0; their entries are gone.
fn remembering() -> Rig {
    let mut rig = rig();
    rig.map(0, Rights::DATA);
    rig.map(1, Rights::DATA);
    for number in (0..BOARD.cores).rev() {
        rig.run(number, 0);
        rig.store(page(0), number).unwrap();
        rig.load(page(1)).unwrap();
    }
    for number in [0, 1] {
        rig.set(0, Alias::Cached, number, Pte::INVALID);
    }
    rig
}

fn stale(number: u32) -> Stale {
    Stale::entries_of(VirtRange::new(page(number), PageCount(1)).unwrap())
}

/// Whether each core still reaches a page.
fn reached(rig: &mut Rig, number: u32) -> [bool; 3] {
    let outcome = [0, 1, 2].map(|on| {
        let mut rig_on = rig.machine.clone();
        rig_on.run_on(core(on));
        rig_on.user_load(page(number)).is_ok()
    });
    rig.machine.run_on(core(0));
    outcome
}

#[test]
fn cores_that_answer_have_forgotten_just_that() {
    let mut rig = remembering();
    assert_eq!(rig.machine.shoot_down(others(), stale(0)), Ok(()));
    assert_eq!(
        reached(&mut rig, 0),
        [true, false, false],
        "the asker is no other"
    );
    assert_eq!(reached(&mut rig, 1), [true; 3]);
    let counts = [0, 1, 2].map(|number| {
        let counts = rig.machine.counts(core(number));
        let asked = (counts.shootdowns_asked, counts.shootdowns_answered);
        (asked, counts.entry_drops, counts.whole_cache_drops)
    });
    assert_eq!(counts, [((2, 0), 0, 0), ((0, 1), 4, 0), ((0, 1), 4, 0)]);
    assert_eq!(rig.machine.core(), core(0));
}

#[test]
fn only_who_is_asked_forgets() {
    let mut rig = remembering();
    let one = CoreSet::EMPTY.with(core(2));
    assert_eq!(rig.machine.shoot_down(one, stale(0)), Ok(()));
    assert_eq!(reached(&mut rig, 0), [true, true, false]);
    assert_eq!(rig.machine.shoot_down(CoreSet::EMPTY, stale(0)), Ok(()));
}

#[test]
fn lines_are_written_back_and_dropped_where_asked() {
    let mut rig = remembering();
    let before = rig.machine.lines(core(0));
    assert_eq!(rig.machine.shoot_down(others(), Stale::LINES), Ok(()));
    assert_eq!(rig.machine.lines(core(1)), []);
    assert_eq!(rig.machine.lines(core(2)), []);
    assert_eq!(rig.machine.lines(core(0)), before);
    assert_eq!(rig.memory(frame(0)), 2, "core 2 answered last");
    assert_eq!(rig.machine.counts(core(1)).whole_cache_drops, 1);
}

#[test]
fn a_slow_core_is_waited_for() {
    let mut rig = remembering();
    let polls = BOARD.shootdown_polls;
    rig.machine
        .answering(core(1), Answering::AfterPolls(polls - 1));
    assert_eq!(rig.machine.shoot_down(others(), stale(0)), Ok(()));
    assert_eq!(reached(&mut rig, 0), [true, false, false]);
    rig.machine.answering(core(1), Answering::AfterPolls(polls));
    let late = rig.machine.shoot_down(others(), stale(1));
    let core = core(1);
    assert_eq!(late, Err(Unanswered { core, polls }));
    assert_eq!(reached(&mut rig, 1), [true, true, false]);
}

#[test]
fn a_silent_core_is_named_and_its_letter_waits() {
    let mut rig = remembering();
    rig.machine.answering(core(1), Answering::Never);
    let silent = Unanswered {
        core: core(1),
        polls: BOARD.shootdown_polls,
    };
    assert_eq!(rig.machine.shoot_down(others(), stale(0)), Err(silent));
    assert_eq!(reached(&mut rig, 0), [true, true, false]);
    assert!(rig.machine.let_answer(core(1)));
    assert_eq!(reached(&mut rig, 0), [true, false, false]);
    assert_eq!(reached(&mut rig, 1), [true; 3]);
    assert!(!rig.machine.let_answer(core(1)), "it is answered");
    assert_eq!(rig.machine.core(), core(0));
}

#[test]
fn the_next_letter_includes_the_one_that_was_not_answered() {
    let mut rig = remembering();
    rig.machine.answering(core(1), Answering::Never);
    rig.machine.shoot_down(others(), stale(0)).unwrap_err();
    rig.machine.answering(core(1), Answering::AtOnce);
    assert_eq!(rig.machine.shoot_down(others(), stale(1)), Ok(()));
    assert_eq!(reached(&mut rig, 0), [true, false, false]);
    assert_eq!(reached(&mut rig, 1), [true, false, false]);
    assert_eq!(rig.machine.counts(core(1)).shootdowns_answered, 1);
}

#[test]
fn a_core_that_nobody_has_never_answers() {
    let mut machine = ModelMachine::new(DC233C);
    let nobody = core(DC233C.cores);
    let silent = Unanswered {
        core: nobody,
        polls: DC233C.shootdown_polls,
    };
    let asked = CoreSet::EMPTY.with(nobody);
    assert_eq!(machine.shoot_down(asked, Stale::LINES), Err(silent));
    let asked = CoreSet::EMPTY.with(core(0));
    assert!(
        machine.shoot_down(asked, Stale::LINES).is_err(),
        "nor does the asker"
    );
}
