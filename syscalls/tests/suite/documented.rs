//! What docs/system-calls.md says, against the code.

use abi::Call;
use syscalls::{Consequence, Reason};

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/system-calls.md");
    std::fs::read_to_string(path).unwrap()
}

/// The first two cells of every row of a table whose first cell is a number.
fn numbered(page: &str) -> Vec<(u32, String)> {
    let cells = |line: &str| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let number = cells.next()?.parse().ok()?;
        Some((number, cells.next()?.trim_matches('`').to_owned()))
    };
    page.lines().filter_map(cells).collect()
}

#[test]
fn every_call_has_its_row_and_no_row_is_of_another() {
    let page = page();
    let calls = page.split("## Calls").nth(1).unwrap();
    let calls = calls.split("\n## ").next().unwrap();
    let expected: Vec<(u32, String)> = Call::ALL
        .iter()
        .map(|call| (call.number(), call.name().to_owned()))
        .collect();
    assert_eq!(numbered(calls), expected);
}

#[test]
fn every_call_that_can_be_refused_is_in_the_table_of_refusals() {
    let page = page();
    let refused = page.split("### What each call refuses").nth(1).unwrap();
    let refused = refused.split("\n## ").next().unwrap();
    let never = [
        Call::Done,
        Call::Null,
        Call::FreeAll,
        Call::Ticks,
        Call::Yield,
    ];
    let in_general = [Call::SourceAvailable, Call::SinkFree];
    for call in Call::ALL {
        let named = refused.contains(&format!("`{}`", call.name()));
        let expected = !never.contains(&call) && !in_general.contains(&call);
        assert_eq!(named, expected, "{call:?}");
    }
}

#[test]
fn every_reason_has_its_row_with_its_consequence() {
    let page = page();
    let reasons = page.split("## Reasons and consequences").nth(1).unwrap();
    let reasons = reasons.split("\n## ").next().unwrap();
    let expected: Vec<(u32, String)> = Reason::ALL
        .iter()
        .map(|reason| (*reason as u32, format!("{reason:?}")))
        .collect();
    assert_eq!(numbered(reasons), expected);
    for reason in Reason::ALL {
        let consequence = match reason.consequence() {
            Consequence::Stop => String::from("stop"),
            Consequence::Return(errno) => format!("return \u{2212}{}", errno as i32),
        };
        let row = format!("| {} | `{reason:?}` | {consequence} |", reason as u32);
        assert!(reasons.contains(&row), "{row}");
    }
}
