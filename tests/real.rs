//! Modules whose code nobody here wrote give in their domains what they give on the host.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{bulkhead, folder, run, succeeded, text};

/// The line of the table for a module: its cells.
fn row<'t>(table: &'t str, name: &str) -> Vec<&'t str> {
    let line = table.lines().find(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some(name) && words.next_back().is_some_and(|word| word == "equal")
    });
    let line = line.unwrap_or_else(|| panic!("no line of {name} ends with `equal`:\n{table}"));
    line.split_whitespace().collect()
}

fn number(cell: &str) -> f64 {
    let plain = cell.replace(',', "");
    plain
        .parse()
        .unwrap_or_else(|_| panic!("`{cell}` is a number"))
}

/// Columns of the table.
const PAGES: usize = 5;
const ISOLATED: usize = 6;
const NOT_ISOLATED: usize = 7;

/// Modules, and thousands of instructions that they took together for 10 ms when they were measured in
/// the ring of another kernel than this.
const MODULES: [(&[&str], Option<f64>); 6] = [
    (&["speex-denoise"], Some(709.0)),
    (&["speex-echo"], Some(2_220.0)),
    (&["speex-resample"], Some(258.0)),
    (&["opus-encode", "opus-decode"], Some(732.0)),
    (&["biquad-filter"], None),
    (&["spectral-gate"], None),
];

/// Half a second of speech.
#[test]
#[ignore = "fetches and builds third-party code: cargo test -p bulkhead --test real -- --ignored"]
fn real_modules_play_as_on_the_host() {
    let result = run(bulkhead().args(["modules", "--milliseconds", "500"]));
    succeeded(&result, "bulkhead modules");
    let table = text(&result.stdout);
    for (names, thousands) in MODULES {
        let mut together = 0.0;
        for name in names {
            let cells = row(&table, name);
            let (isolated, trusted) = (number(cells[ISOLATED]), number(cells[NOT_ISOLATED]));
            assert!(
                isolated <= trusted * 1.01,
                "{name}: isolation costs too much"
            );
            assert!(
                (8.0..256.0).contains(&number(cells[PAGES])),
                "{name}: half of a module's pages are more than enough"
            );
            together += isolated;
        }
        if let Some(thousands) = thousands {
            let expected = thousands * 1_000.0;
            assert!(
                (0.7 * expected..1.3 * expected).contains(&together),
                "{names:?}: {together} instructions per 10 ms, {expected} were measured"
            );
        }
    }
    assert!(table.contains("the same isolated, not isolated and on this host"));
    assert!(table.contains("costs no module more than 1 %"));
}

/// Half a second of speech and its echo through all three of speexdsp's modules, each of which gives on
/// its own what it gives on the host.
#[test]
#[ignore = "fetches and builds third-party code: cargo test -p bulkhead --test real -- --ignored"]
fn an_echo_canceller_a_denoiser_and_a_resampler_in_a_row() {
    let names = ["speex-echo", "speex-denoise", "speex-resample"];
    let mut command = bulkhead();
    command.args(["modules", "--milliseconds", "500"]);
    for name in names {
        command.args(["--only", name]);
    }
    let result = run(&mut command);
    succeeded(&result, "bulkhead modules");
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/firmware");
    let file = |name: &str| built.join(format!("modules/{name}.elf"));
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::copy(built.join("real/echo.wav"), at("0.wav")).expect("the speech can be copied");
    // One after the other, each alone.
    for (step, name) in names.into_iter().enumerate() {
        let result = run(bulkhead()
            .args(["run", "--alone", "--period-budget", "20000000", "--module"])
            .arg(file(name))
            .arg("--input")
            .arg(at(&format!("{step}.wav")))
            .arg("--output")
            .arg(at(&format!("{}.wav", step + 1))));
        succeeded(&result, name);
    }
    let mut topology = String::from("cycles_per_ms = 10_000_000\n");
    for (step, name) in names.into_iter().enumerate() {
        let path = file(name);
        topology += &format!("[[module]]\nname = \"m{step}\"\nfile = {path:?}\n");
    }
    for (from, to) in [
        ("0.wav", "m0"),
        ("m0", "m1"),
        ("m1", "m2"),
        ("m2", "out.wav"),
    ] {
        topology += &format!("[[buffer]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
    }
    std::fs::write(at("row.toml"), topology).expect("the topology can be written");
    let result = run(bulkhead().arg("run").arg(at("row.toml")));
    succeeded(&result, "the row");
    let read = |name: &str| std::fs::read(at(name)).expect("an output");
    assert!(read("out.wav") == read("3.wav"), "{}", text(&result.stdout));
    assert!(read("3.wav") != read("0.wav"));
}

#[test]
fn an_unknown_name_is_one_sentence() {
    let result = run(bulkhead().args(["modules", "--only", "nonsense"]));
    assert!(!result.status.success());
    let said = text(&result.stderr);
    assert!(
        said.contains("no real module is called `nonsense`"),
        "{said}"
    );
    assert!(said.contains("speex-denoise"), "{said}");
}

/// The adapter of libraries in C, with a library that gives what it gets, under the sanitizers.
fn passing(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let adapter = root.join("firmware/modules/real/adapter");
    let program = folder.join("passing");
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"])
        .args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"])
        .arg("-I")
        .arg(&adapter)
        .arg("-I")
        .arg(root.join("firmware/sdk/include"))
        .args(["frames.c", "memory.c", "host.c"].map(|file| adapter.join(file)))
        .arg(root.join("tests/modules/passing.c"))
        .arg("-o")
        .arg(&program);
    succeeded(&run(&mut gcc), "compiling the adapter");
    program
}

/// What comes out of the adapter.
fn adapted(program: &Path, folder: &Path, rate: u32, channels: u32, given: &[i32]) -> Vec<i32> {
    let (from, to) = (folder.join("from"), folder.join("to"));
    let bytes: Vec<u8> = given.iter().flat_map(|s| s.to_ne_bytes()).collect();
    std::fs::write(&from, bytes).expect("the input can be written");
    let result = run(Command::new(program)
        .args([rate.to_string(), channels.to_string()])
        .args([&from, &to]));
    succeeded(&result, "the adapter");
    let frames = given.len() / (rate / 100 * channels) as usize;
    let said = text(&result.stdout);
    assert_eq!(said, format!("frames of 10 ms: {frames}\n"));
    let bytes = std::fs::read(&to).expect("the output can be read");
    let words = bytes.chunks_exact(4);
    words
        .map(|word| i32::from_ne_bytes(word.try_into().expect("four bytes")))
        .collect()
}

#[test]
fn the_adapter_gives_every_sample_once_and_ten_milliseconds_late() {
    let folder = folder();
    let program = passing(folder.path());
    // Periods that divide 10 ms and such that do not; an end within a period.
    for (rate, channels) in [(48_000, 1), (48_000, 2), (44_100, 1), (8_000, 2)] {
        let late = (rate / 100 * channels) as usize;
        let count = late * 5 + 14;
        let given: Vec<i32> = (0..count as i32)
            .map(|at| at.wrapping_mul(0x4321_8765) ^ at)
            .collect();
        let heard = adapted(&program, folder.path(), rate, channels, &given);
        let upper = given.iter().map(|sample| sample & !0xffff);
        let wanted: Vec<i32> = (std::iter::repeat_n(0, late).chain(upper))
            .take(count)
            .collect();
        assert!(heard == wanted, "{rate} Hz, {channels} channels");
    }
}

#[test]
fn the_adapter_refuses_what_it_was_not_made_for() {
    let folder = folder();
    let program = passing(folder.path());
    let input = folder.path().join("from");
    std::fs::write(&input, [0; 64]).expect("the input can be written");
    // No whole number of frames in 10 ms; more than 48 kHz.
    for rate in ["11025", "96000"] {
        let result = run(Command::new(&program)
            .args([rate, "1"])
            .args([&input, &folder.path().join("to")]));
        assert!(!result.status.success(), "{rate} Hz");
        assert!(text(&result.stderr).starts_with("prepare: -"), "{rate} Hz");
    }
}
