//! `bulkhead isolate`: every case of the isolation suite on the machine, told apart.

mod asked;
mod attacks;
mod case;
mod cores;
mod corpus;
mod domains;
mod entries;
mod files;
mod pair;
mod prove;
mod selection;
mod shown;
mod written;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::error::Failure;
use crate::module_file::ModuleFile;
use crate::prove::Prover;
use crate::report::show;
use crate::run::board::Board;
use crate::run::session::Machine;
use crate::terminal;
use case::{Body, Case, Finding};
use selection::Selection;
use shown::Table;

pub use prove::{Broken, BrokenImage, prove};

/// How long nothing may happen in a session.
const PATIENCE: Duration = Duration::from_secs(20);

/// What `bulkhead isolate` is told.
#[derive(Args, Clone, Debug)]
pub struct IsolateArguments {
    /// Only the cases whose group or name contains this.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,
    /// Say which cases there are, and run none.
    #[arg(long)]
    list: bool,
    /// How often every case is run.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
    /// Cores of the machine. With one, the cases that need two are left out; kc705 has one.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    smp: u8,
    /// Run the cases in a random order, the same for the same number.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// The machine of QEMU.
    #[arg(long, value_enum, default_value_t = Board::Sim)]
    pub board: Board,
    /// Write the results there, as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the results there, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Build a kernel with each rule of the design broken on purpose, run the cases on it, and say which of
    /// them notice.
    #[arg(long, conflicts_with_all = ["repeat", "list"])]
    pub prove: bool,
}

/// What the cases run on.
#[derive(Clone, Debug)]
pub struct Bench<'b> {
    /// What runs the kernel.
    pub machine: Machine<'b>,
    /// What runs the prover's image.
    pub prover: Prover<'b>,
    /// The module that attacks.
    pub hostile: &'b ModuleFile,
    /// The module that plays beside it.
    pub neighbour: &'b ModuleFile,
    /// A sound module file, of which malformed ones are made.
    pub sound: &'b ModuleFile,
}

impl IsolateArguments {
    /// The cases that are asked for.
    ///
    /// # Errors
    /// Where there is none.
    fn cases(&self, sound: &ModuleFile) -> Result<Vec<Case>, Failure> {
        let mut cases = case::all(&sound.bytes);
        let cores = self.smp.min(self.board.cores());
        cases.retain(|case| cores > 1 || !case.needs_two_cores());
        let selection = Selection {
            filter: &self.filter,
            seed: self.seed,
        };
        let chosen = selection.choose(cases);
        if chosen.is_empty() {
            return Err(Failure::NoSuchCase {
                filter: self.filter.clone(),
            });
        }
        Ok(chosen)
    }

    /// Where results go is checked before anything is run.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn check_places(&self) -> Result<(), Failure> {
        for path in self.junit.iter().chain(&self.json) {
            written::check_place(path)?;
        }
        Ok(())
    }

    /// Says which cases there are, if that is asked for.
    ///
    /// # Errors
    /// Where there is none.
    pub fn listed(&self, sound: &ModuleFile) -> Result<bool, Failure> {
        if self.list {
            let cases = self.cases(sound)?;
            show(&shown::list(&cases));
        }
        Ok(self.list)
    }
}

/// Runs the cases and shows what became of each.
///
/// # Errors
/// Where a case ended otherwise than it must, or nothing could be run.
pub fn isolate(bench: &Bench<'_>, arguments: &IsolateArguments) -> Result<(), Failure> {
    let cases = arguments.cases(bench.sound)?;
    let mut all = Vec::new();
    let table = Table::new(&cases);
    show(&table.titles());
    for _ in 0..arguments.repeat {
        run(bench, &cases, &mut |case, finding| {
            show(&table.row(case, &finding));
            all.push((case.clone(), finding));
        })?;
    }
    show(&shown::summary(&all));
    if let Some(path) = &arguments.junit {
        written::junit(path, &all)?;
        terminal::say("Written", &path.display().to_string());
    }
    if let Some(path) = &arguments.json {
        written::json(path, &all, arguments.board, arguments.seed)?;
        terminal::say("Written", &path.display().to_string());
    }
    match all
        .iter()
        .filter(|(_, finding)| !finding.is_right())
        .count()
    {
        0 => Ok(()),
        count => Err(Failure::Differs { count }),
    }
}

/// Runs cases, kind by kind, and tells of each as it is known.
fn run(
    bench: &Bench<'_>,
    cases: &[Case],
    tell: &mut dyn FnMut(&Case, Finding),
) -> Result<(), Failure> {
    let of = |kind: fn(&Body) -> bool| {
        cases
            .iter()
            .filter(|case| kind(&case.body))
            .collect::<Vec<_>>()
    };
    domains::run(
        &bench.prover,
        &of(|body| matches!(body, Body::Domains(_))),
        tell,
    )?;
    cores::run(
        &bench.prover,
        &of(|body| matches!(body, Body::Cores(_))),
        tell,
    )?;
    let mut whole = Vec::new();
    let files = of(|body| matches!(body, Body::File(_)));
    let attacks = of(|body| matches!(body, Body::Attack(_)));
    let entries = of(|body| matches!(body, Body::Entry(..)));
    files::run(bench, &files, &mut whole, tell)?;
    attacks::run(bench, &attacks, &mut whole, tell)?;
    entries::run(bench, &entries, &mut whole, tell)?;
    let pair = of(|body| matches!(body, Body::Pair));
    pair::run(bench, &pair, &mut whole, tell)?;
    if !(files.is_empty() && attacks.is_empty() && entries.is_empty() && pair.is_empty()) {
        let session = Case::sessions();
        let seen = match whole.len() {
            0 => session.expected.clone(),
            count => format!("{count} differences"),
        };
        whole.dedup();
        tell(
            &session,
            Finding {
                seen,
                problems: whole,
            },
        );
    }
    Ok(())
}
