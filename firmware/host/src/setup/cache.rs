//! The user's cache folder, its lock, and the record of what is finished in it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Failure;
use crate::files;
use crate::terminal;

/// The folder that holds everything this program has fetched.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// `bulkhead` in `XDG_CACHE_HOME`, or else in `~/.cache`.
    pub fn find() -> Result<Cache, Failure> {
        let absolute = |name: &str| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
            .map(|folder| Cache {
                root: folder.join("bulkhead"),
            })
            .ok_or(Failure::NoCacheFolder)
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Keeps other runs out while the result lives; waits for one that is at work.
    pub fn lock(&self) -> Result<File, Failure> {
        files::create_folder(&self.root)?;
        let path = self.path("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(Failure::file("open", &path))?;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                terminal::say("Waiting", "for another run that sets up the same folder");
            }
            Err(TryLockError::Error(source)) => return Err(Failure::file("lock", &path)(source)),
        }
        file.lock().map_err(Failure::file("lock", &path))?;
        Ok(file)
    }
}

/// A record that was written whole, or nothing.
pub fn recall<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Writes a record.
pub fn record(path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(value).map_err(|error| Failure::Malformed {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    files::write(path, &text)
}
