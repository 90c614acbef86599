//! Freeing, and saying what was wrong with it.

use super::blocks::Found;
use super::heap::{pages, users};
use super::layout::Shelf;
use super::{FreeError, VirtualHeap};
use crate::supply::PageSupply;

/// An allocation as its blocks tell it.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub shelf: usize,
    pub block: u32,
    pub blocks: u32,
    /// The first and the last of its pages.
    pub first: u32,
    pub last: u32,
}

/// Why nothing is freed, in a register where unmapping cannot fail.
enum Refusal<E> {
    Offset,
    Unmap(E),
}

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
        let Some((number, shelf)) = self.shelf_of(offset) else {
            return Err(FreeError::Foreign(offset));
        };
        if shelf.is_paged && !shelf.spans {
            match self.give_one(number, offset, supply) {
                Ok(0) => {}
                Ok(bytes) => return Ok(bytes),
                Err(error) => return Err(FreeError::Unmap(error)),
            }
        }
        match self.give_back(number, offset, supply) {
            Ok(bytes) => Ok(bytes),
            Err(Refusal::Unmap(error)) => Err(FreeError::Unmap(error)),
            Err(Refusal::Offset) => Err(self.why_not(offset)),
        }
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    fn give_back<S: PageSupply>(
        &mut self,
        number: usize,
        offset: u32,
        supply: &mut S,
    ) -> Result<u32, Refusal<S::Error>> {
        let Some(shelf) = self.shelves.get(number) else {
            return Err(Refusal::Offset);
        };
        let Ok(extent) = self.extent_in::<()>(number, shelf, offset) else {
            return Err(Refusal::Offset);
        };
        let Extent { first, last, .. } = extent;
        let from = first + u32::from(users(&self.users, first) > 1);
        let to = last + u32::from(users(&self.users, last) <= 1);
        if from < to {
            supply.unmap(from..to).map_err(Refusal::Unmap)?;
            self.mapped_pages -= to - from;
        }
        for users in pages(&mut self.users, first, last) {
            *users -= 1;
        }
        let shelf = &mut self.shelves[extent.shelf];
        self.blocks
            .give(extent.block, extent.blocks, &mut shelf.hints);
        shelf.used -= extent.blocks;
        let bytes = extent.blocks * shelf.block_bytes;
        self.used_bytes -= bytes;
        self.allocations -= 1;
        Ok(bytes)
    }

    #[cold]
    #[inline(never)]
    fn why_not<E>(&self, offset: u32) -> FreeError<E> {
        match self.extent(offset) {
            Err(error) => error,
            // There is one after all, which nobody asks about.
            Ok(_) => FreeError::NotAllocated(offset),
        }
    }

    /// The bytes of the blocks that the allocation at `offset` has: as far as it could grow in
    /// place, if more of its pages were mapped. O(bundles).
    #[must_use]
    pub fn block_bytes_at(&self, offset: u32) -> Option<u32> {
        let extent = self.extent::<()>(offset).ok()?;
        let shelf = self.shelves.get(extent.shelf)?;
        Some(extent.blocks * shelf.block_bytes)
    }

    /// Whether the offset lies in a bundle. O(bundles).
    #[must_use]
    pub fn contains(&self, offset: u32) -> bool {
        self.shelf_of(offset).is_some()
    }

    #[inline(always)]
    pub(super) fn shelf_of(&self, offset: u32) -> Option<(usize, &Shelf)> {
        // Those that the heap does not have end at 0.
        let shelves = &self.shelves;
        let number = shelves.iter().position(|shelf| offset < shelf.end)?;
        let shelf = shelves.get(number)?;
        // Between two bundles there may be a piece of a page that is nobody's.
        (offset >= shelf.start).then_some((number, shelf))
    }

    /// The allocation that begins at `offset`.
    #[inline(always)]
    pub(super) fn extent<E>(&self, offset: u32) -> Result<Extent, FreeError<E>> {
        let Some((number, shelf)) = self.shelf_of(offset) else {
            return Err(FreeError::Foreign(offset));
        };
        self.extent_in(number, shelf, offset)
    }

    /// The same in the shelf in which the offset lies.
    #[inline(always)]
    fn extent_in<E>(
        &self,
        number: usize,
        shelf: &Shelf,
        offset: u32,
    ) -> Result<Extent, FreeError<E>> {
        let index = shelf.whole_blocks(offset - shelf.start);
        let block = shelf.block(index);
        // The first block of a bundle is joined to none before it: the last of a bundle never is.
        let (blocks, reaches) = match self.blocks.allocation(block) {
            Found::Free => return Err(FreeError::NotAllocated(offset)),
            Found::Allocation { blocks, reaches } if shelf.offset(block) == offset => {
                (blocks, reaches)
            }
            _ => return Err(self.interior(offset, shelf, index)),
        };
        let end = offset + blocks * shelf.block_bytes;
        let end_page = (end - 1) >> self.page_shift;
        let last = if reaches {
            end_page
        } else {
            // The bytes reach the last block, and end before its last page: pages up to there are
            // this allocation's alone, and so mapped iff it needed them.
            let mut last = (end - shelf.block_bytes) >> self.page_shift;
            while last + 1 < end_page && users(&self.users, last + 1) != 0 {
                last += 1;
            }
            last
        };
        Ok(Extent {
            shelf: number,
            block,
            blocks,
            first: offset >> self.page_shift,
            last,
        })
    }

    #[cold]
    fn interior<E>(&self, offset: u32, shelf: &Shelf, mut index: u32) -> FreeError<E> {
        while index != 0 && self.blocks.is_joined(shelf.block(index - 1)) {
            index -= 1;
        }
        let start = shelf.offset(shelf.block(index));
        FreeError::Interior { offset, start }
    }
}
