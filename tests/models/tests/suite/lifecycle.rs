//! The life of domains, from nothing and from the middle.

use model_checks::lifecycle::{Bug, LifeCycle, Start};
use model_checks::{explore, find_bug};

#[test]
fn from_nothing() {
    explore(LifeCycle::new(Start::Empty, 6)).expect("life cycle, from nothing", 54_769);
}

#[test]
fn from_the_middle() {
    explore(LifeCycle::new(Start::Busy, 4)).expect("life cycle, from the middle", 45_803);
}

const ENDS: &str = "calls and accesses end as they must";
const ENTRIES: &str = "no TLB gives more than the partitions";
const LINES: &str = "no cache holds a frame that nobody has";

#[test]
fn the_check_finds_every_bug() {
    for (bug, property) in [
        (Bug::NotZeroed, ENDS),
        (Bug::EnteredUnseen, ENTRIES),
        (Bug::EnteredUnseen, LINES),
        (Bug::ThreadsIgnored, ENTRIES),
        (Bug::RefusalIgnored, ENDS),
        (Bug::OutdatedStops, ENDS),
    ] {
        let model = LifeCycle::new(Start::Busy, 5).with(bug);
        let steps = find_bug(model, property);
        println!("{bug:?}: {steps:?}");
        assert!(steps.is_some(), "{bug:?} is not found by {property:?}");
    }
}
