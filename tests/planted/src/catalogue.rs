//! The catalogue: what bugs there are, read from TOML files.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::error::Failure;

/// A known bug, and the tests that must fail with it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(from = "Entry")]
pub struct Bug {
    /// In kebab case, like no other.
    pub name: String,
    /// What goes wrong, in one sentence.
    pub what: String,
    /// Whose tests these are.
    pub target: Target,
    /// The tests that must fail, each by its whole path.
    pub tests: Vec<String>,
    /// What to change in the tree, in this order.
    pub changes: Vec<Change>,
}

/// A bug as it is written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    what: String,
    package: String,
    target: String,
    tests: Vec<String>,
    change: Vec<Change>,
}

impl From<Entry> for Bug {
    fn from(entry: Entry) -> Bug {
        Bug {
            name: entry.name,
            what: entry.what,
            target: Target {
                package: entry.package,
                name: entry.target,
            },
            tests: entry.tests,
            changes: entry.change,
        }
    }
}

/// One replacement.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The file, from the top of the tree.
    pub file: PathBuf,
    /// The text to replace; it stands in the file exactly once.
    pub from: String,
    /// The text to replace it with.
    pub to: String,
}

/// One test executable of cargo's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The package.
    pub package: String,
    /// `lib`, `bins`, or the name of an integration test.
    pub name: String,
}

impl Target {
    /// How cargo is told to take this one.
    pub fn options(&self) -> Vec<&str> {
        let mut options = vec!["-p", &self.package];
        match self.name.as_str() {
            "lib" => options.push("--lib"),
            "bins" => options.push("--bins"),
            name => options.extend(["--test", name]),
        }
        options
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.options()[1..].join(" "))
    }
}

/// A file of the catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "bug")]
    bugs: Vec<Bug>,
}

/// Reads every file of the catalogue, in the order of their names.
pub fn read(folder: &Path) -> Result<Vec<Bug>, Failure> {
    let mut paths = Vec::new();
    for entry in folder.read_dir().map_err(Failure::file("read", folder))? {
        let path = entry.map_err(Failure::file("read", folder))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut bugs = Vec::new();
    let mut names = BTreeSet::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
        for bug in parse(&text, &path)? {
            let wrong = match fault_of(&bug) {
                None if !names.insert(bug.name.clone()) => Some("has the name of another".into()),
                wrong => wrong,
            };
            if let Some(reason) = wrong {
                let bug = bug.name;
                return Err(Failure::BadEntry { path, bug, reason });
            }
            bugs.push(bug);
        }
    }
    if bugs.is_empty() {
        let folder = folder.to_owned();
        return Err(Failure::NoBugs { folder });
    }
    Ok(bugs)
}

fn parse(text: &str, path: &Path) -> Result<Vec<Bug>, Failure> {
    match toml::from_str::<File>(text) {
        Ok(file) => Ok(file.bugs),
        Err(error) => Err(Failure::NotACatalogue {
            path: path.to_owned(),
            reason: error.to_string(),
        }),
    }
}

/// What is wrong with an entry, as a predicate.
fn fault_of(bug: &Bug) -> Option<String> {
    let fault = if !is_kebab_case(&bug.name) {
        "has a name that is not in kebab case".into()
    } else if !bug.what.ends_with('.') || bug.what.contains('\n') {
        "does not say in one sentence on one line what goes wrong".into()
    } else if bug.tests.is_empty() {
        "names no test".into()
    } else if let Some(test) = twice(&bug.tests) {
        format!("names the test `{test}` twice")
    } else if bug.changes.is_empty() {
        "changes nothing".into()
    } else {
        return bug.changes.iter().find_map(fault_of_change);
    };
    Some(fault)
}

fn fault_of_change(change: &Change) -> Option<String> {
    let inside = |part| matches!(part, Component::Normal(_));
    if !change.file.components().all(inside) || change.file.as_os_str().is_empty() {
        Some(format!(
            "changes `{}`, which is no path from the top of the tree",
            change.file.display()
        ))
    } else if change.from.is_empty() || change.from == change.to {
        Some(format!(
            "has a change of `{}` that changes nothing",
            change.file.display()
        ))
    } else {
        None
    }
}

fn is_kebab_case(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.split('-').all(is_word)
}

fn twice(names: &[String]) -> Option<&String> {
    let mut seen = BTreeSet::new();
    names.iter().find(|name| !seen.insert(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [[bug]]
        name = "free-twice"
        what = "A second free is served."
        package = "vregion"
        target = "lib"
        tests = ["region::tests::frees_that_are_refused"]

        [[bug.change]]
        file = "vregion/src/region/free.rs"
        from = "one"
        to = "two"
    "#;

    fn one(text: &str) -> Bug {
        let mut bugs = parse(text, Path::new("x.toml")).unwrap();
        assert_eq!(bugs.len(), 1);
        bugs.remove(0)
    }

    #[test]
    fn an_entry_is_read_as_it_stands() {
        let bug = one(GOOD);
        assert_eq!(bug.name, "free-twice");
        assert_eq!(bug.target.to_string(), "vregion --lib");
        assert_eq!(bug.tests, ["region::tests::frees_that_are_refused"]);
        let [change] = &bug.changes[..] else { panic!() };
        assert_eq!(change.file, Path::new("vregion/src/region/free.rs"));
        assert_eq!((&*change.from, &*change.to), ("one", "two"));
        assert_eq!(fault_of(&bug), None);
    }

    #[test]
    fn every_kind_of_target_has_its_option() {
        for (name, expected) in [
            ("lib", vec!["-p", "vregion", "--lib"]),
            ("bins", vec!["-p", "vregion", "--bins"]),
            ("suite", vec!["-p", "vregion", "--test", "suite"]),
        ] {
            let target = Target {
                package: "vregion".into(),
                name: name.into(),
            };
            assert_eq!(target.options(), expected);
        }
    }

    #[test]
    fn other_fields_are_refused() {
        for text in [
            GOOD.replace("what =", "why = \"\"\nwhat ="),
            GOOD.replace("to =", "at = 1\nto ="),
            GOOD.replace("tests =", "test ="),
            GOOD.replace("to = \"two\"", ""),
            GOOD.replace("[[bug]]", "[[bugs]]"),
        ] {
            let refused = parse(&text, Path::new("x.toml"));
            assert!(
                matches!(refused, Err(Failure::NotACatalogue { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_right_is_refused() {
        for (from, to, fault) in [
            ("free-twice", "Free", "kebab"),
            ("free-twice", "free--twice", "kebab"),
            ("is served.", "is served", "one sentence"),
            (
                "[\"region::tests::frees_that_are_refused\"]",
                "[]",
                "no test",
            ),
            (
                "[\"region::tests::frees_that_are_refused\"]",
                "['a', 'a']",
                "twice",
            ),
            ("vregion/src", "../src", "no path"),
            ("vregion/src", "/src", "no path"),
            ("\"two\"", "\"one\"", "changes nothing"),
            ("from = \"one\"", "from = \"\"", "changes nothing"),
        ] {
            let reason = fault_of(&one(&GOOD.replace(from, to))).unwrap();
            assert!(reason.contains(fault), "{reason}");
        }
    }

    #[test]
    fn two_files_share_no_name() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["a.toml", "b.toml"] {
            std::fs::write(folder.path().join(file), GOOD).unwrap();
        }
        std::fs::write(folder.path().join("notes.md"), "no TOML").unwrap();
        match read(folder.path()) {
            Err(Failure::BadEntry { path, .. }) => assert!(path.ends_with("b.toml")),
            other => panic!("{other:?}"),
        }
        std::fs::remove_file(folder.path().join("b.toml")).unwrap();
        assert_eq!(read(folder.path()).unwrap().len(), 1);
    }
}
