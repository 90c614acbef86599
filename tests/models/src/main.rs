//! The checks by hand, for more cores and more steps than the tests take.

use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use model_checks::asids::Asids;
use model_checks::lifecycle::{LifeCycle, Start};
use model_checks::revocation::Revocation;
use model_checks::{Outcome, explore};

/// Looks at every state of the models of Bulkhead's cores and domains, and prints a table.
#[derive(Parser)]
#[command(name = "model-checks", version)]
struct Arguments {
    /// Only this model.
    #[arg(long)]
    model: Option<Which>,

    /// Cores, for the protocols: 2 to 4 for revocation, 2 or 3 for ASIDs. All of the usual
    /// sizes if not given.
    #[arg(long, value_parser = clap::value_parser!(u8).range(2..=4))]
    cores: Option<u8>,

    /// How many of the cores revoke or destroy.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    callers: u8,

    /// Steps of the life cycle from its first state.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=20))]
    steps: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Taking a page away.
    Revocation,
    /// Address-space numbers that come back.
    Asids,
    /// The real domains on the model machine.
    LifeCycle,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted = |model| arguments.model.is_none_or(|only| only == model);
    let sizes = |all: &[u8], most: u8| match arguments.cores {
        Some(cores) => vec![cores.min(most)],
        None => all.to_vec(),
    };
    let mut table = Table::default();
    table.title();
    if wanted(Which::Revocation) {
        for cores in sizes(&[2, 3, 4], 4) {
            let callers = usize::from(arguments.callers.min(cores));
            let domains = if cores == 2 { 2 } else { 1 };
            let cores = usize::from(cores);
            table.row("revocation", cores, || {
                explore(Revocation::new(cores, callers, domains, true))
            });
        }
    }
    if wanted(Which::Asids) {
        for cores in sizes(&[2, 3], 3) {
            let callers = usize::from(arguments.callers.min(cores));
            let cores = usize::from(cores);
            table.row("ASIDs", cores, || {
                explore(Asids::new(cores, callers, 5 - cores))
            });
        }
    }
    if wanted(Which::LifeCycle) {
        for (name, start) in [
            ("life cycle, from nothing", Start::Empty),
            ("life cycle, from the middle", Start::Busy),
        ] {
            table.row(name, 2, || explore(LifeCycle::new(start, arguments.steps)));
        }
    }
    table.verdict()
}

/// The table, row by row as they come.
#[derive(Default)]
struct Table {
    failures: Vec<(&'static str, String)>,
}

impl Table {
    fn title(&self) {
        println!(
            "{:<28} {:>5} {:>6} {:>10} {:>10} {:>8}  verdict",
            "model", "cores", "steps", "states", "properties", "seconds"
        );
    }

    fn row(&mut self, name: &str, cores: usize, check: impl FnOnce() -> Outcome) {
        let start = Instant::now();
        let outcome = check();
        let verdict = if outcome.failures.is_empty() {
            "holds"
        } else {
            "FAILS"
        };
        println!(
            "{name:<28} {cores:>5} {:>6} {:>10} {:>10} {:>8.1}  {verdict}",
            outcome.steps,
            outcome.states,
            outcome.properties,
            start.elapsed().as_secs_f32(),
        );
        self.failures.extend(outcome.failures);
    }

    /// What fails, with the way there.
    fn verdict(&self) -> ExitCode {
        for (property, steps) in &self.failures {
            println!("\nDoes not hold: {property}\n  after: {steps}");
        }
        if self.failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
