//! Whether something must be made again: a digest of everything it is made from.

use std::fmt::Write;
use std::path::Path;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use crate::error::Failure;
use crate::files;

/// A digest under construction. Every part is told apart from its neighbours.
#[derive(Clone)]
pub struct Fingerprint {
    digest: Sha256,
}

impl Fingerprint {
    /// For a kind of product; another label means another way of making it.
    pub fn new(label: &str) -> Fingerprint {
        let mut fingerprint = Fingerprint {
            digest: Sha256::new(),
        };
        fingerprint.text(label);
        fingerprint
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Adds texts.
    pub fn texts(&mut self, texts: &[impl AsRef<str>]) {
        self.digest.update((texts.len() as u64).to_le_bytes());
        for text in texts {
            self.text(text.as_ref());
        }
    }

    /// Adds a file by name and content.
    pub fn file(&mut self, path: &Path) -> Result<(), Failure> {
        self.text(&path.to_string_lossy());
        self.bytes(&std::fs::read(path).map_err(Failure::file("read", path))?);
        Ok(())
    }

    /// Adds a large file by name, size and time of change: cargo writes such a file only where it
    /// has compiled something.
    pub fn large_file(&mut self, path: &Path) -> Result<(), Failure> {
        let data = std::fs::metadata(path).map_err(Failure::file("read", path))?;
        let changed = data
            .modified()
            .map_err(Failure::file("read the time of", path))?;
        let since = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.text(&format!(
            "{} {} {}",
            path.display(),
            data.len(),
            since.as_nanos()
        ));
        Ok(())
    }

    /// The digest as text.
    pub fn full(&self) -> String {
        self.digest
            .clone()
            .finalize()
            .iter()
            .fold(String::new(), |mut text, byte| {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }

    /// Enough of it to tell folders apart.
    pub fn short(&self) -> String {
        self.full()[..16].to_owned()
    }

    /// Whether this is the digest that was stored there.
    pub fn matches(&self, stamp: &Path) -> bool {
        std::fs::read_to_string(stamp).is_ok_and(|text| text == self.full())
    }

    /// Stores it.
    pub fn store(&self, stamp: &Path) -> Result<(), Failure> {
        files::write(stamp, self.full().as_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.digest.update((bytes.len() as u64).to_le_bytes());
        self.digest.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let of = |parts: &[&str]| {
            let mut fingerprint = Fingerprint::new("x");
            for part in parts {
                fingerprint.text(part);
            }
            fingerprint.full()
        };
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_ne!(of(&["ab"]), of(&["a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["b", "a"]));
        assert_ne!(of(&[]), Fingerprint::new("y").full());
    }

    #[test]
    fn a_file_counts_by_content_and_a_stamp_remembers() {
        let folder = tempfile::tempdir().unwrap();
        let (file, stamp) = (folder.path().join("f"), folder.path().join("stamp"));
        let of = |text: &str| {
            std::fs::write(&file, text).unwrap();
            let mut fingerprint = Fingerprint::new("x");
            fingerprint.file(&file).unwrap();
            fingerprint
        };
        let first = of("1");
        assert!(!first.matches(&stamp));
        first.store(&stamp).unwrap();
        assert!(of("1").matches(&stamp));
        assert!(!of("2").matches(&stamp));
        assert!(
            Fingerprint::new("x")
                .large_file(&folder.path().join("none"))
                .is_err()
        );
    }
}
