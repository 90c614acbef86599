//! Why a session failed, and what it is about.

use abi::EntryPoint;
use thiserror_no_std::Error;
use vregion::region::SealError;

use crate::audio::ConnectError;
use crate::job::HostFile;
use crate::report::Failure;
use crate::report::words::in_words;

/// Why a session failed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Failed {
    /// The job cannot be read.
    #[error("the job record is not one of this kernel")]
    Job,
    /// A file of the host cannot be opened, made or written.
    #[error("{}", .0.name())]
    File(HostFile),
    /// The input ends before its last frame.
    #[error("{0} bytes short")]
    Short(u32),
    /// The input cannot be played. The host has looked at it with the same code and has the
    /// sentence.
    #[error("{}", HostFile::Input.name())]
    Wav,
    /// The module file was refused; a [`crate::report::Refused`] says why.
    #[error("its file was refused")]
    Module,
    /// The module file does not fit the memory for it.
    #[error("{} is too large to be read", .0.name())]
    TooLarge(HostFile),
    /// The module was stopped.
    #[error("stopped in {}", .0.name())]
    Stopped(EntryPoint),
    /// An entry point of the module returned an error.
    #[error("{} returned {result}", entry.name())]
    Returned {
        /// Which.
        entry: EntryPoint,
        /// What it returned.
        result: i32,
    },
    /// The module's time of lifetime allocations could not end.
    #[error("{0}")]
    Seal(SealError),
    /// An entry point was wanted of a place where no module is.
    #[error("there is no module")]
    NoModule,
    /// A turn has no end.
    #[error("an entry point was not run")]
    NotRun,
    /// The benchmarks found no module.
    #[error("there is no probe")]
    NoProbe,
    /// The module of the benchmarks did not do its part.
    #[error("the probe did not return")]
    ProbeLost,
    /// A module could not be given a buffer.
    #[error("{0}")]
    Connect(ConnectError),
    /// There are not as many cores.
    #[error("not all of {0} cores have started")]
    Cores(u32),
    /// What was taken did not all come back.
    #[error("not all that was taken came back")]
    Leak,
}

in_words!(Failed {
    1 = Job,
    2 = File(file),
    3 = Short(bytes),
    4 = Wav,
    5 = Module,
    6 = TooLarge(file),
    7 = Stopped(entry),
    8 = Returned { entry, result },
    9 = Seal(error),
    10 = NoModule,
    11 = NotRun,
    12 = NoProbe,
    13 = ProbeLost,
    14 = Leak,
    15 = Connect(error),
    16 = Cores(cores),
});

in_words!(SealError {
    1 = Sealed,
    2 = NoRoom { left, least },
    3 = NoRecord(records),
});

impl Failed {
    /// Which kind it is.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        match self {
            Failed::Job | Failed::Cores(_) => Failure::Job,
            Failed::File(_) | Failed::Short(_) => Failure::File,
            Failed::Wav => Failure::Wav,
            Failed::Module | Failed::TooLarge(_) => Failure::Module,
            Failed::Stopped(_) | Failed::ProbeLost => Failure::Stopped,
            Failed::Returned { .. }
            | Failed::Connect(_)
            | Failed::Seal(_)
            | Failed::NoModule
            | Failed::NotRun
            | Failed::NoProbe => Failure::Entry,
            Failed::Leak => Failure::Leak,
        }
    }
}
