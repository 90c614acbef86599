//! `bulkhead`: fetches what it needs, builds kernel and modules, and runs them in QEMU.
#![forbid(unsafe_code)]
// These panic where nobody reads any more; `report::show` and `terminal::tell` do not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod build;
mod cli;
mod error;
mod files;
mod inspect;
mod isolate;
mod jobs;
mod module_file;
mod pipeline;
mod process;
mod prove;
mod real;
mod report;
mod run;
mod setup;
mod terminal;
mod together;
mod toolchain;
mod workspace;

fn main() -> miette::Result<()> {
    process::stop_children_on_signals();
    cli::run()?;
    Ok(())
}
