//! The rules of a region with pages and parts.

use super::GrownRegion;
use crate::InvariantError;

impl<const RECORDS: usize, const WORDS: usize> GrownRegion<RECORDS, WORDS> {
    /// Walks the region. O(`RECORDS` + pages).
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        let pages = self.geometry.bytes >> self.page_shift;
        let within = (0..pages).filter(|page| self.has(*page)).count() as u32;
        let all: u32 = self.mapped.iter().map(|word| word.count_ones()).sum();
        if all != within || all != self.pages {
            return Err(InvariantError::MappedPages);
        }
        if self.owners == 0 {
            return Ok(());
        }
        self.region.check()?;
        let lifetime = self.region.stats().lifetime_bytes;
        if lifetime != 0 && !self.has((lifetime - 1) >> self.page_shift) {
            return Err(InvariantError::NotMapped(lifetime));
        }
        let page = 1 << self.page_shift;
        let mut end = 0;
        for (number, part) in (0..).zip(self.parts()) {
            let whole = (part.offset | part.bytes) % page == 0;
            if !whole || part.offset < end || part.offset + part.bytes > lifetime {
                return Err(InvariantError::Parts(number));
            }
            end = part.offset + part.bytes;
            let mut pages = part.offset / page..end / page;
            if !pages.all(|page| self.has(page)) {
                return Err(InvariantError::NotMapped(end));
            }
        }
        Ok(())
    }
}
