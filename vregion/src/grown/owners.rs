//! Owners come and go.

use super::{GrownRegion, OwnerError, PutError};
use crate::supply::PageSupply;

/// What an owner that has gone leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// A region with so many owners.
    Held(u32),
    /// Nothing: it was the last one, and all pages have gone back.
    Closed,
}

impl<const RECORDS: usize, const WORDS: usize> GrownRegion<RECORDS, WORDS> {
    /// One owner more. O(1).
    ///
    /// # Errors
    /// [`OwnerError`]: a region whose last owner has gone does not come back to life.
    pub const fn get(&mut self) -> Result<u32, OwnerError> {
        if self.owners == 0 {
            return Err(OwnerError::Closed);
        }
        match self.owners.checked_add(1) {
            Some(owners) => {
                self.owners = owners;
                Ok(owners)
            }
            None => Err(OwnerError::TooMany),
        }
    }

    /// One owner less. With the last one the region is closed, and its pages are unmapped.
    /// O(`WORDS`), and the supply's work.
    ///
    /// # Errors
    /// [`PutError`].
    pub fn put<S: PageSupply>(&mut self, supply: &mut S) -> Result<Put, PutError<S::Error>> {
        match self.owners {
            0 => return Err(PutError::Closed),
            1 => self.owners = 0,
            _ => {
                self.owners -= 1;
                return Ok(Put::Held(self.owners));
            }
        }
        self.unmap_from(0, supply).map_err(PutError::Unmap)?;
        Ok(Put::Closed)
    }

    /// Tries again to unmap what [`PutError::Unmap`] left; returns the pages that are still mapped,
    /// which is none without an error. A region that has owners is left alone.
    ///
    /// # Errors
    /// What the supply says.
    pub fn unmap_closed<S: PageSupply>(&mut self, supply: &mut S) -> Result<u32, S::Error> {
        if self.owners == 0 {
            self.unmap_from(0, supply)?;
        }
        Ok(self.pages)
    }
}
