//! Clones, fingerprints and the looks inside.

use mmu::model::{Answering, ModelMachine};
use mmu::{
    Alias, CacheMode, CoreSet, Frames, Machine, PhysAddr, Pte, Rights, Side, Stale, VirtAddr,
};

use super::rig::{BOARD, Rig, at, core, frame, rig};

fn used() -> Rig {
    let mut rig = rig();
    rig.map(0, Rights::TEXT | Rights::DATA);
    rig.fetch(at(Alias::Cached, 0)).unwrap();
    rig.machine.publish(frame(0));
    rig.run(1, 0);
    rig.machine.run_on(core(0));
    rig
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut rig = used();
    rig.store(at(Alias::Uncached, 0), 1).unwrap();
    rig.machine.answering(core(1), Answering::Never);
    let asked = CoreSet::EMPTY.with(core(1));
    rig.machine.shoot_down(asked, Stale::LINES).unwrap_err();
    let mut clone = rig.machine.clone();
    assert_eq!(clone.fingerprint(), rig.machine.fingerprint());
    clone.store(frame(0), &[2]);
    assert!(clone.let_answer(core(1)));
    assert_eq!(rig.memory(frame(0)), 1);
    assert!(
        rig.machine.let_answer(core(1)),
        "the letter was copied, not shared"
    );
}

type Change = fn(&mut Rig);

#[test]
fn every_kind_of_state_is_in_the_fingerprint() {
    let changes: [(&str, Change); 11] = [
        ("memory", |rig| rig.machine.store(frame(9), &[1])),
        ("a data entry", |rig| {
            let _ = rig.load(at(Alias::Uncached, 0));
        }),
        ("a fetched entry", |rig| {
            let _ = rig.fetch(at(Alias::Uncached, 0));
        }),
        ("the next way", |rig| {
            let _ = rig.load(at(Alias::Uncached, 0));
            rig.machine.unwire(Side::Data, 2, at(Alias::Uncached, 0));
        }),
        ("a wired entry", |rig| {
            let page = VirtAddr(0x6000_0000);
            rig.machine.wire(Side::Data, 9, page, Pte::INVALID);
        }),
        ("an ASID", |rig| rig.machine.set_module_asid(rig.asids[1])),
        ("a data line", |rig| {
            rig.machine.load_word(frame(0));
        }),
        ("dirt", |rig| {
            let word = rig.machine.load_word(frame(0));
            rig.machine.store_word(frame(0), word);
        }),
        ("an instruction line", |rig| {
            let _ = rig.fetch(at(Alias::Cached, 0));
        }),
        ("another core", |rig| {
            rig.machine.run_on(core(1));
            let _ = rig.load(at(Alias::Cached, 0));
        }),
        ("a letter", |rig| {
            rig.machine.answering(core(1), Answering::Never);
            let one = CoreSet::EMPTY.with(core(1));
            let _ = rig.machine.shoot_down(one, Stale::INDEX_0);
        }),
    ];
    let mut seen = vec![used().machine.fingerprint()];
    for (what, change) in changes {
        let mut rig = used();
        change(&mut rig);
        let print = rig.machine.fingerprint();
        assert!(!seen.contains(&print), "{what}");
        seen.push(print);
    }
}

#[test]
fn what_leaves_no_trace_is_not_in_the_fingerprint() {
    let mut rig = used();
    let address = at(Alias::Uncached, 0);
    rig.load(address).unwrap();
    let before = rig.machine.fingerprint();
    rig.load(address).unwrap();
    rig.machine.run_on(core(2));
    rig.machine.answering(core(1), Answering::Never);
    rig.machine.drop_lines(frame(3), 64);
    let untouched = frame(100);
    rig.machine.store(untouched, &[1, 2]);
    rig.machine.store(untouched, &[0xa5, 0xa5]);
    assert_eq!(rig.machine.fingerprint(), before);
    let asked = CoreSet::EMPTY.with(core(0));
    rig.machine.shoot_down(asked, Stale::INDEX_3).unwrap();
    assert_eq!(
        rig.machine.fingerprint(),
        before,
        "an answered letter is no state"
    );
}

#[test]
fn memory_is_filled_before_it_is_written() {
    let mut machine = ModelMachine::new(BOARD);
    let last = PhysAddr(BOARD.module_frames.end().0 - 4);
    for place in [BOARD.table_frames.start, frame(0), last] {
        assert_eq!(machine.load_word(place), 0xa5a5_a5a5);
    }
}

#[test]
fn entries_and_lines_are_listed_with_their_sides() {
    let mut rig = used();
    rig.fetch(at(Alias::Cached, 0)).unwrap();
    rig.store(VirtAddr(at(Alias::Cached, 0).0 + 0x80), 1)
        .unwrap();
    let lines = rig.machine.lines(core(0));
    let seen: Vec<_> = lines
        .iter()
        .map(|line| (line.side, line.at.0 - frame(0).0, line.dirty))
        .collect();
    assert_eq!(
        seen,
        [(Side::Instruction, 0, false), (Side::Data, 0x80, true)]
    );
    let entries = rig.machine.entries(core(0));
    let refilled: Vec<_> = entries.iter().filter(|entry| entry.is_refilled()).collect();
    assert_eq!(refilled.len(), 2);
    for entry in refilled {
        assert_eq!((entry.page, entry.index), (at(Alias::Cached, 0), 0));
        assert_eq!(entry.asid, rig.asids[0].number());
        assert_eq!(entry.pte.frame(), frame(0));
    }
}

#[test]
fn a_machine_may_go_to_another_thread() {
    fn sent_and_shared<T: Send + Sync + Clone>(_: &T) {}
    sent_and_shared(&used().machine);
}

fn stops(action: impl FnOnce(&mut ModelMachine)) -> bool {
    let mut machine = ModelMachine::new(BOARD);
    let action = std::panic::AssertUnwindSafe(|| action(&mut machine));
    std::panic::catch_unwind(action).is_err()
}

#[test]
fn what_no_caller_may_pass_stops_the_model() {
    let last = PhysAddr(frame(0).0 + 4092);
    assert!(stops(|machine| machine.store(last, &[0; 5])));
    assert!(!stops(|machine| machine.store(last, &[0; 4])));
    assert!(stops(|machine| machine.zero_frame(PhysAddr(0x10_0000))));
    assert!(stops(|machine| {
        machine.load_word(PhysAddr(frame(0).0 + 2));
    }));
    assert!(stops(|machine| machine.fill_words(
        last,
        0,
        0,
        2,
        CacheMode::Bypass
    )));
    assert!(stops(|machine| machine.drop_lines(last, 5)));
    assert!(stops(|machine| machine.run_on(core(3))));
}
