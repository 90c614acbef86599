//! Child processes: each leads a group of its own, and no group outlives this program.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::error::Failure;
use crate::terminal;

/// What must go when this program is told to stop.
#[derive(Default)]
struct Running {
    children: HashSet<i32>,
    folders: HashSet<PathBuf>,
    stopping: bool,
}

static RUNNING: LazyLock<Mutex<Running>> = LazyLock::new(Mutex::default);

fn running() -> MutexGuard<'static, Running> {
    // A panic elsewhere leaves the sets as they are: still the right ones to clear.
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On Ctrl-C, SIGTERM and SIGHUP: stops every child with its descendants, removes temporary
/// folders, ends with status 130.
pub fn stop_children_on_signals() {
    let handler = || {
        let mut running = running();
        running.stopping = true;
        for id in &running.children {
            if let Some(group) = Pid::from_raw(*id) {
                // One that has just ended is what we want.
                let _ = kill_process_group(group, Signal::TERM);
            }
        }
        for folder in &running.folders {
            // Nobody is left to be told.
            let _ = std::fs::remove_dir_all(folder);
        }
        terminal::tell("\n");
        std::process::exit(130);
    };
    // Fails only where a handler is set already.
    let _ = ctrlc::set_handler(handler);
}

/// A temporary folder below `parent`, removed when dropped and on signals.
pub struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    /// Creates one.
    pub fn below(parent: &Path) -> Result<Scratch, Failure> {
        std::fs::create_dir_all(parent).map_err(Failure::file("create", parent))?;
        let folder = tempfile::Builder::new()
            .prefix("tmp-")
            .tempdir_in(parent)
            .map_err(Failure::file("create a folder in", parent))?;
        running().folders.insert(folder.path().to_owned());
        Ok(Scratch { folder })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        running().folders.remove(self.folder.path());
    }
}

/// A child that dies with this program.
struct Guarded {
    child: Child,
}

impl Guarded {
    fn start(command: &mut Command) -> Result<Guarded, Failure> {
        command.process_group(0);
        // Held while starting, so that no child is born unseen by the signal handler.
        let mut running = running();
        let child = command.spawn().map_err(|source| Failure::Start {
            program: command.get_program().to_string_lossy().into_owned(),
            source,
        })?;
        running.children.insert(child.id().cast_signed());
        Ok(Guarded { child })
    }

    fn wait(&mut self) -> Result<ExitStatus, Failure> {
        let status = self.child.wait().map_err(|source| Failure::Start {
            program: String::from("a child process"),
            source,
        })?;
        self.forget();
        wait_if_stopping();
        Ok(status)
    }

    fn forget(&self) {
        running().children.remove(&self.child.id().cast_signed());
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            if let Some(group) = Pid::from_raw(self.child.id().cast_signed()) {
                // Either it is gone or it goes now.
                let _ = kill_process_group(group, Signal::KILL);
            }
            let _ = self.child.wait();
        }
        self.forget();
    }
}

/// While the signal handler works nobody reports the children it has killed.
fn wait_if_stopping() {
    while running().stopping {
        thread::park();
    }
}

/// What a program wrote, and how it ended.
pub struct Outcome {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: String,
}

/// Runs a program to its end, without input, keeping what it writes.
pub fn capture(command: &mut Command) -> Result<Outcome, Failure> {
    let mut stdout = Vec::new();
    let (status, stderr) = attend(command, |mut pipe| {
        // A broken pipe ends the text; the exit status tells the rest.
        let _ = pipe.read_to_end(&mut stdout);
    })?;
    Ok(Outcome {
        status,
        stdout,
        stderr,
    })
}

/// Runs a program to its end, without input, handing over its output line by line; its errors
/// come back as one text.
pub fn lines(
    command: &mut Command,
    mut each: impl FnMut(&str),
) -> Result<(ExitStatus, String), Failure> {
    attend(command, |pipe| {
        let lines = BufReader::new(pipe).split(b'\n').map_while(Result::ok);
        lines.for_each(|line| each(&String::from_utf8_lossy(&line)));
    })
}

/// How often a watched program is looked at.
const WATCH: Duration = Duration::from_millis(25);

/// Runs a program without input or output to its end, or until `go_on` says no, which it is asked
/// again and again; then there is no outcome.
pub fn watch(
    command: &mut Command,
    mut go_on: impl FnMut() -> bool,
) -> Result<Option<Outcome>, Failure> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut guarded = Guarded::start(command)?;
    let errors = guarded.child.stderr.take().map(read_on_thread);
    while let Ok(None) = guarded.child.try_wait() {
        if !go_on() {
            return Ok(None);
        }
        thread::sleep(WATCH);
    }
    let status = guarded.wait()?;
    Ok(Some(Outcome {
        status,
        stdout: Vec::new(),
        stderr: errors
            .and_then(|reader| reader.join().ok())
            .unwrap_or_default(),
    }))
}

/// Reads a child's errors to their end.
fn read_on_thread(mut pipe: ChildStderr) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A broken pipe ends the text.
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Runs a program to its end while its output is read here and its errors on a thread.
fn attend(
    command: &mut Command,
    read: impl FnOnce(ChildStdout),
) -> Result<(ExitStatus, String), Failure> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut guarded = Guarded::start(command)?;
    let errors = guarded.child.stderr.take().map(read_on_thread);
    if let Some(pipe) = guarded.child.stdout.take() {
        read(pipe);
    }
    let stderr = errors
        .and_then(|reader| reader.join().ok())
        .unwrap_or_default();
    Ok((guarded.wait()?, stderr))
}

/// Runs a program that must succeed; what it wrote is told where it does not.
pub fn run(command: &mut Command, task: &str) -> Result<Vec<u8>, Failure> {
    let outcome = capture(command)?;
    if outcome.status.success() {
        return Ok(outcome.stdout);
    }
    Err(failed(command, task, &outcome))
}

/// The failure of a program that ended with an error.
pub fn failed(command: &Command, task: &str, outcome: &Outcome) -> Failure {
    Failure::Program {
        task: task.to_owned(),
        program: name_of(command),
        status: outcome.status.to_string(),
        output: format!(
            "{}{}",
            String::from_utf8_lossy(&outcome.stdout),
            outcome.stderr
        ),
    }
}

/// A command's name, also behind a loader.
fn name_of(command: &Command) -> String {
    let behind_loader = command
        .get_args()
        .skip_while(|word| *word != "--argv0")
        .nth(1);
    let name = behind_loader.or_else(|| Path::new(command.get_program()).file_name());
    name.unwrap_or_default().to_string_lossy().into_owned()
}
