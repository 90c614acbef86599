//! The seam to whoever puts memory behind the pages of one stretch of addresses.
//!
//! An allocator here knows its stretch as pages from 0 on. It says which of them it needs and
//! which it no longer needs; [`PoolRun`] passes that on to a [`PagePool`].

use core::ops::Range;

use crate::pages::{Backing, CommitError, PageCount, PageError, PagePool, Run};

/// Puts memory behind pages, and takes it away.
pub trait PageSupply {
    /// Why it could not.
    type Error;

    /// Backs each page of the range, none of which is backed, with memory that is zero.
    ///
    /// # Errors
    /// All or nothing: after an error no page of the range is backed.
    fn map(&mut self, pages: Range<u32>) -> Result<(), Self::Error>;

    /// Takes the memory away from each page of the range, all of which are backed. When it returns
    /// no table, no TLB and no cache line leads there any more.
    ///
    /// # Errors
    /// All or nothing: after an error every page of the range is still backed.
    fn unmap(&mut self, pages: Range<u32>) -> Result<(), Self::Error>;
}

/// One reservation of a page pool, whose pages are committed as they are needed.
pub struct PoolRun<'a, const PAGES: usize, const FRAMES: usize, B> {
    /// The pool of the reservation.
    pub pool: &'a mut PagePool<PAGES, FRAMES>,
    /// The reservation; page 0 of the supply is its first.
    pub run: Run,
    /// What maps the pages.
    pub backing: &'a mut B,
}

impl<const PAGES: usize, const FRAMES: usize, B> PoolRun<'_, PAGES, FRAMES, B> {
    fn part(&self, pages: &Range<u32>) -> Result<Run, PageError> {
        let count = PageCount(pages.end.saturating_sub(pages.start));
        let part = self.run.part(pages.start, count);
        part.ok_or(PageError::Foreign(self.run))
    }
}

impl<const PAGES: usize, const FRAMES: usize, B: Backing> PageSupply
    for PoolRun<'_, PAGES, FRAMES, B>
{
    type Error = CommitError<B::Error>;

    fn map(&mut self, pages: Range<u32>) -> Result<(), Self::Error> {
        self.pool.commit(self.part(&pages)?, self.backing)
    }

    fn unmap(&mut self, pages: Range<u32>) -> Result<(), Self::Error> {
        Ok(self.pool.decommit(self.part(&pages)?, self.backing)?)
    }
}

/// A platform that can only map one page at a time.
pub trait MapPage {
    /// Why it could not.
    type Error;

    /// Backs one page with memory that is zero.
    ///
    /// # Errors
    /// The page is not backed.
    fn map_page(&mut self, page: u32) -> Result<(), Self::Error>;

    /// Takes the memory of one page away; the page is backed, so nothing stands against it.
    fn unmap_page(&mut self, page: u32);
}

/// Makes all-or-nothing of one page at a time: what was mapped before a failure is unmapped again.
pub struct PageByPage<M>(pub M);

impl<M: MapPage> PageSupply for PageByPage<M> {
    type Error = M::Error;

    fn map(&mut self, pages: Range<u32>) -> Result<(), M::Error> {
        for page in pages.clone() {
            if let Err(error) = self.0.map_page(page) {
                (pages.start..page)
                    .rev()
                    .for_each(|page| self.0.unmap_page(page));
                return Err(error);
            }
        }
        Ok(())
    }

    fn unmap(&mut self, pages: Range<u32>) -> Result<(), M::Error> {
        pages.for_each(|page| self.0.unmap_page(page));
        Ok(())
    }
}
