//! What the host asks of the kernel: one record in a file of its own.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::report::words::in_words;

/// The host's files, in the folder in which the machine runs.
pub mod files {
    /// The [`super::Job`].
    pub const JOB: &str = "job.bin";
    /// The module that plays.
    pub const MODULE: &str = "module.elf";
    /// The module beside it.
    pub const BESIDE: &str = "beside.elf";
    /// What it plays.
    pub const INPUT: &str = "input.wav";
    /// What comes out.
    pub const OUTPUT: &str = "output.wav";
    /// What happened, as records of [`crate::report`].
    pub const REPORT: &str = "report.bin";
    /// What is asked of pipelines, as [`crate::pipeline::request::RequestRecord`]s.
    pub const REQUESTS: &str = "requests.bin";
    /// Configurations for them, by offset.
    pub const BLOBS: &str = "blobs.bin";
    /// The kernel's log, as defmt frames.
    pub const LOG: &str = "log.bin";
}

/// A file that the kernel reads or writes for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFile {
    /// The [`Job`].
    Job,
    /// The module that plays.
    Module,
    /// The module beside it.
    Beside,
    /// What it plays.
    Input,
    /// What comes out.
    Output,
    /// What is asked of pipelines.
    Requests,
    /// Configurations for them.
    Blobs,
}

impl HostFile {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            HostFile::Job => files::JOB,
            HostFile::Module => files::MODULE,
            HostFile::Beside => files::BESIDE,
            HostFile::Input => files::INPUT,
            HostFile::Output => files::OUTPUT,
            HostFile::Requests => files::REQUESTS,
            HostFile::Blobs => files::BLOBS,
        }
    }
}

in_words!(HostFile {
    1 = Job,
    2 = Module,
    3 = Beside,
    4 = Input,
    5 = Output,
    6 = Requests,
    7 = Blobs,
});

/// First word of a job.
pub const JOB_MAGIC: u32 = u32::from_le_bytes(*b"BHJ1");

/// What to do.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C)]
pub struct Job {
    /// [`JOB_MAGIC`].
    pub magic: u32,
    /// A [`Mode`].
    pub mode: u32,
    /// Whether there is a module beside.
    pub beside: u32,
    /// Cycles that `process` may take for a period; of pipelines, cycles of a tick.
    pub period_cycles: u32,
    /// Cycles that any other entry point may take.
    pub entry_cycles: u32,
    /// How many lives the module beside has.
    pub beside_lives: u32,
    /// Cores that modules of pipelines run on; 0 is 1.
    pub cores: u32,
}

/// How modules are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Mode {
    /// In their own domains at user ring.
    Isolated = 0,
    /// `process` in the kernel's ring with nothing around it: what isolation is compared with.
    Trusted = 1,
    /// The kernel's benchmarks, on the module `probe`.
    Bench = 2,
    /// Pipelines, as requests build them.
    Pipelines = 3,
}

impl Mode {
    /// The mode of that number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Mode> {
        match number {
            0 => Some(Mode::Isolated),
            1 => Some(Mode::Trusted),
            2 => Some(Mode::Bench),
            3 => Some(Mode::Pipelines),
            _ => None,
        }
    }
}
