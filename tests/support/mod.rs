//! What the end-to-end tests share: the command, its modules, WAV files.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The command as a user runs it.
pub fn bulkhead() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bulkhead"))
}

/// The sample module of that name, as a file; the first call sets up and builds.
pub fn module(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let output = run(bulkhead().arg("build"));
        assert!(
            output.status.success(),
            "bulkhead build: {}",
            text(&output.stderr)
        );
    });
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("target/firmware/modules")
        .join(format!("{name}.elf"))
}

/// Plays a file through a module, beside another or alone.
pub fn play(module: &Path, beside: Option<&Path>, input: &Path, output: &Path) -> Output {
    let mut command = bulkhead();
    command.args(["run", "--module"]).arg(module);
    command
        .arg("--input")
        .arg(input)
        .arg("--output")
        .arg(output);
    match beside {
        Some(other) => command.arg("--beside").arg(other),
        None => command.arg("--alone"),
    };
    run(&mut command)
}

/// Fails unless the command succeeded, with all that it said.
pub fn succeeded(result: &Output, what: &str) {
    let (said, complained) = (text(&result.stdout), text(&result.stderr));
    assert!(result.status.success(), "{what}: {said}{complained}");
}

/// Runs to the end.
pub fn run(command: &mut Command) -> Output {
    command.output().expect("the command can be started")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder that goes with its test.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// How the samples of a test file stand.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    pub rate: u32,
    pub channels: u16,
    pub bits: u16,
}

/// Loud and quiet, steady and changing, with the extreme values among it; full scale = 2^31.
pub fn samples(format: Format, frames: u32) -> Vec<i32> {
    let shift = 32 - u32::from(format.bits);
    let mut state = 0x1234_5678_u32;
    let mut samples = Vec::new();
    for frame in 0..frames {
        for channel in 0..u32::from(format.channels) {
            state = state
                .wrapping_mul(1_664_525)
                .wrapping_add(1_013_904_223 + channel);
            let sample = match frame % 97 {
                0 => i32::MAX,
                1 => i32::MIN,
                2..40 => state.cast_signed(),
                _ => state.cast_signed() >> (frame % 13),
            };
            samples.push(sample >> shift << shift);
        }
    }
    samples
}

/// Writes 32-bit samples as a file of that format.
pub fn write_wav(path: &Path, format: Format, samples: &[i32]) {
    let spec = hound::WavSpec {
        channels: format.channels,
        sample_rate: format.rate,
        bits_per_sample: format.bits,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a WAV file can be made");
    for sample in samples {
        writer
            .write_sample(sample >> (32 - u32::from(format.bits)))
            .expect("a sample can be written");
    }
    writer.finalize().expect("the WAV file can be finished");
}

/// Reads a file as 32-bit samples.
pub fn read_wav(path: &Path) -> (hound::WavSpec, Vec<i32>) {
    let mut reader = hound::WavReader::open(path).expect("the output is a WAV file");
    let spec = reader.spec();
    let samples = reader
        .samples::<i32>()
        .map(|sample| {
            sample.expect("the output has all its samples") << (32 - spec.bits_per_sample)
        })
        .collect();
    (spec, samples)
}
