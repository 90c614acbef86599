//! Child processes: one at a time, each the leader of a group that goes with this program and,
//! where it has a limit, with its time.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::error::Failure;

/// How often a child is looked at.
const WATCH: Duration = Duration::from_millis(5);

/// The group that runs now.
static RUNNING: Mutex<Option<Pid>> = Mutex::new(None);

fn running() -> MutexGuard<'static, Option<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On Ctrl-C, SIGTERM and SIGHUP: stops the child with its descendants, ends with status 130. A
/// bug that is planted then stays in the copy until the next run, which copies anew.
pub fn stop_children_on_signals() {
    let handler = || {
        // Never let go again: no child is born from here on.
        let running = running();
        if let Some(group) = *running {
            // One that has just ended is what we want.
            let _ = kill_process_group(group, Signal::KILL);
        }
        eprintln!();
        std::process::exit(130);
    };
    // Fails only where a handler is set already.
    let _ = ctrlc::set_handler(handler);
}

/// How a program ended and what it wrote.
#[derive(Debug)]
pub struct Outcome {
    /// `None` where its time was up.
    pub status: Option<ExitStatus>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Outcome {
    /// Whether it ended well.
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs a program, without input, to its end or until its time is up.
pub fn run(command: &mut Command, limit: Option<Duration>) -> Result<Outcome, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |source| Failure::Start { program, source };
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // Held while starting, so that no child is born unseen by the signal handler.
    let mut group = running();
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Err(failed(error)),
    };
    *group = Pid::from_raw(child.id().cast_signed());
    drop(group);
    let stdout = child.stdout.take().map(read_on_thread);
    let stderr = child.stderr.take().map(read_on_thread);
    let status = wait(&mut child, limit);
    // Gone when the child is: its number may then be somebody else's.
    *running() = None;
    let status = status.map_err(failed)?;
    let text = |reader: Option<JoinHandle<String>>| {
        reader
            .and_then(|reader| reader.join().ok())
            .unwrap_or_default()
    };
    Ok(Outcome {
        status,
        stdout: text(stdout),
        stderr: text(stderr),
    })
}

fn wait(child: &mut Child, limit: Option<Duration>) -> std::io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if limit.is_some_and(|limit| started.elapsed() >= limit) {
            if let Some(group) = Pid::from_raw(child.id().cast_signed()) {
                // Either it is gone or it goes now.
                let _ = kill_process_group(group, Signal::KILL);
            }
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(WATCH);
    }
}

/// Reads a pipe to its end.
fn read_on_thread(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A broken pipe ends the text.
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_killed_with_its_descendants() {
        let started = Instant::now();
        let mut command = Command::new("sh");
        command.args(["-c", "echo begun; sleep 60 & sleep 60"]);
        // The pipe ends only when both sleepers are gone.
        let outcome = run(&mut command, Some(Duration::from_millis(200))).unwrap();
        assert_eq!(outcome.status, None);
        assert_eq!(outcome.stdout, "begun\n");
        assert!(started.elapsed() < Duration::from_secs(30));

        let mut command = Command::new("sh");
        command.args(["-c", "echo told >&2; exit 3"]);
        let outcome = run(&mut command, Some(Duration::from_secs(60))).unwrap();
        assert_eq!(outcome.status.and_then(|status| status.code()), Some(3));
        assert_eq!(outcome.stderr, "told\n");
    }
}
