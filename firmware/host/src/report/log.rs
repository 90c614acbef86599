//! The kernel's defmt log: frames without texts, which stand in the kernel's image.

use std::path::Path;

use defmt_decoder::{DecodeError, Table};

use super::table::printable;
use crate::error::Failure;

/// The lines of a log. A frame that cannot be read becomes a line that says so.
pub fn decode(kernel: &Path, log: &[u8]) -> Result<Vec<String>, Failure> {
    let image = std::fs::read(kernel).map_err(Failure::file("read", kernel))?;
    let malformed = |reason: String| Failure::Malformed {
        path: kernel.to_owned(),
        reason,
    };
    let table = Table::parse(&image).map_err(|error| malformed(error.to_string()))?;
    let table = table.ok_or_else(|| malformed(String::from("it has no log texts (.defmt)")))?;
    let mut decoder = table.new_stream_decoder();
    decoder.received(log);
    let mut lines = Vec::new();
    loop {
        match decoder.decode() {
            // A frame may hold what a module said.
            Ok(frame) => lines.push(printable(&frame.display(false).to_string())),
            Err(DecodeError::UnexpectedEof) => return Ok(lines),
            Err(DecodeError::Malformed) => lines.push(String::from("(a frame that is none)")),
        }
    }
}
