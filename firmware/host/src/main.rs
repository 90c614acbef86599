//! `bulkhead`: fetches what it needs, builds kernel and modules, and runs them in QEMU.
#![forbid(unsafe_code)]

mod build;
mod cli;
mod error;
mod files;
mod process;
mod setup;
mod terminal;
mod toolchain;
mod workspace;

fn main() -> miette::Result<()> {
    process::stop_children_on_signals();
    cli::run()?;
    Ok(())
}
