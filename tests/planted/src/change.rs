//! Plants a bug into the copy and takes it out again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::catalogue::Change;
use crate::error::Failure;

/// Files as they are without the bug and with it, or a sentence on why the changes do not fit.
type Planned = Result<BTreeMap<PathBuf, (String, String)>, String>;

/// A bug that is in the copy; it goes when this is dropped.
#[derive(Debug)]
pub struct Planted {
    sound: Vec<(PathBuf, String)>,
}

impl Planted {
    /// Makes all the changes in the tree at `root`, or none. The inner error is a sentence on why
    /// they do not fit.
    pub fn plant(root: &Path, changes: &[Change]) -> Result<Result<Planted, String>, Failure> {
        let planned = match plan(root, changes) {
            Ok(planned) => planned,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut planted = Planted { sound: Vec::new() };
        for (path, (sound, buggy)) in planned {
            planted.sound.push((path.clone(), sound));
            std::fs::write(&path, buggy).map_err(Failure::file("write", &path))?;
        }
        Ok(Ok(planted))
    }

    /// Takes the bug out.
    pub fn remove(mut self) -> Result<(), Failure> {
        self.restore()
    }

    fn restore(&mut self) -> Result<(), Failure> {
        while let Some((path, sound)) = self.sound.pop() {
            std::fs::write(&path, sound).map_err(Failure::file("write", &path))?;
        }
        Ok(())
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        // Another error is on its way; the next run copies anew.
        let _ = self.restore();
    }
}

/// Why the changes do not fit the tree at `root`, if so.
pub fn misfit(root: &Path, changes: &[Change]) -> Option<String> {
    plan(root, changes).err()
}

fn plan(root: &Path, changes: &[Change]) -> Planned {
    let mut planned = BTreeMap::new();
    for change in changes {
        let path = root.join(&change.file);
        let file = change.file.display();
        let (_, text) = match planned.get_mut(&path) {
            Some(texts) => texts,
            None => {
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| format!("`{file}` cannot be read: {error}"))?;
                planned.entry(path).or_insert((text.clone(), text))
            }
        };
        *text = replace_once(text, &change.from, &change.to).ok_or_else(|| {
            let line = change.from.trim().lines().next().unwrap_or_default();
            let count = if text.contains(&change.from) {
                "more than once"
            } else {
                "not"
            };
            format!("the text that begins `{line}` stands {count} in `{file}`; it must stand there exactly once")
        })?;
    }
    Ok(planned)
}

/// The text with `to` in the place of `from`, if that stands in it exactly once.
fn replace_once(text: &str, from: &str, to: &str) -> Option<String> {
    let (before, after) = text.split_once(from)?;
    // One that overlaps with the first counts as well.
    let last = text.rfind(from)?;
    (last == before.len()).then(|| [before, to, after].concat())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn change(file: &str, from: &str, to: &str) -> Change {
        Change {
            file: file.into(),
            from: from.into(),
            to: to.into(),
        }
    }

    #[test]
    fn a_text_is_replaced_where_it_stands_once() {
        assert_eq!(replace_once("a < b", "<", "<=").as_deref(), Some("a <= b"));
        assert_eq!(replace_once("a < b", "a < b", "").as_deref(), Some(""));
        assert_eq!(replace_once("a < b", ">", "<="), None);
        assert_eq!(replace_once("a < b < c", "<", "<="), None);
        assert_eq!(replace_once("aaa", "aa", "b"), None);
    }

    #[test]
    fn a_bug_is_planted_and_goes_again() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let text = |file: &str| fs::read_to_string(root.join(file)).unwrap();
        fs::write(root.join("a.rs"), "one two").unwrap();
        fs::write(root.join("b.rs"), "three").unwrap();
        let changes = [
            change("a.rs", "one", "1"),
            change("b.rs", "three", "3"),
            // What an earlier change left is what the next one finds.
            change("a.rs", "1 two", "12"),
        ];
        assert_eq!(misfit(root, &changes), None);
        let planted = Planted::plant(root, &changes).unwrap().unwrap();
        assert_eq!((text("a.rs"), text("b.rs")), ("12".into(), "3".into()));
        planted.remove().unwrap();
        assert_eq!(
            (text("a.rs"), text("b.rs")),
            ("one two".into(), "three".into())
        );
        drop(Planted::plant(root, &changes).unwrap().unwrap());
        assert_eq!(
            (text("a.rs"), text("b.rs")),
            ("one two".into(), "three".into())
        );
    }

    #[test]
    fn changes_that_do_not_fit_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a.rs"), "one two two").unwrap();
        for (changes, reason) in [
            (
                [change("a.rs", "one", "1"), change("a.rs", "two", "2")],
                "more than once",
            ),
            (
                [change("a.rs", "one", "1"), change("a.rs", "one", "2")],
                "stands not",
            ),
            (
                [change("a.rs", "one", "1"), change("b.rs", "one", "2")],
                "cannot be read",
            ),
        ] {
            let misfit = misfit(root, &changes).unwrap();
            assert!(misfit.contains(reason), "{misfit}");
            assert_eq!(Planted::plant(root, &changes).unwrap().unwrap_err(), misfit);
            assert_eq!(
                fs::read_to_string(root.join("a.rs")).unwrap(),
                "one two two"
            );
        }
    }

    /// Whoever changes a line that a bug stands on hears of it from `cargo test`.
    #[test]
    fn the_catalogue_fits_the_tree() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let bugs = crate::catalogue::read(&root.join("tests/planted/bugs")).unwrap();
        for bug in bugs {
            assert_eq!(misfit(root, &bug.changes), None, "{}", bug.name);
        }
    }
}
