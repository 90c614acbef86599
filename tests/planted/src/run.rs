//! The whole run: copy, look at the entries, see that the tree is sound, plant bug after bug.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cargo::Cargo;
use crate::catalogue::{Bug, Target};
use crate::change;
use crate::error::Failure;
use crate::tree;
use crate::trial;
use crate::verdict::{Count, Fate, Verdict};
use crate::workspace::Workspace;

/// Plants these bugs and tells what became of each.
pub fn all(workspace: &Workspace, bugs: &[Bug], limit: Duration) -> Result<ExitCode, Failure> {
    let (copy, build) = (workspace.copy(), workspace.build());
    let _lock = workspace.lock()?;
    let root = workspace.root();
    say(
        "Copying",
        &format!("{} to {}", root.display(), copy.display()),
    );
    tree::copy(root, workspace.target(), &copy)?;
    let cargo = Cargo {
        copy: &copy,
        build: &build,
        limit,
    };
    let mut told = Told::new(bugs);

    // What is wrong with an entry is told before anything is built.
    let mut groups: BTreeMap<&Target, Vec<&Bug>> = BTreeMap::new();
    for bug in bugs {
        match change::misfit(&copy, &bug.changes) {
            Some(reason) => told.verdict(bug, &Verdict::Error(reason), Duration::ZERO)?,
            None => groups.entry(&bug.target).or_default().push(bug),
        }
    }
    for (target, bugs) in &mut groups {
        let tests: BTreeSet<&str> = bugs
            .iter()
            .flat_map(|bug| bug.tests.iter().map(String::as_str))
            .collect();
        let tests: Vec<&str> = tests.into_iter().collect();
        say("Checking", &format!("that {target} passes without a bug"));
        let fates = trial::without_bug(&cargo, target, &tests)?;
        let fates: BTreeMap<&str, Fate> = fates.into_iter().collect();
        for bug in std::mem::take(bugs) {
            match not_run(bug, &fates) {
                Some(verdict) => told.verdict(bug, &verdict, Duration::ZERO)?,
                None => bugs.push(bug),
            }
        }
    }
    for bug in groups.into_values().flatten() {
        let started = Instant::now();
        let verdict = trial::on_bug(&cargo, bug)?;
        told.verdict(bug, &verdict, started.elapsed())?;
    }
    tell(&told.count.to_string())?;
    Ok(told.count.exit_code())
}

/// The verdict on a bug one of whose tests is not run at all.
fn not_run(bug: &Bug, fates: &BTreeMap<&str, Fate>) -> Option<Verdict> {
    let fates = bug.tests.iter().filter_map(|test| {
        let fate = *fates.get(test.as_str())?;
        Some((test.clone(), fate))
    });
    match Verdict::of(fates.collect()) {
        error @ Verdict::Error(_) => Some(error),
        _ => None,
    }
}

/// What has been told so far.
struct Told {
    /// Columns of the longest name.
    width: usize,
    count: Count,
}

impl Told {
    fn new(bugs: &[Bug]) -> Told {
        Told {
            width: bugs.iter().map(|bug| bug.name.len()).max().unwrap_or(0),
            count: Count::default(),
        }
    }

    fn verdict(&mut self, bug: &Bug, verdict: &Verdict, took: Duration) -> Result<(), Failure> {
        self.count.add(verdict);
        let (word, name, width) = (verdict.word(), &bug.name, self.width);
        let took = took.as_secs_f64();
        // The compiler's lines come last.
        let text = verdict.to_string();
        let (first, rest) = text.split_at(text.find('\n').unwrap_or(text.len()));
        tell(&format!(
            "{word:<7}  {name:<width$}  {first}  ({took:.1} s){rest}"
        ))
    }
}

/// A line of what was found out.
fn tell(line: &str) -> Result<(), Failure> {
    let written = writeln!(std::io::stdout(), "{line}");
    written.map_err(Failure::file("write to", Path::new("standard output")))
}

/// Says what begins; the verdicts alone go to standard output.
fn say(verb: &str, what: &str) {
    eprintln!("{verb:>12} {what}");
}
