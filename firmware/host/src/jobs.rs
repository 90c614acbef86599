//! From the command line to a session: checks the user's files first, then sees to tools, kernel
//! and modules.

use std::path::{Path, PathBuf};

use clap::Args;
use hostile::PRESENT_ATTACKS;

use crate::bench::{self, Subjects};
use crate::build::{self, BROKEN, Built, KERNEL};
use crate::error::Failure;
use crate::files;
use crate::isolate::{self, Bench, Broken, BrokenImage, IsolateArguments};
use crate::module_file::ModuleFile;
use crate::pipeline;
use crate::prove::{self, ProveArguments, Prover};
use crate::report::Shown;
use crate::report::known::Known;
use crate::run::image::Runner;
use crate::run::input::Input;
use crate::run::output::check_place;
use crate::run::session::Machine;
use crate::run::{self, LIVES, PERIOD_BUDGET, Request, sample};
use crate::setup;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

/// What `bulkhead run` is told.
#[derive(Args, Clone, Debug)]
pub struct RunArguments {
    /// A file that describes a pipeline of several modules; see docs/pipelines.md.
    #[arg(value_name = "TOML", conflicts_with_all = [
        "module", "input", "output", "alone", "beside", "lives", "period_budget", "measure",
    ])]
    pipeline: Option<PathBuf>,
    /// The module that plays.
    #[arg(long, value_name = "ELF", required_unless_present = "pipeline")]
    module: Option<PathBuf>,
    /// What it plays: a WAV file of 16, 24 or 32-bit PCM, mono or stereo.
    #[arg(long, value_name = "WAV", required_unless_present = "pipeline")]
    input: Option<PathBuf>,
    /// Where its output goes; written whole at the end, or not at all.
    #[arg(long, value_name = "WAV", required_unless_present = "pipeline")]
    output: Option<PathBuf>,
    /// The module that runs beside it [default: this repository's hostile module].
    #[arg(long, value_name = "ELF", conflicts_with = "alone")]
    beside: Option<PathBuf>,
    /// Run nothing beside it.
    #[arg(long)]
    alone: bool,
    /// Lives of the module beside [default: one for each attack of the hostile module, else 8].
    ///
    /// When it dies it is loaded again, until it has no life left.
    #[arg(long, value_name = "N", conflicts_with = "alone",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    lives: Option<u32>,
    /// Instructions that a module may take for a period of 1 ms.
    #[arg(long, value_name = "N", default_value_t = PERIOD_BUDGET,
          value_parser = clap::value_parser!(u32).range(1_000..=1_000_000_000))]
    period_budget: u32,
    /// Also run the module with the kernel's rights, to measure what isolation costs.
    ///
    /// Only for a module that you trust: in QEMU, code with the kernel's rights reaches the files
    /// of this computer. The modules of this repository are always measured.
    #[arg(long)]
    measure: bool,
    #[command(flatten)]
    shown: Shown,
}

/// What `bulkhead bench` is told.
#[derive(Args, Clone, Debug)]
pub struct BenchArguments {
    /// Only the figures whose names begin like this.
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true
    )]
    only: String,
    /// One JSON object of names and numbers.
    #[arg(long)]
    json: bool,
}

/// Tools, kernel and modules, all there.
struct Ready {
    toolchain: Toolchain,
    built: Built,
    scratch: PathBuf,
}

impl Ready {
    fn make(workspace: &Workspace) -> Result<Ready, Failure> {
        let toolchain = setup::ensure(workspace)?;
        let built = build::everything(&toolchain, workspace)?;
        Ok(Ready {
            toolchain,
            built,
            scratch: workspace.build_folder().join("sessions"),
        })
    }

    fn machine(&self) -> Machine<'_> {
        Machine {
            qemu: &self.toolchain.qemu,
            board: crate::run::board::Board::Sim,
            kernel: &self.built.kernel,
            scratch: &self.scratch,
        }
    }

    /// The file of a module of this repository.
    fn path_of(&self, name: &str) -> Option<&PathBuf> {
        let is_it = |path: &&PathBuf| path.file_stem().is_some_and(|stem| stem == name);
        self.built.modules.iter().find(is_it)
    }

    /// A module of this repository.
    fn module(&self, name: &str) -> Result<ModuleFile, Failure> {
        let path = self.path_of(name).ok_or_else(|| Failure::NotAModule {
            path: PathBuf::from(name),
            reason: String::from("this repository has no such module"),
        })?;
        ModuleFile::read(path)
    }

    /// Whether a file is what this repository's sources were just built to.
    fn has_built(&self, module: &ModuleFile) -> bool {
        self.built
            .modules
            .iter()
            .any(|path| std::fs::read(path).is_ok_and(|bytes| bytes == module.bytes))
    }
}

/// Lives of a module beside, if nothing else is asked for.
fn lives_of(module: &ModuleFile) -> u32 {
    match module.known() {
        Some(Known::Hostile) => PRESENT_ATTACKS as u32,
        _ => LIVES,
    }
}

/// The equaliser plays the sample, the hostile module attacks beside it.
pub fn main_job(workspace: &Workspace, shown: Shown) -> Result<(), Failure> {
    let ready = Ready::make(workspace)?;
    let folder = workspace.build_folder();
    let hostile = ready.module("hostile")?;
    let lives = lives_of(&hostile);
    let request = Request {
        module: ready.module("equaliser")?,
        input: the_sample(&folder)?,
        output: folder.join("sample-equalised.wav"),
        beside: Some((hostile, lives)),
        period_budget: PERIOD_BUDGET,
        trusted: true,
        verbose: shown.verbose,
        log: shown.log,
    };
    run::run(&ready.machine(), &request)
}

fn the_sample(folder: &Path) -> Result<Input, Failure> {
    let path = folder.join("sample.wav");
    sample::write(&path)?;
    Input::read(&path)
}

/// What the user describes: a pipeline, or a module that plays a file.
pub fn run(workspace: &Workspace, arguments: &RunArguments) -> Result<(), Failure> {
    if let Some(path) = &arguments.pipeline {
        let job = pipeline::Job::read(path)?;
        let ready = Ready::make(workspace)?;
        let known = |name: &str| ready.path_of(name).cloned();
        return job.run(&ready.machine(), &known, arguments.shown);
    }
    let RunArguments {
        module: Some(module),
        input: Some(input),
        output: Some(output),
        ..
    } = arguments
    else {
        // They are required where there is no pipeline.
        return Ok(());
    };
    let module = ModuleFile::read(module)?;
    let input = Input::read(input)?;
    check_place(output, &input.path)?;
    let beside = arguments
        .beside
        .as_deref()
        .map(ModuleFile::read)
        .transpose()?;
    let ready = Ready::make(workspace)?;
    let beside = match beside {
        Some(beside) => Some(beside),
        None if arguments.alone => None,
        None => Some(ready.module("hostile")?),
    };
    let beside = beside.map(|module| {
        let lives = arguments.lives.unwrap_or_else(|| lives_of(&module));
        (module, lives)
    });
    let request = Request {
        trusted: arguments.measure || ready.has_built(&module),
        module,
        input,
        output: output.clone(),
        beside,
        period_budget: arguments.period_budget,
        verbose: arguments.shown.verbose,
        log: arguments.shown.log,
    };
    run::run(&ready.machine(), &request)
}

/// Proves what can be proven on the machine alone.
pub fn prove(workspace: &Workspace, arguments: &ProveArguments) -> Result<(), Failure> {
    let toolchain = setup::ensure(workspace)?;
    let image = build::image(&toolchain, workspace, build::PROVER)?;
    prove::prove(&prover(&toolchain, &image, workspace), arguments)
}

/// Runs the isolation suite.
pub fn isolate(workspace: &Workspace, arguments: &IsolateArguments) -> Result<(), Failure> {
    arguments.check_places()?;
    let ready = Ready::make(workspace)?;
    let sound = ready.module("limiter")?;
    if arguments.listed(&sound)? {
        return Ok(());
    }
    let image = build::image(&ready.toolchain, workspace, build::PROVER)?;
    let [hostile, neighbour] = [ready.module("hostile")?, ready.module("equaliser")?];
    let board = arguments.board;
    let mut prover = prover(&ready.toolchain, &image, workspace);
    prover.0.board = board;
    let bench = Bench {
        machine: Machine {
            board,
            ..ready.machine()
        },
        prover,
        hostile: &hostile,
        neighbour: &neighbour,
        sound: &sound,
    };
    if !arguments.prove {
        return isolate::isolate(&bench, arguments);
    }
    let images: Vec<PathBuf> = BROKEN
        .iter()
        .map(|broken| build::image(&ready.toolchain, workspace, broken.image))
        .collect::<Result<_, _>>()?;
    let broken = BROKEN.iter().zip(&images).map(|(broken, image)| {
        let mut bench = bench.clone();
        let which = if broken.image.name == KERNEL.name {
            bench.machine.kernel = image;
            BrokenImage::Kernel
        } else {
            bench.prover.0.image = image;
            BrokenImage::Prover
        };
        Broken {
            rule: broken.rule,
            what: broken.what,
            must_notice: broken.attacks,
            image: which,
            bench,
        }
    });
    isolate::prove(broken, &sound, arguments)
}

fn prover<'p>(toolchain: &'p Toolchain, image: &'p Path, workspace: &Workspace) -> Prover<'p> {
    Prover(runner("prover", toolchain, image, workspace))
}

fn runner<'r>(
    name: &'static str,
    toolchain: &'r Toolchain,
    image: &'r Path,
    workspace: &Workspace,
) -> Runner<'r> {
    Runner {
        name,
        qemu: &toolchain.qemu,
        board: crate::run::board::Board::Sim,
        image,
        scratch: workspace.build_folder().join("sessions"),
    }
}

/// Takes the figures.
pub fn bench(workspace: &Workspace, arguments: &BenchArguments) -> Result<(), Failure> {
    bench::check_prefix(&arguments.only)?;
    let ready = Ready::make(workspace)?;
    let folder = workspace.build_folder();
    files::create_folder(&folder)?;
    let subjects = Subjects {
        probe: ready.module("probe")?,
        equaliser: ready.module("equaliser")?,
        input: the_sample(&folder)?,
    };
    let image = build::image(&ready.toolchain, workspace, build::PROVER)?;
    let prover = prover(&ready.toolchain, &image, workspace);
    let weigher = build::image(&ready.toolchain, workspace, build::SCALES)?;
    let scales = runner("scales", &ready.toolchain, &weigher, workspace);
    let small_scales = build::image(&ready.toolchain, workspace, build::SMALL_SCALES)?;
    let machine = ready.machine();
    bench::bench(
        &machine,
        &prover,
        &scales,
        &small_scales,
        &subjects,
        &arguments.only,
        arguments.json,
    )
}
