//! The machine against its model, and a revocation across cores, by the command as a user runs it.

mod support;

use support::{bulkhead, run, succeeded, text};

#[test]
fn machine_and_model_are_equal_and_revocations_reach_the_other_core() {
    let result = run(bulkhead().args(["prove", "--accesses", "20000", "--seed", "9"]));
    succeeded(&result, "prove");
    let said = text(&result.stdout);
    assert!(said.contains("20,000 accesses by user code"), "{said}");
    // Of every kind: a comparison of nothing but misses would say little.
    for outcome in ["9", "16", "18", "20", "24", "25", "26", "28", "29"] {
        assert!(
            said.contains(&format!("\n  {outcome}: ")),
            "{outcome}: {said}"
        );
    }
    assert!(said.contains("\n  done "), "{said}");
    assert!(said.contains("\nEqual "), "{said}");
    assert!(said.contains("200 revocations"), "{said}");
    assert!(said.contains("none lost, no deadlock"), "{said}");
}

#[test]
fn nothing_is_not_compared() {
    let result = run(bulkhead().args(["prove", "--accesses", "0"]));
    assert!(!result.status.success());
    assert!(
        text(&result.stderr).contains("0 is not in 1.."),
        "{}",
        text(&result.stderr)
    );
}
