//! The command as a developer starts it, on a tiny tree of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"tiny\"\nversion = \"0.1.0\"\n";
const SOURCE: &str = r"
pub fn sum(numbers: &[u32]) -> u32 {
    numbers.iter().sum()
}

pub fn depth(n: u32) -> u32 {
    if n == 0 { 0 } else { 1 + depth(n - 1) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(super::sum(&[1, 4]), 5);
    }

    #[test]
    fn ends() {
        assert_eq!(super::depth(9), 9);
    }

    #[test]
    #[ignore]
    fn slow() {}
}
";

struct Tree {
    folder: TempDir,
}

impl Tree {
    /// A tree with these bugs: a name, the tests, what to replace by what.
    fn with(bugs: &[(&str, &str, &str, &str)]) -> Tree {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree { folder };
        tree.put("Cargo.toml", MANIFEST);
        tree.put("Cargo.lock", LOCK);
        tree.put("src/lib.rs", SOURCE);
        let entry = |(name, tests, from, to): &(&str, &str, &str, &str)| {
            format!(
                "[[bug]]\nname = '{name}'\nwhat = 'It is wrong.'\npackage = 'tiny'\ntarget = 'lib'\n\
                 tests = [{tests}]\n[[bug.change]]\nfile = 'src/lib.rs'\nfrom = '{from}'\nto = '{to}'\n"
            )
        };
        let bugs: Vec<String> = bugs.iter().map(entry).collect();
        tree.put("tests/planted/bugs/tiny.toml", &bugs.concat());
        tree
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn put(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn planted(&self, arguments: &[&str]) -> Output {
        Command::new(Path::new(env!("CARGO_BIN_EXE_planted")))
            .current_dir(self.folder.path())
            .env_remove("CARGO_TARGET_DIR")
            .env("RUSTFLAGS", "-D warnings")
            .args(arguments)
            .output()
            .unwrap()
    }
}

/// The lines of standard output without the times in them.
fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let timeless = |line: &str| match line.rsplit_once("  (") {
        Some((before, time)) if time.ends_with(" s)") => before.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(timeless).collect()
}

const ADDS: &str = "'tests::adds'";
const ENDS: &str = "'tests::ends'";
const SUM: &str = "numbers.iter().sum()";
const DEEPER: &str = "1 + depth(n - 1)";

#[test]
fn every_verdict_is_given_where_it_is_due() {
    let tree = Tree::with(&[
        ("fails", ADDS, SUM, "numbers.iter().product()"),
        ("aborts", ENDS, DEEPER, "std::process::abort()"),
        ("hangs", ENDS, DEEPER, "loop {}"),
        ("unused", ADDS, SUM, "0"),
        ("same", ADDS, SUM, "numbers.iter().copied().sum()"),
        ("half", "'tests::adds', 'tests::ends'", SUM, "1"),
        ("no-type", ADDS, SUM, "\"five\""),
        ("no-test", "'tests::adds', 'tests::none'", SUM, "1"),
        ("no-run", "'tests::slow'", SUM, "1"),
        ("no-text", ADDS, "nothing like it", "1"),
        ("much-text", ADDS, "n", "1"),
    ]);
    let output = tree.planted(&["--limit", "3"]);
    let lines = lines(&output);
    let expected = [
        "error    no-text    the text that begins `nothing like it` stands not in `src/lib.rs`; it must stand there exactly once",
        "error    much-text  the text that begins `n` stands more than once in `src/lib.rs`; it must stand there exactly once",
        "error    no-test    the test tests::none does not exist",
        "error    no-run     the test tests::slow is ignored",
        "caught   fails      test tests::adds",
        "caught   aborts     test tests::ends (aborted)",
        "caught   hangs      test tests::ends (hung)",
        "caught   unused     test tests::adds",
        "escaped  same       passed with it: test tests::adds",
        "escaped  half       passed with it: test tests::ends",
        "error    no-type    with the bug, tiny --lib does not compile:",
    ];
    assert_eq!(lines[..expected.len()], expected, "{output:?}");
    assert!(lines[expected.len()].starts_with("  error[E0308]"));
    let summary = "11 bugs, 4 caught, 2 escaped, 5 errors";
    assert_eq!(lines.last().unwrap(), summary);
    assert_eq!(output.status.code(), Some(1));
    // Neither the tree nor its copy keeps a bug.
    for copy in ["src/lib.rs", "target/planted/tree/src/lib.rs"] {
        assert_eq!(fs::read_to_string(tree.path(copy)).unwrap(), SOURCE);
    }

    let code = |name| tree.planted(&[name]).status.code();
    assert_eq!(code("fails"), Some(0));
    assert_eq!(code("same"), Some(1));
    assert_eq!(code("no-text"), Some(2));
    assert_eq!(code("nothing"), Some(2));
    assert_eq!(tree.planted(&["--list"]).status.code(), Some(0));
}

#[test]
fn a_tree_that_fails_by_itself_shows_nothing() {
    let tree = Tree::with(&[("fails", ADDS, SUM, "7")]);
    for (from, to, said) in [
        ("[1, 4]), 5", "[1, 4]), 6", "tests::adds failed"),
        ("pub fn depth", "fn deep", "error[E0425]"),
    ] {
        assert!(SOURCE.contains(from));
        tree.put("src/lib.rs", &SOURCE.replace(from, to));
        let output = tree.planted(&[]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty());
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(said), "{told}");
    }
}
