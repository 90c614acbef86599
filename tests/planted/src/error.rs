//! Everything that can go wrong, as sentences: what, where, and what would be right.

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// Why the command could not do its work.
#[derive(Debug, Error, Diagnostic)]
pub enum Failure {
    /// A file or folder could not be used.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// As an infinitive: "read", "create".
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A program could not be started, or not be waited for.
    #[error("cannot run `{program}`")]
    Start {
        /// Its name.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// The sources are not where the program looks for them.
    #[error("no tree with a catalogue of bugs at or above `{}`", from.display())]
    #[diagnostic(help("start `planted` inside a checkout of the repository"))]
    NoWorkspace {
        /// Where the search began.
        from: PathBuf,
    },
    /// Another `planted` works in the same scratch folder.
    #[error("another `planted` is at work in `{}`", folder.display())]
    #[diagnostic(help("wait for it, or set CARGO_TARGET_DIR to another folder"))]
    Busy {
        /// The scratch folder.
        folder: PathBuf,
    },
    /// A file of the catalogue is not TOML, or has other fields than a catalogue has.
    #[error("`{}` is no part of a catalogue:{}", path.display(), indented(reason))]
    #[diagnostic(help("tests/planted/README.md says what an entry has"))]
    NotACatalogue {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// An entry of the catalogue that cannot be right, whatever the tree is.
    #[error("the bug `{bug}` in `{}` {reason}", path.display())]
    #[diagnostic(help("tests/planted/README.md says what an entry has"))]
    BadEntry {
        /// The file.
        path: PathBuf,
        /// Its name.
        bug: String,
        /// As a predicate: "names no test".
        reason: String,
    },
    /// The catalogue has no bug.
    #[error("there is no bug in `{}`", folder.display())]
    NoBugs {
        /// Where the catalogue is.
        folder: PathBuf,
    },
    /// A name that selects nothing.
    #[error("no bug's name is or begins with `{wanted}`; the closest are {closest}")]
    #[diagnostic(help("`planted --list` tells all names"))]
    NoSuchBug {
        /// What was asked for.
        wanted: String,
        /// What comes closest.
        closest: String,
    },
    /// Tests fail without any bug being planted, so their failing would show nothing.
    #[error(
        "the tree is not sound: without a planted bug, of {target}{}",
        indented(failing)
    )]
    #[diagnostic(help("make `cargo test` pass first"))]
    Unsound {
        /// Which tests were run.
        target: String,
        /// Which of them fail, and how.
        failing: String,
    },
    /// The tree does not compile without any bug being planted; cargo has said why.
    #[error("the tree is not sound: without a planted bug, {target} cannot be built")]
    #[diagnostic(help("cargo's messages stand above"))]
    DoesNotBuild {
        /// What was built.
        target: String,
    },
}

impl Failure {
    /// For `map_err` on file operations.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
        let path = path.to_owned();
        move |source| Failure::File {
            action,
            path,
            source,
        }
    }
}

/// The text on lines of its own, or nothing.
pub fn indented(output: &str) -> String {
    output
        .trim_end()
        .lines()
        .fold(String::new(), |text, line| text + "\n  " + line)
}
