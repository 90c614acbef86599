//! A module plays a WAV file while another attacks beside it; then the same alone, and without
//! isolation, and on the host, to compare.

pub mod board;
mod fault;
pub mod image;
pub mod input;
pub mod output;
mod progress;
pub mod sample;
pub mod session;

use std::path::PathBuf;

use kernel::job::Mode;
use kernel::report::{Audited, Ending, Failure as Ended, Stopped};
use kernel::wav::HEADER_BYTES;

use crate::error::Failure;
use crate::files;
use crate::module_file::ModuleFile;
use crate::report::known::Known;
use crate::report::story::{Story, Summary};
use crate::report::table::{count, grouped};
use crate::report::verdict::{harm, judge_all, leak};
use crate::report::{Report, ending, log, sections, show};
use input::Input;
use session::{Machine, Plan, Session};

/// Instructions that `process` may take for a period, if nothing else is asked for.
pub const PERIOD_BUDGET: u32 = 2_000_000;
/// Lives of a module beside that is not the hostile sample.
pub const LIVES: u32 = 8;

/// What to run and to show.
#[derive(Clone, Debug)]
pub struct Request {
    /// The module that plays.
    pub module: ModuleFile,
    /// What it plays.
    pub input: Input,
    /// Where its output goes.
    pub output: PathBuf,
    /// The module beside it, and how many lives it has.
    pub beside: Option<(ModuleFile, u32)>,
    /// Instructions that `process` may take for a period.
    pub period_budget: u32,
    /// Whether the module may run with the kernel's rights, to measure what isolation costs.
    pub trusted: bool,
    /// Whether every attack is listed.
    pub verbose: bool,
    /// Whether the kernel's log is shown.
    pub log: bool,
}

/// All that was run.
struct Evidence {
    /// The session that was asked for.
    first: Session,
    /// The module alone, if the first session was not just that.
    alone: Option<Session>,
    /// The module without isolation.
    trusted: Option<Session>,
}

/// Runs everything, shows the report, writes the output.
pub fn run(machine: &Machine<'_>, request: &Request) -> Result<(), Failure> {
    output::check_place(&request.output, &request.input.path)?;
    let first = machine.run(&request.plan(Mode::Isolated, request.beside.is_some()))?;
    if request.log {
        show_log(&log::decode(machine.kernel, &first.log)?);
    }
    let mut report = Report::default();
    request.describe(&mut report, &first);
    if let Some(reason) = failure(&first.story) {
        report.line("");
        check_kernel(&mut report, &first.story);
        show(&report.text);
        return Err(Failure::Session { reason });
    }
    let evidence = match request.gather(machine, first) {
        Ok(evidence) => evidence,
        Err(error) => {
            show(&report.text);
            return Err(error);
        }
    };
    request.compare(&mut report, &evidence);
    let is_right = request.check_output(&mut report, &evidence);
    if is_right {
        files::write(&request.output, &evidence.first.output)?;
        report.line(&format!("{:<12}{}", "Written", request.output.display()));
    }
    show(&report.text);
    match report.findings.len() {
        0 => Ok(()),
        count => Err(Failure::Differs { count }),
    }
}

/// Shows the kernel's log.
pub fn show_log(lines: &[String]) {
    if lines.is_empty() {
        show(
            "The kernel's log is empty; which lines it has is decided by DEFMT_LOG when it is built.\n\n",
        );
        return;
    }
    show(&format!(
        "Log of the kernel: {}\n",
        count(lines.len(), "line")
    ));
    lines.iter().for_each(|line| show(&format!("  {line}\n")));
    show("\n");
}

impl Request {
    /// Runs what the first session is compared with.
    fn gather(&self, machine: &Machine<'_>, first: Session) -> Result<Evidence, Failure> {
        let again = |is_wanted: bool, mode| -> Result<Option<Session>, Failure> {
            if !is_wanted {
                return Ok(None);
            }
            let session = machine.run(&self.plan(mode, false))?;
            match failure(&session.story) {
                Some(reason) => Err(Failure::Session { reason }),
                None => Ok(Some(session)),
            }
        };
        Ok(Evidence {
            first,
            alone: again(self.beside.is_some(), Mode::Isolated)?,
            trusted: again(self.trusted, Mode::Trusted)?,
        })
    }

    fn plan(&self, mode: Mode, beside: bool) -> Plan<'_> {
        let beside = self.beside.as_ref().filter(|_| beside);
        let name = self.module.name();
        let title = match (mode, beside) {
            (Mode::Isolated, Some((beside, _))) => format!("{name} beside {}", beside.name()),
            (Mode::Isolated, None) => format!("{name} alone"),
            (Mode::Trusted, _) => format!("{name} without isolation"),
            (Mode::Bench, _) => format!("benchmarks on {name}"),
            (Mode::Pipelines, _) => format!("pipelines with {name}"),
        };
        Plan {
            title,
            mode,
            module: &self.module,
            beside: beside.map(|(module, lives)| (module, *lives)),
            input: Some(&self.input),
            period_budget: self.period_budget,
        }
    }

    /// Whether the module beside is the hostile sample, whose attacks are known.
    fn is_attacked(&self) -> bool {
        let beside = self.beside.as_ref();
        beside.is_some_and(|(module, _)| module.known() == Some(Known::Hostile))
    }

    /// What the first session was, and what happened in it.
    fn describe(&self, report: &mut Report, first: &Session) {
        let story = &first.story;
        let summary = &story.summary;
        let name = self.module.name();
        report.line(&format!(
            "{}: {} of {} played, {}",
            self.module.title(),
            grouped(summary.periods.into()),
            count(self.input.periods() as usize, "period"),
            self.input.format()
        ));
        if let Some((beside, _)) = &self.beside {
            report.line(&format!(
                "beside it {}, loaded {}",
                beside.title(),
                count(story.beside().lives.len(), "time")
            ));
        }
        if let Some(life) = story.player().lives.first() {
            sections::memory(report, life);
        }
        if let Some(life) = story.beside().lives.first() {
            sections::memory(report, life);
        }
        sections::calls(report, &name, story.player());
        sections::traces(report, &name, story.player(), self.verbose);
        if let Some((beside, _)) = &self.beside {
            let whose = format!("{}, all lives", beside.name());
            sections::calls(report, &whose, story.beside());
        }
        sections::deaths(report, &name, story.player());
    }

    /// What the sessions show together.
    fn compare(&self, report: &mut Report, evidence: &Evidence) {
        let story = &evidence.first.story;
        let alone = evidence.alone.as_ref().unwrap_or(&evidence.first);
        let name = self.module.name();
        if let Some(isolated) = &alone.story.player().periods {
            let trusted = evidence.trusted.as_ref();
            let trusted = trusted.and_then(|session| session.story.player().periods.as_ref());
            sections::cost(report, &name, isolated, trusted);
        }
        if self.is_attacked() {
            let lives = self.beside.as_ref().map_or(0, |(_, lives)| *lives);
            let verdicts = judge_all(story.beside(), lives as usize);
            sections::attacks(report, &verdicts, self.verbose);
            let wrong = verdicts.iter().filter(|v| !v.problems.is_empty());
            report.line("");
            report.check(
                "Attacks",
                &format!("every one of {} stopped as it must be", verdicts.len()),
                wrong
                    .map(|v| format!("`{}`: {}", v.attack.name, v.problems.join("; ")))
                    .collect(),
            );
        } else if let Some((beside, _)) = &self.beside {
            if let Some(why) = &story.beside().refused {
                report.line(&format!("\n{} was refused: {why}", beside.name()));
            } else {
                sections::deaths(report, &beside.name(), story.beside());
            }
            report.line("");
        } else {
            report.line("");
        }
        check_kernel(report, &evidence.first.story);
    }

    /// Whether the output is what it must be, on every count.
    fn check_output(&self, report: &mut Report, evidence: &Evidence) -> bool {
        let findings = report.findings.len();
        let output = &evidence.first.output;
        let input = &self.input;
        let frames = count(input.frames() as usize, "frame");
        let mut check = |well: String, problems: Vec<String>| {
            report.check("Output", &well, problems);
        };
        let same_as = |other: &[u8], whose: &str| {
            let difference = output::difference(output, other, input);
            let problem = difference.map(|place| format!("it is not what {whose} gives, {place}"));
            problem.into_iter().collect::<Vec<_>>()
        };
        check(
            format!("a WAV file of {frames}"),
            output::problems(output, input),
        );
        if let Some(alone) = &evidence.alone {
            check(
                String::from("bit for bit what the module gives alone"),
                same_as(&alone.output, "the module alone"),
            );
        }
        if let Some(trusted) = &evidence.trusted {
            check(
                String::from("bit for bit what it gives without isolation"),
                same_as(&trusted.output, "the module without isolation"),
            );
        }
        let reference = self.module.known();
        let reference = reference.and_then(|known| known.play(&input.wav, &input.bytes));
        match reference {
            None => check(
                String::from("no host build of this module to compare with"),
                Vec::new(),
            ),
            Some(Err(error)) => check(
                String::new(),
                vec![format!("the same code fails on this host with {error:?}")],
            ),
            Some(Ok(samples)) => {
                let header = output.get(..HEADER_BYTES).unwrap_or_default();
                let expected = [header, &samples].concat();
                check(
                    String::from("bit for bit what the same code gives on this host"),
                    same_as(&expected, "the same code on this host"),
                );
            }
        }
        report.findings.len() == findings
    }
}

/// Whether everything came back and the kernel is as it was.
pub fn check_kernel(report: &mut Report, story: &Story) {
    let Story {
        places, summary, ..
    } = story;
    let deaths: usize = places.iter().map(|place| place.deaths().count()).sum();
    let all = |problem: fn(&Stopped) -> Option<String>| {
        let problems = places
            .iter()
            .flat_map(|place| sections::after_deaths(place, problem));
        problems.collect::<Vec<_>>()
    };
    let mut leaks = all(leak);
    if Ended::Leak as u32 == summary.failure {
        leaks.push(summary.text.clone());
    }
    let came_back = match deaths {
        0 => String::from("all came back at the end"),
        deaths => format!(
            "all came back after each of {} and at the end",
            count(deaths, "death")
        ),
    };
    report.check("Resources", &came_back, leaks);
    let mut harms = all(harm);
    if summary.kernel_unharmed == 0 {
        harms.push(String::from(
            "at the end its text or constants were not what they were at the start",
        ));
    }
    let flood = match summary.lost {
        0 => String::new(),
        lost => format!(", and {} counted only, in floods", grouped(lost.into())),
    };
    let on_trail = format!(
        "every death is on the trail, among {}{flood}",
        count(story.trail.len(), "incident")
    );
    report.check("Audit", &on_trail, off_the_trail(story));
    let unharmed = "its text and constants are what they were at the start";
    report.check("Kernel", unharmed, harms);
}

/// A death that the audit trail does not tell of, or tells otherwise.
pub struct Untold {
    /// Whose.
    pub place: usize,
    /// Which life there, counted from 0.
    pub life: usize,
    /// In words.
    pub what: String,
}

/// Deaths that are not on the audit trail.
pub fn untold(story: &Story) -> Vec<Untold> {
    let mut problems = Vec::new();
    for (place, tenancy) in story.places.iter().enumerate() {
        let mut entries = story
            .trail
            .iter()
            .filter(|entry| entry.place == place as u32);
        for (number, life) in tenancy.lives.iter().enumerate() {
            let Some(stopped) = &life.stopped else {
                continue;
            };
            // A result and a withdrawal are no incidents.
            let kind = match ending::ending(stopped) {
                Some(Ending::Fault | Ending::WindowFault) => Ending::Fault,
                Some(Ending::Refused) => Ending::Refused,
                Some(Ending::Overrun) => Ending::Overrun,
                _ => continue,
            };
            let is_it = |entry: &&Audited| {
                entry.kind == kind as u32
                    && entry.cause == stopped.cause
                    && entry.reason == stopped.reason
                    && (entry.pc == stopped.pc || kind == Ending::Refused)
            };
            // In order: an entry that tells of one death tells of no other.
            if entries.find(is_it).is_none() {
                problems.push(Untold {
                    place,
                    life: number,
                    what: format!(
                        "the trail does not tell of life {} of {}: {}",
                        life.loaded.restarts,
                        life.name(),
                        ending::whole(stopped)
                    ),
                });
            }
        }
    }
    problems
}

/// Deaths that the audit trail does not tell of, and incidents in no count.
fn off_the_trail(story: &Story) -> Vec<String> {
    let mut problems = Vec::new();
    problems.extend(uncounted(story));
    problems.extend(untold(story).into_iter().map(|death| death.what));
    problems
}

/// What is wrong with a session as a whole that came to its end.
pub fn of_the_whole(story: &Story) -> Vec<String> {
    let summary = &story.summary;
    let mut problems: Vec<String> = uncounted(story).into_iter().collect();
    if summary.failure == Ended::Leak as u32 {
        problems.push(summary.text.clone());
    }
    if summary.kernel_unharmed == 0 {
        problems.push(String::from(
            "at the end text or constants were not what they were at the start",
        ));
    }
    problems
}

/// Whether there are incidents in no count.
fn uncounted(story: &Story) -> Option<String> {
    let told = story.trail.len() as u32 + story.summary.lost;
    let all = story.summary.incidents;
    (told != all).then(|| format!("the trail tells of {told} incidents, there were {all}"))
}

/// Why the module did not play to the end, if so.
pub fn failure(story: &Story) -> Option<String> {
    let Summary { failure, text, .. } = &story.summary;
    let is = |kind: Ended| kind as u32 == *failure;
    if *failure == 0 || is(Ended::Leak) {
        return None;
    }
    let player = story.player();
    let stopped = player.deaths().last();
    Some(match stopped {
        Some((life, stopped)) => {
            format!("{} was stopped: {}", life.name(), ending::whole(stopped))
        }
        None if is(Ended::Module) => format!("the kernel refused the module: {text}"),
        None if is(Ended::File) => format!("the kernel could not use its file: {text}"),
        None if is(Ended::Wav) => format!("the kernel refused the input: {text}"),
        None => format!("the kernel ended it: {text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::written;
    use crate::report::story::tests::{loaded, stopped};
    use kernel::report::{Record, Summary};
    use zerocopy::FromZeros;

    /// A story of one death, with that trail.
    fn story(trail: &[Audited], incidents: u32, lost: u32) -> Story {
        let mut bytes = [written(&loaded(1, 0)), written(&stopped(1, 0))].concat();
        trail.iter().for_each(|entry| bytes.extend(written(entry)));
        let end = Summary {
            incidents,
            lost,
            ..Summary::new_zeroed()
        };
        bytes.extend(written(&end));
        Story::read(&bytes).unwrap()
    }

    fn entry() -> Audited {
        let death = stopped(1, 0);
        Audited {
            place: 1,
            kind: Ending::Fault as u32,
            cause: death.cause,
            address: death.address,
            pc: death.pc,
            ..Audited::new_zeroed()
        }
    }

    #[test]
    fn a_death_must_be_on_the_trail_as_it_was() {
        let right = entry();
        assert_eq!(off_the_trail(&story(&[right], 1, 0)), [""; 0]);
        let others = [
            Audited { place: 0, ..right },
            Audited { cause: 9, ..right },
            Audited { pc: 9, ..right },
            Audited { reason: 9, ..right },
            Audited {
                kind: Ending::Overrun as u32,
                ..right
            },
        ];
        for other in others {
            let problems = off_the_trail(&story(&[other], 1, 0));
            assert!(
                problems[0].contains("does not tell of life 0"),
                "{problems:?}"
            );
        }
        assert!(!off_the_trail(&story(&[], 0, 0)).is_empty());
        assert_ne!(Audited::KIND, Stopped::KIND);
    }

    #[test]
    fn every_incident_is_told_or_counted() {
        assert_eq!(off_the_trail(&story(&[entry()], 5, 4)), [""; 0]);
        let problems = off_the_trail(&story(&[entry()], 5, 3));
        assert_eq!(problems, ["the trail tells of 4 incidents, there were 5"]);
    }
}
