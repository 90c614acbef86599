//! One run of the prover's image: what it is asked, and what it answers.

use std::time::Duration;

use prover::STEP_BYTES;
use prover::job::{JOB_MAGIC, Job, Mode, files};
use prover::{Outcome, Step};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::error::Failure;
use crate::run::image::{COUNTED, Runner};

/// How long a run may take, beside its steps.
const PATIENCE: Duration = Duration::from_secs(120);
/// Steps that QEMU takes in a second on a slow and busy host, at least.
const SLOW_STEPS: u64 = 1_000;

/// What runs the prover.
#[derive(Clone, Debug)]
pub struct Prover<'p>(pub Runner<'p>);

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
        let count = steps.len() / STEP_BYTES;
        let job = Job {
            magic: JOB_MAGIC,
            mode: mode as u32,
            steps: u32::try_from(count).unwrap_or(u32::MAX),
        };
        let options = match mode {
            Mode::Compare | Mode::Measure => &COUNTED,
            Mode::Revoke => &["-smp", "2"],
        };
        let limit = PATIENCE + Duration::from_secs(count as u64 / SLOW_STEPS);
        let given = [(files::JOB, job.as_bytes()), (files::STEPS, steps)];
        self.0.run(&given, options, files::OUTCOMES, limit)
    }
}
