//! The table of bugs.

use std::fmt::Write;

use crate::catalogue::Bug;

/// A table of the bugs: beside each name what goes wrong, and below that the tests that see it.
pub fn table(bugs: &[Bug]) -> String {
    let width = bugs.iter().map(|bug| bug.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for bug in bugs {
        let _ = writeln!(text, "{:<width$}  {}", bug.name, bug.what);
        for test in &bug.tests {
            let _ = writeln!(text, "{:width$}  {}: {test}", "", bug.target);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Target;

    #[test]
    fn names_stand_beside_what_and_tests() {
        let bug = |name: &str, tests: &[&str]| Bug {
            name: name.into(),
            what: "It goes wrong.".into(),
            target: Target {
                package: "mmu".into(),
                name: "suite".into(),
            },
            tests: tests.iter().map(|test| (*test).to_owned()).collect(),
            changes: Vec::new(),
        };
        let expected = "\
            a-long-one  It goes wrong.\n\
            \x20           mmu --test suite: a::b\n\
            \x20           mmu --test suite: c\n\
            short       It goes wrong.\n\
            \x20           mmu --test suite: d\n";
        let bugs = [bug("a-long-one", &["a::b", "c"]), bug("short", &["d"])];
        assert_eq!(table(&bugs), expected);
    }
}
