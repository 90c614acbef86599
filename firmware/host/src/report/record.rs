//! The kernel's records, read from bytes.

use kernel::report::{
    Acted, Answer, Audited, Called, Flowed, Loaded, Mapped, Measured, Noted, Record, RecordHead,
    Refused, Replied, Revived, Said, Stopped, Summary, Timing,
};
use thiserror::Error;
use zerocopy::FromBytes;

/// One record.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// The end.
    Summary(Summary),
    /// A module was loaded.
    Loaded(Loaded),
    /// A part of it.
    Mapped(Mapped),
    /// A module was stopped.
    Stopped(Stopped),
    /// What its periods cost.
    Timing(Timing),
    /// Its calls of one kind.
    Called(Called),
    /// A module file was refused.
    Refused(Refused),
    /// A benchmark.
    Measured(Measured),
    /// A line of a module.
    Said(Said),
    /// A trace record.
    Noted(Noted),
    /// A request that was done, or not.
    Replied(Replied),
    /// What a module told.
    Answer(Answer),
    /// A module that runs again.
    Revived(Revived),
    /// What went through a buffer.
    Flowed(Flowed),
    /// How an instance did.
    Acted(Acted),
    /// An entry of the audit trail.
    Audited(Audited),
}

/// Why the bytes are no report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RecordError {
    /// It ends inside a record.
    #[error("it ends inside the record at byte {at}")]
    Truncated {
        /// Where the record begins.
        at: usize,
    },
    /// A kind that this version does not know.
    #[error("the record at byte {at} has the unknown kind {kind}")]
    Unknown {
        /// Where the record begins.
        at: usize,
        /// Its kind.
        kind: u32,
    },
    /// A body of the wrong size.
    #[error("the record at byte {at} of kind {kind} has {said} bytes, {right} are right")]
    Size {
        /// Where the record begins.
        at: usize,
        /// Its kind.
        kind: u32,
        /// Its size.
        said: usize,
        /// The size of that kind.
        right: usize,
    },
}

/// Reads all records, until the bytes end or something is wrong.
pub fn read(bytes: &[u8]) -> impl Iterator<Item = Result<Entry, RecordError>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let entry = read_one(rest, at);
        // After an error nothing is known about where the next record begins.
        at = entry.as_ref().map_or(bytes.len(), |(_, next)| *next);
        Some(entry.map(|(entry, _)| entry))
    })
}

/// The record at the start of `rest`, and where the next begins.
fn read_one(rest: &[u8], at: usize) -> Result<(Entry, usize), RecordError> {
    let truncated = RecordError::Truncated { at };
    let (head, rest) = RecordHead::read_from_prefix(rest).map_err(|_| truncated.clone())?;
    let size = head.bytes as usize;
    let body = rest.get(..size).ok_or(truncated)?;
    let next = at + size_of::<RecordHead>() + size;
    let entry = match head.kind {
        Summary::KIND => Entry::Summary(body_of(body, at)?),
        Loaded::KIND => Entry::Loaded(body_of(body, at)?),
        Mapped::KIND => Entry::Mapped(body_of(body, at)?),
        Stopped::KIND => Entry::Stopped(body_of(body, at)?),
        Timing::KIND => Entry::Timing(body_of(body, at)?),
        Called::KIND => Entry::Called(body_of(body, at)?),
        Refused::KIND => Entry::Refused(body_of(body, at)?),
        Measured::KIND => Entry::Measured(body_of(body, at)?),
        Said::KIND => Entry::Said(body_of(body, at)?),
        Noted::KIND => Entry::Noted(body_of(body, at)?),
        Replied::KIND => Entry::Replied(body_of(body, at)?),
        Answer::KIND => Entry::Answer(body_of(body, at)?),
        Revived::KIND => Entry::Revived(body_of(body, at)?),
        Flowed::KIND => Entry::Flowed(body_of(body, at)?),
        Acted::KIND => Entry::Acted(body_of(body, at)?),
        Audited::KIND => Entry::Audited(body_of(body, at)?),
        kind => return Err(RecordError::Unknown { at, kind }),
    };
    Ok((entry, next))
}

fn body_of<R: Record>(body: &[u8], at: usize) -> Result<R, RecordError> {
    R::read_from_bytes(body).map_err(|_| RecordError::Size {
        at,
        kind: R::KIND,
        said: body.len(),
        right: size_of::<R>(),
    })
}

#[cfg(test)]
pub mod tests {
    use zerocopy::IntoBytes;

    use super::*;

    /// A record as the kernel writes it.
    pub fn written<R: Record>(record: &R) -> Vec<u8> {
        let head = RecordHead {
            kind: R::KIND,
            bytes: size_of::<R>() as u32,
        };
        [head.as_bytes(), record.as_bytes()].concat()
    }

    fn measured() -> Vec<u8> {
        written(&Measured {
            benchmark: 1,
            cycles: 2,
            empty_cycles: 3,
            rounds: 4,
        })
    }

    #[test]
    fn records_come_back_in_order() {
        let bytes = [measured(), measured()].concat();
        let entries: Vec<_> = read(&bytes).collect();
        assert_eq!(entries.len(), 2);
        assert!(matches!(&entries[1], Ok(Entry::Measured(m)) if m.rounds == 4));
        assert_eq!(read(&[]).count(), 0);
    }

    #[test]
    fn every_cut_is_noticed() {
        let bytes = [measured(), measured()].concat();
        for end in 1..bytes.len() {
            let errors = read(&bytes[..end]).filter(Result::is_err).count();
            assert_eq!(errors, usize::from(end != bytes.len() / 2), "{end}");
        }
    }

    #[test]
    fn garbage_is_named() {
        let mut bytes = measured();
        bytes[0] = 99;
        let error = read(&bytes).find_map(Result::err);
        assert_eq!(error, Some(RecordError::Unknown { at: 0, kind: 99 }));

        let mut bytes = measured();
        bytes[0] = 1;
        let error = read(&bytes).find_map(Result::err).unwrap();
        assert!(error.to_string().contains("has 16 bytes"), "{error}");

        let error = read(&[0xff; 64]).find_map(Result::err);
        assert_eq!(error, Some(RecordError::Truncated { at: 0 }));
    }
}
