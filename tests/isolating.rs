//! The isolation suite as a user runs it.

mod support;

use std::path::Path;

use serde_json::Value;
use support::{bulkhead, folder, run, text};

/// Runs `isolate` with these options; what it said and wrote.
fn isolate(options: &[&str], json: &Path) -> (bool, String, Value) {
    let mut command = bulkhead();
    command.arg("isolate").args(options).arg("--json").arg(json);
    let result = run(&mut command);
    let said = format!("{}{}", text(&result.stdout), text(&result.stderr));
    let written = std::fs::read_to_string(json).unwrap_or_default();
    let results = serde_json::from_str(&written).unwrap_or(Value::Null);
    (result.status.success(), said, results)
}

fn names(results: &Value) -> Vec<String> {
    let all = results["results"].as_array().into_iter().flatten();
    all.map(|result| result["case"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn every_case_ends_as_it_must() {
    let folder = folder();
    let junit = folder.path().join("results.xml");
    let options = ["--junit", junit.to_str().unwrap()];
    let (success, said, results) = isolate(&options, &folder.path().join("results.json"));
    assert!(success, "{said}");
    assert_eq!(results["wrong"], 0);
    let cases = names(&results).len();
    assert!(cases > 1_800, "{cases}");
    assert_eq!(results["cases"], cases);
    let xml = std::fs::read_to_string(&junit).unwrap();
    assert_eq!(xml.matches("<testcase ").count(), cases);
    assert!(
        xml.contains(&format!("tests=\"{cases}\" failures=\"0\"")),
        "{}",
        &xml[..300]
    );
}

#[test]
fn the_other_board_is_as_good() {
    let folder = folder();
    for filter in ["domains", "frames of windows", "in init"] {
        let json = folder.path().join("results.json");
        let options = ["--board", "kc705", "--filter", filter];
        let (success, said, results) = isolate(&options, &json);
        assert!(success, "{filter}: {said}");
        assert_eq!(results["board"], "kc705");
        assert!(names(&results).len() >= 6, "{filter}");
    }
}

#[test]
fn a_seed_is_an_order_and_a_repetition_is_one_more_round() {
    let folder = folder();
    let run_with = |options: &[&str]| {
        let all: Vec<&str> = ["--filter", "look"]
            .iter()
            .chain(options)
            .copied()
            .collect();
        let (success, said, results) = isolate(&all, &folder.path().join("results.json"));
        assert!(success, "{said}");
        names(&results)
    };
    let (plain, seeded) = (run_with(&[]), run_with(&["--seed", "3", "--repeat", "2"]));
    assert_eq!(seeded.len(), 2 * plain.len());
    assert_eq!(seeded[..plain.len()], seeded[plain.len()..]);
    assert!(seeded[..plain.len()] != plain[..]);
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_run() {
    let says = |options: &[&str], what: &str| {
        let result = run(bulkhead().arg("isolate").args(options));
        let said = text(&result.stderr);
        assert!(!result.status.success() && said.contains(what), "{said}");
        assert!(!said.contains("Running"), "{said}");
    };
    // The other board has one core that can be started.
    says(
        &["--board", "kc705", "--filter", "another core"],
        "contains `another core`",
    );
    says(&["--filter", "no such case"], "contains `no such case`");
    says(
        &["--json", "/absent/results.json"],
        "its folder does not exist",
    );
    says(&["--smp", "3"], "3");
    says(&["--board", "unknown"], "unknown");
}

#[test]
fn the_list_has_every_case_and_runs_none() {
    let result = run(bulkhead().args(["isolate", "--list", "--filter", "rsr.ps in"]));
    let said = text(&result.stdout);
    assert!(result.status.success());
    assert!(
        said.contains("18 cases") && said.contains("rsr.ps in get_config"),
        "{said}"
    );
    assert!(!text(&result.stderr).contains("Running"));
}
