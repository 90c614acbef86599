//! Bad input of every kind: one sentence, a failing exit code, and nothing left behind.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Format, bulkhead, folder, module, run, samples, text, write_wav};

const FORMAT: Format = Format {
    rate: 48_000,
    channels: 2,
    bits: 16,
};

fn command(module: &Path, input: &Path, output: &Path) -> Command {
    let mut command = bulkhead();
    command
        .args(["run", "--alone", "--module"])
        .arg(module)
        .arg("--input")
        .arg(input)
        .arg("--output")
        .arg(output);
    command
}

/// Runs it, and wants a failure that says each of `words` and leaves only what was there.
fn refuses(folder: &Path, command: &mut Command, words: &[&str]) {
    let names = |folder: &Path| {
        let mut names: Vec<_> = fs::read_dir(folder)
            .expect("the folder can be read")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        names
    };
    let before = names(folder);
    let result = run(command);
    let said = text(&result.stderr).replace("\n  │ ", " ");
    assert!(!result.status.success(), "it succeeded: {command:?}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(names(folder), before, "something was left behind");
}

#[test]
fn a_wav_that_cannot_be_played() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let (module, output) = (module("limiter"), at("out.wav"));
    refuses(
        folder.path(),
        &mut command(&module, &at("absent.wav"), &output),
        &["absent.wav"],
    );

    write_wav(&at("good.wav"), FORMAT, &samples(FORMAT, 480));
    let good = fs::read(at("good.wav")).expect("the file can be read");
    fs::write(at("cut.wav"), &good[..good.len() - 100]).expect("can be written");
    refuses(
        folder.path(),
        &mut command(&module, &at("cut.wav"), &output),
        &["cut.wav"],
    );

    write_wav(&at("empty.wav"), FORMAT, &[]);
    refuses(
        folder.path(),
        &mut command(&module, &at("empty.wav"), &output),
        &["empty.wav", "no whole"],
    );

    fs::write(at("text.wav"), "not a sound").expect("can be written");
    refuses(
        folder.path(),
        &mut command(&module, &at("text.wav"), &output),
        &["text.wav"],
    );

    let float = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(at("float.wav"), float).expect("can be made");
    writer.write_sample(0.5_f32).expect("can be written");
    writer.finalize().expect("can be finished");
    refuses(
        folder.path(),
        &mut command(&module, &at("float.wav"), &output),
        &["float.wav"],
    );
}

#[test]
fn a_module_file_that_cannot_be_loaded() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    write_wav(&at("in.wav"), FORMAT, &samples(FORMAT, 48));
    let good = fs::read(module("limiter")).expect("the module can be read");
    let header = good
        .windows(4)
        .position(|bytes| bytes == b"BHM1")
        .expect("the module has a header");
    let changed = |place: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[place..place + bytes.len()].copy_from_slice(bytes);
        file
    };
    let stack = header + 16 + 16 + 32;
    let mut cases = vec![
        ("not-elf", b"hello".to_vec(), "ELF"),
        ("other-machine", changed(18, &[62, 0]), "e_machine is 62"),
        ("not-shared", changed(16, &[2, 0]), "e_type is 2"),
        ("no-magic", changed(header, b"XXXX"), "BHM1"),
        ("other-abi", changed(header + 4, &[9, 0, 0, 0]), "ABI 9"),
        ("huge-stack", changed(stack, &[0xff; 4]), "quota"),
        ("start-outside", changed(stack + 12, &[0xff; 4]), "start"),
        ("entry-outside", changed(stack + 24, &[0xff; 4]), "process"),
    ];
    for length in [10, 60, 200, good.len() / 2] {
        cases.push(("cut", good[..length].to_vec(), ""));
    }
    for (name, bytes, word) in cases {
        let file = at(name);
        fs::write(&file, bytes).expect("can be written");
        refuses(
            folder.path(),
            &mut command(&file, &at("in.wav"), &at("out.wav")),
            &[name, word],
        );
        fs::remove_file(file).expect("can be removed");
    }
    refuses(
        folder.path(),
        &mut command(&at("absent.elf"), &at("in.wav"), &at("out.wav")),
        &["absent.elf"],
    );
}

#[test]
fn an_output_that_cannot_be_written() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    write_wav(&at("in.wav"), FORMAT, &samples(FORMAT, 48));
    fs::write(at("file"), "in the way").expect("can be written");
    let module = module("limiter");
    refuses(
        folder.path(),
        &mut command(&module, &at("in.wav"), &at("file/out.wav")),
        &["out.wav"],
    );
    refuses(
        folder.path(),
        &mut command(&module, &at("in.wav"), &at("nowhere/out.wav")),
        &["out.wav"],
    );
}

#[test]
fn arguments_that_make_no_sense() {
    let folder = folder();
    for arguments in [
        &["run"][..],
        &["run", "--module"],
        &["nonsense"],
        &["inspect"],
        &["inspect", "absent.elf"],
        &["bench", "--only"],
    ] {
        refuses(folder.path(), bulkhead().args(arguments), &[]);
    }
}
