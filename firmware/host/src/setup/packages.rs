//! Fetching packages and unpacking them into a folder of the cache.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::apt::State;
use super::cache::{Cache, recall, record};
use super::choice::{self, Prefer, Wanted};
use super::metadata::Package;
use crate::error::Failure;
use crate::files;
use crate::process;
use crate::terminal;

/// Packages that were unpacked together.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Group {
    /// The folder that stands for `/`.
    pub prefix: PathBuf,
    /// Name and version of each package.
    pub packages: Vec<(String, String)>,
}

impl Group {
    /// The version of a package.
    pub fn version(&self, name: &str) -> Option<&str> {
        self.packages
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, version)| version.as_str())
    }
}

/// A finished group, where it is there.
pub fn finished(cache: &Cache, name: &str) -> Option<Group> {
    recall::<Group>(&record_of(cache, name)).filter(|group| group.prefix.is_dir())
}

/// Fetches and unpacks what is wanted with its libraries. What an earlier run has left behind is
/// continued.
pub fn provide(
    cache: &Cache,
    state: &mut State,
    name: &str,
    wanted: &[Wanted],
    prefer: Prefer,
) -> Result<Group, Failure> {
    let packages = choice::with_libraries(state, wanted, prefer)?;
    let files_folder = cache.path("packages").join(name);
    files::create_folder(&files_folder)?;
    fetch(state, &packages, &files_folder)?;
    let prefix = cache.path("tools").join(name);
    unpack(&packages, &files_folder, &prefix)?;
    let group = Group {
        prefix,
        packages: packages.into_iter().map(|p| (p.name, p.version)).collect(),
    };
    record(&record_of(cache, name), &group)?;
    std::fs::remove_dir_all(&files_folder).map_err(Failure::file("remove", &files_folder))?;
    Ok(group)
}

fn record_of(cache: &Cache, name: &str) -> PathBuf {
    cache.path("tools").join(format!("{name}.json"))
}

/// Fetches what is not there whole. An interrupted download leaves half a file under its final
/// name: its size gives it away, and damage of any other kind its digest.
pub(super) fn fetch(state: &State, packages: &[Package], folder: &Path) -> Result<(), Failure> {
    download(state, packages, folder)?;
    let damaged = remove_damaged(packages, folder)?;
    if damaged == 0 {
        return Ok(());
    }
    terminal::say("Removed", &format!("{damaged} damaged packages"));
    download(state, packages, folder)?;
    match remove_damaged(packages, folder)? {
        0 => Ok(()),
        count => Err(Failure::Apt {
            task: "fetching packages",
            output: format!("{count} packages do not have the content that the archive promises"),
        }),
    }
}

fn download(state: &State, packages: &[Package], folder: &Path) -> Result<(), Failure> {
    let is_whole = |package: &Package| {
        std::fs::metadata(folder.join(package.file_name()))
            .is_ok_and(|data| data.len() == package.size)
    };
    let missing: Vec<&Package> = packages
        .iter()
        .filter(|package| !is_whole(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let total: u64 = packages.iter().map(|package| package.size).sum();
    let left: u64 = missing.iter().map(|package| package.size).sum();
    let what = format!(
        "{} packages, {} MB",
        missing.len(),
        left.div_ceil(1_000_000)
    );
    let bar = terminal::bytes("Fetching", &what, total);
    let result = state.download(&missing, folder, |percent| {
        let done = left as f64 * percent.clamp(0.0, 100.0) / 100.0;
        bar.set_position(total - left + done as u64);
    });
    bar.finish_and_clear();
    result
}

/// Removes files that are not what the archive's signed list says; gives their number.
fn remove_damaged(packages: &[Package], folder: &Path) -> Result<usize, Failure> {
    let list = folder.join("SHA256SUMS");
    let lines: String = packages
        .iter()
        .map(|package| format!("{}  {}\n", package.sha256, package.file_name()))
        .collect();
    files::write(&list, lines.as_bytes())?;
    let mut command = Command::new("sha256sum");
    command
        .args(["--check", "--quiet", "SHA256SUMS"])
        .current_dir(folder)
        .env("LC_ALL", "C");
    let outcome = process::capture(&mut command)?;
    if outcome.status.success() {
        return Ok(0);
    }
    let said = String::from_utf8_lossy(&outcome.stdout);
    let damaged: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split_once(": FAILED"))
        .map(|(name, _)| name)
        .collect();
    if damaged.is_empty() {
        return Err(process::failed(&command, "checking packages", &outcome));
    }
    for name in &damaged {
        let path = folder.join(name);
        if path.exists() {
            std::fs::remove_file(&path).map_err(Failure::file("remove", &path))?;
        }
    }
    Ok(damaged.len())
}

/// Unpacks into `prefix`. Files appear under a temporary name until all are there.
fn unpack(packages: &[Package], folder: &Path, prefix: &Path) -> Result<(), Failure> {
    let partial = prefix.with_extension("partial");
    let wanted: BTreeSet<String> = packages.iter().map(Package::file_name).collect();
    let done_file = partial.join(".unpacked");
    let mut done: BTreeSet<String> = recall(&done_file).unwrap_or_default();
    if !done.is_subset(&wanted) {
        // Another choice of packages: nothing of the old one may stay.
        std::fs::remove_dir_all(&partial).map_err(Failure::file("remove", &partial))?;
        done.clear();
    }
    files::create_folder(&partial)?;
    let total = packages.iter().map(|package| package.size).sum();
    let bar = terminal::bytes("Unpacking", &format!("{} packages", packages.len()), total);
    for package in packages {
        let name = package.file_name();
        if !done.contains(&name) {
            let mut command = Command::new("dpkg-deb");
            command.arg("-x").arg(folder.join(&name)).arg(&partial);
            process::run(&mut command, &format!("unpacking {name}"))?;
            done.insert(name);
            record(&done_file, &done)?;
        }
        bar.inc(package.size);
    }
    bar.finish_and_clear();
    prune(&partial)?;
    if prefix.exists() {
        std::fs::remove_dir_all(prefix).map_err(Failure::file("remove", prefix))?;
    }
    std::fs::rename(&partial, prefix).map_err(Failure::file("rename", &partial))
}

/// Removes what nobody here will use: hundreds of megabytes.
fn prune(root: &Path) -> Result<(), Failure> {
    let documents = ["doc", "info", "locale", "man"].map(|name| root.join("usr/share").join(name));
    let other_machines = entries(&root.join("usr/bin")).into_iter().filter(|path| {
        name_of(path).is_some_and(|name| {
            name.starts_with("qemu-system-") && !name.starts_with("qemu-system-xtensa")
        })
    });
    let other_sources = entries(&root.join("usr/src"))
        .into_iter()
        .flat_map(|sources| entries(&sources))
        .filter(|path| path.is_dir() && name_of(path) != Some("library"));
    for path in documents
        .into_iter()
        .chain(other_machines)
        .chain(other_sources)
    {
        let is_folder = std::fs::symlink_metadata(&path).is_ok_and(|data| data.is_dir());
        let removed = if is_folder {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::file("remove", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_packages_are_removed_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let package = |name: &str| Package {
            name: name.to_owned(),
            version: String::from("1"),
            architecture: String::from("all"),
            size: 2,
            // Of "ok".
            sha256: String::from(
                "2689367b205c16ce32ed4200942b8b8b1e262dfc70d9bc9fbc77c49699a4f1df",
            ),
            ..Package::default()
        };
        let packages = [package("good"), package("bad")];
        std::fs::write(folder.path().join("good_1_all.deb"), "ok").unwrap();
        std::fs::write(folder.path().join("bad_1_all.deb"), "no").unwrap();
        assert_eq!(remove_damaged(&packages, folder.path()).unwrap(), 1);
        assert!(folder.path().join("good_1_all.deb").is_file());
        assert!(!folder.path().join("bad_1_all.deb").exists());
        assert_eq!(remove_damaged(&packages[..1], folder.path()).unwrap(), 0);
    }

    #[test]
    fn pruning_keeps_what_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let kept = [
            "usr/bin/qemu-system-xtensa",
            "usr/bin/rustc",
            "usr/src/rustc-1/library/core/lib.rs",
            "usr/src/rustc-1/Cargo.toml",
        ];
        let removed = [
            "usr/bin/qemu-system-avr",
            "usr/src/rustc-1/compiler/x.rs",
            "usr/share/doc/x/copyright",
        ];
        for file in kept.iter().chain(&removed) {
            files::write(&root.join(file), b"x").unwrap();
        }
        prune(root).unwrap();
        assert!(kept.iter().all(|file| root.join(file).is_file()));
        assert!(removed.iter().all(|file| !root.join(file).exists()));
        prune(root).unwrap();
    }
}
