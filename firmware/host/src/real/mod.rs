//! Real modules: code that nobody here wrote, each in a domain of its own, against the same code on
//! this host.

mod inputs;
mod recipe;
mod reference;
mod subject;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::build;
use crate::error::Failure;
use crate::report::table::{Side, Table};
use crate::report::{Report, show};
use crate::run::session::Machine;
use crate::setup;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use inputs::Inputs;
use recipe::Recipes;
use subject::{MOST_COST_PERCENT, Seen, Subject};

/// What `bulkhead modules` is told.
#[derive(Args, Clone, Debug)]
pub struct ModulesArguments {
    /// Only the module of this name, and one whose output it plays; may be given more than once.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Play no more than the first so many milliseconds, at least 100; it begins softly.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..))]
    milliseconds: Option<u32>,
}

/// Fetches, builds, runs and compares.
pub fn modules(workspace: &Workspace, arguments: &ModulesArguments) -> Result<(), Failure> {
    let mut recipes = Recipes::read(workspace)?;
    recipes.keep(&arguments.only)?;
    let toolchain = setup::ensure(workspace)?;
    let fetched = setup::third_party(&recipes.source_packages(), &recipes.speech)?;
    if !recipes.rust.is_empty() {
        setup::fetch_crates(
            workspace,
            &Recipes::rust_folder(workspace),
            "crates-of-real-modules",
        )?;
    }
    let folder = workspace.build_folder().join("real");
    let mut inputs = Inputs::make(&fetched.file, &folder, arguments.milliseconds)?;
    let kernel = build::image(&toolchain, workspace, build::KERNEL)?;
    let scratch = workspace.build_folder().join("sessions");
    let machine = Machine {
        qemu: &toolchain.qemu,
        board: crate::run::board::Board::Sim,
        kernel: &kernel,
        scratch: &scratch,
    };
    let maker = Maker {
        toolchain: &toolchain,
        workspace,
        recipes: &recipes,
        sources: &fetched.sources,
        folder: &folder,
    };
    let mut results = Results::new();
    for subject in maker.subjects() {
        let subject = subject?;
        let name = subject.module.name();
        let input = inputs.get(&subject.plays).ok_or_else(|| Failure::Session {
            reason: format!("what {name} plays is not there"),
        })?;
        let seen = subject.run(&machine, input, &scratch)?;
        results.add(&subject, &seen)?;
        inputs.add_output(&name, seen.on_host())?;
    }
    let files = build::module_file(workspace, "MODULE");
    let report = results.report(&files);
    show(&report.text);
    match report.findings.len() {
        0 => Ok(()),
        count => Err(Failure::Differs { count }),
    }
}

/// What makes modules and their references.
struct Maker<'m> {
    toolchain: &'m Toolchain,
    workspace: &'m Workspace,
    recipes: &'m Recipes,
    /// Folders of the source packages, in the order of the recipes.
    sources: &'m [PathBuf],
    folder: &'m Path,
}

impl Maker<'_> {
    /// Each is made when it is its turn.
    fn subjects(&self) -> impl Iterator<Item = Result<Subject, Failure>> {
        let c = self.recipes.c.iter().map(|recipe| {
            let parts = self.recipes.parts(self.workspace, recipe, self.sources)?;
            let module = || {
                let sources = parts.target_sources();
                build::c_module(self.toolchain, self.workspace, &recipe.name, sources)
            };
            let host = || reference::of_c(self.workspace, &recipe.name, &parts, self.folder);
            let origin = self.recipes.origin_of_c(recipe);
            Subject::make(&recipe.what, origin, &recipe.plays, module, host)
        });
        let rust = self.recipes.rust.iter().map(|recipe| {
            let name = &recipe.name;
            let source = Recipes::rust_folder(self.workspace).join(name);
            let file = build::module_file(self.workspace, name);
            let module = || build::module(self.toolchain, self.workspace, &source, Some(&file));
            let host = || reference::of_rust(self.workspace, name, self.folder);
            let origin = Recipes::origin_of_rust(self.workspace, recipe)?;
            Subject::make(&recipe.what, origin, &recipe.plays, module, host)
        });
        c.chain(rust)
    }
}

/// What came of all of them.
struct Results {
    measured: Table,
    described: Table,
    /// One sentence for each output that is not as it must be.
    outputs: Vec<String>,
    /// One for each module whose isolation costs too much.
    costs: Vec<String>,
}

impl Results {
    fn new() -> Results {
        Results {
            measured: Table::new([
                ("module", Side::Left),
                ("text", Side::Right),
                ("rodata", Side::Right),
                ("data", Side::Right),
                ("heap", Side::Right),
                ("pages", Side::Right),
                ("isolated", Side::Right),
                ("not isolated", Side::Right),
                ("isolation", Side::Right),
                ("as on the host", Side::Left),
            ]),
            described: Table::new([
                ("module", Side::Left),
                ("what it does", Side::Left),
                ("made from", Side::Left),
                ("licence", Side::Left),
                ("what it played", Side::Left),
            ]),
            outputs: Vec::new(),
            costs: Vec::new(),
        }
    }

    fn add(&mut self, subject: &Subject, seen: &Seen) -> Result<(), Failure> {
        let name = subject.module.name();
        let differing = seen.differing();
        let verdict = match differing.is_empty() {
            true => "equal",
            false => "DIFFERS",
        };
        self.measured.row(seen.row(&subject.module, verdict)?);
        self.described.row([
            name.clone(),
            subject.what.clone(),
            subject.origin.title.clone(),
            subject.origin.licence.clone(),
            seen.played(&subject.plays),
        ]);
        let of_it = |problem: String| format!("{name}: {problem}");
        self.outputs.extend(differing.into_iter().map(of_it));
        self.costs.extend(seen.too_dear().map(of_it));
        Ok(())
    }

    /// `files`: where the modules' files are.
    fn report(self, files: &Path) -> Report {
        let mut report = Report::default();
        report.section(
            "Real modules: bytes, pages of 4 KiB, instructions per 10 ms, every sample of the output",
            &self.measured,
        );
        report.section("What they are", &self.described);
        report.line("");
        report.check(
            "Output",
            "of every module the same isolated, not isolated and on this host",
            self.outputs,
        );
        report.check(
            "Isolation",
            &format!("costs no module more than {MOST_COST_PERCENT} %"),
            self.costs,
        );
        report.line(&format!("{:<12}{}", "Files", files.display()));
        report
    }
}
