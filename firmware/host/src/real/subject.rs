//! One real module: made, played in three ways, compared.

use std::path::{Path, PathBuf};

use kernel::job::Mode;
use kernel::report::Failure as Ended;
use kernel::wav::HEADER_BYTES;
use mmu::Rights;

use super::recipe::{Origin, Plays};
use super::reference::{Played, Reference};
use crate::error::Failure;
use crate::module_file::{self, ModuleFile};
use crate::report::figures::{instructions, overhead_percent};
use crate::report::sections::average;
use crate::report::table::grouped;
use crate::run::failure;
use crate::run::input::Input;
use crate::run::output::difference;
use crate::run::session::{Machine, Plan, Session};
use crate::together;

/// Instructions that a module may take for a period: every tenth has all the work of ten.
const PERIOD_BUDGET: u32 = 20_000_000;
/// How much more instructions a module may take for being isolated.
pub const MOST_COST_PERCENT: f64 = 1.0;
/// What the line begins with by which an adapter tells how much memory its library took. On the
/// host it would be another number, so there is no such line.
const HEAP: &str = "heap bytes ";

/// A module and what it is compared with.
pub struct Subject {
    /// What it does.
    pub what: String,
    /// What it is made from.
    pub origin: Origin,
    /// Its file.
    pub module: ModuleFile,
    /// What it plays.
    pub plays: Plays,
    reference: Reference,
}

/// What was seen of one.
pub struct Seen {
    isolated: Session,
    trusted: Session,
    host: Played,
    input: Input,
}

impl Subject {
    /// Makes both builds at once.
    pub fn make(
        what: &str,
        origin: Origin,
        plays: &Plays,
        module: impl FnOnce() -> Result<PathBuf, Failure> + Send,
        host: impl FnOnce() -> Result<Reference, Failure>,
    ) -> Result<Subject, Failure> {
        let (file, reference) = together::both(module, host)?;
        Ok(Subject {
            what: what.to_owned(),
            origin,
            module: ModuleFile::read(&file)?,
            plays: plays.clone(),
            reference,
        })
    }

    /// Plays isolated, not isolated and on the host.
    pub fn run(
        &self,
        machine: &Machine<'_>,
        input: &Input,
        scratch: &Path,
    ) -> Result<Seen, Failure> {
        let session = |mode: Mode| {
            let how = match mode {
                Mode::Trusted => "without isolation",
                _ => "alone",
            };
            let title = format!("{} {how}", self.module.name());
            let session = machine.run(&Plan {
                title: title.clone(),
                mode,
                module: &self.module,
                beside: None,
                input: Some(input),
                period_budget: PERIOD_BUDGET,
            })?;
            match failure(&session.story) {
                Some(reason) => Err(Failure::Session {
                    reason: format!("{title}: {reason}"),
                }),
                None => Ok(session),
            }
        };
        let (isolated, trusted) =
            together::both(|| session(Mode::Isolated), || session(Mode::Trusted))?;
        Ok(Seen {
            isolated,
            trusted,
            host: self.reference.play(input, scratch)?,
            input: input.clone(),
        })
    }
}

impl Seen {
    /// Its line in the table.
    pub fn row(&self, module: &ModuleFile, verdict: &str) -> Result<[String; 10], Failure> {
        let image = module_file::parse(&module.bytes).map_err(|reason| Failure::BadModule {
            path: PathBuf::from(module.name()),
            reason,
        })?;
        let bytes = |rights: Rights| {
            let segments = image.segments().iter();
            let fitting = segments.filter(|segment| segment.rights == rights);
            grouped(fitting.map(|segment| u64::from(segment.memory_bytes)).sum())
        };
        let known = |number: Option<u64>| number.map_or_else(|| String::from("-"), grouped);
        let whole = |number: f64| grouped(number.round() as u64);
        Ok([
            module.name(),
            bytes(Rights::READ | Rights::EXECUTE),
            bytes(Rights::READ),
            bytes(Rights::READ | Rights::WRITE),
            known(self.heap()),
            known(self.pages()),
            whole(per_frame(&self.isolated)),
            whole(per_frame(&self.trusted)),
            format!("{:+.2} %", self.cost_percent()),
            verdict.to_owned(),
        ])
    }

    /// What it played, in words.
    pub fn played(&self, plays: &Plays) -> String {
        format!("{plays}, {}", self.input.format())
    }

    /// What it gave on the host, a whole WAV file.
    pub fn on_host(&self) -> &[u8] {
        &self.host.output
    }

    /// The most memory that the library had at once.
    fn heap(&self) -> Option<u64> {
        let mut lines = lines(&self.isolated);
        lines.find_map(|line| line.strip_prefix(HEAP)?.parse().ok())
    }

    /// The pages of all its memory.
    fn pages(&self) -> Option<u64> {
        let life = self.isolated.story.player().lives.first();
        life.map(|life| u64::from(life.loaded.pages))
    }

    fn cost_percent(&self) -> f64 {
        overhead_percent(per_frame(&self.isolated), per_frame(&self.trusted))
    }

    /// What isolation costs, where that is too much or not known.
    pub fn too_dear(&self) -> Option<String> {
        let cost = self.cost_percent();
        let is_well = cost <= MOST_COST_PERCENT;
        (!is_well)
            .then(|| format!("it costs {cost:+.2} %, at most {MOST_COST_PERCENT} % is allowed"))
    }

    /// What is not as it must be, but for the cost.
    pub fn differing(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let sound = self.host.output.get(HEADER_BYTES..).unwrap_or_default();
        if sound.iter().all(|byte| *byte == 0) {
            // Then being equal says nothing.
            problems.push(String::from("it gives nothing but silence on the host"));
        }
        for (session, how) in [
            (&self.isolated, "in its domain"),
            (&self.trusted, "without isolation"),
        ] {
            if let Some(place) = difference(&session.output, &self.host.output, &self.input) {
                problems.push(format!("its output {how} is not the host's, {place}"));
            }
            let logged = lines(session).filter(|line| !line.starts_with(HEAP));
            if !logged.eq(&self.host.lines) {
                problems.push(format!(
                    "what it logs {how} is not what it logs on the host"
                ));
            }
            if session.story.summary.kernel_unharmed == 0 {
                problems.push(format!("{how}: the kernel is not what it was at the start"));
            }
            if session.story.summary.failure == Ended::Leak as u32 {
                problems.push(format!("{how}: {}", session.story.summary.text));
            }
        }
        problems
    }
}

/// What a module logged.
fn lines(session: &Session) -> impl Iterator<Item = &String> {
    let lives = session.story.player().lives.iter();
    lives.flat_map(|life| &life.lines)
}

/// Instructions of all calls of `process` for 10 ms.
fn per_frame(session: &Session) -> f64 {
    let cost = session.story.player().periods.as_ref();
    cost.map_or(0.0, |cost| 10.0 * instructions(average(cost)))
}

#[cfg(test)]
mod tests {
    use kernel::wav::{Format, Wav};

    use super::*;
    use crate::report::story::tests::loaded;
    use crate::report::story::{Cost, Life, Pipelines, Story, Summary, Tenancy};

    fn input() -> Input {
        let format = Format {
            rate: 48_000,
            channels: 1,
            bits: 16,
        };
        Input {
            path: PathBuf::new(),
            bytes: Vec::new(),
            wav: Wav {
                format,
                data_start: 44,
                data_bytes: 8,
            },
        }
    }

    fn output() -> Vec<u8> {
        let header = input().wav.format.header(8);
        [&header[..], &[0, 0, 1, 0, 2, 0, 3, 0]].concat()
    }

    fn session(cycles: u64) -> Session {
        let life = Life {
            loaded: loaded(1, 0),
            parts: Vec::new(),
            lines: ["packets: sum 5", "heap bytes 4000"]
                .map(String::from)
                .to_vec(),
            traces: Vec::new(),
            stopped: None,
        };
        let player = Tenancy {
            lives: vec![life],
            periods: Some(Cost {
                periods: 10,
                cycles,
                least: 1,
                most: 2,
            }),
            ..Tenancy::default()
        };
        Session {
            story: Story {
                places: vec![player],
                pipelines: Pipelines::default(),
                trail: Vec::new(),
                measured: Vec::new(),
                summary: Summary {
                    kernel_unharmed: 1,
                    ..Summary::default()
                },
            },
            output: output(),
            log: Vec::new(),
        }
    }

    fn seen() -> Seen {
        Seen {
            isolated: session(101_000),
            trusted: session(100_000),
            host: Played {
                output: output(),
                lines: vec![String::from("packets: sum 5")],
            },
            input: input(),
        }
    }

    #[test]
    fn equal_outputs_are_no_problem() {
        let seen = seen();
        assert!(seen.differing().is_empty(), "{:?}", seen.differing());
        assert_eq!(seen.heap(), Some(4_000));
        assert_eq!(seen.pages(), Some(9));
        // 101,000 cycles of 1.28 to the instruction, for ten periods of 1 ms.
        assert_eq!(per_frame(&seen.isolated).round(), 78_906.0);
    }

    /// The one problem of what was changed.
    fn problem(change: impl FnOnce(&mut Seen)) -> String {
        let mut seen = seen();
        change(&mut seen);
        let problems = seen.differing();
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.concat()
    }

    #[test]
    fn a_sample_that_differs_is_a_problem_in_either_way_of_playing() {
        let isolated = problem(|seen| seen.isolated.output[44 + 6] ^= 1);
        assert!(isolated.contains("in its domain"), "{isolated}");
        assert!(isolated.contains("frame 3"), "{isolated}");
        let trusted = problem(|seen| seen.trusted.output[44 + 2] ^= 1);
        assert!(trusted.contains("without isolation"), "{trusted}");
        assert!(trusted.contains("frame 1"), "{trusted}");
    }

    #[test]
    fn another_line_in_the_log_is_a_problem() {
        let other = problem(|seen| {
            seen.isolated.story.places[0].lives[0].lines[0] = String::from("packets: sum 6");
        });
        assert!(other.contains("what it logs in its domain"), "{other}");
        let fewer = problem(|seen| seen.trusted.story.places[0].lives[0].lines.clear());
        assert!(fewer.contains("what it logs without isolation"), "{fewer}");
    }

    #[test]
    fn silence_is_a_problem_though_it_is_equal() {
        let silent = problem(|seen| {
            for output in [
                &mut seen.host.output,
                &mut seen.isolated.output,
                &mut seen.trusted.output,
            ] {
                output[HEADER_BYTES..].fill(0);
            }
        });
        assert!(silent.contains("silence"), "{silent}");
    }

    #[test]
    fn a_kernel_that_was_changed_or_lacks_something_is_a_problem() {
        let harmed = problem(|seen| seen.isolated.story.summary.kernel_unharmed = 0);
        assert!(harmed.contains("the kernel is not"), "{harmed}");
        let lacking = problem(|seen| {
            seen.isolated.story.summary.failure = Ended::Leak as u32;
            seen.isolated.story.summary.text = String::from("2 frames are gone");
        });
        assert!(lacking.contains("2 frames are gone"), "{lacking}");
    }

    #[test]
    fn isolation_may_cost_one_percent() {
        let mut seen = seen();
        assert_eq!(seen.too_dear(), None);
        seen.isolated = session(101_100);
        let sentence = seen.too_dear().unwrap();
        assert!(sentence.contains("+1.10 %"), "{sentence}");
        // What was not measured is not cheap.
        seen.trusted.story.places[0].periods = None;
        assert!(seen.too_dear().is_some());
        seen.isolated.story.places[0].periods = None;
        assert!(seen.too_dear().is_some());
    }
}
