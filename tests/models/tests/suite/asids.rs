//! Numbers that come back, over two and three cores.

use model_checks::asids::{Asids, Bug};
use model_checks::{explore, find_bug};

const OUTLIVED: &str = "no entry outlives the domain that made it";
const MISLED: &str = "no module runs by another's entry";

#[test]
fn two_cores() {
    explore(Asids::new(2, 2, 3)).expect("ASIDs, 2 cores", 331_230);
}

#[test]
fn three_cores() {
    explore(Asids::new(3, 1, 2)).expect("ASIDs, 3 cores", 4_857_304);
}

#[test]
fn the_check_finds_every_bug() {
    for bug in [
        Bug::FreedTooEarly,
        Bug::NotAwaited,
        Bug::OwnKept,
        Bug::GivenUpAsDone,
        Bug::EnteredUnseen,
        Bug::LeftUnseen,
        Bug::ThreadsIgnored,
    ] {
        let shown_by: &[_] = match bug {
            // Its entries are another's before it is gone.
            Bug::FreedTooEarly => &[MISLED],
            _ => &[OUTLIVED, MISLED],
        };
        for property in shown_by {
            let steps = find_bug(Asids::new(2, 2, 2).with(bug), property);
            println!("{bug:?}: {steps:?}");
            assert!(steps.is_some(), "{bug:?} is not found by {property:?}");
        }
    }
}
