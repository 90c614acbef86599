//! What can be wrong with a topology, in sentences.

use kernel::config::{CORES, INSTANCES};
use thiserror::Error;

/// What is wrong with a topology.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TopologyError {
    /// It is no TOML, or has other fields.
    #[error("{0}")]
    Written(String),
    /// Nothing would run.
    #[error("it has no [[module]]")]
    NoModule,
    /// More than the kernel has places for.
    #[error("it has {0} modules, the kernel has places for {INSTANCES}")]
    TooMany(usize),
    /// Two have one name.
    #[error("two modules are called `{0}`")]
    TwoOf(String),
    /// A core that there is not.
    #[error("`{name}` cannot run on core {core}: the cores are 0 to {last}", last = CORES - 1)]
    NoCore {
        /// The module.
        name: String,
        /// The core.
        core: u32,
    },
    /// Nobody has that name.
    #[error("no module is called `{name}`; there are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// No module is in that pipeline.
    #[error("no module is in the pipeline `{0}`")]
    NoPipeline(String),
    /// Two ends at one pin.
    #[error("two buffers are at {side} {end}")]
    PinTaken {
        /// "source" or "sink".
        side: &'static str,
        /// The end.
        end: String,
    },
    /// From a file to a file.
    #[error("the buffer from {from} to {to} has no module at either end")]
    NoModuleAt {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
    },
    /// The modules feed each other.
    #[error("the modules feed each other in a circle: {0}")]
    Circle(String),
    /// A module that nothing goes through.
    #[error("nothing is connected to `{0}`")]
    Alone(String),
    /// A rate or channels that follow from nothing.
    #[error("the buffer from {from} to {to} has no {what}: nothing with one comes in at {from}")]
    NoFormat {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
        /// "rate" or "channels".
        what: &'static str,
    },
    /// The file has another format.
    #[error("the buffer from {from} is to have {what} {said}, the file has {right}")]
    OtherFormat {
        /// The file.
        from: String,
        /// "rate" or "channels".
        what: &'static str,
        /// What the topology says.
        said: u32,
        /// What the file has.
        right: u32,
    },
    /// Bits that no WAV file of ours has.
    #[error("the output {file} cannot have {bits} bits; 16, 24 and 32 are possible")]
    Bits {
        /// The file.
        file: String,
        /// The bits.
        bits: u32,
    },
    /// A period that is no whole number of frames.
    #[error(
        "a period of `{name}` is no whole number of frames: {period_us} microseconds of {rate} Hz"
    )]
    Period {
        /// The module.
        name: String,
        /// Its period.
        period_us: u32,
        /// The rate.
        rate: u32,
    },
    /// A buffer that is too large.
    #[error("the buffer from {from} to {to} has {bytes} bytes, at most {most} are possible")]
    Large {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
        /// Its bytes.
        bytes: u64,
        /// The most.
        most: u32,
    },
    /// Not exactly one of bytes, text and file.
    #[error("a configuration of `{0}` needs exactly one of bytes, text and file")]
    OneOf(String),
    /// A configuration file that cannot be read.
    #[error("the configuration `{path}` cannot be read: {why}")]
    Config {
        /// Which file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// No input, so it has no end.
    #[error("no buffer comes from a WAV file, so nothing says when it ends")]
    NoInput,
    /// No buffer of those ends.
    #[error("no buffer goes from {from} to {to}")]
    NoBuffer {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
    },
    /// A buffer that would be gone already.
    #[error("the buffer from {from} to {to} is taken away twice")]
    UnboundTwice {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
    },
    /// Outputs of one name.
    #[error("two buffers go to {0}")]
    TwoOutputs(String),
}
