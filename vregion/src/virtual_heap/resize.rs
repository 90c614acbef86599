//! Making an allocation larger or smaller where it lies.

use thiserror_no_std::Error;

use super::free::Extent;
use super::heap::{pages, users};
use super::{FreeError, VirtualHeap};
use crate::supply::PageSupply;

/// Why an allocation did not get another size; it is as it was.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ResizeError<E> {
    /// There is no such allocation.
    #[error("{0}")]
    Offset(FreeError<E>),
    /// Other blocks would be needed, or fewer would do.
    #[error("{wanted} bytes do not need exactly the blocks of {have} bytes that there are")]
    OtherBlocks {
        /// Bytes of the blocks.
        have: u32,
        /// Bytes asked for.
        wanted: u32,
    },
    /// More pages could not be mapped, or fewer not unmapped.
    #[error("the pages could not be changed: {0}")]
    Map(E),
}

impl<const GROUPS: usize, const PAGES: usize> VirtualHeap<GROUPS, PAGES> {
    /// Has the allocation at `offset` keep its blocks and use `bytes` of them: maps the pages that
    /// it needs more, or unmaps those that it needs no longer.
    ///
    /// O(bundles + pages), and the supply's work.
    ///
    /// # Errors
    /// [`ResizeError`]; nothing has changed.
    pub fn resize<S: PageSupply>(
        &mut self,
        offset: u32,
        bytes: u32,
        supply: &mut S,
    ) -> Result<(), ResizeError<S::Error>> {
        let Extent {
            shelf,
            block,
            blocks,
            last,
            ..
        } = self.extent(offset).map_err(ResizeError::Offset)?;
        let block_bytes = self.shelves.get(shelf).map_or(0, |shelf| shelf.block_bytes);
        let have = blocks * block_bytes;
        if bytes > have || bytes <= have - block_bytes {
            return Err(ResizeError::OtherBlocks {
                have,
                wanted: bytes,
            });
        }
        let to = (offset + (bytes - 1)) >> self.page_shift;
        if to > last {
            let end = to + u32::from(users(&self.users, to) == 0);
            if last + 1 < end {
                supply.map(last + 1..end).map_err(ResizeError::Map)?;
                self.mapped_pages += end - (last + 1);
                self.peak_pages = self.peak_pages.max(self.mapped_pages);
            }
            pages(&mut self.users, last + 1, to)
                .iter_mut()
                .for_each(|users| *users += 1);
        } else if to < last {
            let end = last + u32::from(users(&self.users, last) <= 1);
            if to + 1 < end {
                supply.unmap(to + 1..end).map_err(ResizeError::Map)?;
                self.mapped_pages -= end - (to + 1);
            }
            pages(&mut self.users, to + 1, last)
                .iter_mut()
                .for_each(|users| *users -= 1);
        }
        let reaches = to == (offset + (have - 1)) >> self.page_shift;
        self.blocks.set_reaches(block, reaches);
        Ok(())
    }
}
