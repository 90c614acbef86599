//! A region that has memory only as far as it is used, and several owners.
//!
//! [`GrownRegion`] is a [`Region`] with a bit for each page. The pages of an allocation are mapped
//! when it is made: in lifetime mode the region grows page by page, where SOF's `vregion_create`
//! maps all of it at once. Pages of freed interim allocations stay mapped until the interim part
//! is reset. Parts for a module's text and constants have pages of their own, each with rights that
//! this crate only passes on. Owners come and go by [`GrownRegion::get`] and
//! [`GrownRegion::put`] (`vregion_get` and `vregion_put`); with the last one all pages go back.

use crate::region::{Allocation, Freed, Geometry, Region, RegionStats, Request, Resized};
use crate::supply::PageSupply;

mod check;
mod error;
mod owners;
mod pages;
mod parts;
#[cfg(test)]
mod tests;

pub use error::{
    AllocError, FreeError, OpenError, OwnerError, PutError, ResetError, ResizeError, SealError,
};
pub use owners::Put;
pub use parts::{MAX_PARTS, Part, Rights};

/// A region, its mapped pages, its parts and its owners.
///
/// `WORDS` x 32 is the most pages that it can have.
pub struct GrownRegion<const RECORDS: usize, const WORDS: usize> {
    region: Region<RECORDS>,
    geometry: Geometry,
    /// A bit is set iff its page is mapped.
    mapped: [u32; WORDS],
    page_shift: u32,
    pages: u32,
    peak_pages: u32,
    failures: u32,
    owners: u32,
    parts: [Part; MAX_PARTS],
    part_count: usize,
}

/// What there is to know of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionInfo {
    /// Address, size and cache line.
    pub geometry: Geometry,
    /// Whether the lifetime mode has ended.
    pub sealed: bool,
    /// How its bytes are used, and the most that ever were.
    pub stats: RegionStats,
    /// Pages mapped.
    pub pages: u32,
    /// The most pages ever mapped at once.
    pub peak_pages: u32,
    /// Allocations that were refused.
    pub failures: u32,
    /// Owners.
    pub owners: u32,
}

impl<const RECORDS: usize, const WORDS: usize> Default for GrownRegion<RECORDS, WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const RECORDS: usize, const WORDS: usize> GrownRegion<RECORDS, WORDS> {
    /// A region without memory or owners: it refuses everything until [`GrownRegion::open`].
    #[must_use]
    pub const fn new() -> Self {
        GrownRegion {
            region: Region::new(),
            geometry: Geometry {
                bytes: 0,
                line: 0,
                base: 0,
            },
            mapped: [0; WORDS],
            page_shift: 0,
            pages: 0,
            peak_pages: 0,
            failures: 0,
            owners: 0,
            parts: [Part::NONE; MAX_PARTS],
            part_count: 0,
        }
    }

    /// Begins anew in lifetime mode, with one owner and no page mapped. Base and size are multiples
    /// of `page_bytes`, so that its pages are nobody else's. O(`WORDS`).
    ///
    /// # Errors
    /// [`OpenError`]; the region stays as it was.
    pub fn open(&mut self, geometry: Geometry, page_bytes: u32) -> Result<(), OpenError> {
        if self.owners != 0 {
            return Err(OpenError::InUse(self.owners));
        }
        if self.pages != 0 {
            return Err(OpenError::Mapped(self.pages));
        }
        if !page_bytes.is_power_of_two() || page_bytes < geometry.line {
            return Err(OpenError::Page(page_bytes));
        }
        if (geometry.base | geometry.bytes) & (page_bytes - 1) != 0 {
            return Err(OpenError::PartOfPage(page_bytes));
        }
        let pages = geometry.bytes / page_bytes;
        if pages as usize > WORDS * 32 {
            return Err(OpenError::Pages {
                pages,
                most: WORDS as u32 * 32,
            });
        }
        self.region.open(geometry).map_err(OpenError::Geometry)?;
        self.geometry = geometry;
        self.page_shift = page_bytes.trailing_zeros();
        self.peak_pages = 0;
        self.failures = 0;
        self.owners = 1;
        self.part_count = 0;
        Ok(())
    }

    /// Allocates, as the region does, and has those pages mapped that the allocation lies in.
    ///
    /// O(pages) besides the region's and the supply's work.
    ///
    /// # Errors
    /// [`AllocError`]; nothing has changed but the number of failures, and in case of
    /// [`AllocError::Map`] the peak of bytes.
    pub fn alloc<S: PageSupply>(
        &mut self,
        request: Request,
        supply: &mut S,
    ) -> Result<Allocation, AllocError<S::Error>> {
        let result = self.alloc_mapped(request, supply);
        if result.is_err() {
            self.failures = self.failures.saturating_add(1);
        }
        result
    }

    fn alloc_mapped<S: PageSupply>(
        &mut self,
        request: Request,
        supply: &mut S,
    ) -> Result<Allocation, AllocError<S::Error>> {
        if self.owners == 0 {
            return Err(AllocError::Closed);
        }
        let allocation = self.region.alloc(request).map_err(AllocError::Region)?;
        if let Err(error) = self.map(allocation, supply) {
            // It was made just now, and so it can be undone.
            let _ = self.region.undo(allocation.offset);
            return Err(AllocError::Map(error));
        }
        Ok(allocation)
    }

    /// Frees, as the region does; its pages stay mapped for the next allocation. A part cannot be
    /// freed.
    ///
    /// # Errors
    /// [`FreeError`]; nothing has changed.
    pub fn free(&mut self, offset: u32) -> Result<Freed, FreeError> {
        if self.owners == 0 {
            return Err(FreeError::Closed);
        }
        if self.parts().any(|part| part.offset == offset) {
            return Err(FreeError::Part(offset));
        }
        self.region.free(offset).map_err(FreeError::Region)
    }

    /// Gives an interim allocation another size where it lies, as the region does, and has those
    /// pages mapped that it then also lies in. Pages that it leaves stay mapped.
    ///
    /// O(pages) besides the region's and the supply's work.
    ///
    /// # Errors
    /// [`ResizeError`]; nothing has changed but, in case of [`ResizeError::Map`], the peak of bytes.
    pub fn resize<S: PageSupply>(
        &mut self,
        offset: u32,
        bytes: u32,
        supply: &mut S,
    ) -> Result<Resized, ResizeError<S::Error>> {
        if self.owners == 0 {
            return Err(ResizeError::Closed);
        }
        let resized = self.region.resize(offset, bytes);
        let resized = resized.map_err(ResizeError::Region)?;
        let allocation = Allocation {
            offset,
            bytes: resized.bytes,
        };
        if let Err(error) = self.map(allocation, supply) {
            // It had this size just now, and so it can have it again.
            let _ = self.region.resize(offset, resized.before);
            return Err(ResizeError::Map(error));
        }
        Ok(resized)
    }

    /// Ends the lifetime mode, as the region does. Where less than `least` bytes are left it is an
    /// error here and now, not at the next allocation.
    ///
    /// # Errors
    /// [`SealError`]; the region stays in lifetime mode.
    pub fn seal(&mut self, least: u32) -> Result<u32, SealError> {
        if self.owners == 0 {
            return Err(SealError::Closed);
        }
        self.region.seal(least).map_err(SealError::Region)
    }

    /// Drops all interim allocations and unmaps the pages that held nothing else: what is allocated
    /// there next is zero. Returns how many allocations were dropped.
    ///
    /// # Errors
    /// [`ResetError`]. After [`ResetError::Unmap`] the allocations are dropped; pages that could
    /// not be unmapped stay mapped.
    pub fn reset_interim<S: PageSupply>(
        &mut self,
        supply: &mut S,
    ) -> Result<u32, ResetError<S::Error>> {
        if self.owners == 0 {
            return Err(ResetError::Closed);
        }
        if !self.region.is_sealed() {
            return Ok(0);
        }
        let dropped = self.region.reset_interim();
        let kept = self.region.stats().lifetime_bytes;
        let first = kept.div_ceil(1 << self.page_shift);
        self.unmap_from(first, supply).map_err(ResetError::Unmap)?;
        Ok(dropped)
    }

    /// All that there is to know of the region; `None` if it is closed. O(1).
    #[must_use]
    pub fn info(&self) -> Option<RegionInfo> {
        (self.owners != 0).then(|| RegionInfo {
            geometry: self.geometry,
            sealed: self.region.is_sealed(),
            stats: self.region.stats(),
            pages: self.pages,
            peak_pages: self.peak_pages,
            failures: self.failures,
            owners: self.owners,
        })
    }
}
