//! Third-party code and speech, which real modules are made from and play: fetched from Debian when
//! they are asked for, checked, and unpacked into the cache.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::apt::{self, Lists, State};
use super::cache::Cache;
use super::choice::Archive;
use super::{packages, version, with_fresh_lists};
use crate::error::Failure;
use crate::files;
use crate::process::{self, Scratch};
use crate::terminal;

/// A source package, pinned by the digest of its original archive.
#[derive(Clone, Debug, Deserialize)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// The version that its authors gave it, without Debian's revision.
    pub version: String,
    /// Digest of the authors' archive.
    pub sha256: String,
}

/// A file of a binary package, pinned by its digest.
#[derive(Clone, Debug, Deserialize)]
pub struct PackagedFile {
    /// The package.
    pub package: String,
    /// The file in it.
    pub file: String,
    /// Digest of the file.
    pub sha256: String,
}

/// Where what was asked for is.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// A folder for each source package, in the order of the question.
    pub sources: Vec<PathBuf>,
    /// The file.
    pub file: PathBuf,
}

/// Fetches source packages and a file where they are not in the cache yet.
pub fn third_party(sources: &[SourcePackage], file: &PackagedFile) -> Result<Fetched, Failure> {
    let cache = Cache::find()?;
    let fetched = Fetched {
        sources: sources
            .iter()
            .map(|package| {
                let title = format!("{}-{}", package.name, package.version);
                place_of(&cache, &title, &package.sha256)
            })
            .collect(),
        file: place_of(&cache, &file.package, &file.sha256)
            .join(Path::new(&file.file).file_name().unwrap_or_default()),
    };
    if fetched.is_there() {
        return Ok(fetched);
    }
    let _lock = cache.lock()?;
    // Another run may have done it while this one waited.
    if fetched.is_there() {
        return Ok(fetched);
    }
    let archive = {
        let scratch = Scratch::below(&cache.path("apt"))?;
        apt::sources(scratch.path()).map_err(|failure| match failure {
            Failure::NoArchive { reason } => Failure::NoThirdParty { reason },
            other => other,
        })?
    };
    let folder = cache.path("apt/sources");
    let mut state = State::create(&folder, &archive.release, Lists::PackagesAndSources)?;
    let what = "Debian's list of packages and sources";
    for (package, place) in sources.iter().zip(&fetched.sources) {
        if !place.is_dir() {
            let scratch = Scratch::below(&cache.path("sources"))?;
            with_fresh_lists(&mut state, what, |state| {
                fetch_source(state, package, scratch.path(), place)
            })?;
        }
    }
    if !fetched.file.is_file() {
        let scratch = Scratch::below(&cache.path("sources"))?;
        with_fresh_lists(&mut state, what, |state| {
            fetch_file(state, file, scratch.path(), &fetched.file)
        })?;
    }
    std::fs::remove_dir_all(&folder).map_err(Failure::file("remove", &folder))?;
    Ok(fetched)
}

impl Fetched {
    fn is_there(&self) -> bool {
        self.sources.iter().all(|folder| folder.is_dir()) && self.file.is_file()
    }
}

/// Another digest is another folder.
fn place_of(cache: &Cache, title: &str, digest: &str) -> PathBuf {
    let digest = digest.get(..12).unwrap_or(digest);
    cache.path("sources").join(format!("{title}-{digest}"))
}

/// Fetches the authors' archive, which apt holds against the archive's signed list, holds it
/// against our own digest, and unpacks it.
fn fetch_source(
    state: &mut State,
    package: &SourcePackage,
    scratch: &Path,
    place: &Path,
) -> Result<(), Failure> {
    let title = format!("source package {} {}", package.name, package.version);
    let offered = state.source_versions(&package.name)?;
    let Some(chosen) = choose(&offered, &package.version) else {
        return Err(Failure::NotOffered {
            wanted: title,
            offered: match offered.is_empty() {
                true => String::from("none"),
                false => offered.join(", "),
            },
        });
    };
    terminal::say("Fetching", &title);
    state.download_source(&package.name, chosen, scratch)?;
    let archive = only_file(scratch).ok_or_else(|| Failure::Apt {
        task: "fetching sources",
        output: format!("apt-get left no archive of {title}"),
    })?;
    check_digest(&title, &archive, &package.sha256)?;
    let unpacked = scratch.join("unpacked");
    files::create_folder(&unpacked)?;
    let mut tar = std::process::Command::new("tar");
    tar.arg("-xf")
        .arg(&archive)
        .args(["--strip-components=1", "--no-same-owner", "-C"])
        .arg(&unpacked);
    process::run(&mut tar, &format!("unpacking {title}"))?;
    std::fs::rename(&unpacked, place).map_err(Failure::file("rename", &unpacked))
}

/// The newest of Debian's revisions of a version.
fn choose<'v>(offered: &'v [String], wanted: &str) -> Option<&'v str> {
    let is_it = |offered: &&String| upstream(offered) == wanted;
    offered
        .iter()
        .filter(is_it)
        .max_by(|one, other| version::compare(one, other))
        .map(String::as_str)
}

/// A version without Debian's epoch and revision.
fn upstream(version: &str) -> &str {
    let plain = version.split_once(':').map_or(version, |(_, rest)| rest);
    plain
        .rsplit_once('-')
        .map_or(plain, |(upstream, _)| upstream)
}

/// The file that is alone in a folder.
fn only_file(folder: &Path) -> Option<PathBuf> {
    let mut files = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file());
    let file = files.next()?;
    files.next().is_none().then_some(file)
}

/// Refuses what is not, byte by byte, what the recipes were written for.
fn check_digest(what: &str, path: &Path, expected: &str) -> Result<(), Failure> {
    let bytes = std::fs::read(path).map_err(Failure::file("read", path))?;
    let found = format!("{:x}", Sha256::digest(&bytes));
    if found == expected {
        return Ok(());
    }
    Err(Failure::WrongDigest {
        what: what.to_owned(),
        found,
        expected: expected.to_owned(),
    })
}

/// Fetches a package and keeps one file of it.
fn fetch_file(
    state: &mut State,
    file: &PackagedFile,
    scratch: &Path,
    place: &Path,
) -> Result<(), Failure> {
    let shown = state.show(std::slice::from_ref(&file.package))?;
    let newest = shown
        .iter()
        .filter(|package| package.name == file.package)
        .max_by(|one, other| version::compare(&one.version, &other.version));
    let package = newest.ok_or_else(|| Failure::NotOffered {
        wanted: format!("package {}", file.package),
        offered: String::from("none"),
    })?;
    let title = format!("{} {}", package.name, package.version);
    packages::fetch(state, std::slice::from_ref(package), scratch)?;
    let unpacked = scratch.join("unpacked");
    let mut dpkg = std::process::Command::new("dpkg-deb");
    dpkg.arg("-x")
        .arg(scratch.join(package.file_name()))
        .arg(&unpacked);
    process::run(&mut dpkg, &format!("unpacking {title}"))?;
    let found = unpacked.join(&file.file);
    if !found.is_file() {
        return Err(Failure::NotUnpacked {
            name: file.file.clone(),
            prefix: unpacked,
        });
    }
    check_digest(&format!("{} of {title}", file.file), &found, &file.sha256)?;
    files::publish(&found, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_revision_of_a_version_is_taken() {
        let offered = ["1.2.1-1", "1.2.1-4", "1.2.0-9", "1:1.2.1-10"].map(String::from);
        assert_eq!(choose(&offered[..3], "1.2.1"), Some("1.2.1-4"));
        assert_eq!(choose(&offered, "1.2.1"), Some("1:1.2.1-10"));
        assert_eq!(choose(&offered, "1.2"), None);
        assert_eq!(upstream("2:1.0-rc1-3"), "1.0-rc1");
        assert_eq!(upstream("1.0"), "1.0");
    }

    #[test]
    fn an_archive_is_the_only_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(only_file(folder.path()), None);
        let file = folder.path().join("a.tar");
        std::fs::write(&file, "abc").unwrap();
        std::fs::create_dir(folder.path().join("partial")).unwrap();
        assert_eq!(only_file(folder.path()), Some(file.clone()));
        std::fs::write(folder.path().join("b.tar"), "").unwrap();
        assert_eq!(only_file(folder.path()), None);
    }

    #[test]
    fn what_has_another_digest_is_refused() {
        const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.tar");
        std::fs::write(&file, "abc").unwrap();
        check_digest("a.tar", &file, ABC).unwrap();
        std::fs::write(&file, "abd").unwrap();
        let refusal = check_digest("a.tar", &file, ABC).unwrap_err().to_string();
        assert!(refusal.starts_with("a.tar is not the one"), "{refusal}");
        assert!(refusal.ends_with(ABC), "{refusal}");
        // Not even the beginning of it will do.
        std::fs::write(&file, "abc").unwrap();
        assert!(check_digest("a.tar", &file, &ABC[..12]).is_err());
    }

    #[test]
    fn another_digest_is_another_place() {
        let cache = Cache::find().unwrap();
        let place = |digest: &str| place_of(&cache, "x-1", digest);
        assert!(place(&"1a".repeat(32)).ends_with("sources/x-1-1a1a1a1a1a1a"));
        assert_ne!(place(&"1a".repeat(32)), place(&"1b".repeat(32)));
        assert!(place("short").ends_with("sources/x-1-short"));
    }
}
