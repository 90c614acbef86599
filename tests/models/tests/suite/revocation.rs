//! Revoking over two, three and four cores.

use model_checks::revocation::{Bug, Revocation};
use model_checks::{explore, find_bug};

#[test]
fn two_cores_that_both_revoke() {
    explore(Revocation::new(2, 2, 2, true)).expect("revocation, 2 cores", 171_988);
}

#[test]
fn three_cores_of_which_two_revoke() {
    explore(Revocation::new(3, 2, 1, true)).expect("revocation, 3 cores", 135_046);
}

#[test]
fn four_cores_of_which_one_revokes() {
    explore(Revocation::new(4, 1, 1, true)).expect("revocation, 4 cores", 514_891);
}

#[test]
fn nobody_waits_in_vain_even_if_nobody_gives_up() {
    explore(Revocation::new(2, 2, 2, false)).expect("revocation, 2 patient cores", 19_861);
    explore(Revocation::new(3, 1, 1, false)).expect("revocation, 3 patient cores", 9_950);
}

/// Plants a bug in a model of two cores; whether the property shows it.
fn finds(bug: Bug, gives_up: bool, property: &'static str) -> bool {
    let model = Revocation::new(2, 2, 2, gives_up).with(bug);
    let steps = find_bug(model, property);
    println!("{bug:?}: {steps:?}");
    steps.is_some()
}

const REMEMBERED: &str = "no core remembers a frame that is not its domain's";
const USED: &str = "no core uses a frame that is not its domain's";
const UNDONE: &str = "whoever gives up leaves all as it was";
const STUCK: &str = "a core that is waited for can act";

#[test]
fn the_check_finds_an_answer_that_is_not_waited_for() {
    assert!(finds(Bug::NotAwaited, true, REMEMBERED));
    assert!(finds(Bug::NotAwaited, true, USED));
}

#[test]
fn the_check_finds_an_answer_without_forgetting_before() {
    assert!(finds(Bug::AnsweredTooEarly, true, REMEMBERED));
    assert!(finds(Bug::NotForgotten, true, USED));
}

#[test]
fn the_check_finds_a_refusal_that_is_not_undone() {
    assert!(finds(Bug::NotUndone, true, UNDONE));
    assert!(finds(Bug::GivenUpAsDone, true, USED));
}

#[test]
fn the_check_finds_a_frame_that_is_free_too_early() {
    assert!(finds(Bug::FreedTooEarly, true, USED));
    assert!(finds(Bug::OwnKept, true, USED));
}

#[test]
fn the_check_finds_letters_that_are_sent_too_early() {
    assert!(finds(Bug::AskedTooEarly, true, USED));
}

#[test]
fn the_check_finds_cores_that_nobody_asks() {
    assert!(finds(Bug::EnteredUnlocked, true, USED));
    assert!(finds(Bug::EnteredUnseen, true, USED));
}

#[test]
fn the_check_finds_a_deadlock() {
    assert!(finds(Bug::SilentWaiter, false, STUCK));
}

/// Safety does not rest on it: whoever gave up has undone, and asks for all of it again.
#[test]
fn a_letter_that_replaces_an_open_one_does_no_harm() {
    let model = Revocation::new(2, 2, 2, true).with(Bug::LetterReplaced);
    explore(model).expect("revocation with letters that replace each other", 136_472);
}
