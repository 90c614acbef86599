//! What happens to a run that is cut short: a clean end, no output file, no process left.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use support::{Format, bulkhead, folder, module, samples, text, write_wav};

const FORMAT: Format = Format {
    rate: 48_000,
    channels: 2,
    bits: 16,
};

/// Starts a run that takes longer than the test waits.
fn long_run(folder: &Path) -> Child {
    let module = module("equaliser");
    let (input, output) = (folder.join("in.wav"), folder.join("out.wav"));
    write_wav(&input, FORMAT, &samples(FORMAT, 20 * FORMAT.rate));
    bulkhead()
        .args(["run", "--alone", "--module"])
        .arg(module)
        .arg("--input")
        .arg(input)
        .arg("--output")
        .arg(output)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started")
}

/// Processes below that one whose command line is a machine's.
fn machines_of(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut family = vec![parent];
    while let Some(process) = family.pop() {
        // Children are listed by the thread that made them.
        let tasks = fs::read_dir(format!("/proc/{process}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            family.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
        }
        let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        if process != parent && text(&line).contains("-semihosting") {
            found.push(process);
        }
    }
    found
}

fn wait_for_machine(child: &Child) -> u32 {
    let start = Instant::now();
    loop {
        if let Some(machine) = machines_of(child.id()).first() {
            return *machine;
        }
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "no machine was started"
        );
        sleep(Duration::from_millis(20));
    }
}

fn signal(name: &str, process: u32) {
    let status = Command::new("kill")
        .args([name, &process.to_string()])
        .status();
    assert!(status.is_ok_and(|status| status.success()), "kill {name}");
}

fn is_alive(process: u32) -> bool {
    // A zombie has no command line.
    fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| !line.is_empty())
}

#[test]
fn a_machine_that_is_killed_is_named() {
    let folder = folder();
    let child = long_run(folder.path());
    let machine = wait_for_machine(&child);
    sleep(Duration::from_millis(300));
    signal("-KILL", machine);
    let result = child.wait_with_output().expect("it ends");
    let said = text(&result.stderr);
    assert!(!result.status.success());
    assert!(said.contains("QEMU") && said.contains("signal 9"), "{said}");
    assert!(!folder.path().join("out.wav").exists());
}

#[test]
fn a_run_that_nobody_listens_to_any_more_ends_when_it_is_told_to() {
    let folder = folder();
    let mut child = long_run(folder.path());
    let machine = wait_for_machine(&child);
    drop((child.stdout.take(), child.stderr.take()));
    signal("-TERM", child.id());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            break status;
        }
        if start.elapsed() > Duration::from_secs(10) {
            signal("-KILL", child.id());
            panic!("it hangs");
        }
        sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(130));
    assert!(!is_alive(machine) || start.elapsed() < Duration::from_secs(5));
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let folder = folder();
    let child = long_run(folder.path());
    let machine = wait_for_machine(&child);
    sleep(Duration::from_millis(300));
    signal("-INT", child.id());
    let result = child.wait_with_output().expect("it ends");
    assert_eq!(result.status.code(), Some(130));
    let names: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder can be read")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["in.wav"]);
    let start = Instant::now();
    while is_alive(machine) {
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "the machine lives on"
        );
        sleep(Duration::from_millis(20));
    }
}
