//! The seam to whatever maps pages.

use super::entry::Entry;
use super::{FrameNumber, PageCount, PageNumber, Run};

/// What puts frames behind pages: page tables and TLB in the kernel, a model of them in tests.
///
/// The pool calls it only from `commit`, `decommit` and `release`. It never asks to map a page
/// that is mapped, to unmap one that is not, or to zero a frame that is.
pub trait Backing {
    /// Why pages could not be mapped, for example: no memory for a page table.
    type Error;

    /// Fills one frame with zeros, in memory, not only in a cache that a user's alias bypasses.
    ///
    /// Called for every frame of a `map`, before it: no user sees what the last owner left.
    fn zero(&mut self, frame: FrameNumber);

    /// Maps each page of the run to its frame.
    ///
    /// # Errors
    /// All or nothing: after an error no page of the run is mapped, in no table and in no TLB. The
    /// pool then takes the frames back and may hand them to anybody.
    fn map(&mut self, mapping: &Mapping<'_>) -> Result<(), Self::Error>;

    /// Takes the run away again.
    ///
    /// When it returns, no table, no TLB on any core and no cache line leads to these frames any
    /// more: they may be handed out at once. It cannot fail; a backing that cannot keep this
    /// promise must not return.
    fn unmap(&mut self, mapping: &Mapping<'_>);
}

/// Pages of one run, each with its frame.
pub struct Mapping<'a> {
    first: PageNumber,
    entries: &'a [Entry],
}

impl<'a> Mapping<'a> {
    /// Every entry is committed, and there are at most `MAX_PAGES`.
    pub(super) const fn new(first: PageNumber, entries: &'a [Entry]) -> Self {
        Mapping { first, entries }
    }

    /// The pages.
    #[must_use]
    pub const fn run(&self) -> Run {
        Run {
            first: self.first,
            count: PageCount(self.entries.len() as u32),
        }
    }

    /// The frame behind a page of the run, `None` for any other page. O(1).
    #[must_use]
    pub fn frame_of(&self, page: PageNumber) -> Option<FrameNumber> {
        let index = page.0.checked_sub(self.first.0)?;
        Some(self.entries.get(index as usize)?.number())
    }

    /// Each page with its frame, in the order of pages.
    pub fn iter(&self) -> impl Iterator<Item = (PageNumber, FrameNumber)> {
        (self.first.0..)
            .zip(self.entries)
            .map(|(page, entry)| (PageNumber(page), entry.number()))
    }
}
