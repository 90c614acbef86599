//! Making an allocation larger or smaller where it lies.

use thiserror_no_std::Error;

use super::store::Extent;
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
        let found = self.shelf_of(offset);
        let found = found.and_then(|shelf| Some((shelf, self.store.extent(shelf, offset)?)));
        let Some((shelf, extent)) = found else {
            return Err(ResizeError::Offset(self.why_not(offset)));
        };
        let block_bytes = shelf.block_bytes;
        let have = extent.blocks * block_bytes;
        let Extent { block, last, .. } = extent;
        let store = &mut self.store;
        if bytes > have || bytes <= have - block_bytes {
            return Err(ResizeError::OtherBlocks {
                have,
                wanted: bytes,
            });
        }
        let to = store.page(offset + (bytes - 1));
        let changed = match to > last {
            true => store.enter(last + 1, to, supply),
            // None of them, where it stays as it is.
            false => store.leave(to + 1, last, supply),
        };
        changed.map_err(ResizeError::Map)?;
        let reaches = to == store.page(offset + (have - 1));
        store.blocks.set_reaches(block, reaches);
        Ok(())
    }
}
