//! One session: a folder with the kernel's files, QEMU in it, and what it leaves behind.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use kernel::job::{JOB_MAGIC, Job, Mode, files};
use zerocopy::IntoBytes;

use super::board::Board;
use super::fault::Fault;
use super::image::COUNTED;
use super::input::Input;
use super::progress::{Done, Progress};
use crate::error::Failure;
use crate::module_file::ModuleFile;
use crate::process::{self, Outcome, Scratch};
use crate::report::figures::cycles;
use crate::report::story::Story;
use crate::terminal;
use crate::toolchain::Tool;

/// Instructions that an entry point other than `process` may take.
const ENTRY_INSTRUCTIONS: u32 = 16_000_000;
/// How long nothing may happen, beside the time that the budgets allow.
const PATIENCE: Duration = Duration::from_secs(30);
/// Instructions per second that QEMU manages on a slow and busy host.
const SLOW_INSTRUCTIONS: u32 = 5_000_000;

/// What runs sessions.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'m> {
    /// QEMU.
    pub qemu: &'m Tool,
    /// Which of QEMU's machines.
    pub board: Board,
    /// The kernel image.
    pub kernel: &'m Path,
    /// Where folders for sessions are made.
    pub scratch: &'m Path,
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan<'p> {
    /// What it is called while it runs.
    pub title: String,
    /// How modules are run.
    pub mode: Mode,
    /// The module that plays.
    pub module: &'p ModuleFile,
    /// The module beside it, and how many lives it has.
    pub beside: Option<(&'p ModuleFile, u32)>,
    /// What is played; a benchmark plays nothing.
    pub input: Option<&'p Input>,
    /// Instructions that `process` may take for a period.
    pub period_budget: u32,
}

/// What a session leaves behind.
#[derive(Clone, Debug)]
pub struct Session {
    /// The kernel's report.
    pub story: Story,
    /// The output file.
    pub output: Vec<u8>,
    /// The kernel's log, undecoded.
    pub log: Vec<u8>,
}

/// A session as the machine runs it: files in, files out.
#[derive(Clone, Debug)]
pub struct Work {
    /// What it is called while it runs.
    pub title: String,
    /// The job.
    pub job: Job,
    /// Other files that the kernel reads, by name.
    pub files: Vec<(String, Vec<u8>)>,
    /// Files that it writes, by name. The first shows how far it is.
    pub outputs: Vec<String>,
    /// Bytes of the first by which it grows in a step.
    pub step_bytes: u32,
    /// How many steps there are.
    pub steps: u64,
    /// How long nothing may happen.
    pub patience: Duration,
}

/// What it leaves behind.
#[derive(Clone, Debug)]
pub struct Remains {
    /// The kernel's report.
    pub story: Story,
    /// The files that it wrote, empty where it did not.
    pub outputs: Vec<Vec<u8>>,
    /// The kernel's log, undecoded.
    pub log: Vec<u8>,
}

impl Machine<'_> {
    /// Runs a session to its end.
    pub fn run(&self, plan: &Plan<'_>) -> Result<Session, Failure> {
        let remains = self.work(&plan.work())?;
        Ok(Session {
            story: remains.story,
            // A session that failed early, and a benchmark, have none.
            output: remains.outputs.into_iter().next().unwrap_or_default(),
            log: remains.log,
        })
    }

    /// Runs a session to its end.
    pub fn work(&self, work: &Work) -> Result<Remains, Failure> {
        let (remains, failed) = self.try_to(work, |bytes| {
            Story::read(bytes).map_err(|error| format!("the kernel's report is broken: {error}"))
        })?;
        match failed {
            Some(reason) => Err(Failure::Session { reason }),
            None => Ok(remains),
        }
    }

    /// Runs a session as far as it goes: what it left behind, and why it did not come to its end
    /// if so.
    pub fn attempt(&self, work: &Work) -> Result<(Remains, Option<String>), Failure> {
        self.try_to(work, |bytes| Ok(Story::begun(bytes)))
    }

    fn try_to(
        &self,
        work: &Work,
        read_story: impl Fn(&[u8]) -> Result<Story, String>,
    ) -> Result<(Remains, Option<String>), Failure> {
        let scratch = Scratch::below(self.scratch)?;
        let folder = scratch.path();
        let job = (files::JOB.to_owned(), work.job.as_bytes().to_vec());
        for (name, bytes) in work.files.iter().chain([&job]) {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(Failure::file("write", &path))?;
        }
        let attended = self.attend(work, folder);
        let failed = match attended.and_then(|outcome| check_exit(&outcome, self.kernel)) {
            Ok(()) => None,
            Err(Failure::Session { reason }) => Some(reason),
            Err(other) => return Err(other),
        };
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(Failure::file("read", &path))
        };
        let report = match read(files::REPORT) {
            Err(error) if failed.is_none() => return Err(error),
            report => report.unwrap_or_default(),
        };
        let story = match read_story(&report) {
            Ok(story) => story,
            Err(_) if failed.is_some() => Story::begun(&report),
            Err(reason) => return Err(Failure::Session { reason }),
        };
        let outputs = work
            .outputs
            .iter()
            .map(|name| read(name).unwrap_or_default());
        let remains = Remains {
            story,
            outputs: outputs.collect(),
            log: read(files::LOG).unwrap_or_default(),
        };
        Ok((remains, failed))
    }

    /// Starts QEMU and watches it.
    fn attend(&self, work: &Work, folder: &Path) -> Result<Outcome, Failure> {
        let output = work.outputs.first().map_or(files::OUTPUT, String::as_str);
        let mut progress = Progress::new(folder, output, work.step_bytes);
        let bar = terminal::steps("Running", &work.title, work.steps);
        let mut last = (Done::default(), Instant::now());
        let outcome = process::watch(&mut self.command(folder, work.job.cores)?, || {
            let done = progress.look();
            bar.set_position(done.periods + done.deaths);
            if done != last.0 {
                last = (done, Instant::now());
            }
            last.1.elapsed() < work.patience
        });
        bar.finish_and_clear();
        outcome?.ok_or_else(|| Failure::Session {
            reason: format!(
                "nothing happened for {} seconds, so QEMU was stopped, after {} periods",
                work.patience.as_secs(),
                last.0.periods
            ),
        })
    }

    fn command(&self, folder: &Path, cores: u32) -> Result<Command, Failure> {
        // QEMU works in the session's folder.
        let kernel =
            std::path::absolute(self.kernel).map_err(Failure::file("find", self.kernel))?;
        let mut command = self.qemu.command();
        command
            .args(self.board.options())
            .args(["-semihosting", "-nographic", "-monitor", "none"])
            .args(["-serial", "none"]);
        if cores > 1 {
            command.args(["-smp", &cores.to_string()]);
        } else {
            command.args(COUNTED);
        }
        command.arg("-kernel").arg(kernel).current_dir(folder);
        Ok(command)
    }
}

impl Plan<'_> {
    /// The same with the files that the kernel reads.
    fn work(&self) -> Work {
        let period_bytes = self.input.map_or(1, |input| {
            input.wav.format.period_frames() * input.wav.format.frame_bytes()
        });
        let mut files = vec![(files::MODULE.to_owned(), self.module.bytes.clone())];
        if let Some((beside, _)) = self.beside {
            files.push((files::BESIDE.to_owned(), beside.bytes.clone()));
        }
        if let Some(input) = self.input {
            files.push((files::INPUT.to_owned(), input.bytes.clone()));
        }
        Work {
            title: self.title.clone(),
            job: Job {
                beside: u32::from(self.beside.is_some()),
                beside_lives: self.lives(),
                ..job(self.mode, self.period_budget)
            },
            files,
            outputs: vec![files::OUTPUT.to_owned()],
            step_bytes: period_bytes,
            steps: u64::from(self.input.map_or(0, Input::periods)) + u64::from(self.lives()),
            patience: patience(self.period_budget),
        }
    }

    fn lives(&self) -> u32 {
        self.beside.map_or(0, |(_, lives)| lives)
    }
}

/// A job in which a period, or of pipelines a tick, has that many instructions.
pub fn job(mode: Mode, instructions: u32) -> Job {
    Job {
        magic: JOB_MAGIC,
        mode: mode as u32,
        beside: 0,
        period_cycles: cycles(instructions),
        entry_cycles: cycles(ENTRY_INSTRUCTIONS),
        beside_lives: 0,
        cores: 1,
    }
}

/// How long nothing may happen where a period has that many instructions.
pub fn patience(instructions: u32) -> Duration {
    let longest = instructions.max(ENTRY_INSTRUCTIONS);
    PATIENCE + Duration::from_secs(u64::from(longest / SLOW_INSTRUCTIONS))
}

/// Exit codes of the machine.
mod exit {
    /// There is a report.
    pub const REPORT: i32 = 0;
    pub const NO_REPORT: i32 = 2;
    /// Panics are faults too.
    pub const FAULT: i32 = 4;
}

/// Whether the kernel came to its end; if not, why.
fn check_exit(outcome: &Outcome, kernel: &Path) -> Result<(), Failure> {
    let said = outcome.stderr.trim();
    let first = said.lines().next().unwrap_or("it said nothing");
    let reason = match (outcome.status.code(), outcome.status.signal()) {
        (Some(exit::REPORT), _) => return Ok(()),
        (Some(exit::NO_REPORT), _) => String::from("the kernel could not write its report"),
        (Some(exit::FAULT), _) => Fault::read(first).map_or_else(
            || format!("the kernel itself faulted: {first}"),
            |fault| fault.sentence(kernel),
        ),
        (Some(code), _) => format!("QEMU ended with status {code}: {first}"),
        (None, Some(signal)) => format!("QEMU was killed by signal {signal} before the end"),
        (None, None) => String::from("QEMU did not end properly"),
    };
    Err(Failure::Session { reason })
}

#[cfg(test)]
mod tests {
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn every_way_to_end_is_one_sentence() {
        let reason = |raw: i32, stderr: &str| {
            let outcome = Outcome {
                status: ExitStatus::from_raw(raw),
                stdout: Vec::new(),
                stderr: stderr.to_owned(),
            };
            check_exit(&outcome, Path::new("/absent"))
                .err()
                .map(|error| error.to_string())
        };
        assert_eq!(reason(0, "a warning"), None);
        let says = |raw, stderr: &str, part: &str| {
            let text = reason(raw, stderr).unwrap();
            assert!(text.contains(part) && !text.contains('\n'), "{text}");
        };
        says(2 << 8, "", "could not write its report");
        says(4 << 8, "kernel fault: 0x1c 0x1 0x2 0x3\nmore", "cause 28");
        says(4 << 8, "cut\nmore", "itself faulted: cut");
        says(1 << 8, "", "status 1: it said nothing");
        says(9, "", "killed by signal 9");
    }
}
