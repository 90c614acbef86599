//! How far a session is, from the files that grow while it runs.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use kernel::job::files;
use kernel::report::{Record, RecordHead, Stopped};
use zerocopy::FromBytes;

/// Looks at a running session.
#[derive(Debug)]
pub struct Progress {
    output: PathBuf,
    report: PathBuf,
    period_bytes: u64,
    /// Where the first record begins that was not yet whole.
    read: u64,
    deaths: u64,
}

/// What is done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Periods that were played.
    pub periods: u64,
    /// Lives that ended.
    pub deaths: u64,
    /// Bytes of all files: whether anything happens at all.
    pub bytes: u64,
}

impl Progress {
    /// Of the session in that folder, by that output.
    pub fn new(folder: &Path, output: &str, period_bytes: u32) -> Progress {
        Progress {
            output: folder.join(output),
            report: folder.join(files::REPORT),
            period_bytes: u64::from(period_bytes.max(1)),
            read: 0,
            deaths: 0,
        }
    }

    /// Looks again.
    pub fn look(&mut self) -> Done {
        let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
        // What cannot be read now is read later, or told when the session has ended.
        let _ = self.count_deaths();
        let output = bytes(&self.output);
        let header = kernel::wav::HEADER_BYTES as u64;
        Done {
            periods: output.saturating_sub(header).div_ceil(self.period_bytes),
            deaths: self.deaths,
            bytes: output + bytes(&self.report),
        }
    }

    fn count_deaths(&mut self) -> std::io::Result<()> {
        let mut file = File::open(&self.report)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut rest = &bytes[..];
        while let Ok((head, body)) = RecordHead::read_from_prefix(rest) {
            let Some(next) = body.get(head.bytes as usize..) else {
                break;
            };
            self.deaths += u64::from(head.kind == Stopped::KIND);
            self.read += (rest.len() - next.len()) as u64;
            rest = next;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::written;
    use crate::report::story::tests::{loaded, stopped};

    #[test]
    fn it_grows_with_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut progress = Progress::new(folder.path(), files::OUTPUT, 100);
        assert_eq!(progress.look(), Done::default());

        let report = [written(&loaded(1, 0)), written(&stopped(1, 0))].concat();
        let cut = report.len() - 1;
        std::fs::write(folder.path().join(files::OUTPUT), [0; 244]).unwrap();
        std::fs::write(folder.path().join(files::REPORT), &report[..cut]).unwrap();
        let done = progress.look();
        assert_eq!((done.periods, done.deaths), (2, 0));

        std::fs::write(folder.path().join(files::REPORT), &report).unwrap();
        assert_eq!(progress.look().deaths, 1);
        assert_eq!(progress.look().deaths, 1);
    }
}
