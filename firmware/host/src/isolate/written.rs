//! Results for other programs: JUnit XML and JSON.

use std::path::Path;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;
use suite::sources::{Answer, BEYOND, FLAWS, RULES, ZEPHYR};

use super::case::{Case, Finding};
use crate::error::Failure;
use crate::files;
use crate::run::board::Board;

/// Whether a file can be written there.
///
/// # Errors
/// Where its folder does not exist or the place is a folder.
pub fn check_place(path: &Path) -> Result<(), Failure> {
    let refused = |reason: &str| {
        Err(Failure::BadOutput {
            path: path.to_owned(),
            reason: reason.to_owned(),
        })
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return refused("it is a folder");
    }
    if !folder.is_dir() {
        return refused("its folder does not exist");
    }
    Ok(())
}

/// Writes JUnit XML: a suite for each group.
///
/// # Errors
/// Where the file cannot be written.
pub fn junit(path: &Path, all: &[(Case, Finding)]) -> Result<(), Failure> {
    let mut report = Report::new("bulkhead isolate");
    let mut groups: Vec<&str> = all.iter().map(|(case, _)| case.group).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        let mut suite = TestSuite::new(group);
        for (case, finding) in all.iter().filter(|(case, _)| case.group == group) {
            let status = if finding.is_right() {
                TestCaseStatus::success()
            } else {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status
                    .set_message(finding.problems.join("; "))
                    .set_description(format!(
                        "tried: {}\nexpected: {}\nseen: {}",
                        case.what, case.expected, finding.seen
                    ));
                status
            };
            let mut test = TestCase::new(case.name.clone(), status);
            test.set_classname(format!("isolate.{}", group.replace(' ', "_")));
            suite.add_test_case(test);
        }
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(|error| Failure::Malformed {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    files::write(path, text.as_bytes())
}

#[derive(Serialize)]
struct Results<'r> {
    board: &'static str,
    seed: Option<u64>,
    cases: usize,
    wrong: usize,
    results: Vec<OneResult<'r>>,
}

#[derive(Serialize)]
struct OneResult<'r> {
    group: &'static str,
    case: &'r str,
    tried: &'r str,
    expected: &'r str,
    seen: &'r str,
    right: bool,
    problems: &'r [String],
    /// Numbers of docs/isolation.md that it answers.
    rules: Vec<u16>,
    flaws: Vec<u16>,
    zephyr: Vec<u16>,
    beyond_zephyr: Vec<u16>,
}

/// Writes JSON.
///
/// # Errors
/// Where the file cannot be written.
pub fn json(
    path: &Path,
    all: &[(Case, Finding)],
    board: Board,
    seed: Option<u64>,
) -> Result<(), Failure> {
    let numbers = |answers: &[Answer], case: &Case| {
        let own = answers.iter().filter(|answer| answer.names(&case.name));
        own.map(|answer| answer.number).collect()
    };
    let results = all.iter().map(|(case, finding)| OneResult {
        group: case.group,
        case: &case.name,
        tried: &case.what,
        expected: &case.expected,
        seen: &finding.seen,
        right: finding.is_right(),
        problems: &finding.problems,
        rules: numbers(RULES, case),
        flaws: numbers(FLAWS, case),
        zephyr: numbers(ZEPHYR, case),
        beyond_zephyr: numbers(BEYOND, case),
    });
    let results = Results {
        board: board.name(),
        seed,
        cases: all.len(),
        wrong: all
            .iter()
            .filter(|(_, finding)| !finding.is_right())
            .count(),
        results: results.collect(),
    };
    let text = serde_json::to_string_pretty(&results).map_err(|error| Failure::Malformed {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    files::write(path, text.as_bytes())
}
