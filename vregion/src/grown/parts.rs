//! The parts of a module: text, constants, data.

use super::{AllocError, GrownRegion};
use crate::region::{AllocError as RegionAllocError, Request};
use crate::supply::PageSupply;

/// The most parts of a region.
pub const MAX_PARTS: usize = 8;

/// What its module may do with a part, as a number that means something to whoever maps pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Rights(pub u32);

/// Whole pages that have the same rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Bytes from the start of the region, a multiple of a page.
    pub offset: u32,
    /// Its bytes, a multiple of a page; those asked for come first, the rest is zero.
    pub bytes: u32,
    /// Its rights.
    pub rights: Rights,
}

impl Part {
    pub(super) const NONE: Part = Part {
        offset: 0,
        bytes: 0,
        rights: Rights(0),
    };
}

impl<const RECORDS: usize, const WORDS: usize> GrownRegion<RECORDS, WORDS> {
    /// A part of at least `bytes` bytes, in pages of its own, which are mapped. It stays as long as
    /// the region. O(pages), and the supply's work.
    ///
    /// # Errors
    /// [`AllocError`]; nothing has changed but the number of failures.
    pub fn add_part<S: PageSupply>(
        &mut self,
        bytes: u32,
        rights: Rights,
        supply: &mut S,
    ) -> Result<Part, AllocError<S::Error>> {
        let result = self.make_part(bytes, rights, supply);
        if result.is_err() {
            self.failures = self.failures.saturating_add(1);
        }
        result
    }

    fn make_part<S: PageSupply>(
        &mut self,
        bytes: u32,
        rights: Rights,
        supply: &mut S,
    ) -> Result<Part, AllocError<S::Error>> {
        if self.region.is_sealed() {
            return Err(AllocError::Sealed);
        }
        if self.part_count == MAX_PARTS {
            return Err(AllocError::NoPart);
        }
        let page = 1 << self.page_shift;
        let wraps = AllocError::Region(RegionAllocError::Wraps(bytes));
        let rounded = bytes.checked_next_multiple_of(page).ok_or(wraps)?;
        let allocation = self.alloc_mapped(Request::plain(rounded).aligned(page), supply)?;
        let part = Part {
            offset: allocation.offset,
            bytes: allocation.bytes,
            rights,
        };
        if let Some(place) = self.parts.get_mut(self.part_count) {
            *place = part;
            self.part_count += 1;
        }
        Ok(part)
    }

    /// The parts, in the order of their offsets.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        self.parts.iter().take(self.part_count).copied()
    }
}
