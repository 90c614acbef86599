//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::bench;
use crate::build;
use crate::error::Failure;
use crate::inspect;
use crate::isolate::IsolateArguments;
use crate::jobs::{self, BenchArguments, RunArguments};
use crate::prove::ProveArguments;
use crate::real::{self, ModulesArguments};
use crate::report::Shown;
use crate::setup;
use crate::terminal;
use crate::workspace::Workspace;

/// Runs third-party audio modules safely on an Xtensa DSP.
///
/// Without a command it plays a sample through the equaliser while the hostile module attacks
/// beside it, and shows what became of both.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    shown: Shown,
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
    /// Play a WAV file through a module with another beside it, or run a pipeline of modules.
    Run(RunArguments),
    /// Show what a module file is and what it would be given, or what is wrong with it.
    Inspect {
        /// The module file.
        #[arg(value_name = "ELF")]
        module: PathBuf,
    },
    /// Compare the MMU with its model, and revoke pages across cores, in QEMU.
    Prove(ProveArguments),
    /// Run every case of the isolation suite on the machine, and tell them apart.
    ///
    /// Attacks by machine code in lives of their own beside a module that plays, changes of domains while
    /// user code uses them, revocations across cores, and attacks in every entry point. Of each the
    /// cause and address must be right, everything must come back, the kernel must be as it was, and the
    /// audit trail must tell of it. Ends with an error on any difference.
    Isolate(IsolateArguments),
    /// Fetch, build, run and compare modules whose code nobody here wrote.
    ///
    /// What they are made of comes from Debian and crates.io, once, into the cache folder; its
    /// digests are known. Each module plays speech in its own domain, with the kernel's rights and
    /// on this computer, and all three must give the same. With the kernel's rights, code in QEMU
    /// reaches the files of this computer.
    Modules(ModulesArguments),
    /// Measure system calls, switches, tables, isolation and the kernel, against their limits.
    Bench(BenchArguments),
    /// What `bench` starts under callgrind.
    #[command(hide = true)]
    Weigh {
        /// Where callgrind counts.
        dumps: PathBuf,
        /// Where the measurements go.
        records: PathBuf,
    },
}

/// Does what the command line asks for.
pub fn run() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    match arguments.task {
        None => jobs::main_job(&Workspace::find()?, arguments.shown),
        Some(Task::Run(run)) => jobs::run(&Workspace::find()?, &run),
        Some(Task::Bench(bench)) => jobs::bench(&Workspace::find()?, &bench),
        Some(Task::Weigh { dumps, records }) => bench::weigh(&dumps, &records),
        Some(Task::Prove(prove)) => jobs::prove(&Workspace::find()?, &prove),
        Some(Task::Isolate(isolate)) => jobs::isolate(&Workspace::find()?, &isolate),
        Some(Task::Modules(modules)) => real::modules(&Workspace::find()?, &modules),
        Some(Task::Inspect { module }) => inspect::inspect(&module),
        Some(Task::Setup) => {
            let workspace = Workspace::find()?;
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
            let workspace = Workspace::find()?;
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
