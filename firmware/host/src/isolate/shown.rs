//! The table that grows while cases run, the list of cases, and the count at the end.

use std::collections::BTreeMap;

use super::case::{Case, Finding};
use crate::report::table::{Side, Table as Plain, grouped};

/// A table whose columns are as wide as the cases need, known before any is run.
pub struct Table {
    widths: [usize; 4],
}

/// The widest that a column may be; what is longer runs into the next.
const WIDEST: usize = 56;

impl Table {
    /// For these cases.
    pub fn new(cases: &[Case]) -> Table {
        let longest = |cell: fn(&Case) -> &str| {
            let lengths = cases.iter().map(|case| cell(case).chars().count());
            lengths.max().unwrap_or(0).min(WIDEST)
        };
        let expected = longest(|case| &case.expected).max("expected".len());
        Table {
            widths: [
                longest(|case| &case.name).max("case".len()),
                longest(|case| &case.what).max("what was tried".len()),
                expected,
                expected,
            ],
        }
    }

    /// The first row.
    pub fn titles(&self) -> String {
        self.line("verdict", ["case", "what was tried", "expected", "seen"])
    }

    /// The row of a case, with what is wrong below it.
    pub fn row(&self, case: &Case, finding: &Finding) -> String {
        let verdict = if finding.is_right() { "ok" } else { "WRONG" };
        let cells = [&*case.name, &*case.what, &*case.expected, &*finding.seen];
        let mut text = self.line(verdict, cells);
        for problem in &finding.problems {
            text.push_str(&format!("           {problem}\n"));
        }
        text
    }

    fn line(&self, verdict: &str, cells: [&str; 4]) -> String {
        let mut line = format!("  {verdict:<7}");
        for (cell, width) in cells.into_iter().zip(self.widths) {
            line.push_str(&format!("  {cell:<width$}"));
        }
        format!("{}\n", line.trim_end())
    }
}

/// All cases by name, with what each tries.
pub fn list(cases: &[Case]) -> String {
    let columns = [
        ("group", Side::Left),
        ("case", Side::Left),
        ("what is tried", Side::Left),
        ("must end by", Side::Left),
    ];
    let mut table = Plain::new(columns);
    for case in cases {
        table.row([
            case.group.to_owned(),
            case.name.clone(),
            case.what.clone(),
            case.expected.clone(),
        ]);
    }
    format!("{table}\n{} cases\n", grouped(cases.len() as u64))
}

/// How many of each group ended as they must.
pub fn summary(all: &[(Case, Finding)]) -> String {
    let mut groups: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (case, finding) in all {
        let counts = groups.entry(case.group).or_default();
        counts[0] += 1;
        counts[1] += u64::from(finding.is_right());
    }
    let mut table = Plain::new([
        ("group", Side::Left),
        ("cases", Side::Right),
        ("as they must end", Side::Right),
    ]);
    for (group, [count, right]) in &groups {
        table.row([(*group).to_owned(), grouped(*count), grouped(*right)]);
    }
    let wrong: Vec<&str> = all
        .iter()
        .filter(|(_, finding)| !finding.is_right())
        .map(|(case, _)| &*case.name)
        .collect();
    let end = match wrong.len() {
        0 => format!(
            "Every one of {} cases ended as it must.",
            grouped(all.len() as u64)
        ),
        count => format!(
            "{count} of {} cases ended otherwise: {}",
            grouped(all.len() as u64),
            wrong.join(", ")
        ),
    };
    format!("\n{table}\n{end}\n")
}
