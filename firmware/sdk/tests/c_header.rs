//! The C header says what the Rust ABI says.

use std::path::Path;
use std::process::Command;

use abi::Call;
use bulkhead_sdk::{c_header, stubs};

const INCLUDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/include");

/// Whether the host's C compiler takes that text.
fn compiles(name: &str, text: &str) -> bool {
    let source = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&source, text).unwrap();
    let compiler = cc::Build::new()
        .target(HOST)
        .host(HOST)
        .opt_level(0)
        .cargo_metadata(false)
        .get_compiler();
    let mut command: Command = compiler.to_command();
    let status = command.args([
        "-std=c11",
        "-Wall",
        "-Werror",
        "-fsyntax-only",
        "-I",
        INCLUDE,
    ]);
    status.arg(&source).output().unwrap().status.success()
}

/// `cc` wants a name; only the machine and the system in it matter here.
const HOST: &str = if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};

#[test]
fn the_header_agrees_with_the_abi() {
    assert!(compiles("agreement.c", &c_header::agreement()));
}

#[test]
fn the_check_can_fail() {
    let wrong = c_header::agreement().replace("BULKHEAD_ENOSYS == 38u", "BULKHEAD_ENOSYS == 39u");
    assert!(!compiles("disagreement.c", &wrong));
}

#[test]
fn the_check_covers_the_words_of_the_target() {
    // The same structs with words for addresses, as the target has them.
    let header = std::fs::read_to_string(Path::new(INCLUDE).join("bulkhead.h")).unwrap();
    let start = header.find("struct bulkhead_module_header {").unwrap();
    let end = start + header[start..].find("};").unwrap() + 2;
    let words = header[start..end]
        .lines()
        .map(|line| match (line.find("(*"), line.find(")(")) {
            (Some(open), Some(close)) => format!("uint32_t {};", &line[open + 2..close]),
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n");
    let text = c_header::agreement()
        .replace(
            "#include <bulkhead.h>",
            &format!("#include <stddef.h>\n#include <stdint.h>\n{words}"),
        )
        .replace("__SIZEOF_POINTER__ == 4", "1");
    let text = text
        .lines()
        .filter(|line| {
            !line.starts_with("_Static_assert") || line.contains("bulkhead_module_header")
        })
        .collect::<Vec<_>>()
        .join("\n");
    assert!(compiles("words.c", &text));
}

#[test]
fn the_header_declares_every_call() {
    let header = std::fs::read_to_string(Path::new(INCLUDE).join("bulkhead.h")).unwrap();
    for call in Call::ALL {
        assert!(
            header.contains(&format!("{}(", stubs::symbol(call))),
            "{call:?}"
        );
    }
}
