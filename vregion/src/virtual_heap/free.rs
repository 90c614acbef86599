//! Freeing, and saying what was wrong with it.

use super::layout::Shelf;
use super::{FreeError, VirtualHeap};
use crate::supply::PageSupply;

impl<const GROUPS: usize, const PAGES: usize> VirtualHeap<GROUPS, PAGES> {
    /// Frees the allocation that begins at `offset`; returns the bytes of its blocks. Pages that
    /// nobody else uses are unmapped first: blocks are free only once nothing leads to them.
    ///
    /// O(bundles + pages), and the supply's work.
    ///
    /// # Errors
    /// [`FreeError`]; nothing has changed. A second free is told from a first only as long as
    /// nothing else was allocated at the same offset in between.
    #[inline(always)]
    pub fn free<S: PageSupply>(
        &mut self,
        offset: u32,
        supply: &mut S,
    ) -> Result<u32, FreeError<S::Error>> {
        let mut shelves = self.shelves.iter_mut();
        let Some(shelf) = shelves.find(|shelf| offset < shelf.end) else {
            return Err(FreeError::Foreign(offset));
        };
        let freed = if shelf.is_paged && !shelf.spans {
            self.store.give_one(shelf, offset, supply)
        } else {
            self.store.give_any(shelf, offset, supply)
        };
        match freed {
            Ok(0) => Err(self.why_not(offset)),
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(FreeError::Unmap(error)),
        }
    }

    /// Why no allocation begins at `offset`.
    #[cold]
    #[inline(never)]
    pub(super) fn why_not<E>(&self, offset: u32) -> FreeError<E> {
        let Some(shelf) = self.shelf_of(offset) else {
            return FreeError::Foreign(offset);
        };
        let mut block = shelf.block(shelf.whole_blocks(offset - shelf.start));
        if !self.store.blocks.is_used(block) {
            return FreeError::NotAllocated(offset);
        }
        while block != 0 && self.store.blocks.is_joined(block - 1) {
            block -= 1;
        }
        let start = shelf.offset(block);
        FreeError::Interior { offset, start }
    }

    /// The bytes of the blocks that the allocation at `offset` has: as far as it could grow in
    /// place, if more of its pages were mapped. O(bundles).
    #[must_use]
    pub fn block_bytes_at(&self, offset: u32) -> Option<u32> {
        let shelf = self.shelf_of(offset)?;
        let extent = self.store.extent(shelf, offset)?;
        Some(extent.blocks * shelf.block_bytes)
    }

    /// Whether the offset lies in a bundle. O(bundles).
    #[must_use]
    pub fn contains(&self, offset: u32) -> bool {
        self.shelf_of(offset).is_some()
    }

    #[inline(always)]
    pub(super) fn shelf_of(&self, offset: u32) -> Option<&Shelf> {
        // Those that the heap does not have end at 0.
        let shelf = self.shelves.iter().find(|shelf| offset < shelf.end)?;
        // Between two bundles there may be a piece of a page that is nobody's.
        (offset >= shelf.start).then_some(shelf)
    }
}
