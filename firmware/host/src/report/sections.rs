//! The parts of a report, each from records alone.

use std::collections::BTreeMap;

use kernel::estate::Purpose;
use kernel::report::{Mapped, Stopped};
use mmu::Rights;

use super::Report;
use super::ending;
use super::figures::{instructions, overhead_percent};
use super::story::{Cost, Life, Tenancy, entry_name};
use super::table::{Side, Table, count, grouped};
use super::verdict::{Verdict, group, wanted};

/// A module's memory.
pub fn memory(report: &mut Report, life: &Life) {
    let loaded = &life.loaded;
    let heading = format!(
        "Memory of {}: {} of 4 KiB, {} bytes of page tables, ASID {}",
        life.name(),
        count(loaded.pages as usize, "page"),
        grouped(loaded.table_bytes.into()),
        loaded.asid
    );
    let mut table = Table::new([
        ("part", Side::Left),
        ("rights", Side::Left),
        ("cached", Side::Left),
        ("uncached", Side::Left),
        ("bytes", Side::Right),
    ]);
    for part in &life.parts {
        table.row([
            purpose(part).to_owned(),
            rights(Rights::from_bits_truncate(part.rights as u8)),
            range(part.cached, part.bytes),
            range(part.uncached, part.bytes),
            grouped(part.bytes.into()),
        ]);
    }
    report.section(&heading, &table);
}

fn purpose(part: &Mapped) -> &'static str {
    Purpose::ALL
        .get(part.purpose as usize)
        .map_or("unknown", |purpose| purpose.name())
}

/// Rights as three letters.
pub fn rights(rights: Rights) -> String {
    [
        (Rights::READ, 'r'),
        (Rights::WRITE, 'w'),
        (Rights::EXECUTE, 'x'),
    ]
    .map(|(right, letter)| if rights.contains(right) { letter } else { '-' })
    .into_iter()
    .collect()
}

/// First and last address.
pub fn range(start: u32, bytes: u32) -> String {
    let last = start.wrapping_add(bytes.saturating_sub(1));
    format!("{start:#010x}..{last:#010x}")
}

/// A module's system calls.
pub fn calls(report: &mut Report, name: &str, tenancy: &Tenancy) {
    let mut table = Table::new([
        ("call", Side::Left),
        ("made", Side::Right),
        ("refused", Side::Right),
    ]);
    for (number, calls) in &tenancy.calls {
        table.row([
            ending::call_name(*number),
            grouped(calls.made),
            grouped(calls.refused),
        ]);
    }
    if !table.is_empty() {
        report.section(&format!("System calls of {name}"), &table);
    }
}

/// Trace records shown unless all are asked for.
const TRACES_SHOWN: usize = 8;

/// What a module left as trace records, with the instructions from each to the next.
pub fn traces(report: &mut Report, name: &str, tenancy: &Tenancy, all: bool) {
    let mut table = Table::new([
        ("life", Side::Right),
        ("words", Side::Left),
        ("instructions since the last", Side::Right),
    ]);
    let left: usize = tenancy.lives.iter().map(|life| life.traces.len()).sum();
    let shown = if all { left } else { TRACES_SHOWN };
    let lives = tenancy.lives.iter().flat_map(|life| {
        let earlier = std::iter::once(None).chain(life.traces.iter().map(Some));
        (life.traces.iter().zip(earlier)).map(|(record, earlier)| (&life.loaded, record, earlier))
    });
    for (loaded, record, earlier) in lives.take(shown) {
        let words = record.words.map(|word| format!("{word:08x}")).join(" ");
        let since = earlier.map(|earlier| record.cycles.wrapping_sub(earlier.cycles));
        let since = since.map(|cycles| grouped(instructions(cycles.into()).round() as u64));
        table.row([
            loaded.restarts.to_string(),
            words,
            since.unwrap_or_default(),
        ]);
    }
    if !table.is_empty() {
        let heading = format!("Trace records of {name}: {}", grouped(left as u64));
        report.section(&heading, &table);
        if left > shown {
            report.line("  the first of them; --verbose shows all");
        }
    }
}

/// What periods cost, with isolation and without.
pub fn cost(report: &mut Report, name: &str, isolated: &Cost, trusted: Option<&Cost>) {
    let mut table = Table::new([
        ("", Side::Left),
        ("average", Side::Right),
        ("least", Side::Right),
        ("most", Side::Right),
    ]);
    let whole = |cycles: f64| grouped(instructions(cycles).round() as u64);
    let mut row = |what: &str, cost: &Cost| {
        table.row([
            what.to_owned(),
            whole(average(cost)),
            whole(cost.least.into()),
            whole(cost.most.into()),
        ]);
    };
    row("isolated", isolated);
    if let Some(trusted) = trusted {
        row("not isolated", trusted);
        let percent = overhead_percent(average(isolated), average(trusted));
        table.row([
            String::from("isolation costs"),
            format!("{percent:+.2} %"),
            String::new(),
            String::new(),
        ]);
    }
    report.section(
        &format!("Instructions of {name} per period of 1 ms"),
        &table,
    );
}

/// Cycles per period.
pub fn average(cost: &Cost) -> f64 {
    cost.cycles as f64 / cost.periods.max(1) as f64
}

/// Every death of a module that is not the hostile sample.
pub fn deaths(report: &mut Report, name: &str, tenancy: &Tenancy) {
    let mut table = Table::new([
        ("life", Side::Right),
        ("period", Side::Right),
        ("how it was stopped", Side::Left),
        ("its last line", Side::Left),
    ]);
    for (life, stopped) in tenancy.deaths() {
        table.row([
            stopped.restarts.to_string(),
            stopped.period.to_string(),
            ending::whole(stopped),
            life.lines.last().cloned().unwrap_or_default(),
        ]);
    }
    if table.is_empty() {
        report.line(&format!("\nFaults of {name}: none"));
    } else {
        let lives = count(tenancy.deaths().count(), "time");
        report.section(&format!("{name} was stopped {lives}"), &table);
    }
}

/// The attacks of the hostile sample: by kind, and each one that ended otherwise.
pub fn attacks(report: &mut Report, verdicts: &[Verdict<'_>], verbose: bool) {
    let right = verdicts
        .iter()
        .filter(|verdict| verdict.problems.is_empty())
        .count();
    let heading = format!(
        "Attacks: {}, {} stopped as they must be",
        grouped(verdicts.len() as u64),
        grouped(right as u64)
    );
    report.section(&heading, &by_group(verdicts));
    if verbose {
        report.section("Every attack", &listed(verdicts.iter()));
    }
    let mut wrong = verdicts
        .iter()
        .filter(|verdict| !verdict.problems.is_empty())
        .peekable();
    if wrong.peek().is_some() {
        report.section("Attacks that ended otherwise", &listed(wrong));
    }
}

fn by_group(verdicts: &[Verdict<'_>]) -> Table {
    struct Group {
        name: &'static str,
        tried: usize,
        right: usize,
        manners: BTreeMap<String, usize>,
    }
    let mut groups: Vec<Group> = Vec::new();
    for verdict in verdicts {
        let name = group(verdict.attack);
        let at = groups.iter().position(|group| group.name == name);
        let at = at.unwrap_or_else(|| {
            groups.push(Group {
                name,
                tried: 0,
                right: 0,
                manners: BTreeMap::new(),
            });
            groups.len() - 1
        });
        let group = &mut groups[at];
        group.tried += 1;
        group.right += usize::from(verdict.problems.is_empty());
        *group.manners.entry(manner(verdict)).or_default() += 1;
    }
    let mut table = Table::new([
        ("what was attacked", Side::Left),
        ("attacks", Side::Right),
        ("as expected", Side::Right),
        ("stopped by", Side::Left),
    ]);
    for group in groups {
        let mut manners: Vec<(String, usize)> = group.manners.into_iter().collect();
        manners.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let mut first = true;
        for (manner, count) in manners {
            let once = |text: String| if first { text } else { String::new() };
            table.row([
                once(group.name.to_owned()),
                once(group.tried.to_string()),
                once(group.right.to_string()),
                format!("{manner} ({count})"),
            ]);
            first = false;
        }
    }
    table
}

fn manner(verdict: &Verdict<'_>) -> String {
    verdict
        .stopped
        .map_or_else(|| String::from("nothing"), ending::manner)
}

fn listed<'v>(verdicts: impl Iterator<Item = &'v Verdict<'v>>) -> Table {
    let mut table = Table::new([
        ("life", Side::Right),
        ("attack", Side::Left),
        ("what it tries", Side::Left),
        ("stopped by", Side::Left),
        ("address", Side::Left),
        ("in", Side::Left),
        ("verdict", Side::Left),
    ]);
    for verdict in verdicts {
        let text =
            |of: fn(&Stopped) -> String| verdict.stopped.map_or_else(|| String::from("-"), of);
        table.row([
            verdict.number.to_string(),
            verdict.attack.name.to_owned(),
            verdict.attack.what.to_owned(),
            manner(verdict),
            text(ending::address),
            text(|stopped| entry_name(stopped.entry).to_owned()),
            if verdict.problems.is_empty() {
                format!("as expected: {}", wanted(verdict.attack.expect))
            } else {
                verdict.problems.join("; ")
            },
        ]);
    }
    table
}

/// A problem of each death that has it.
pub fn after_deaths(tenancy: &Tenancy, problem: fn(&Stopped) -> Option<String>) -> Vec<String> {
    tenancy
        .deaths()
        .filter_map(|(life, stopped)| {
            let problem = problem(stopped)?;
            let (name, number) = (life.name(), stopped.restarts);
            Some(format!("after life {number} of {name}: {problem}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use kernel::report::Noted;

    use super::super::story::tests::{loaded, stopped};
    use super::super::verdict::{judge_all, leak};
    use super::*;

    fn life(number: u32) -> Life {
        let part = Mapped {
            place: 1,
            purpose: 0,
            rights: 5,
            cached: 0xa000_1000,
            uncached: 0x4000_1000,
            bytes: 8192,
        };
        Life {
            loaded: loaded(1, number),
            parts: vec![part],
            lines: vec![String::from("said")],
            traces: Vec::new(),
            stopped: Some(stopped(1, number)),
        }
    }

    #[test]
    fn memory_shows_both_aliases_and_rights() {
        let mut report = Report::default();
        memory(&mut report, &life(0));
        for part in [
            "Memory of tester: 9 pages",
            "8,192 bytes of page tables",
            "text  r-x     0xa0001000..0xa0002fff  0x40001000..0x40002fff  8,192",
        ] {
            assert!(report.text.contains(part), "{part}\n{}", report.text);
        }
    }

    #[test]
    fn rights_are_letters() {
        assert_eq!(rights(Rights::TEXT), "r-x");
        assert_eq!(rights(Rights::DATA), "rw-");
        assert_eq!(rights(Rights::READ), "r--");
        assert_eq!(rights(Rights::empty()), "---");
    }

    #[test]
    fn cost_says_what_isolation_takes() {
        let mut report = Report::default();
        let cost = |cycles| Cost {
            periods: 2,
            cycles,
            least: 128,
            most: 256,
        };
        super::cost(&mut report, "tester", &cost(2585), Some(&cost(2560)));
        assert!(report.text.contains("+0.98 %"), "{}", report.text);
        assert!(report.text.contains("not isolated"), "{}", report.text);
    }

    #[test]
    fn traces_are_shown_with_the_time_between_them() {
        let noted = |number: u32| Noted {
            place: 0,
            words: [number, 0xfeed, 0, u32::MAX],
            cycles: u32::MAX.wrapping_add(128 * number),
        };
        let mut tenancy = Tenancy {
            lives: vec![life(0)],
            ..Tenancy::default()
        };
        let mut report = Report::default();
        traces(&mut report, "tester", &tenancy, true);
        assert_eq!(report.text, "");
        tenancy.lives[0].traces = (0..20).map(noted).collect();
        traces(&mut report, "tester", &tenancy, false);
        for part in [
            "Trace records of tester: 20",
            "00000007 0000feed 00000000 ffffffff",
            " 100\n",
            "--verbose",
        ] {
            assert!(report.text.contains(part), "{part}\n{}", report.text);
        }
        assert!(!report.text.contains("00000008"));
        let mut whole = Report::default();
        traces(&mut whole, "tester", &tenancy, true);
        assert!(whole.text.contains("00000013") && !whole.text.contains("--verbose"));
    }

    #[test]
    fn deaths_and_leaks_are_listed() {
        let mut tenancy = Tenancy {
            lives: vec![life(0), life(1)],
            ..Tenancy::default()
        };
        assert!(after_deaths(&tenancy, leak).is_empty());
        let stopped = tenancy.lives[1].stopped.as_mut().unwrap();
        stopped.after.frames = 0;
        assert_eq!(
            after_deaths(&tenancy, leak),
            ["after life 1 of tester: did not all come back: frames 10 -> 0"]
        );
        let mut report = Report::default();
        deaths(&mut report, "tester", &tenancy);
        assert!(report.text.contains("tester was stopped 2 times"));
    }

    #[test]
    fn attacks_are_counted_and_the_wrong_ones_listed() {
        let nobody = Tenancy::default();
        let verdicts = judge_all(&nobody, 3);
        assert_eq!(verdicts.len(), 3);
        let mut report = Report::default();
        attacks(&mut report, &verdicts, false);
        assert!(report.text.contains("Attacks: 3, 0 stopped"));
        assert!(report.text.contains("never tried"), "{}", report.text);
    }
}
