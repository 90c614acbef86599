//! One run of the prover's image: its files in a folder, QEMU, and what it leaves behind.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use prover::STEP_BYTES;
use prover::job::{JOB_MAGIC, Job, Mode, files};
use prover::{Outcome, Step};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::error::Failure;
use crate::process::{self, Scratch};
use crate::toolchain::Tool;

/// How long a run may take, beside its steps.
const PATIENCE: Duration = Duration::from_secs(120);
/// Steps that QEMU takes in a second on a slow and busy host, at least.
const SLOW_STEPS: u64 = 1_000;

/// What runs the image.
#[derive(Clone, Debug)]
pub struct Prover<'p> {
    /// QEMU.
    pub qemu: &'p Tool,
    /// The image.
    pub image: &'p Path,
    /// Where folders for runs are made.
    pub scratch: PathBuf,
}

impl Prover<'_> {
    /// Takes steps on the machine.
    pub fn take(&self, steps: &[Step]) -> Result<Vec<Outcome>, Failure> {
        let bytes: Vec<u8> = steps
            .iter()
            .flat_map(|step| step.to_words())
            .flat_map(u32::to_le_bytes)
            .collect();
        let outcomes: Vec<Outcome> = self.run(Mode::Compare, &bytes)?;
        if outcomes.len() == steps.len() {
            Ok(outcomes)
        } else {
            Err(Failure::Session {
                reason: format!(
                    "the prover took {} of {} steps",
                    outcomes.len(),
                    steps.len()
                ),
            })
        }
    }

    /// Runs the image in a mode; the records that it wrote.
    pub fn run<R: FromBytes + Immutable>(
        &self,
        mode: Mode,
        steps: &[u8],
    ) -> Result<Vec<R>, Failure> {
        let scratch = Scratch::below(&self.scratch)?;
        let folder = scratch.path();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(Failure::file("write", &path))
        };
        let count = steps.len() / STEP_BYTES;
        let job = Job {
            magic: JOB_MAGIC,
            mode: mode as u32,
            steps: u32::try_from(count).unwrap_or(u32::MAX),
        };
        write(files::JOB, job.as_bytes())?;
        write(files::STEPS, steps)?;
        let image = std::path::absolute(self.image).map_err(Failure::file("find", self.image))?;
        let mut command = self.qemu.command();
        command
            .args(["-M", "sim", "-cpu", "dc233c", "-m", "128M"])
            .args(["-semihosting", "-nographic", "-monitor", "none"])
            .args(["-serial", "none"])
            .arg("-kernel")
            .arg(image)
            .current_dir(folder);
        // Instructions are counted on one core only: the counting clock does not let a second run.
        match mode {
            Mode::Compare | Mode::Measure => command.args(["-icount", "shift=7"]),
            Mode::Revoke => command.args(["-smp", "2"]),
        };
        let limit = PATIENCE + Duration::from_secs(count as u64 / SLOW_STEPS);
        let start = Instant::now();
        let outcome = process::watch(&mut command, || start.elapsed() < limit)?;
        let reason = match outcome {
            None => Some(format!(
                "the prover did not end in {} seconds",
                limit.as_secs()
            )),
            Some(outcome) if !outcome.status.success() => Some(format!(
                "the prover ended with {}: {}",
                outcome.status,
                outcome.stderr.lines().next().unwrap_or("it said nothing")
            )),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            return Err(Failure::Session { reason });
        }
        let path = folder.join(files::OUTCOMES);
        let bytes = std::fs::read(&path).map_err(Failure::file("read", &path))?;
        let records = bytes.chunks_exact(size_of::<R>());
        Ok(records
            .filter_map(|record| R::read_from_bytes(record).ok())
            .collect())
    }
}
