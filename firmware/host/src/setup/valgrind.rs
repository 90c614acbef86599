//! Valgrind, which only `bench` needs: this machine's own, or Debian's in the cache.

use std::path::PathBuf;
use std::process::Command;

use super::cache::Cache;
use super::choice::{Prefer, Wanted};
use super::metadata::Dependency;
use super::prefix::Prefix;
use super::{apt, detect, packages, with_fresh_lists};
use crate::error::Failure;
use crate::process::Scratch;
use crate::toolchain::Tool;

/// Valgrind, ready to be started.
#[derive(Clone, Debug)]
pub struct Valgrind {
    tool: Tool,
    /// Where its tools are, if it would not find them by itself.
    tools: Option<PathBuf>,
}

impl Valgrind {
    /// A command that starts it.
    pub fn command(&self) -> Command {
        let mut command = self.tool.command();
        if let Some(tools) = &self.tools {
            command.env("VALGRIND_LIB", tools);
        }
        command
    }
}

/// Valgrind, fetched where it is missing.
pub fn valgrind() -> Result<Valgrind, Failure> {
    if let Some(program) = detect::in_path("valgrind") {
        return Ok(Valgrind {
            tool: Tool::plain(program),
            tools: None,
        });
    }
    let cache = Cache::find()?;
    let _lock = cache.lock()?;
    let group = match packages::finished(&cache, "valgrind") {
        Some(group) => group,
        None => {
            let sources = {
                let scratch = Scratch::below(&cache.path("apt"))?;
                apt::sources(scratch.path())?
            };
            let mut state = apt::State::create(
                &cache.path("apt/release"),
                &sources.release,
                apt::Lists::Packages,
            )?;
            let wanted = [Wanted::complete(Dependency {
                name: String::from("valgrind"),
                condition: None,
            })];
            with_fresh_lists(&mut state, "Debian's list of packages", |state| {
                packages::provide(&cache, state, "valgrind", &wanted, Prefer::Highest)
            })?
        }
    };
    let prefix = Prefix::open(&group.prefix)?;
    Ok(Valgrind {
        tool: prefix.tool("usr/bin/valgrind.bin")?,
        tools: Some(prefix.path("usr/libexec/valgrind")?),
    })
}
