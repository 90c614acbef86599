//! Where the tree is, and where its copy goes.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::Failure;

/// Where the catalogue is in a tree.
const BUGS: &str = "tests/planted/bugs";

/// A checkout of the repository and the scratch folder for it.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The checkout that the working directory is in, or else the one this program was built from.
    pub fn find() -> Result<Workspace, Failure> {
        let from = std::env::current_dir().map_err(Failure::file("find", Path::new(".")))?;
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = from
            .ancestors()
            .chain(built_from.ancestors())
            .find(|folder| folder.join("Cargo.lock").is_file() && folder.join(BUGS).is_dir())
            .ok_or(Failure::NoWorkspace { from: from.clone() })?;
        let said = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"]
            .into_iter()
            .find_map(std::env::var_os);
        Ok(Workspace {
            root: root.to_owned(),
            target: target_folder(said, &from, root),
        })
    }

    /// The top folder of the tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the catalogue.
    pub fn bugs(&self) -> PathBuf {
        self.root.join(BUGS)
    }

    /// The folder of everything that cargo builds; no source lies in it.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The copy of the tree.
    pub fn copy(&self) -> PathBuf {
        self.scratch().join("tree")
    }

    /// What is built from the copy.
    pub fn build(&self) -> PathBuf {
        self.scratch().join("build")
    }

    /// Keeps any other `planted` out of the scratch folder while the file is open.
    pub fn lock(&self) -> Result<File, Failure> {
        let folder = self.scratch();
        std::fs::create_dir_all(&folder).map_err(Failure::file("create", &folder))?;
        let path = folder.join("lock");
        let file = File::create(&path).map_err(Failure::file("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Failure::Busy { folder }),
            Err(TryLockError::Error(error)) => Err(Failure::file("lock", &path)(error)),
        }
    }

    fn scratch(&self) -> PathBuf {
        self.target.join("planted")
    }
}

/// What the user says, seen from the working directory, or else the tree's own.
fn target_folder(said: Option<OsString>, from: &Path, root: &Path) -> PathBuf {
    match said {
        Some(said) if !said.is_empty() => from.join(said),
        _ => root.join("target"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_target_folder_is_honoured() {
        let (from, root) = (Path::new("/tree/mmu"), Path::new("/tree"));
        let folder = |said: Option<&str>| target_folder(said.map(OsString::from), from, root);
        assert_eq!(folder(None), Path::new("/tree/target"));
        assert_eq!(folder(Some("")), Path::new("/tree/target"));
        assert_eq!(folder(Some("out")), Path::new("/tree/mmu/out"));
        assert_eq!(folder(Some("/tmp/out")), Path::new("/tmp/out"));
    }
}
