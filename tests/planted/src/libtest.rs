//! What a test executable says of its tests.

use std::collections::BTreeMap;

/// What a test executable says of one test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// `ok`.
    Passed,
    /// `FAILED`.
    Failed,
    /// `ignored`: it was not run.
    Ignored,
}

/// Reads lines like `test revoke::at_once ... FAILED`.
pub fn read(output: &str) -> BTreeMap<&str, Said> {
    output.lines().filter_map(read_line).collect()
}

fn read_line(line: &str) -> Option<(&str, Said)> {
    let (name, said) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let said = match said.trim_end() {
        "ok" => Said::Passed,
        "FAILED" => Said::Failed,
        said if said.starts_with("ignored") => Said::Ignored,
        _ => return None,
    };
    Some((name.strip_suffix(" - should panic").unwrap_or(name), said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_libtest_is_understood() {
        let output = "\n\
            running 4 tests\n\
            test revoke::at_once ... ok\n\
            test revoke::twice ... FAILED\n\
            test slow ... ignored, takes an hour\n\
            test region::past_its_end - should panic ... ok\n\
            \n\
            failures:\n\
            \n\
            ---- revoke::twice stdout ----\n\
            test of something ... that is none\n\
            \n\
            failures:\n    revoke::twice\n\
            \n\
            test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 7 filtered out\n";
        let said = read(output);
        assert_eq!(said.len(), 4);
        assert_eq!(said["revoke::at_once"], Said::Passed);
        assert_eq!(said["revoke::twice"], Said::Failed);
        assert_eq!(said["slow"], Said::Ignored);
        assert_eq!(said["region::past_its_end"], Said::Passed);
    }

    #[test]
    fn a_test_that_never_ended_is_not_there() {
        assert!(read("\nrunning 1 test\n").is_empty());
        assert!(read("\nrunning 1 test\ntest endless ... ").is_empty());
    }
}
