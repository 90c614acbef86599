//! The README's module, built and run as the README says.

mod support;

use std::fs;
use std::path::Path;

use support::{
    Format, bulkhead, folder, module, play, read_wav, run, samples, succeeded, text, write_wav,
};

/// The first fenced block of that language after `heading`.
fn block(readme: &str, heading: &str, language: &str) -> String {
    let fence = format!("```{language}\n");
    let after = readme
        .split_once(heading)
        .unwrap_or_else(|| panic!("the README has `{heading}`"))
        .1;
    let code = after
        .split_once(&fence)
        .unwrap_or_else(|| panic!("`{heading}` has a block of {language}"))
        .1;
    code.split_once("```").expect("the block ends").0.to_owned()
}

#[test]
fn the_module_of_five_minutes_builds_and_plays() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the project's folder");
    let readme = fs::read_to_string(root.join("README.md")).expect("the README can be read");
    let heading = "## A module of your own";
    // Sets up, so that the messages below are the module's own.
    module("limiter");
    let folder = folder();
    let crate_folder = folder.path().join("gain");
    fs::create_dir_all(crate_folder.join("src")).expect("a folder");
    let manifest = block(&readme, heading, "toml")
        .replace("/path/to/bulkhead", root.to_str().expect("a path in UTF-8"));
    fs::write(crate_folder.join("Cargo.toml"), manifest).expect("can be written");
    fs::write(
        crate_folder.join("src/lib.rs"),
        block(&readme, heading, "rust"),
    )
    .expect("can be written");

    let file = folder.path().join("gain.elf");
    let built = run(bulkhead()
        .arg("build")
        .arg(&crate_folder)
        .arg("-o")
        .arg(&file));
    assert!(built.status.success(), "{}", text(&built.stderr));
    let inspected = run(bulkhead().arg("inspect").arg(&file));
    assert!(inspected.status.success(), "{}", text(&inspected.stderr));
    assert!(text(&inspected.stdout).contains("gain"));

    let format = Format {
        rate: 48_000,
        channels: 1,
        bits: 32,
    };
    let (input, output) = (folder.path().join("in.wav"), folder.path().join("out.wav"));
    let given = samples(format, 480);
    write_wav(&input, format, &given);
    let beside = module("hostile");
    succeeded(&play(&file, Some(&beside), &input, &output), "gain");
    let wanted: Vec<i32> = given.iter().map(|sample| sample / 2).collect();
    assert!(read_wav(&output).1 == wanted);
}
