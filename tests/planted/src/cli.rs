//! The command line.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::catalogue;
use crate::error::Failure;
use crate::listing;
use crate::run;
use crate::selection;
use crate::workspace::Workspace;

/// Proves that the tests can fail: plants known bugs, one at a time, into a copy of the tree, and
/// shows that the tests named for each of them fail.
///
/// The bugs stand in tests/planted/bugs; the tree itself is never changed. First the named tests
/// must pass without a bug; then every selected bug is tried, whatever became of those before it.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Ends with 0 if all bugs were caught, 1 if any escaped, 2 if the command line or an \
                  entry of the catalogue is wrong or the tree is not sound."
)]
struct Arguments {
    /// Bugs by name, or by how their names begin; all if none is given.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Tell the bugs and the tests that must see them; run nothing.
    #[arg(long)]
    list: bool,
    /// How long one test may run; what takes longer hangs, and so is caught.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
}

/// Does what the command line asks for.
pub fn run() -> Result<ExitCode, Failure> {
    let arguments = Arguments::parse();
    let workspace = Workspace::find()?;
    let bugs = selection::select(catalogue::read(&workspace.bugs())?, &arguments.names)?;
    if arguments.list {
        // Who stops reading has read enough.
        let _ = std::io::stdout().write_all(listing::table(&bugs).as_bytes());
        return Ok(ExitCode::SUCCESS);
    }
    run::all(&workspace, &bugs, Duration::from_secs(arguments.limit))
}
