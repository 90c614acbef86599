//! Why a request was refused, worked out after the refusal.

use super::state::{is_alignment, round_up};
use super::{AllocError, Kind, Region, Request};
use crate::heap::GRANULE;

/// Why an allocation is refused, in one register: a caller that does not ask pays nothing for it.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    Empty,
    Alignment,
    Wraps,
    TooLarge,
    NoRoom,
    NoRecord,
}

impl<const RECORDS: usize> Region<RECORDS> {
    /// Why there is no lifetime allocation.
    #[cold]
    #[inline(never)]
    pub(super) fn why_not_kept(&self, bytes: u32, align: u32, kind: Kind) -> Refusal {
        if let Some(refusal) = self.meaningless(bytes, align, kind) {
            return refusal;
        }
        let room = self.limit.wrapping_sub(self.next);
        let (unit, less) = match kind {
            Kind::Plain => (GRANULE, align - 1),
            Kind::Coherent => (self.line, (align - 1) | (self.line - 1)),
        };
        let padding = self.next.wrapping_neg() & less;
        if padding + round_up(bytes, unit) <= room {
            Refusal::NoRecord
        } else {
            Refusal::NoRoom
        }
    }

    /// Why there is no interim allocation.
    #[cold]
    #[inline(never)]
    pub(super) fn why_not_interim(&self, bytes: u32, align: u32, kind: Kind) -> Refusal {
        if let Some(refusal) = self.meaningless(bytes, align, kind) {
            return refusal;
        }
        let least = match kind {
            Kind::Plain => GRANULE,
            Kind::Coherent => self.line,
        };
        let unit = align.max(least);
        let size = round_up(bytes, unit.min(self.line));
        if self.heap.lacks_record(size, unit, self.base & (unit - 1)) {
            Refusal::NoRecord
        } else {
            Refusal::NoRoom
        }
    }

    /// What is wrong with a request that cannot be for this region.
    fn meaningless(&self, bytes: u32, align: u32, kind: Kind) -> Option<Refusal> {
        let unit = match kind {
            Kind::Plain => GRANULE,
            // A region that was never opened has no line.
            Kind::Coherent => self.line.max(GRANULE),
        };
        if bytes == 0 {
            Some(Refusal::Empty)
        } else if !is_alignment(align) {
            Some(Refusal::Alignment)
        } else if bytes.checked_add(unit - 1).is_none() {
            Some(Refusal::Wraps)
        } else if bytes > self.bytes {
            Some(Refusal::TooLarge)
        } else {
            None
        }
    }

    /// The same in words.
    #[inline(always)]
    pub(super) const fn refusal(&self, refusal: Refusal, request: Request) -> AllocError {
        let Request { bytes, align, .. } = request;
        match refusal {
            Refusal::Empty => AllocError::Empty,
            Refusal::Alignment => AllocError::Alignment(align),
            Refusal::Wraps => AllocError::Wraps(bytes),
            Refusal::TooLarge => AllocError::TooLarge {
                bytes,
                region: self.bytes,
            },
            Refusal::NoRoom => AllocError::NoRoom { bytes, align },
            Refusal::NoRecord => AllocError::NoRecord(RECORDS as u32),
        }
    }
}
