//! `planted`: proves that the tests can fail. It plants known bugs, one at a time, into a copy of
//! the tree, and shows that the tests named for each of them fail.
#![forbid(unsafe_code)]

mod cargo;
mod catalogue;
mod change;
mod cli;
mod error;
mod libtest;
mod listing;
mod process;
mod run;
mod selection;
mod tree;
mod trial;
mod verdict;
mod workspace;

use std::process::ExitCode;

use miette::MietteHandlerOpts;

/// What the command ends with when it could not do its work.
const USAGE_OR_CATALOGUE: u8 = 2;

fn main() -> ExitCode {
    process::stop_children_on_signals();
    // Names of bugs stay whole. Fails only where a hook is set already.
    let _ = miette::set_hook(Box::new(|_| {
        Box::new(MietteHandlerOpts::new().wrap_lines(false).build())
    }));
    match cli::run() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{:?}", miette::Report::new(failure));
            ExitCode::from(USAGE_OR_CATALOGUE)
        }
    }
}
