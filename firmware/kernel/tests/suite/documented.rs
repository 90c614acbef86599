//! What the documentation says of tests.

use std::fs;
use std::path::Path;

/// The folder of a room's tests, from the project's root.
fn folder(room: &str) -> &'static str {
    match room {
        "kernel" => "firmware/kernel/tests/suite",
        "syscalls" => "syscalls/tests/suite",
        "domains" => "domains/tests/suite",
        "tests" => "tests",
        other => panic!("`{other}` is no room with tests"),
    }
}

#[test]
fn every_test_that_keeps_a_flaw_out_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/flaws.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| F"));
    let mut seen = 0;
    for row in rows {
        let named = row.split('`').skip(1).step_by(2);
        let tests: Vec<&str> = named
            .filter(|words| words.matches(':').count() == 2)
            .collect();
        assert!(!tests.is_empty(), "nothing keeps it out: {row}");
        for test in tests {
            let [room, file, name] = test.split(':').collect::<Vec<_>>()[..] else {
                panic!("`{test}` is no room, file and test");
            };
            let path = root.join(folder(room)).join(file);
            let whole = [path.with_extension("rs"), path.join("mod.rs")];
            let parts = fs::read_dir(&path).into_iter().flatten();
            let parts = parts.map(|entry| entry.unwrap().path());
            let has = |file: std::path::PathBuf| {
                let text = fs::read_to_string(file).unwrap_or_default();
                text.contains(&format!("#[test]\nfn {name}()"))
                    || text.contains(&format!("    #[test]\n    fn {name}("))
            };
            assert!(
                whole.into_iter().chain(parts).any(has),
                "`{test}` does not exist"
            );
            seen += 1;
        }
    }
    assert!(seen > 50);
}
