//! What the same code gives on this host.

use std::path::{Path, PathBuf};
use std::process::Command;

use kernel::wav::HEADER_BYTES;

use super::recipe::{CParts, Recipes};
use crate::build::cargo;
use crate::build::fingerprint::Fingerprint;
use crate::error::Failure;
use crate::files;
use crate::process::{self, Scratch};
use crate::run::input::Input;
use crate::workspace::Workspace;

/// A program that plays as a module does, and the words it is given first.
#[derive(Clone, Debug)]
pub struct Reference {
    program: PathBuf,
    words: Vec<String>,
}

/// What it gave.
#[derive(Clone, Debug)]
pub struct Played {
    /// A WAV file, headed as the input is.
    pub output: Vec<u8>,
    /// What it logged.
    pub lines: Vec<String>,
}

/// Compiles a module in C for the host, where it was not done before.
pub fn of_c(
    workspace: &Workspace,
    name: &str,
    parts: &CParts,
    folder: &Path,
) -> Result<Reference, Failure> {
    let ours = Recipes::folder(workspace).join("adapter");
    let driver = ours.join("host.c");
    let program = folder.join(format!("{name}-host"));
    let mut command = Command::new("gcc");
    command
        .args(["-std=gnu11", "-O2", "-w", "-funsigned-char"])
        .args(&parts.host_flags)
        .args(&parts.flags);
    for include in &parts.includes {
        command.arg("-I").arg(include);
    }
    command
        .arg("-I")
        .arg(workspace.firmware("sdk").join("include"))
        .args(&parts.foreign)
        .args(&parts.own)
        .arg(&driver);

    let mut fingerprint = Fingerprint::new("host module 1");
    fingerprint.text(&version(&mut Command::new("gcc"))?);
    let words = command.get_args().map(|word| word.to_string_lossy());
    fingerprint.texts(&words.collect::<Vec<_>>());
    for file in parts.own.iter().chain([&driver]) {
        fingerprint.file(file)?;
    }
    // Of the package's files the folder's name tells, which has their digest.
    let is_ours = |folder: &&PathBuf| folder.starts_with(Recipes::folder(workspace));
    let sdk = workspace.firmware("sdk").join("include");
    for folder in parts.includes.iter().filter(is_ours).chain([&sdk]) {
        for header in headers(folder) {
            fingerprint.file(&header)?;
        }
    }
    let stamp = folder.join(format!("{name}-host.stamp"));
    if !(program.is_file() && fingerprint.matches(&stamp)) {
        let scratch = Scratch::below(folder)?;
        let linked = scratch.path().join("host");
        command.arg("-o").arg(&linked).arg("-lm");
        process::run(&mut command, &format!("compiling {name} for this host"))?;
        std::fs::rename(&linked, &program).map_err(Failure::file("rename", &linked))?;
        fingerprint.store(&stamp)?;
    }
    Ok(Reference {
        program,
        words: Vec::new(),
    })
}

/// Has cargo build the player of modules in Rust for the host.
pub fn of_rust(workspace: &Workspace, name: &str, folder: &Path) -> Result<Reference, Failure> {
    let target = folder.join("rust");
    let mut command = cargo::command();
    command
        .args(["build", "--quiet", "--release", "--locked", "-p", "player"])
        .arg("--manifest-path")
        .arg(Recipes::rust_folder(workspace).join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target);
    process::run(&mut command, "compiling the modules in Rust for this host")?;
    Ok(Reference {
        program: target.join("release/player"),
        words: vec![name.to_owned()],
    })
}

fn version(compiler: &mut Command) -> Result<String, Failure> {
    let said = process::run(compiler.arg("--version"), "asking for the C compiler")?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

fn headers(folder: &Path) -> Vec<PathBuf> {
    let mut headers: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "h"))
        .collect();
    headers.sort();
    headers
}

impl Reference {
    /// Plays an input.
    pub fn play(&self, input: &Input, scratch: &Path) -> Result<Played, Failure> {
        let scratch = Scratch::below(scratch)?;
        let (from, to) = (scratch.path().join("in"), scratch.path().join("out"));
        let format = input.wav.format;
        let width = format.sample_bytes() as usize;
        let start = input.wav.data_start as usize;
        let data = input.bytes.get(start..).unwrap_or_default();
        let data = data.get(..input.wav.data_bytes as usize).unwrap_or(data);
        let wide: Vec<u8> = data
            .chunks_exact(width)
            .flat_map(|sample| format.widen(sample).to_ne_bytes())
            .collect();
        files::write(&from, &wide)?;
        let mut command = Command::new(&self.program);
        command
            .args(&self.words)
            .args([format.rate, format.channels].map(|number| number.to_string()))
            .args([&from, &to]);
        let said = process::run(&mut command, "playing on this host")?;
        let wide = std::fs::read(&to).map_err(Failure::file("read", &to))?;
        let samples = wide.chunks_exact(4).flat_map(|sample| {
            let sample = i32::from_ne_bytes([sample[0], sample[1], sample[2], sample[3]]);
            format.narrow(sample).into_iter().take(width)
        });
        let header: [u8; HEADER_BYTES] = format.header(input.wav.data_bytes);
        Ok(Played {
            output: header.into_iter().chain(samples).collect(),
            lines: String::from_utf8_lossy(&said)
                .lines()
                .map(str::to_owned)
                .collect(),
        })
    }
}
