//! A clock that counts instructions exactly, under callgrind: callgrind writes what it has counted
//! whenever the clock is asked, and the clock reads that. What the clock itself does is not counted.

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::error::Failure;

/// Options of callgrind that the clock needs besides the file into which it counts.
///
/// They name two functions of this file.
pub const OPTIONS: [&str; 5] = [
    "--combine-dumps=yes",
    "--dump-line=no",
    "--dump-before=*scales_clock_now*",
    "--toggle-collect=*scales_clock_read*",
    // Whoever names a function to toggle begins with nothing counted.
    "--collect-atstart=yes",
];

/// What ends each part of callgrind's file: the instructions since the part before.
const TOTALS: &[u8] = b"\ntotals: ";

/// The file, and the sum of its parts.
struct Counted {
    file: File,
    sum: u32,
}

static COUNTED: Mutex<Option<Counted>> = Mutex::new(None);

/// Says into which file callgrind counts.
pub fn start(dumps: &Path) -> Result<(), Failure> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(dumps);
    let file = file.map_err(Failure::file("open", dumps))?;
    *COUNTED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Counted { file, sum: 0 });
    Ok(())
}

/// Instructions until now, from 0 again after the highest. Without callgrind it stands still.
#[inline(never)]
pub fn scales_clock_now() -> u32 {
    // A function of its own: before this one callgrind writes, within the other it does not count.
    black_box(scales_clock_read())
}

#[inline(never)]
fn scales_clock_read() -> u32 {
    let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(counted) = counted.as_mut() else {
        return 0;
    };
    if let Some(more) = last_part(&counted.file) {
        counted.sum = counted.sum.wrapping_add(more);
        // The rest is of no use, and would be hundreds of megabytes; callgrind appends.
        let _ = counted.file.set_len(0);
    }
    counted.sum
}

/// What the last part says.
fn last_part(file: &File) -> Option<u32> {
    let mut end = [0; 32];
    let length = file.metadata().ok()?.len();
    let from = length.checked_sub(end.len() as u64)?;
    file.read_exact_at(&mut end, from).ok()?;
    parse(&end)
}

fn parse(end: &[u8]) -> Option<u32> {
    let at = end
        .windows(TOTALS.len())
        .rposition(|words| words == TOTALS)?;
    let digits = end.get(at + TOTALS.len()..)?.trim_ascii();
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_part_is_read() {
        assert_eq!(parse(b"-86 3\n* 12\n\ntotals: 297187\n"), Some(297_187));
        assert_eq!(parse(b"\ntotals: 1\n\ntotals: 20\n\n"), Some(20));
        assert_eq!(parse(b"\ntotals: \n"), None);
        assert_eq!(parse(b"events: Ir\nsummary: 297187\n\n"), None);
    }

    #[test]
    fn callgrind_is_told_the_functions_names() {
        let named = |name: &str| {
            let here = std::any::type_name_of_val(&scales_clock_now);
            let there = std::any::type_name_of_val(&scales_clock_read);
            here.contains(name) || there.contains(name)
        };
        let patterns = OPTIONS.iter().filter_map(|option| option.split_once("=*"));
        assert_eq!(
            patterns
                .filter(|(_, name)| named(name.trim_matches('*')))
                .count(),
            2
        );
    }

    #[test]
    fn each_reading_adds_what_was_counted_since() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counted");
        let part = |instructions| {
            let text =
                format!("fn=(1) some function\n1 {instructions}\n\ntotals: {instructions}\n");
            std::fs::write(&path, text).unwrap();
        };
        part(100);
        start(&path).unwrap();
        assert_eq!(scales_clock_now(), 100);
        // Nothing new: it stands still.
        assert_eq!(scales_clock_now(), 100);
        part(20);
        assert_eq!(scales_clock_now(), 120);
    }
}
