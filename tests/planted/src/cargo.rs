//! cargo, on the copy of the tree.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::catalogue::Target;
use crate::error::Failure;
use crate::process::{self, Outcome};

/// Where cargo works.
#[derive(Debug)]
pub struct Cargo<'a> {
    /// The copy of the tree.
    pub copy: &'a Path,
    /// What it builds goes here.
    pub build: &'a Path,
    /// How long tests may run.
    pub limit: Duration,
}

impl Cargo<'_> {
    /// Builds the tests of a target.
    pub fn build(&self, target: &Target) -> Result<Outcome, Failure> {
        let mut command = self.test(target);
        process::run(command.args(["--quiet", "--no-run"]), None)
    }

    /// Runs some tests of a target that has been built.
    pub fn run(&self, target: &Target, tests: &[&str]) -> Result<Outcome, Failure> {
        let mut command = self.test(target);
        command.args(["--", "--exact"]).args(tests);
        process::run(&mut command, Some(self.limit))
    }

    fn test(&self, target: &Target) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(is_foreign) {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.copy)
            .env("CARGO_TARGET_DIR", self.build)
            .env("CARGO_TERM_COLOR", "never")
            // Whatever a configuration says: one build differs from the next by a line.
            .env("CARGO_INCREMENTAL", "1")
            // Nobody will debug it.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_TEST_DEBUG", "0")
            .args(["test", "--locked"]);
        // Each bug is compiled and few tests run: what the workspace optimises for long checks
        // costs more here than it saves.
        for package in ["domains", "mmu"] {
            command.args([
                "--config",
                &format!("profile.dev.package.{package}.opt-level=0"),
            ]);
        }
        command.args(target.options());
        command
    }
}

/// Whether a variable would change what is built or how tests run: what an outer cargo sets, flags
/// that make an error of a warning, fewer random cases.
fn is_foreign(name: &str) -> bool {
    const KEPT: [&str; 5] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
    ];
    const FOREIGN: [&str; 8] = [
        "CARGO",
        "RUSTC",
        "RUSTFLAGS",
        "RUSTDOC",
        "LD_LIBRARY_PATH",
        "RUST_TEST_",
        "RUST_BACKTRACE",
        "PROPTEST_",
    ];
    !KEPT.iter().any(|kept| name.starts_with(kept))
        && FOREIGN.iter().any(|foreign| name.starts_with(foreign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outer_cargo_changes_nothing() {
        for name in [
            "CARGO",
            "CARGO_MANIFEST_DIR",
            "CARGO_PKG_NAME",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_TERM_QUIET",
            "RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUST_TEST_NOCAPTURE",
            "PROPTEST_CASES",
        ] {
            assert!(is_foreign(name), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_HTTP_PROXY",
            "CARGO_NET_OFFLINE",
            "RUSTUP_HOME",
            "RUSTUP_TOOLCHAIN",
            "PATH",
            "HOME",
        ] {
            assert!(!is_foreign(name), "{name}");
        }
    }
}
