//! Output files: whether they can be written, and whether what came out is what must come out.

use std::io::Cursor;
use std::path::Path;

use kernel::wav::HEADER_BYTES;

use super::input::Input;
use crate::error::Failure;

/// Finds out, before anything runs, whether `output` can be written.
pub fn check_place(output: &Path, input: &Path) -> Result<(), Failure> {
    let bad = |reason: &str| Failure::BadOutput {
        path: output.to_owned(),
        reason: reason.to_owned(),
    };
    if output.file_name().is_none() || output.is_dir() {
        return Err(bad("it is a folder"));
    }
    let folder = folder_of(output);
    let data = std::fs::metadata(folder)
        .map_err(|error| bad(&format!("its folder cannot be used: {error}")))?;
    if !data.is_dir() {
        return Err(bad(&format!("`{}` is not a folder", folder.display())));
    }
    let same = std::fs::canonicalize(output)
        .is_ok_and(|output| std::fs::canonicalize(input).is_ok_and(|input| input == output));
    if same {
        return Err(bad("it is the input"));
    }
    // The file that the output will be written to first, under its temporary name.
    tempfile::NamedTempFile::new_in(folder)
        .map(drop)
        .map_err(|error| bad(&format!("its folder cannot be written to: {error}")))
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// What is wrong with an output as a WAV file: another program must read it, and find as many
/// frames in it as went in.
pub fn problems(output: &[u8], input: &Input) -> Vec<String> {
    let reader = match hound::WavReader::new(Cursor::new(output)) {
        Ok(reader) => reader,
        Err(error) => return vec![format!("the output is no WAV file: {error}")],
    };
    let (spec, format) = (reader.spec(), input.wav.format);
    let said = [
        u32::from(spec.channels),
        spec.sample_rate,
        spec.bits_per_sample.into(),
        reader.duration(),
    ];
    let right = [format.channels, format.rate, format.bits, input.frames()];
    let whole = HEADER_BYTES + input.wav.data_bytes as usize;
    if said != right {
        return vec![format!(
            "the output has {said:?} (channels, rate, bits, frames), {right:?} went in"
        )];
    }
    if output.len() != whole {
        return vec![format!(
            "the output has {} bytes, {whole} are right",
            output.len()
        )];
    }
    Vec::new()
}

/// The first place where two outputs differ, in words.
pub fn difference(output: &[u8], other: &[u8], input: &Input) -> Option<String> {
    if output == other {
        return None;
    }
    let equal = output
        .iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .count();
    let sample = equal.saturating_sub(HEADER_BYTES) as u32 / input.wav.format.sample_bytes();
    let channels = input.wav.format.channels;
    Some(format!(
        "from frame {}, channel {}, on",
        sample / channels,
        sample % channels
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use kernel::wav::{Format, Wav};

    use super::*;

    fn input() -> Input {
        Input {
            path: PathBuf::new(),
            bytes: Vec::new(),
            wav: Wav {
                format: Format {
                    rate: 48_000,
                    channels: 2,
                    bits: 16,
                },
                data_start: 44,
                data_bytes: 16,
            },
        }
    }

    fn output() -> Vec<u8> {
        let input = input();
        let header = input.wav.format.header(16);
        [&header[..], &[0; 16]].concat()
    }

    #[test]
    fn an_output_is_as_long_as_its_input() {
        let input = input();
        assert!(problems(&output(), &input).is_empty());
        assert_eq!(problems(&output()[..50], &input).len(), 1);
        assert!(problems(&[], &input)[0].contains("no WAV file"));
        let other = input.wav.format.header(12);
        let short = [&other[..], &[0; 12]].concat();
        assert!(problems(&short, &input)[0].contains("3]"));
    }

    #[test]
    fn differences_have_a_place() {
        let (input, one) = (input(), output());
        let mut other = one.clone();
        assert_eq!(difference(&one, &other, &input), None);
        other[44 + 7] = 1;
        assert_eq!(
            difference(&one, &other, &input).as_deref(),
            Some("from frame 1, channel 1, on")
        );
        assert!(difference(&one, &one[..50], &input).is_some());
    }

    #[test]
    fn places_that_cannot_be_written_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let input = Path::new("/nowhere");
        assert!(check_place(&folder.path().join("new"), input).is_ok());
        assert!(check_place(&file, input).is_ok());
        let reason =
            |output: &Path, input: &Path| check_place(output, input).unwrap_err().to_string();
        assert!(reason(folder.path(), input).contains("it is a folder"));
        assert!(reason(&file.join("below"), input).contains("is not a folder"));
        assert!(reason(&folder.path().join("no/file"), input).contains("cannot be used"));
        assert!(reason(&file, &file).contains("it is the input"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
