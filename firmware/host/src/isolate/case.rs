//! A case as the command runs it, and what came of it.

use hostile::plan::Planned;
use hostile::{ATTACKS, Expect, PAIR, PRESENT_ATTACKS};
use suite::{DomainCase, EntryCase, domain_cases, entry_cases};

use super::corpus::{Malformed, corpus};
use super::{cores, domains, files, pair};
use crate::report::verdict::{group, wanted};

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it belongs to.
    pub group: &'static str,
    /// Its name, like no other.
    pub name: String,
    /// What is tried.
    pub what: String,
    /// How it must end.
    pub expected: String,
    /// How it is run.
    pub body: Body,
}

/// How a case is run.
#[derive(Clone, Debug)]
pub enum Body {
    /// An attack in `process`, beside a module that plays.
    Attack(Planned),
    /// An attack in another entry point, on a core.
    Entry(EntryCase, u32),
    /// Two modules at once, one on each core.
    Pair,
    /// Steps on the MMU.
    Domains(DomainCase),
    /// Something on two cores.
    Cores(cores::Kind),
    /// A module file that is none.
    File(Malformed),
    /// What is told of all sessions together, whenever one was run.
    Sessions,
}

/// What came of a case.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// How it ended.
    pub seen: String,
    /// What differs from what must be.
    pub problems: Vec<String>,
}

impl Finding {
    /// Whether it ended as it must.
    pub fn is_right(&self) -> bool {
        self.problems.is_empty()
    }

    /// One that could not be run.
    pub fn not_run(why: &str) -> Finding {
        Finding {
            seen: String::from("-"),
            problems: vec![why.to_owned()],
        }
    }
}

impl Case {
    /// What is wrong with a session and no case's own doing: told behind all others.
    pub fn sessions() -> Case {
        Case {
            group: "sessions",
            name: String::from("every session as a whole"),
            what: String::from(
                "books, trail and sums at the end, and the module beside the attacks",
            ),
            expected: String::from("as at the start, and bit for bit what it plays alone"),
            body: Body::Sessions,
        }
    }

    /// Whether it needs a second core.
    pub const fn needs_two_cores(&self) -> bool {
        matches!(self.body, Body::Cores(_) | Body::Entry(_, 1) | Body::Pair)
    }
}

fn entry(case: EntryCase, core: u32) -> Case {
    let where_it_runs = if core == 0 {
        ""
    } else {
        ", on the second core"
    };
    Case {
        group: "entry points",
        name: format!("{}{where_it_runs}", case.name()),
        what: case.attack.what.to_owned(),
        expected: wanted(case.attack.expect),
        body: Body::Entry(case, core),
    }
}

/// All cases, in the order in which they are run; those on files are made of a sound one.
pub fn all(sound: &[u8]) -> Vec<Case> {
    let domains = domain_cases().map(|case| Case {
        group: "domains",
        name: case.name.to_owned(),
        what: case.what.to_owned(),
        expected: domains::expected(&case),
        body: Body::Domains(case),
    });
    let cores = cores::Kind::ALL.into_iter().map(|kind| Case {
        group: "cores",
        name: kind.name().to_owned(),
        what: kind.what().to_owned(),
        expected: kind.expected().to_owned(),
        body: Body::Cores(kind),
    });
    let alone = |(number, _): &(usize, _)| !PAIR.contains(number);
    let attacks = ATTACKS
        .iter()
        .enumerate()
        .filter(alone)
        .map(|(number, attack)| Case {
            group: if number < PRESENT_ATTACKS {
                group(attack)
            } else {
                "registers that are not there"
            },
            name: attack.name.to_owned(),
            what: attack.what.to_owned(),
            expected: wanted(attack.expect),
            body: Body::Attack(Planned {
                attack: number,
                entry: abi::EntryPoint::Process,
            }),
        });
    let entries = entry_cases().map(|case| entry(case, 0));
    // How long a core takes is not known there, so that nothing waits for the end of time.
    let second = entry_cases().filter(|case| case.attack.expect != Expect::Overrun);
    let second = second.map(|case| entry(case, 1));
    let files = corpus(sound).into_iter().map(|file| Case {
        group: "files",
        name: format!("{}{}", files::PREFIX, file.name),
        what: file.what.clone(),
        expected: files::expected(&file.must),
        body: Body::File(file),
    });
    let on_the_mmu = domains.chain(cores);
    let by_machine_code = attacks.chain(entries).chain(second).chain([pair::case()]);
    on_the_mmu.chain(files).chain(by_machine_code).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use suite::sources::{BEYOND, FLAWS, RULES, ZEPHYR};

    #[test]
    fn names_are_like_no_other_and_everything_is_answered() {
        let cases = all(&[]);
        let names: HashSet<&str> = cases.iter().map(|case| &*case.name).collect();
        assert_eq!(names.len(), cases.len());
        assert!(names.len() > 1_800, "{}", names.len());
        for answer in [ZEPHYR, BEYOND, FLAWS, RULES].into_iter().flatten() {
            let is_answered = names.iter().any(|name| answer.names(name))
                || answer.names(&format!("{}any", files::PREFIX));
            assert!(is_answered, "{} {}", answer.number, answer.what);
        }
    }

    #[test]
    fn every_case_says_what_it_tries_and_what_must_come_of_it() {
        for case in all(&[]) {
            assert!(
                !case.what.is_empty() && !case.what.contains('\n'),
                "{}",
                case.name
            );
            assert!(!case.expected.is_empty(), "{}", case.name);
        }
    }
}
