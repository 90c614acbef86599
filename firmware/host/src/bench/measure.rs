//! Taking the figures.

use std::collections::BTreeMap;
use std::path::Path;

use kernel::job::Mode;
use kernel::report::{Benchmark, Measured};
use object::{Object, ObjectSection, SectionFlags};

use prover::job::Mode as Proof;
use prover::{Figure, Measurement};

use super::figures::{
    ADD_PER_PAGE, ADD_PER_PAGE_SCATTERED, ADD_REMOVE, ALLOC, COPY, CREATE_DESTROY, DOMAIN_MAX,
    DOMAIN_SWITCH, DOMAIN_SWITCH_MANY, DOMAIN_TABLES, FREE, ISOLATED, KERNEL_TEXT, MAY,
    MAY_SCATTERED, NULL_CALL, OVERHEAD, QUICK_CALL, THREAD_SWITCH, TRUSTED, YIELD,
};
use crate::error::Failure;
use crate::module_file::ModuleFile;
use crate::prove::Prover;
use crate::report::figures::{instructions, overhead_percent};
use crate::report::sections::average;
use crate::report::story::Story;
use crate::run::PERIOD_BUDGET;
use crate::run::input::Input;
use crate::run::session::{Machine, Plan};

/// Values by name.
pub type Values = BTreeMap<&'static str, f64>;

/// System calls, switches and tables.
pub fn probe(
    machine: &Machine<'_>,
    probe: &ModuleFile,
    values: &mut Values,
) -> Result<(), Failure> {
    let story = play(machine, Mode::Bench, probe, None)?;
    for (key, benchmark) in [
        (NULL_CALL, Benchmark::NullCall),
        (QUICK_CALL, Benchmark::QuickCall),
        (COPY, Benchmark::Trace),
        (ALLOC, Benchmark::Alloc),
        (FREE, Benchmark::Free),
        (YIELD, Benchmark::Yield),
        (DOMAIN_SWITCH, Benchmark::DomainSwitch),
    ] {
        let measured = story.measured(benchmark);
        let measured = measured.ok_or_else(|| missing("a benchmark's result"))?;
        values.insert(key, per_round(measured));
    }
    let value = |key| values.get(key).copied().unwrap_or_default();
    let threads = value(YIELD) - value(NULL_CALL) - value(DOMAIN_SWITCH);
    values.insert(THREAD_SWITCH, threads);
    let life = story.player().lives.first();
    let life = life.ok_or_else(|| missing("the probe"))?;
    values.insert(DOMAIN_TABLES, life.loaded.table_bytes.into());
    Ok(())
}

/// Periods of the equaliser.
pub fn equaliser(
    machine: &Machine<'_>,
    equaliser: &ModuleFile,
    input: &Input,
    values: &mut Values,
) -> Result<(), Failure> {
    let mut period = |key, mode| -> Result<f64, Failure> {
        let story = play(machine, mode, equaliser, Some(input))?;
        let cost = story
            .player()
            .periods
            .ok_or_else(|| missing("its periods"))?;
        let value = instructions(average(&cost));
        values.insert(key, value);
        Ok(value)
    };
    let isolated = period(ISOLATED, Mode::Isolated)?;
    let trusted = period(TRUSTED, Mode::Trusted)?;
    values.insert(OVERHEAD, overhead_percent(isolated, trusted));
    Ok(())
}

/// Changes of domains.
pub fn domains(prover: &Prover<'_>, values: &mut Values) -> Result<(), Failure> {
    let measurements: Vec<Measurement> = prover.run(Proof::Measure, &[])?;
    for (figure, key) in [
        (Figure::AddRemove, ADD_REMOVE),
        (Figure::AddPage, ADD_PER_PAGE),
        (Figure::AddPageScattered, ADD_PER_PAGE_SCATTERED),
        (Figure::May, MAY),
        (Figure::MayScattered, MAY_SCATTERED),
        (Figure::CreateDestroy, CREATE_DESTROY),
        (Figure::Switch, DOMAIN_SWITCH_MANY),
        (Figure::Most, DOMAIN_MAX),
    ] {
        let of = |measurement: &&Measurement| measurement.figure == figure as u32;
        let measured = measurements.iter().find(of);
        let measured = measured.ok_or_else(|| missing("a measurement of domains"))?;
        let value = match figure {
            Figure::Most => f64::from(measured.cycles),
            _ => instructions_of(measured.cycles, measured.empty_cycles, measured.rounds),
        };
        values.insert(key, value);
    }
    Ok(())
}

/// The kernel's size.
pub fn image(kernel: &Path, values: &mut Values) -> Result<(), Failure> {
    let bytes = std::fs::read(kernel).map_err(Failure::file("read", kernel))?;
    let fixed = fixed_bytes(&bytes).map_err(|error| Failure::Malformed {
        path: kernel.to_owned(),
        reason: error.to_string(),
    })?;
    values.insert(KERNEL_TEXT, fixed as f64);
    Ok(())
}

fn play(
    machine: &Machine<'_>,
    mode: Mode,
    module: &ModuleFile,
    input: Option<&Input>,
) -> Result<Story, Failure> {
    let how = match mode {
        Mode::Isolated => "isolated",
        Mode::Trusted => "without isolation",
        Mode::Bench => "for its benchmarks",
        Mode::Pipelines => "in pipelines",
    };
    let session = machine.run(&Plan {
        title: format!("{} {how}", module.name()),
        mode,
        module,
        beside: None,
        input,
        period_budget: PERIOD_BUDGET,
    })?;
    let summary = &session.story.summary;
    if summary.failure != 0 {
        let reason = format!("the kernel ended it: {}", summary.text);
        return Err(Failure::Session { reason });
    }
    Ok(session.story)
}

/// A measurement that should be there is not.
pub fn missing(what: &str) -> Failure {
    Failure::Session {
        reason: format!("the kernel's report lacks {what}"),
    }
}

/// Instructions of one round, without the loop around the work.
fn per_round(measured: &Measured) -> f64 {
    instructions_of(measured.cycles, measured.empty_cycles, measured.rounds)
}

/// Instructions of one round, from cycles of all of them, to the hundredth: the counter is read at
/// both ends, and each time it is a little more than an instruction off.
pub fn instructions_of(cycles: u32, empty_cycles: u32, rounds: u32) -> f64 {
    let all = instructions(f64::from(cycles) - f64::from(empty_cycles));
    (100.0 * all / f64::from(rounds.max(1))).round() / 100.0
}

/// Bytes of all sections that are in memory and that nobody may write: text and constants.
fn fixed_bytes(image: &[u8]) -> Result<u64, object::Error> {
    let elf = object::File::parse(image)?;
    let is_fixed = |flags: SectionFlags| match flags {
        SectionFlags::Elf { sh_flags } => {
            sh_flags & u64::from(object::elf::SHF_ALLOC) != 0
                && sh_flags & u64::from(object::elf::SHF_WRITE) == 0
        }
        _ => false,
    };
    Ok(elf
        .sections()
        .filter(|section| is_fixed(section.flags()))
        .map(|section| section.size())
        .sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_loop_is_taken_away() {
        let measured = Measured {
            benchmark: 1,
            cycles: 1_000 + 64 * 100,
            empty_cycles: 1_000,
            rounds: 100,
        };
        assert!((per_round(&measured) - 50.0).abs() < 1e-9);
        let nothing = Measured {
            rounds: 0,
            ..measured
        };
        assert!(per_round(&nothing).is_finite());
    }

    #[test]
    fn this_program_has_text() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let fixed = fixed_bytes(&this).unwrap();
        assert!(fixed > 1_000 && fixed < this.len() as u64);
        assert!(fixed_bytes(b"no image").is_err());
    }
}
