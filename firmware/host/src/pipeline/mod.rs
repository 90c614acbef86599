//! `bulkhead run pipeline.toml`: several modules, connected, configured, and disturbed on purpose.

mod plan;
mod shown;
mod topology;

use std::path::{Path, PathBuf};

use kernel::job::Mode;

use crate::error::Failure;
use crate::files;
use crate::report::{Report, Shown, log, show};
use crate::run::output::check_place;
use crate::run::session::{self, Machine, Work};
use crate::run::{check_kernel, failure, show_log};
use plan::{Library, Plan};
use topology::Topology;

/// A topology whose files were all found.
#[derive(Clone, Debug)]
pub struct Job {
    path: PathBuf,
    topology: Topology,
}

impl Job {
    /// Reads a topology and checks what it says.
    pub fn read(path: &Path) -> Result<Job, Failure> {
        let text = files::read_text(path)?;
        let topology = Topology::parse(&text).map_err(|error| Failure::BadTopology {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Job {
            path: path.to_owned(),
            topology,
        })
    }

    /// Runs it; modules of this repository are found by name.
    pub fn run(
        &self,
        machine: &Machine<'_>,
        known: &dyn Fn(&str) -> Option<PathBuf>,
        shown: Shown,
    ) -> Result<(), Failure> {
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let plan = Plan::make(&self.path, &self.topology, &Library { folder, known })?;
        for output in &plan.outputs {
            check_place(&output.path, &self.path)?;
        }
        let frame_bytes = plan.outputs.first().map_or(1, |output| {
            output.format.rate / 1000 * output.format.channels * 4
        });
        let remains = machine.work(&Work {
            title: format!("{}", self.path.display()),
            job: kernel::job::Job {
                cores: self.topology.cores(),
                ..session::job(Mode::Pipelines, self.topology.cycles_per_ms)
            },
            files: plan.files(),
            outputs: plan.output_names(),
            step_bytes: frame_bytes,
            steps: plan.ticks.into(),
            patience: session::patience(self.topology.cycles_per_ms),
        })?;
        if shown.log {
            show_log(&log::decode(machine.kernel, &remains.log)?);
        }
        let mut report = Report::default();
        let verbose = shown.verbose;
        shown::show(&mut report, &self.topology, &plan, &remains.story, verbose);
        if let Some(reason) = failure(&remains.story) {
            show(&report.text);
            return Err(Failure::Session { reason });
        }
        check_kernel(&mut report, &remains.story);
        for (output, raw) in plan.outputs.iter().zip(&remains.outputs) {
            let (file, is_whole) = output.file(raw);
            let short = format!(
                "{} has {} of {} frames",
                output.path.display(),
                raw.len() as u32 / (output.format.channels * 4),
                output.frames
            );
            let problems = if is_whole { Vec::new() } else { vec![short] };
            files::write(&output.path, &file)?;
            let well = format!("{}, {} frames", output.path.display(), output.frames);
            report.check("Written", &well, problems);
        }
        show(&report.text);
        match report.findings.len() {
            0 => Ok(()),
            count => Err(Failure::Differs { count }),
        }
    }
}
