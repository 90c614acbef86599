//! What all bundles of a heap share: which blocks are in use, which pages are mapped, and how many.

use super::blocks::Blocks;
use super::layout::Shelf;
use crate::supply::PageSupply;

/// The blocks and pages of a heap. The numbers lie first.
#[repr(C)]
pub(super) struct Store<const GROUPS: usize, const PAGES: usize> {
    pub page_shift: u32,
    pub used_bytes: u32,
    pub mapped_pages: u32,
    pub allocations: u32,
    pub peak_bytes: u32,
    pub peak_pages: u32,
    pub failures: u32,
    /// Allocations that have bytes in the page; it is mapped iff there are any.
    pub users: [u16; PAGES],
    pub blocks: Blocks<GROUPS>,
}

/// An allocation as its blocks tell it.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// The first of its blocks, and how many.
    pub block: u32,
    pub blocks: u32,
    /// The first and the last of its pages.
    pub first: u32,
    pub last: u32,
}

impl<const GROUPS: usize, const PAGES: usize> Store<GROUPS, PAGES> {
    pub const fn new() -> Self {
        Store {
            page_shift: 0,
            used_bytes: 0,
            mapped_pages: 0,
            allocations: 0,
            peak_bytes: 0,
            peak_pages: 0,
            failures: 0,
            users: [0; PAGES],
            blocks: Blocks::new(),
        }
    }

    /// The page in which an offset lies.
    #[inline(always)]
    pub const fn page(&self, offset: u32) -> u32 {
        offset >> (self.page_shift % u32::BITS)
    }

    /// One request was refused.
    #[inline(always)]
    pub const fn fail(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// Takes free blocks of this shelf; `reaches`: whether the bytes of them that are used lie in their
    /// last page too.
    ///
    /// # Errors
    /// What the supply says; nothing has changed but the number of failures.
    #[inline(always)]
    pub fn take<S: PageSupply>(
        &mut self,
        shelf: &mut Shelf,
        extent: Extent,
        reaches: bool,
        supply: &mut S,
    ) -> Result<(), S::Error> {
        if let Err(error) = self.enter(extent.first, extent.last, supply) {
            self.fail();
            return Err(error);
        }
        self.blocks.take(extent.block, extent.blocks, reaches);
        shelf.used += extent.blocks;
        shelf.peak = shelf.peak.max(shelf.used);
        self.used_bytes += extent.blocks * shelf.block_bytes;
        self.peak_bytes = self.peak_bytes.max(self.used_bytes);
        self.allocations += 1;
        Ok(())
    }

    /// Frees what was allocated at `offset`, which is below the end of this shelf; the bytes of its
    /// blocks, or 0 where nothing is allocated at exactly that offset.
    ///
    /// # Errors
    /// What the supply says; nothing has changed.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn give_any<S: PageSupply>(
        &mut self,
        shelf: &mut Shelf,
        offset: u32,
        supply: &mut S,
    ) -> Result<u32, S::Error> {
        match self.extent(shelf, offset) {
            Some(extent) => self.give(shelf, extent, supply),
            None => Ok(0),
        }
    }

    /// Frees an allocation of this shelf; the bytes of its blocks.
    ///
    /// # Errors
    /// What the supply says; nothing has changed.
    #[inline(always)]
    pub fn give<S: PageSupply>(
        &mut self,
        shelf: &mut Shelf,
        extent: Extent,
        supply: &mut S,
    ) -> Result<u32, S::Error> {
        self.leave(extent.first, extent.last, supply)?;
        self.blocks
            .give(extent.block, extent.blocks, &mut shelf.hints);
        shelf.used -= extent.blocks;
        let bytes = extent.blocks * shelf.block_bytes;
        self.used_bytes -= bytes;
        self.allocations -= 1;
        Ok(bytes)
    }

    /// The allocation that begins at `offset`, which is below the end of this shelf.
    #[inline(always)]
    pub fn extent(&self, shelf: &Shelf, offset: u32) -> Option<Extent> {
        let block = shelf.block(shelf.whole_blocks(offset.checked_sub(shelf.start)?));
        // The first block of a bundle is joined to none before it: the last of a bundle never is.
        let (blocks, reaches) = self.blocks.allocation(block)?;
        if shelf.offset(block) != offset {
            return None;
        }
        let end = offset + blocks * shelf.block_bytes;
        let end_page = self.page(end - 1);
        let last = if reaches {
            end_page
        } else {
            // The bytes reach the last block, and end before its last page: pages up to there are
            // this allocation's alone, and so mapped iff it needed them.
            let mut last = self.page(end - shelf.block_bytes);
            while last + 1 < end_page && self.users(last + 1) != 0 {
                last += 1;
            }
            last
        };
        Some(Extent {
            block,
            blocks,
            first: self.page(offset),
            last,
        })
    }

    /// Counts one more user of each page from `first` to `last`, and has those mapped that had none.
    ///
    /// # Errors
    /// What the supply says; nothing has changed.
    #[inline(always)]
    pub fn enter<S: PageSupply>(
        &mut self,
        first: u32,
        last: u32,
        supply: &mut S,
    ) -> Result<(), S::Error> {
        let Some(pages) = self.users.get_mut(first as usize..last as usize + 1) else {
            return Ok(());
        };
        let (Some(head), Some(tail)) = (pages.first(), pages.last()) else {
            return Ok(());
        };
        // Only the pages at the ends can have other users: those between are all ours.
        let from = first + u32::from(*head != 0);
        let to = last + u32::from(*tail == 0);
        if from < to {
            supply.map(from..to)?;
            self.mapped_pages += to - from;
            self.peak_pages = self.peak_pages.max(self.mapped_pages);
        }
        pages.iter_mut().for_each(|users| *users += 1);
        Ok(())
    }

    /// Counts one user less, and has those pages unmapped that have none left.
    ///
    /// # Errors
    /// What the supply says; nothing has changed.
    #[inline(always)]
    pub fn leave<S: PageSupply>(
        &mut self,
        first: u32,
        last: u32,
        supply: &mut S,
    ) -> Result<(), S::Error> {
        let Some(pages) = self.users.get_mut(first as usize..last as usize + 1) else {
            return Ok(());
        };
        let (Some(head), Some(tail)) = (pages.first(), pages.last()) else {
            return Ok(());
        };
        let from = first + u32::from(*head > 1);
        let to = last + u32::from(*tail <= 1);
        if from < to {
            supply.unmap(from..to)?;
            self.mapped_pages -= to - from;
        }
        pages.iter_mut().for_each(|users| *users -= 1);
        Ok(())
    }

    /// The users of one page.
    #[inline(always)]
    fn users(&self, page: u32) -> u16 {
        self.users.get(page as usize).copied().unwrap_or(0)
    }
}
