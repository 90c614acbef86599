//! Tests with and without a bug: builds, runs, reads what became of them.

use crate::cargo::Cargo;
use crate::catalogue::{Bug, Target};
use crate::change::Planted;
use crate::error::{Failure, indented};
use crate::libtest::{self, Said};
use crate::process::Outcome;
use crate::verdict::{Fate, Verdict};

/// The most lines of the compiler's that are shown.
const SHOWN: usize = 12;

/// Plants a bug, runs its tests and takes it out again.
pub fn on_bug(cargo: &Cargo<'_>, bug: &Bug) -> Result<Verdict, Failure> {
    let planted = match Planted::plant(cargo.copy, &bug.changes)? {
        Ok(planted) => planted,
        Err(misfit) => return Ok(Verdict::Error(misfit)),
    };
    let verdict = with_bug(cargo, bug)?;
    planted.remove()?;
    Ok(verdict)
}

fn with_bug(cargo: &Cargo<'_>, bug: &Bug) -> Result<Verdict, Failure> {
    let built = cargo.build(&bug.target)?;
    if !built.is_success() {
        let errors = indented(&errors_in(&built.stderr));
        let reason = format!("with the bug, {} does not compile:{errors}", bug.target);
        return Ok(Verdict::Error(reason));
    }
    let mut fates = Vec::new();
    // One by one: what hangs or aborts then does so for itself.
    for test in &bug.tests {
        let outcome = cargo.run(&bug.target, &[test])?;
        fates.push((test.clone(), fate(&outcome, test)));
    }
    Ok(Verdict::of(fates))
}

/// The fates of these tests without a bug; the tree must be sound, or their failing would show
/// nothing.
pub fn without_bug<'a>(
    cargo: &Cargo<'_>,
    target: &Target,
    tests: &[&'a str],
) -> Result<Vec<(&'a str, Fate)>, Failure> {
    let built = cargo.build(target)?;
    if !built.is_success() {
        eprint!("{}", built.stderr);
        let target = target.to_string();
        return Err(Failure::DoesNotBuild { target });
    }
    let outcome = cargo.run(target, tests)?;
    let fates: Vec<(&str, Fate)> = tests
        .iter()
        .map(|test| (*test, fate(&outcome, test)))
        .collect();
    let failing: String = fates
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Failed | Fate::Aborted | Fate::Hung))
        .map(|(test, fate)| format!("{test} {fate}\n"))
        .collect();
    if failing.is_empty() {
        return Ok(fates);
    }
    Err(Failure::Unsound {
        target: target.to_string(),
        failing,
    })
}

/// What became of one of the tests that were run.
fn fate(outcome: &Outcome, test: &str) -> Fate {
    match libtest::read(&outcome.stdout).get(test) {
        Some(Said::Passed) => Fate::Passed,
        Some(Said::Failed) => Fate::Failed,
        Some(Said::Ignored) => Fate::Ignored,
        None if outcome.status.is_none() => Fate::Hung,
        // The executable came to its end without a word on it. It says so where it failed for
        // another test.
        None if outcome.is_success() || outcome.stdout.contains("\ntest result: ") => Fate::Missing,
        None => Fate::Aborted,
    }
}

/// The first lines of a compiler's output from the first error on, or all of it.
fn errors_in(output: &str) -> String {
    let is_error = |line: &&str| line.starts_with("error");
    let skipped = output.lines().take_while(|line| !is_error(line)).count();
    let from = if output.lines().any(|line| is_error(&line)) {
        skipped
    } else {
        0
    };
    let mut lines: Vec<&str> = output.lines().skip(from).collect();
    if lines.len() > SHOWN {
        lines.truncate(SHOWN);
        lines.push("…");
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn outcome(code: Option<i32>, stdout: &str) -> Outcome {
        Outcome {
            status: code.map(|code| ExitStatus::from_raw(code << 8)),
            stdout: stdout.into(),
            stderr: String::new(),
        }
    }

    #[test]
    fn every_fate_is_told_from_the_others() {
        let begun = "\nrunning 1 test\n";
        let fate = |code, rest: &str| fate(&outcome(code, &format!("{begun}{rest}")), "a::b");
        assert_eq!(fate(Some(0), "test a::b ... ok\n"), Fate::Passed);
        assert_eq!(fate(Some(101), "test a::b ... FAILED\n"), Fate::Failed);
        assert_eq!(fate(Some(0), "test a::b ... ignored\n"), Fate::Ignored);
        assert_eq!(fate(Some(101), ""), Fate::Aborted);
        assert_eq!(fate(None, ""), Fate::Hung);
        let end = "\ntest result: FAILED. 0 passed\n";
        let other = format!("test a::c ... FAILED\n{end}");
        assert_eq!(fate(Some(101), &other), Fate::Missing);
        assert_eq!(
            fate(Some(0), "\ntest result: ok. 0 passed\n"),
            Fate::Missing
        );
    }

    #[test]
    fn the_errors_are_shown_and_not_the_warnings() {
        let output = "warning: unused\n  --> x\nerror[E0308]: mismatched types\n  --> y\n";
        assert_eq!(errors_in(output), "error[E0308]: mismatched types\n  --> y");
        assert_eq!(errors_in("no word on it"), "no word on it");
        assert_eq!(errors_in(&"error\n".repeat(50)).lines().count(), SHOWN + 1);
    }
}
