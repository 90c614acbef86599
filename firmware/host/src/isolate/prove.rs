//! Whether the cases can fail: kernels with a rule broken on purpose.

use std::collections::BTreeSet;

use super::case::{Body, Case};
use super::{Bench, IsolateArguments, run};
use crate::error::Failure;
use crate::module_file::ModuleFile;
use crate::report::show;
use crate::terminal;

/// An image that is broken on purpose.
pub struct Broken<'b> {
    /// The rule.
    pub rule: u32,
    /// What is broken, in one line.
    pub what: &'static str,
    /// Cases that must notice, each of them for this reason.
    pub must_notice: &'static [&'static str],
    /// Which cases run on it.
    pub image: BrokenImage,
    /// What runs it, among whole ones.
    pub bench: Bench<'b>,
}

/// Which image it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenImage {
    /// The kernel: attacks run on it.
    Kernel,
    /// The prover: steps run on it.
    Prover,
}

impl BrokenImage {
    /// Whether a case runs on it. Registers that the core has not are the same on all.
    fn runs(self, case: &Case) -> bool {
        match &case.body {
            Body::Attack(planned) => {
                self == BrokenImage::Kernel && planned.attack < hostile::PRESENT_ATTACKS
            }
            // What runs on two cores is the same kernel, and takes longer.
            Body::Entry(_, core) => self == BrokenImage::Kernel && *core == 0,
            // No break is in the loader.
            Body::File(_) => false,
            // Told whenever a session was run.
            Body::Pair | Body::Sessions => false,
            Body::Domains(_) | Body::Cores(_) => self == BrokenImage::Prover,
        }
    }
}

/// Most names of cases that are printed for one break.
const NAMED: usize = 8;

/// Runs the cases on each broken image and says which notice.
///
/// # Errors
/// Where a break is noticed by no case, or not by those that must, or nothing could be run.
pub fn prove<'b>(
    broken: impl Iterator<Item = Broken<'b>>,
    sound: &ModuleFile,
    arguments: &IsolateArguments,
) -> Result<(), Failure> {
    let cases: Vec<Case> = arguments.cases(sound)?;
    let mut tried = Vec::new();
    for broken in broken {
        let Broken { rule, what, .. } = broken;
        terminal::say("Breaking", &format!("rule {rule}: {what}"));
        let own: Vec<Case> = cases
            .iter()
            .filter(|case| broken.image.runs(case))
            .cloned()
            .collect();
        let mut noticed = BTreeSet::new();
        run(&broken.bench, &own, &mut |case, finding| {
            if !finding.is_right() {
                noticed.insert(case.name.clone());
            }
        })?;
        let trial = Trial {
            rule,
            what,
            must_notice: broken.must_notice,
            run: own.iter().map(|case| case.name.clone()).collect(),
            noticed,
        };
        show(&trial.in_words());
        tried.push(trial);
    }
    show(&idle(&cases, &tried));
    match tried.iter().filter(|trial| !trial.is_caught()).count() {
        0 => Ok(()),
        count => Err(Failure::Differs { count }),
    }
}

/// What came of a break.
struct Trial {
    rule: u32,
    what: &'static str,
    must_notice: &'static [&'static str],
    run: BTreeSet<String>,
    noticed: BTreeSet<String>,
}

impl Trial {
    /// Cases that must notice and did not, of those that were run.
    fn blind(&self) -> Vec<&str> {
        let must = self.must_notice.iter().copied();
        must.filter(|name| self.run.contains(*name) && !self.noticed.contains(*name))
            .collect()
    }

    fn is_caught(&self) -> bool {
        !self.noticed.is_empty() && self.blind().is_empty()
    }

    fn in_words(&self) -> String {
        let Trial { rule, what, .. } = self;
        let blind = self.blind();
        let verdict = if self.is_caught() {
            "caught"
        } else {
            "ESCAPED"
        };
        // Those of the rule come first.
        let mut names: Vec<&str> = self.noticed.iter().map(|name| &**name).collect();
        names.sort_by_key(|name| !self.must_notice.contains(name));
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        let mut text = format!(
            "  {verdict:<7}  rule {rule}: {what}\n           by {} of {} cases: {}{more}\n",
            self.noticed.len(),
            self.run.len(),
            names.join(", "),
        );
        if !blind.is_empty() {
            text.push_str(&format!(
                "           not by {}, which must\n",
                blind.join(", ")
            ));
        }
        text
    }
}

/// Which cases noticed nothing.
fn idle(cases: &[Case], tried: &[Trial]) -> String {
    let noticed = |name: &str| tried.iter().any(|trial| trial.noticed.contains(name));
    let was_run = |name: &str| tried.iter().any(|trial| trial.run.contains(name));
    let run: Vec<&str> = cases
        .iter()
        .map(|case| &*case.name)
        .filter(|name| was_run(name))
        .collect();
    let idle: Vec<&str> = run.iter().copied().filter(|name| !noticed(name)).collect();
    let caught = tried.iter().filter(|trial| trial.is_caught()).count();
    format!(
        "\n{caught} of {} broken images caught. {} of {} cases notice none of them{}{}\n",
        tried.len(),
        idle.len(),
        run.len(),
        if idle.is_empty() { "" } else { ":\n  " },
        idle.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(noticed: &[&str]) -> Trial {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Trial {
            rule: 3,
            what: "a break",
            must_notice: &["one", "absent"],
            run: names(&["one", "two"]),
            noticed: names(noticed),
        }
    }

    #[test]
    fn it_is_caught_by_the_cases_that_must_notice_and_were_run() {
        assert!(trial(&["one"]).is_caught());
        assert!(
            trial(&["one", "two"])
                .in_words()
                .contains("caught   rule 3")
        );
        for escaped in [trial(&[]), trial(&["two"])] {
            assert!(!escaped.is_caught());
            assert!(escaped.in_words().contains("not by one, which must"));
        }
    }
}
