//! What must be, kept apart from `Domains` and much simpler.

use domains::{DomainHandle, Tenure};
use mmu::Rights;

use super::{CORES, FRAMES, PAGES, PLACES};

/// A page of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Page {
    pub(super) frame: usize,
    pub(super) rights: Rights,
    pub(super) tenure: Tenure,
}

/// A domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Life {
    pub(super) handle: DomainHandle,
    /// Its ASID, which is also the byte that it stores.
    pub(super) number: u8,
    pub(super) pages: [Option<Page>; PAGES],
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Notes {
    pub(super) lives: [Option<Life>; PLACES],
    /// Which domain each core runs.
    pub(super) runs: [Option<usize>; CORES],
    /// Numbers of the domains that had each frame since it was free, one bit each.
    pub(super) had: [u64; FRAMES],
}

impl Notes {
    /// The domain that a core runs.
    pub(super) fn running(&self, core: usize) -> Option<Life> {
        self.lives[self.runs[core]?]
    }

    /// Whether some domain has a frame.
    pub(super) fn is_used(&self, frame: usize) -> bool {
        let pages = self.lives.iter().flatten().flat_map(|life| life.pages);
        pages.flatten().any(|page| page.frame == frame)
    }

    /// The first free frame.
    pub(super) fn free_frame(&self) -> Option<usize> {
        (0..FRAMES).find(|frame| !self.is_used(*frame))
    }

    /// Whether a module that has a frame may find a byte in it.
    pub(super) fn may_find(&self, frame: usize, byte: u8) -> bool {
        byte == 0 || (byte < 64 && self.had[frame] & 1 << byte != 0)
    }
}
