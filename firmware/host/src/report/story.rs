//! What happened in a session: the kernel's records, put together by module and life.

use std::collections::BTreeMap;

use abi::EntryPoint;
use kernel::config::INSTANCES;
use kernel::install::InstallError;
use kernel::pipeline::request::RequestError;
use kernel::report::words::{InWords, Words};
use kernel::report::{
    self, Acted, Audited, Benchmark, Flowed, Loaded, Mapped, Measured, Noted, Revived, Stopped,
    read_text,
};
use kernel::session::{BESIDE, Failed, PLAYER};
use thiserror::Error;

use super::record::{self, Entry, RecordError};
use super::table::printable;

/// Everything that the kernel reported.
#[derive(Clone, Debug)]
pub struct Story {
    /// The modules at each place.
    pub places: Vec<Tenancy>,
    /// What became of requests to pipelines.
    pub pipelines: Pipelines,
    /// The audit trail, oldest first.
    pub trail: Vec<Audited>,
    /// Benchmarks.
    pub measured: Vec<Measured>,
    /// The end.
    pub summary: Summary,
}

/// What became of requests to pipelines, and what went through them.
#[derive(Clone, Debug, Default)]
pub struct Pipelines {
    /// Each request that came to an end, in order.
    pub replies: Vec<Reply>,
    /// What modules told, by request.
    pub answers: BTreeMap<u32, Vec<u8>>,
    /// Instances that died and ran again.
    pub revived: Vec<Revived>,
    /// By the host's number of the buffer.
    pub flowed: BTreeMap<u32, Flowed>,
    /// By place, in the order of their ends.
    pub acted: Vec<Acted>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Which, counted from 1.
    pub request: u32,
    /// The tick of its end.
    pub tick: u32,
    /// Why it was not done.
    pub refused: Option<String>,
}

/// How a session ended.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// 0, or a [`report::Failure`].
    pub failure: u32,
    /// What the failure is about.
    pub text: String,
    /// Periods played.
    pub periods: u32,
    /// Whether the kernel's own text and constants are what they were at the start.
    pub kernel_unharmed: u32,
    /// Refusals, faults and overruns in all.
    pub incidents: u32,
    /// How many of them are not on the trail.
    pub lost: u32,
}

/// All lives of the module at one place.
#[derive(Clone, Debug, Default)]
pub struct Tenancy {
    /// In the order of their numbers.
    pub lives: Vec<Life>,
    /// How often each call was made, and refused. `u32::MAX` stands for all unknown ones.
    pub calls: BTreeMap<u32, Calls>,
    /// What its periods cost.
    pub periods: Option<Cost>,
    /// Why its file was refused.
    pub refused: Option<String>,
}

/// How often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Made.
    pub made: u64,
    /// Of these, refused.
    pub refused: u64,
}

/// What periods cost, in cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// How many periods.
    pub periods: u64,
    /// All of them.
    pub cycles: u64,
    /// The cheapest.
    pub least: u32,
    /// The dearest.
    pub most: u32,
}

/// From one loading of a module to its end.
#[derive(Clone, Debug)]
pub struct Life {
    /// How it was loaded.
    pub loaded: Loaded,
    /// Its memory.
    pub parts: Vec<Mapped>,
    /// What it logged.
    pub lines: Vec<String>,
    /// The trace records it left.
    pub traces: Vec<Noted>,
    /// How it was stopped, where it was.
    pub stopped: Option<Stopped>,
}

/// Why the records are no story.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StoryError {
    /// A record that is none.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The kernel did not come to its end.
    #[error("it has no summary at its end")]
    NoEnd,
    /// An error that this version does not know.
    #[error("it gives a reason that this version does not know ({0:?})")]
    Reason(Words),
    /// A record about a place that nobody has.
    #[error("it tells of a module at place {0}, which nobody has")]
    Place(u32),
    /// A record about a life that never began.
    #[error("it tells of life {life} at place {place}, which never began")]
    NoLife {
        /// The place.
        place: u32,
        /// The life.
        life: u32,
    },
}

impl Story {
    /// Reads a whole report.
    pub fn read(bytes: &[u8]) -> Result<Story, StoryError> {
        let mut story = Story::empty();
        let mut has_ended = false;
        for entry in record::read(bytes) {
            has_ended |= story.add(entry?)?;
        }
        if !has_ended {
            return Err(StoryError::NoEnd);
        }
        Ok(story)
    }

    /// Reads a report as far as it goes, of a kernel that did not come to its end.
    pub fn begun(bytes: &[u8]) -> Story {
        let mut story = Story::empty();
        for entry in record::read(bytes) {
            if entry.is_err() || entry.is_ok_and(|entry| story.add(entry).is_err()) {
                break;
            }
        }
        story
    }

    fn empty() -> Story {
        Story {
            places: vec![Tenancy::default(); INSTANCES],
            pipelines: Pipelines::default(),
            trail: Vec::new(),
            measured: Vec::new(),
            summary: Summary::default(),
        }
    }

    /// Adds a record; whether it was the last.
    fn add(&mut self, entry: Entry) -> Result<bool, StoryError> {
        let places = &mut self.places;
        match entry {
            Entry::Summary(end) => {
                let mut summary = Summary::read(&end)?;
                if summary.failure == report::Failure::Module as u32
                    && let Some(why) = &places[PLAYER].refused
                {
                    // The sentence stands in a record of its own.
                    summary.text.clone_from(why);
                }
                self.summary = summary;
                return Ok(true);
            }
            Entry::Measured(result) => self.measured.push(result),
            Entry::Loaded(loaded) => at(places, loaded.place)?.lives.push(Life {
                loaded,
                parts: Vec::new(),
                lines: Vec::new(),
                traces: Vec::new(),
                stopped: None,
            }),
            Entry::Mapped(part) => {
                let life = at(places, part.place)?.lives.last_mut();
                let missing = StoryError::NoLife {
                    place: part.place,
                    life: 0,
                };
                life.ok_or(missing)?.parts.push(part);
            }
            Entry::Stopped(stopped) => {
                life(places, stopped.place, stopped.restarts)?.stopped = Some(stopped);
            }
            Entry::Said(said) => life(places, said.place, said.restarts)?
                .lines
                .push(printable(read_text(&said.text))),
            Entry::Noted(noted) => {
                let life = at(places, noted.place)?.lives.last_mut();
                let missing = StoryError::NoLife {
                    place: noted.place,
                    life: 0,
                };
                life.ok_or(missing)?.traces.push(noted);
            }
            Entry::Timing(timing) => {
                let cycles = u64::from(timing.cycles_high) << 32 | u64::from(timing.cycles_low);
                let cost = Cost {
                    periods: u64::from(timing.periods),
                    cycles,
                    least: timing.least,
                    most: timing.most,
                };
                let tenancy = at(places, timing.place)?;
                tenancy.periods = Some(tenancy.periods.map_or(cost, |sum| sum.and(cost)));
            }
            Entry::Called(called) => {
                let calls = &mut at(places, called.place)?.calls;
                let sum = calls.entry(called.call).or_default();
                sum.made += u64::from(called.made);
                sum.refused += u64::from(called.refused);
            }
            Entry::Refused(refused) => {
                let why: InstallError = error(&refused.why)?;
                at(places, refused.place)?.refused = Some(why.to_string());
            }
            Entry::Audited(audited) => self.trail.push(audited),
            other => self.pipelines.add(other)?,
        }
        Ok(false)
    }

    /// The module that played.
    pub fn player(&self) -> &Tenancy {
        &self.places[PLAYER]
    }

    /// The one beside it.
    pub fn beside(&self) -> &Tenancy {
        &self.places[BESIDE]
    }

    /// The result of a benchmark.
    pub fn measured(&self, benchmark: Benchmark) -> Option<&Measured> {
        self.measured
            .iter()
            .find(|measured| measured.benchmark == benchmark as u32)
    }
}

impl Pipelines {
    fn add(&mut self, entry: Entry) -> Result<(), StoryError> {
        match entry {
            Entry::Replied(replied) => {
                let refused = match replied.why {
                    Words::NONE => None,
                    why => Some(error::<RequestError>(&why)?.to_string()),
                };
                self.replies.push(Reply {
                    request: replied.request,
                    tick: replied.tick,
                    refused,
                });
            }
            Entry::Answer(answer) => {
                let whole = self.answers.entry(answer.request).or_default();
                let left = answer.total.saturating_sub(answer.offset) as usize;
                whole.extend(answer.bytes.iter().take(left));
            }
            Entry::Revived(revived) => self.revived.push(revived),
            Entry::Flowed(flowed) => {
                self.flowed.insert(flowed.buffer, flowed);
            }
            Entry::Acted(acted) => self.acted.push(acted),
            // The others are about modules.
            _ => {}
        }
        Ok(())
    }
}

impl Summary {
    fn read(record: &report::Summary) -> Result<Summary, StoryError> {
        let mut summary = Summary {
            periods: record.periods,
            kernel_unharmed: record.kernel_unharmed,
            incidents: record.incidents,
            lost: record.lost,
            ..Summary::default()
        };
        if record.failed != 0 {
            let failed: Failed = error(&record.why)?;
            summary.failure = failed.failure() as u32;
            summary.text = failed.to_string();
        }
        Ok(summary)
    }
}

/// The error that the kernel sent.
fn error<E: InWords>(words: &Words) -> Result<E, StoryError> {
    words.read().ok_or(StoryError::Reason(*words))
}

fn at(places: &mut [Tenancy], place: u32) -> Result<&mut Tenancy, StoryError> {
    places
        .get_mut(place as usize)
        .ok_or(StoryError::Place(place))
}

fn life(places: &mut [Tenancy], place: u32, number: u32) -> Result<&mut Life, StoryError> {
    let missing = StoryError::NoLife {
        place,
        life: number,
    };
    let lives = at(places, place)?.lives.iter_mut().rev();
    let mut same = lives.filter(|life| life.loaded.restarts == number);
    same.next().ok_or(missing)
}

impl Cost {
    fn and(self, other: Cost) -> Cost {
        Cost {
            periods: self.periods + other.periods,
            cycles: self.cycles + other.cycles,
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }
}

impl Tenancy {
    /// The life of that number.
    pub fn life(&self, number: usize) -> Option<&Life> {
        let known = self.lives.get(number);
        let is_it = |life: &&Life| life.loaded.restarts as usize == number;
        // Nearly always in order, so this takes no time.
        known
            .filter(is_it)
            .or_else(|| self.lives.iter().find(is_it))
    }

    /// Every death.
    pub fn deaths(&self) -> impl Iterator<Item = (&Life, &Stopped)> {
        self.lives
            .iter()
            .filter_map(|life| Some((life, life.stopped.as_ref()?)))
    }
}

impl Life {
    /// The module's name.
    pub fn name(&self) -> String {
        printable(read_text(&self.loaded.name))
    }

    /// Whether the module logged that line.
    pub fn has_said(&self, line: &str) -> bool {
        self.lines.iter().any(|said| said == line)
    }

    /// The cached address of its first part.
    pub fn address(&self) -> u32 {
        self.parts.first().map_or(0, |part| part.cached)
    }
}

/// A version as it stands in a header: major in the upper half.
pub fn version(number: u32) -> String {
    format!("{}.{}", number >> 16, number & 0xffff)
}

/// The name of an entry point by its number.
pub fn entry_name(number: u32) -> &'static str {
    EntryPoint::ALL
        .get(number as usize)
        .map_or("an unknown entry point", |entry| entry.name())
}

#[cfg(test)]
pub mod tests {
    use kernel::report::{Called, Refused, Resources, Said, Summary, Timing, text};
    use zerocopy::FromBytes;

    use super::super::record::tests::written;
    use super::*;

    /// The end of a session where all went well.
    pub const WELL: Summary = Summary {
        failed: 0,
        why: Words::NONE,
        rate: 48_000,
        channels: 2,
        bits: 16,
        periods: 1,
        frames: 48,
        kernel_unharmed: 1,
        incidents: 0,
        lost: 0,
    };

    /// A module that was loaded.
    pub fn loaded(place: u32, restarts: u32) -> Loaded {
        Loaded {
            place,
            restarts,
            asid: 3,
            pages: 9,
            table_bytes: 8192,
            version: 0x0001_0002,
            uuid: [7; 16],
            name: text("tester"),
        }
    }

    /// A module that was stopped by a store to where nothing is.
    pub fn stopped(place: u32, restarts: u32) -> Stopped {
        let free = Resources {
            frames: 10,
            tables: 5,
            asids: 3,
            places: 4,
            slots: 6,
            buffers: 7,
        };
        Stopped {
            place,
            restarts,
            entry: EntryPoint::Process as u32,
            ending: 1,
            cause: 24,
            address: 0x1000,
            pc: 0xa000_1000,
            reason: 0,
            cycles: 100,
            period: 0,
            kernel_unharmed: 1,
            before: free,
            after: free,
        }
    }

    fn timing(cycles_low: u32, cycles_high: u32) -> Timing {
        Timing {
            place: 1,
            periods: 1,
            cycles_low,
            cycles_high,
            least: cycles_low,
            most: cycles_low,
        }
    }

    #[test]
    fn lives_are_kept_apart_and_costs_are_added() {
        let said = Said {
            place: 1,
            restarts: 0,
            text: text("tries"),
        };
        let called = Called {
            place: 1,
            call: 4,
            made: 2,
            refused: 1,
        };
        let bytes = [
            written(&loaded(0, 0)),
            written(&loaded(1, 0)),
            written(&said),
            written(&called),
            written(&timing(5, 0)),
            written(&stopped(1, 0)),
            written(&loaded(1, 1)),
            written(&called),
            written(&timing(7, 1)),
            written(&WELL),
        ]
        .concat();
        let story = Story::read(&bytes).unwrap();
        assert_eq!(story.player().lives.len(), 1);
        assert_eq!(story.beside().lives.len(), 2);
        assert_eq!(story.beside().deaths().count(), 1);
        assert!(story.beside().life(0).unwrap().has_said("tries"));
        assert!(story.beside().life(1).unwrap().stopped.is_none());
        assert!(story.beside().life(2).is_none());
        assert_eq!(story.beside().calls[&4].made, 4);
        let cost = story.beside().periods.unwrap();
        assert_eq!((cost.periods, cost.cycles), (2, (1 << 32) + 12));
        assert_eq!((cost.least, cost.most), (5, 7));
        assert_eq!(story.player().lives[0].name(), "tester");
        assert_eq!(version(story.player().lives[0].loaded.version), "1.2");
    }

    #[test]
    fn a_report_without_an_end_is_none() {
        let error = Story::read(&written(&loaded(0, 0))).unwrap_err();
        assert_eq!(error, StoryError::NoEnd);
        assert_eq!(Story::read(&[]).unwrap_err(), StoryError::NoEnd);
    }

    #[test]
    fn errors_come_as_the_kernel_sent_them() {
        let failed = Failed::Short(7);
        let end = Summary {
            failed: 1,
            why: Words::of(&failed),
            ..WELL
        };
        let refused = Refused {
            place: 1,
            why: Words::of(&InstallError::NoPlace(4)),
        };
        let bytes = [written(&refused), written(&end)].concat();
        let story = Story::read(&bytes).unwrap();
        assert_eq!(story.summary.text, "7 bytes short");
        assert_eq!(story.summary.failure, report::Failure::File as u32);
        assert_eq!(
            story.beside().refused.as_deref(),
            Some("all 4 places for modules are taken")
        );

        let why = Words::read_from_bytes(&[0xff; size_of::<Words>()]).unwrap();
        let error = Story::read(&written(&Summary { why, ..end })).unwrap_err();
        assert_eq!(error, StoryError::Reason(why));
    }

    #[test]
    fn what_belongs_to_nobody_is_refused() {
        let error = Story::read(&written(&loaded(INSTANCES as u32, 0))).unwrap_err();
        assert_eq!(error, StoryError::Place(INSTANCES as u32));
        let error = Story::read(&written(&stopped(1, 4))).unwrap_err();
        assert_eq!(error, StoryError::NoLife { place: 1, life: 4 });
    }
}
