//! One run of an image that is not the kernel: its files in a folder, QEMU, and what it leaves
//! behind.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zerocopy::{FromBytes, Immutable};

use super::board::Board;
use crate::error::Failure;
use crate::process::{self, Scratch};
use crate::toolchain::Tool;

/// Counts instructions. On one core only: the counting clock does not let a second run.
pub const COUNTED: [&str; 2] = ["-icount", "shift=7"];

/// What runs an image.
#[derive(Clone, Debug)]
pub struct Runner<'r> {
    /// Its name, for messages.
    pub name: &'static str,
    /// QEMU.
    pub qemu: &'r Tool,
    /// Which of its machines.
    pub board: Board,
    /// The image.
    pub image: &'r Path,
    /// Where folders for runs are made.
    pub scratch: PathBuf,
}

impl Runner<'_> {
    /// Runs the image beside `given`, names of files and their bytes, with options of QEMU; the
    /// records that it wrote into the file `taken`.
    pub fn run<R: FromBytes + Immutable>(
        &self,
        given: &[(&str, &[u8])],
        options: &[&str],
        taken: &str,
        limit: Duration,
    ) -> Result<Vec<R>, Failure> {
        let scratch = Scratch::below(&self.scratch)?;
        let folder = scratch.path();
        for (name, bytes) in given {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(Failure::file("write", &path))?;
        }
        let image = std::path::absolute(self.image).map_err(Failure::file("find", self.image))?;
        let mut command = self.qemu.command();
        command
            .args(self.board.options())
            .args(["-semihosting", "-nographic", "-monitor", "none"])
            .args(["-serial", "none"])
            .args(options)
            .arg("-kernel")
            .arg(image)
            .current_dir(folder);
        let start = Instant::now();
        let outcome = process::watch(&mut command, || start.elapsed() < limit)?;
        let name = self.name;
        let reason = match outcome {
            None => Some(format!(
                "the {name} did not end in {} seconds",
                limit.as_secs()
            )),
            Some(outcome) if !outcome.status.success() => Some(format!(
                "the {name} ended with {}: {}",
                outcome.status,
                outcome.stderr.lines().next().unwrap_or("it said nothing")
            )),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            return Err(Failure::Session { reason });
        }
        let path = folder.join(taken);
        let bytes = std::fs::read(&path).map_err(Failure::file("read", &path))?;
        let records = bytes.chunks_exact(size_of::<R>());
        Ok(records
            .filter_map(|record| R::read_from_bytes(record).ok())
            .collect())
    }
}
