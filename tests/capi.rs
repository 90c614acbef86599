//! The C library as C callers use it: its header is what cbindgen makes of the sources, every function
//! is called by the C program of `tests/capi`, and that program passes on this host under the address
//! and undefined-behaviour sanitizers. The same program runs on QEMU: `cargo test -p bulkhead capi`.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn capi() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> PathBuf {
    capi().join("../../tests/capi")
}

/// Files of a folder with that ending, in order.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

#[test]
fn the_header_is_what_cbindgen_makes_of_the_sources() {
    let config = cbindgen::Config::from_file(capi().join("cbindgen.toml")).unwrap();
    // The other files of `ffi` come along as modules.
    let builder = cbindgen::Builder::new()
        .with_config(config)
        .with_src(capi().join("src/embedder.rs"))
        .with_src(capi().join("src/ffi/mod.rs"));
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    let made = String::from_utf8(made).unwrap();
    let header = capi().join("include/bulkhead_capi.h");
    if env::var_os("BLESS").is_some() {
        fs::write(&header, &made).unwrap();
    }
    let there = fs::read_to_string(&header).unwrap_or_default();
    assert!(
        there == made,
        "include/bulkhead_capi.h is not what the sources say; make it anew: \
         BLESS=1 cargo test -p capi header"
    );
}

/// Builds the static library, the C program and links both; the program's path.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let library = library();
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capi-tests");
        let mut gcc = Command::new("gcc");
        gcc.args(["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"])
            .args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"])
            .arg("-I")
            .arg(capi().join("include"))
            .args(c_files("machine_board"))
            .arg("-o")
            .arg(&program)
            .arg(library)
            .args(["-lpthread", "-ldl", "-lm"]);
        succeeded(&mut gcc);
        program
    })
}

/// All C files but one machine's.
fn c_files(but: &str) -> Vec<PathBuf> {
    let mut files = files(&sources(), "c");
    files.retain(|file| file.file_stem().is_some_and(|stem| stem != but));
    files
}

/// The static library as the user's guide says to build it, in a folder of its own.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capi-library");
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([
                "rustc",
                "--quiet",
                "--locked",
                "--lib",
                "--crate-type",
                "staticlib",
            ])
            .arg("--manifest-path")
            .arg(capi().join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&folder);
        succeeded(&mut cargo);
        folder.join("debug/libcapi.a")
    })
}

fn succeeded(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

#[test]
fn the_c_program_passes_under_the_sanitizers() {
    let output = succeeded(
        Command::new(program())
            .env("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0")
            .env("UBSAN_OPTIONS", "print_stacktrace=1"),
    );
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.ends_with(" checks, 0 failures\n"), "{said}");
}

/// The functions that the header declares.
fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(capi().join("include/bulkhead_capi.h")).unwrap();
    header
        .lines()
        .filter(|line| !line.starts_with([' ', '/', '#', '}']) && !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('('))
        .filter_map(|(before, _)| before.rsplit([' ', '*']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The symbols of a file that `nm` shows with this option, other than those of Rust itself.
fn symbols(file: &Path, option: &str) -> BTreeSet<String> {
    let output = succeeded(
        Command::new("nm")
            .args(["--format=posix", option])
            .arg(file),
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut names = BTreeSet::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        if let (Some(name), Some("T" | "U")) = (words.next(), words.next()) {
            names.insert(name.to_owned());
        }
    }
    names
}

#[test]
fn the_c_program_calls_every_function_that_is_declared_and_exported() {
    let declared = declared();
    assert!(declared.len() > 45, "{declared:?}");
    let exported = symbols(library(), "--defined-only");
    let missing: Vec<_> = declared.difference(&exported).collect();
    assert!(missing.is_empty(), "declared and not exported: {missing:?}");
    let ours = [
        "bulkhead_",
        "vpage_",
        "vregion_",
        "vmh_",
        "objpool_",
        "fast_",
        "sof_",
        "rb",
        "rm",
        "rz",
        "rfree",
    ];
    let undeclared: Vec<_> = exported
        .iter()
        .filter(|name| ours.iter().any(|start| name.starts_with(start)))
        .filter(|name| !declared.contains(*name) && !name.starts_with("rust"))
        .collect();
    assert!(
        undeclared.is_empty(),
        "exported and not declared: {undeclared:?}"
    );

    // What the host's build keeps in the library for Xtensa.
    let list = fs::read_to_string(capi().join("exports.txt")).unwrap();
    let listed = list.lines().filter(|line| !line.starts_with('#'));
    let listed: BTreeSet<String> = listed.map(str::to_owned).collect();
    assert_eq!(listed, declared, "exports.txt and the header");

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut called = BTreeSet::new();
    for file in c_files("machine_board") {
        let object = folder.join("called.o");
        succeeded(
            Command::new("gcc")
                .args(["-std=gnu11", "-c", "-I"])
                .arg(capi().join("include"))
                .arg(&file)
                .arg("-o")
                .arg(&object),
        );
        called.extend(symbols(&object, "--undefined-only"));
    }
    let uncalled: Vec<_> = declared.difference(&called).collect();
    assert!(uncalled.is_empty(), "no C test calls {uncalled:?}");
}

/// Beside SOF and Zephyr their own lists and regions are used, not those of `bulkhead/foreign.h`.
#[test]
fn the_headers_stand_beside_those_of_sof_and_zephyr() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign");
    for (name, text) in [
        (
            "sof/list.h",
            "#pragma once\nstruct list_item { struct list_item *next, *prev; };\n\
             #define LIST_INIT(head) { &head, &head }\n\
             static inline void list_init(struct list_item *l) { l->next = l->prev = l; }\n",
        ),
        (
            "zephyr/drivers/mm/system_mm.h",
            "#pragma once\n#include <stddef.h>\n#include <stdint.h>\n\
             struct sys_mm_drv_region { void *addr; size_t size; uint32_t attr; };\n",
        ),
        ("rtos/bit.h", "#pragma once\n#define BIT(n) (1u << (n))\n"),
        ("rtos/string.h", "#pragma once\n#include <string.h>\n"),
    ] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    for file in c_files("machine_board") {
        succeeded(
            Command::new("gcc")
                .args([
                    "-std=gnu11",
                    "-Wall",
                    "-Wextra",
                    "-Werror",
                    "-fsyntax-only",
                    "-I",
                ])
                .arg(capi().join("include"))
                .arg("-I")
                .arg(&folder)
                .arg(&file),
        );
    }
}
