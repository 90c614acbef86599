//! What the host asks for, and in which files.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Names of the files in the session's folder.
pub mod files {
    /// The [`super::Job`].
    pub const JOB: &str = "prove.bin";
    /// Steps to take.
    pub const STEPS: &str = "steps.bin";
    /// Outcomes, measurements or rounds.
    pub const OUTCOMES: &str = "outcomes.bin";
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Mode {
    /// Take the steps of [`files::STEPS`].
    Compare = 0,
    /// Measure domains.
    Measure = 1,
    /// Revoke pages that another core is using.
    Revoke = 2,
}

/// The request.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Job {
    /// [`JOB_MAGIC`].
    pub magic: u32,
    /// A [`Mode`].
    pub mode: u32,
    /// How many steps.
    pub steps: u32,
}

/// Says that it is a job, and of this version.
pub const JOB_MAGIC: u32 = u32::from_le_bytes(*b"prv1");
