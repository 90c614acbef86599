//! What the host asks of a running pipeline: records in a file, each with the tick at which it is
//! due.

use abi::EntryPoint;
use thiserror_no_std::Error;
use vregion::region::SealError;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::audio::ConnectError;
use crate::estate::RegionPages;
use crate::install::InstallError;
use crate::report::words::in_words;

/// Bytes of the longest configuration.
pub const MOST_CONFIG_BYTES: u32 = 64 * 1024;

/// A request as it stands in the file.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C)]
pub struct RequestRecord {
    /// The tick at which it is due. The file is in this order.
    pub tick: u32,
    /// Which request.
    pub kind: u32,
    /// Its arguments.
    pub words: [u32; 8],
}

/// A side of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// An instance's pin.
    Pin {
        /// Its place.
        place: u8,
        /// Which.
        pin: u8,
    },
    /// A file of the host, of raw samples.
    File(u16),
}

impl Endpoint {
    const FILE: u32 = 1 << 31;

    /// As a word.
    #[must_use]
    pub const fn word(self) -> u32 {
        match self {
            Endpoint::Pin { place, pin } => (place as u32) << 8 | pin as u32,
            Endpoint::File(number) => Self::FILE | number as u32,
        }
    }

    const fn from_word(word: u32) -> Endpoint {
        if word & Self::FILE != 0 {
            Endpoint::File(word as u16)
        } else {
            Endpoint::Pin {
                place: (word >> 8) as u8,
                pin: word as u8,
            }
        }
    }
}

/// What goes on while an instance is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDeath {
    /// Its sinks are given silence.
    Silence = 0,
    /// Its first sink is given what its first source has.
    Bypass = 1,
}

/// States of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// As after `init`.
    Reset = 0,
    /// Prepared.
    Ready = 1,
    /// Audio flows.
    Running = 2,
    /// None flows for a while.
    Paused = 3,
}

/// A fault that is asked for, to see what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injected {
    /// The next `process` begins at address 0.
    Jump = 1,
    /// The next `process` has no time.
    Overrun = 2,
    /// It is taken away at once, whatever it is doing.
    Withdraw = 3,
}

/// An instance as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creation {
    /// Where.
    pub place: u32,
    /// Of which module file.
    pub file: u32,
    /// In which pipeline.
    pub pipeline: u32,
    /// Microseconds of audio that each `process` takes.
    pub period_us: u32,
    /// How often it is brought back to life; `u32::MAX` for always.
    pub restarts: u32,
    /// What goes on meanwhile.
    pub on_death: OnDeath,
    /// Cycles that a `process` may take.
    pub budget: u32,
    /// Which core it runs on, for all its lives.
    pub core: u32,
    /// What its region has, in all its lives.
    pub region: RegionPages,
}

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Load a module file.
    Load(u32),
    /// Unload it.
    Unload(u32),
    /// Make an instance and run its `init`.
    Create(Creation),
    /// Run `reset` and `free` of an instance and take it away.
    Delete(u32),
    /// Connect two sides.
    Bind {
        /// The host's number for the buffer.
        buffer: u32,
        /// Who writes.
        from: Endpoint,
        /// Who reads.
        to: Endpoint,
        /// Bytes of the buffer.
        bytes: u32,
        /// Frames per second.
        rate: u32,
        /// Samples of 4 bytes per frame.
        channels: u32,
    },
    /// Take a buffer away.
    Unbind(u32),
    /// Bring all instances of a pipeline into a state.
    SetPhase {
        /// Which.
        pipeline: u32,
        /// Which state.
        phase: Phase,
    },
    /// Configure an instance.
    SetConfig {
        /// Which.
        place: u32,
        /// The module's number for the configuration.
        id: u32,
        /// Where its bytes are in the file of blobs.
        offset: u32,
        /// How many.
        bytes: u32,
    },
    /// Ask an instance for a configuration.
    GetConfig {
        /// Which.
        place: u32,
        /// The module's number for it.
        id: u32,
    },
    /// Let an instance fail.
    Inject {
        /// Which.
        place: u32,
        /// How.
        fault: Injected,
    },
    /// The end of the session.
    End,
}

impl Request {
    /// As a record.
    #[must_use]
    pub fn record(self, tick: u32) -> RequestRecord {
        let mut words = [0; 8];
        let (kind, arguments): (u32, &[u32]) = match &self {
            Request::Load(file) => (1, &[*file]),
            Request::Unload(file) => (2, &[*file]),
            Request::Create(Creation {
                place,
                file,
                pipeline,
                period_us,
                restarts,
                on_death,
                budget,
                core,
                region,
            }) => (
                3,
                &[
                    *place,
                    *file,
                    *pipeline,
                    *period_us,
                    *restarts,
                    *on_death as u32 | *core << 8,
                    *budget,
                    u32::from(region.lifetime) | u32::from(region.interim) << 16,
                ],
            ),
            Request::Delete(place) => (4, &[*place]),
            Request::Bind {
                buffer,
                from,
                to,
                bytes,
                rate,
                channels,
            } => (
                5,
                &[*buffer, from.word(), to.word(), *bytes, *rate, *channels],
            ),
            Request::Unbind(buffer) => (6, &[*buffer]),
            Request::SetPhase { pipeline, phase } => (7, &[*pipeline, *phase as u32]),
            Request::SetConfig {
                place,
                id,
                offset,
                bytes,
            } => (8, &[*place, *id, *offset, *bytes]),
            Request::GetConfig { place, id } => (9, &[*place, *id]),
            Request::Inject { place, fault } => (10, &[*place, *fault as u32]),
            Request::End => (11, &[]),
        };
        for (word, argument) in words.iter_mut().zip(arguments) {
            *word = *argument;
        }
        RequestRecord { tick, kind, words }
    }

    /// The request of a record.
    ///
    /// # Errors
    /// [`RequestError::Unknown`].
    pub fn from_record(record: &RequestRecord) -> Result<Request, RequestError> {
        let [a, b, c, d, e, f, g, h] = record.words;
        let unknown = RequestError::Unknown(record.kind);
        Ok(match record.kind {
            1 => Request::Load(a),
            2 => Request::Unload(a),
            3 => Request::Create(Creation {
                place: a,
                file: b,
                pipeline: c,
                period_us: d,
                restarts: e,
                on_death: match f & 0xff {
                    0 => OnDeath::Silence,
                    1 => OnDeath::Bypass,
                    _ => return Err(unknown),
                },
                budget: g,
                core: f >> 8,
                region: RegionPages {
                    lifetime: h as u16,
                    interim: (h >> 16) as u16,
                },
            }),
            4 => Request::Delete(a),
            5 => Request::Bind {
                buffer: a,
                from: Endpoint::from_word(b),
                to: Endpoint::from_word(c),
                bytes: d,
                rate: e,
                channels: f,
            },
            6 => Request::Unbind(a),
            7 => Request::SetPhase {
                pipeline: a,
                phase: match b {
                    0 => Phase::Reset,
                    1 => Phase::Ready,
                    2 => Phase::Running,
                    3 => Phase::Paused,
                    _ => return Err(unknown),
                },
            },
            8 => Request::SetConfig {
                place: a,
                id: b,
                offset: c,
                bytes: d,
            },
            9 => Request::GetConfig { place: a, id: b },
            10 => Request::Inject {
                place: a,
                fault: match b {
                    1 => Injected::Jump,
                    2 => Injected::Overrun,
                    3 => Injected::Withdraw,
                    _ => return Err(unknown),
                },
            },
            11 => Request::End,
            _ => return Err(unknown),
        })
    }
}

/// Why a request was not done.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RequestError {
    /// No such request, or an argument that none has.
    #[error("no request has number {0} and these arguments")]
    Unknown(u32),
    /// A file of the host cannot be opened, or is too large.
    #[error("file {0} of the host cannot be opened, or is too large")]
    File(u32),
    /// The file of that number is not loaded, or already.
    #[error("module file {0} is not loaded, or loaded already")]
    NotLoaded(u32),
    /// The kernel refuses the module.
    #[error("{0}")]
    Install(#[from] InstallError),
    /// No living instance at that place.
    #[error("no living module is at place {0}")]
    NoInstance(u32),
    /// The place is taken, or there is none of that number.
    #[error("place {0} is taken, or does not exist")]
    Place(u32),
    /// The sides cannot be connected.
    #[error("{0}")]
    Connect(#[from] ConnectError),
    /// No such buffer, or it exists already.
    #[error("buffer {0} is not connected, or connected already")]
    Buffer(u32),
    /// A format that audio cannot have.
    #[error("audio cannot have {rate} frames per second of {channels} samples")]
    Format {
        /// Frames per second.
        rate: u32,
        /// Samples per frame.
        channels: u32,
    },
    /// A period that is no whole number of frames, or longer than its buffer.
    #[error("a period of {0} microseconds is no whole number of frames, or longer than the buffer")]
    Period(u32),
    /// The configuration is too long.
    #[error("a configuration has at most {most} bytes, not {0}", most = MOST_CONFIG_BYTES)]
    TooLong(u32),
    /// Bytes of the file of configurations that it does not have.
    #[error("no file of configurations has {bytes} bytes at {offset}")]
    Unread {
        /// From where on.
        offset: u32,
        /// How many.
        bytes: u32,
    },
    /// The module has no such entry point.
    #[error("the module has no {}", .0.name())]
    NoEntry(EntryPoint),
    /// An entry point returned an error.
    #[error("{} returned {result}", entry.name())]
    Returned {
        /// Which.
        entry: EntryPoint,
        /// What it returned.
        result: i32,
    },
    /// The module was stopped.
    #[error("stopped in {}", .0.name())]
    Stopped(EntryPoint),
    /// The module's time of lifetime allocations could not end.
    #[error("{0}")]
    Seal(#[from] SealError),
    /// No core of that number, or none that modules run on here; or the place has buffers that are
    /// used from another.
    #[error("no module can run on core {0} there")]
    Core(u32),
    /// The module is not in a state for it.
    #[error("the module at place {0} is not in a state for it")]
    State(u32),
}

in_words!(RequestError {
    1 = Unknown(number),
    2 = File(file),
    3 = NotLoaded(file),
    4 = Install(error),
    5 = NoInstance(place),
    6 = Place(place),
    7 = Connect(error),
    8 = Buffer(buffer),
    9 = Format { rate, channels },
    10 = Period(period_us),
    11 = TooLong(bytes),
    12 = NoEntry(entry),
    13 = Returned { entry, result },
    14 = Stopped(entry),
    15 = Seal(error),
    16 = State(place),
    17 = Unread { offset, bytes },
    18 = Core(core),
});
