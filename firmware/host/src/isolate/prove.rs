//! Whether the cases can fail: kernels with a rule broken on purpose.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::{Bench, IsolateArguments, run};
use crate::error::Failure;
use crate::report::show;
use crate::report::table::{Side, Table};
use crate::terminal;

/// A kernel that is broken on purpose.
pub struct Broken<'b> {
    /// The rule.
    pub rule: u32,
    /// What is broken, in one line.
    pub what: &'static str,
    /// What runs it.
    pub bench: Bench<'b>,
}

/// Most names of cases that are printed for one break.
const NAMED: usize = 8;

/// Runs the cases on each broken kernel and says which notice.
///
/// # Errors
/// Where a break is noticed by no case of its rule, or nothing could be run.
pub fn prove(broken: &[Broken<'_>], arguments: &IsolateArguments) -> Result<(), Failure> {
    let cases: Vec<Case> = arguments.cases()?;
    let mut noticed: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for Broken { rule, what, bench } in broken {
        terminal::say("Breaking", &format!("rule {rule}: {what}"));
        let mut by = BTreeSet::new();
        run(bench, &cases, &mut |case, finding| {
            if !finding.is_right() {
                by.insert(case.name.clone());
            }
        })?;
        noticed.insert(*rule, by);
    }
    let (text, escaped) = judge(broken, &cases, &noticed);
    show(&text);
    match escaped {
        0 => Ok(()),
        count => Err(Failure::Differs { count }),
    }
}

/// What is to be said, and how many breaks no case of their rule noticed.
fn judge(
    broken: &[Broken<'_>],
    cases: &[Case],
    noticed: &BTreeMap<u32, BTreeSet<String>>,
) -> (String, usize) {
    let mut table = Table::new([
        ("rule", Side::Right),
        ("broken", Side::Left),
        ("noticed by", Side::Right),
        ("of its own", Side::Right),
        ("verdict", Side::Left),
    ]);
    let mut names = String::new();
    let mut escaped = 0;
    for Broken { rule, what, .. } in broken {
        let by = &noticed[rule];
        let answer = suite::sources::RULES
            .iter()
            .find(|answer| u32::from(answer.number) == *rule);
        let own: Vec<&str> = by
            .iter()
            .map(|name| &**name)
            .filter(|name| answer.is_some_and(|answer| answer.names(name)))
            .collect();
        let verdict = if own.is_empty() { "ESCAPED" } else { "caught" };
        escaped += usize::from(own.is_empty());
        table.row([
            rule.to_string(),
            (*what).to_owned(),
            by.len().to_string(),
            own.len().to_string(),
            verdict.to_owned(),
        ]);
        let shown: Vec<&str> = own.iter().copied().take(NAMED).collect();
        let more = own.len().saturating_sub(shown.len());
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        names.push_str(&format!("  rule {rule}: {}{more}\n", shown.join(", ")));
    }
    let idle: Vec<&str> = cases
        .iter()
        .map(|case| &*case.name)
        .filter(|name| !noticed.values().any(|by| by.contains(*name)))
        .collect();
    let text = format!(
        "\n{table}\nCases of the rule that noticed\n{names}\n{} of {} cases noticed none of these breaks{}{}\n",
        idle.len(),
        cases.len(),
        if idle.is_empty() { "" } else { ":\n  " },
        idle.join(", ")
    );
    (text, escaped)
}
