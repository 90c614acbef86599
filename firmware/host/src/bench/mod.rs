//! The `bench` command: figures that can be compared, with their limits.

mod allocators;
mod figures;
mod host;
mod measure;
mod text;

use std::path::Path;

use crate::error::Failure;
use crate::module_file::ModuleFile;
use crate::prove::Prover;
use crate::report::table::{Side, Table, grouped};
use crate::report::{Report, show};
use crate::run::image::Runner;
use crate::run::input::Input;
use crate::run::session::Machine;
use crate::{setup, terminal};
use figures::{Figure, Limit, Source, figures};
use measure::Values;

pub use host::weigh;

/// What is measured with.
#[derive(Clone, Debug)]
pub struct Subjects {
    /// The loop of null calls.
    pub probe: ModuleFile,
    /// The module whose periods are counted.
    pub equaliser: ModuleFile,
    /// What it plays.
    pub input: Input,
}

/// Whether any figure's name begins with `prefix`.
pub fn check_prefix(prefix: &str) -> Result<(), Failure> {
    let is_known = |figure: &Figure| figure.is_selected(prefix) || figure.is_peer_selected(prefix);
    if figures().any(is_known) {
        return Ok(());
    }
    Err(Failure::NoSuchFigure {
        prefix: prefix.to_owned(),
        known: figures()
            .map(|figure| figure.key)
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// Takes the figures whose names begin with `prefix` and shows them.
pub fn bench(
    machine: &Machine<'_>,
    prover: &Prover<'_>,
    scales: &Runner<'_>,
    small_scales: &Path,
    subjects: &Subjects,
    prefix: &str,
    json: bool,
) -> Result<(), Failure> {
    let values = measured(machine, prover, scales, small_scales, subjects, prefix)?;
    if json {
        show(&as_json(&values, prefix));
    } else {
        show(&as_text(&values, prefix));
    }
    let keys: Vec<String> = figures()
        .filter(|figure| breaks_limit(figure, &values))
        .map(|figure| figure.key.to_owned())
        .collect();
    if keys.is_empty() {
        Ok(())
    } else {
        Err(Failure::OverLimit { keys })
    }
}

/// Runs what is needed for the figures asked for, and nothing else.
fn measured(
    machine: &Machine<'_>,
    prover: &Prover<'_>,
    scales: &Runner<'_>,
    small_scales: &Path,
    subjects: &Subjects,
    prefix: &str,
) -> Result<Values, Failure> {
    let mut values = Values::new();
    let needs =
        |source| figures().any(|figure| figure.source == source && figure.is_selected(prefix));
    if needs(Source::Probe) {
        measure::probe(machine, &subjects.probe, &mut values)?;
    }
    if needs(Source::Equaliser) {
        measure::equaliser(machine, &subjects.equaliser, &subjects.input, &mut values)?;
    }
    if needs(Source::Domains) {
        measure::domains(prover, &mut values)?;
    }
    if needs(Source::Allocators) {
        allocators::measure(scales, small_scales, &mut values)?;
    }
    if needs(Source::Image) {
        measure::image(machine.kernel, &mut values)?;
    }
    if needs(Source::Host) {
        on_host(&scales.scratch, &mut values)?;
    }
    values.retain(|key, _| key.starts_with(prefix));
    Ok(values)
}

/// What is counted on this computer; where that cannot be done, a sentence says why.
fn on_host(scratch: &Path, values: &mut Values) -> Result<(), Failure> {
    let skipped = |why: &str| terminal::say("Left out", &format!("the figures `host.*`: {why}"));
    if cfg!(debug_assertions) {
        skipped("this program is not optimised; `cargo run --release -- bench` measures them");
        return Ok(());
    }
    match setup::valgrind() {
        Ok(valgrind) => host::measure(&valgrind, scratch, values),
        Err(failure) => {
            skipped(&format!("valgrind is not here, and {failure}"));
            Ok(())
        }
    }
}

fn breaks_limit(figure: &Figure, values: &Values) -> bool {
    match (values.get(figure.key), figure.limit) {
        (Some(value), Some(limit)) => limit.is_broken_by(*value),
        _ => false,
    }
}

/// One object: names and numbers.
fn as_json(values: &Values, prefix: &str) -> String {
    let mut object = serde_json::Map::new();
    for figure in figures() {
        if let Some(value) = values.get(figure.key) {
            object.insert(figure.key.to_owned(), rounded(*value));
        }
        if let Some(peer) = figure.peer.filter(|_| figure.is_peer_selected(prefix)) {
            object.insert(figure.peer_key(), rounded(peer));
        }
    }
    let mut text = serde_json::to_string_pretty(&object).unwrap_or_default();
    text.push('\n');
    text
}

/// To four digits behind the point; whole numbers without any.
fn rounded(value: f64) -> serde_json::Value {
    let value = (value * 10_000.0).round() / 10_000.0;
    if value.fract() == 0.0 {
        (value as i64).into()
    } else {
        value.into()
    }
}

fn as_text(values: &Values, prefix: &str) -> String {
    let mut table = Table::new([
        ("figure", Side::Left),
        ("value", Side::Right),
        ("limit", Side::Right),
        ("Zephyr", Side::Right),
        ("unit", Side::Left),
        ("", Side::Left),
        ("what it is", Side::Left),
    ]);
    for figure in figures() {
        let value = values.get(figure.key);
        if value.is_none() && !figure.is_peer_selected(prefix) {
            continue;
        }
        let number = |number: Option<f64>| number.map_or_else(String::new, readable);
        table.row([
            figure.key.to_owned(),
            number(value.copied()),
            figure.limit.map_or_else(String::new, limit_text),
            number(figure.peer),
            figure.unit.to_owned(),
            match (value, figure.limit) {
                (Some(_), Some(_)) if breaks_limit(figure, values) => String::from("BROKEN"),
                (Some(value), Some(limit)) if limit.is_missed_by(*value) => String::from("SHORT"),
                (Some(_), Some(_)) => String::from("ok"),
                _ => String::new(),
            },
            figure.what.to_owned(),
        ]);
    }
    let mut report = Report {
        text: table.to_string(),
        ..Report::default()
    };
    report.line(
        "\nA figure that is SHORT of its goal must not get worse; docs/decisions/0009 and 0012 say \
         why it is.\nInstructions are counted by QEMU, exactly: cycles * 100 / 128 under -icount \
         shift=7. The loop that\nmakes system calls also moves the call's number to its register; \
         so does the empty loop that is\ntaken away, so that instruction is not in the figure. \
         Zephyr's figures are counted in the Xtensa\nassembly of its sources; those of allocators \
         are SOF's and Zephyr's, compiled and run.\nFigures `host.*` are counted by callgrind on this \
         computer; they depend on its compiler and have no limits.",
    );
    report.text
}

fn limit_text(limit: Limit) -> String {
    match limit {
        Limit::Most(most) => format!("<= {}", readable(most)),
        Limit::Least(least) => format!(">= {}", readable(least)),
        Limit::Goal { aim, .. } => format!("<= {}", readable(aim)),
    }
}

/// Two digits behind the point where they say something; thousands set apart.
fn readable(value: f64) -> String {
    let hundredths = (value * 100.0).round();
    if hundredths % 100.0 == 0.0 && value >= 0.0 {
        grouped((hundredths / 100.0) as u64)
    } else if value < 1_000.0 {
        format!("{value:.2}")
    } else {
        grouped(value.round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        Values::from([(figures::NULL_CALL, 61.0), (figures::OVERHEAD, 0.123_456)])
    }

    #[test]
    fn json_is_flat_and_numbers_only() {
        let text = as_json(&values(), "");
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).unwrap();
        assert!(object.values().all(serde_json::Value::is_number));
        assert_eq!(object["syscall.null.full"], 61);
        assert_eq!(object["peer.syscall.null.full"], 160);
        assert_eq!(object["overhead.equaliser.percent"], 0.1235);
        let text = as_json(&Values::new(), "peer.domain");
        assert!(text.contains("peer.domain.switch") && !text.contains("syscall"));
    }

    #[test]
    fn limits_are_shown_and_kept() {
        let text = as_text(&values(), "");
        let row = |key: &str| text.lines().find(|line| line.contains(key)).unwrap();
        assert!(row("syscall.null.full").contains("BROKEN"), "{text}");
        assert!(row("overhead").contains("ok"), "{text}");
        assert!(breaks_limit(&figures::FIGURES[0], &values()));
        let short = Values::from([(figures::ALLOC, 300.0)]);
        let text = as_text(&short, "");
        let row = |key: &str| text.lines().find(|line| line.contains(key)).unwrap();
        assert!(row("mod_alloc").contains("SHORT"), "{text}");
        let at = Values::from([(figures::NULL_CALL, 40.0)]);
        assert!(!breaks_limit(&figures::FIGURES[0], &at));
    }

    #[test]
    fn numbers_are_readable() {
        let numbers = [0.0, 12_288.4, 0.5, -0.25, 317.999_9];
        assert_eq!(
            numbers.map(readable),
            ["0", "12,288", "0.50", "-0.25", "318"].map(String::from)
        );
    }
}
