//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::build;
use crate::error::Failure;
use crate::setup;
use crate::terminal;
use crate::workspace::Workspace;

/// Runs third-party audio modules safely on an Xtensa DSP.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Fetch the tools that are missing into the cache folder; nothing is installed.
    Setup,
    /// Build modules, or the kernel and every module of this repository.
    Build {
        /// A folder with a Cargo.toml, a folder of C files, or one C file.
        paths: Vec<PathBuf>,
        /// Where the module file goes; for one PATH.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// Does what the command line asks for.
pub fn run() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let workspace = Workspace::find()?;
    match arguments.task {
        None => main_job(&workspace),
        Some(Task::Setup) => {
            let toolchain = setup::ensure(&workspace)?;
            for line in toolchain.describe() {
                terminal::say("Ready", &line);
            }
            Ok(())
        }
        Some(Task::Build { paths, output }) => {
            if paths.len() != 1 && output.is_some() {
                return Err(Failure::OutputForOne { count: paths.len() });
            }
            let toolchain = setup::ensure(&workspace)?;
            if paths.is_empty() {
                let built = build::everything(&toolchain, &workspace)?;
                terminal::say("Built", &built.kernel.display().to_string());
                for module in built.modules {
                    terminal::say("Built", &module.display().to_string());
                }
            }
            for path in paths {
                let file = build::module(&toolchain, &workspace, &path, output.as_deref())?;
                terminal::say("Built", &file.display().to_string());
            }
            Ok(())
        }
    }
}

/// What `bulkhead` does without a subcommand.
fn main_job(workspace: &Workspace) -> Result<(), Failure> {
    let toolchain = setup::ensure(workspace)?;
    build::everything(&toolchain, workspace)?;
    Ok(())
}
