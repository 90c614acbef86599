//! Freeing, and saying what was wrong with it.

use super::{FreeError, Freed, Region};
use crate::heap::{GRANULE, GRANULE_SHIFT, NONE};

impl<const RECORDS: usize> Region<RECORDS> {
    /// Frees the allocation that begins at `offset`.
    ///
    /// O(1) on average for an interim allocation, see the notes on the heap; O(log allocations)
    /// for a lifetime one; O(`RECORDS`) for a refusal.
    ///
    /// # Errors
    /// [`FreeError::Foreign`], [`FreeError::Interior`], [`FreeError::Twice`],
    /// [`FreeError::NotAllocated`]. A second free is told from a first only as long as nothing
    /// else was allocated at the same offset in between.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn free(&mut self, offset: u32) -> Result<Freed, FreeError> {
        let position = self.base + (offset >> GRANULE_SHIFT);
        if !offset.is_multiple_of(GRANULE) || position < self.lifetime_end || !self.sealed {
            return self.free_other(offset, position);
        }
        // What is not in the heap is not in its directory either.
        let size = self.heap.free(position);
        if size == 0 {
            return self.free_other(offset, position);
        }
        self.peak = self.peak_now();
        self.used -= size;
        Ok(Freed::Returned {
            bytes: size << GRANULE_SHIFT,
        })
    }

    /// Frees what is no interim allocation, or says why not.
    #[cold]
    #[inline(never)]
    fn free_other(&mut self, offset: u32, position: u32) -> Result<Freed, FreeError> {
        if position >= self.end {
            return Err(FreeError::Foreign(offset));
        }
        if offset.is_multiple_of(GRANULE) && position < self.lifetime_end {
            return self.free_lifetime(offset, position);
        }
        Err(self.explain(offset, position))
    }

    /// Takes back an allocation as if it had never been made, for a caller that could not put
    /// memory behind it. A lifetime allocation must be the newest one, and its bytes become free
    /// again; an interim one is freed. Only the peak remembers. O(1).
    ///
    /// # Errors
    /// [`FreeError::NotNewest`], and those of [`Region::free`].
    pub fn undo(&mut self, offset: u32) -> Result<(), FreeError> {
        let position = self.base + (offset >> GRANULE_SHIFT);
        if self.sealed || position >= self.lifetime_end {
            // A lifetime allocation is beyond undoing once the heap begins where it ends.
            if position < self.lifetime_end {
                return Err(FreeError::NotNewest(offset));
            }
            return self.free(offset).map(|_| ());
        }
        let newest = self.heap.records.at(self.kept);
        if newest.start != position || newest.is_freed() || !offset.is_multiple_of(GRANULE) {
            return Err(FreeError::NotNewest(offset));
        }
        let size = newest.size();
        self.peak = self.peak_now();
        self.used -= size;
        self.kept -= 1;
        self.lifetime_end = self.kept_end(self.kept);
        Ok(())
    }

    fn free_lifetime(&mut self, offset: u32, position: u32) -> Result<Freed, FreeError> {
        let index = self.kept_at_or_below(position);
        let record = self.heap.records.at_mut(index);
        if index == NONE || record.start != position {
            return Err(self.explain(offset, position));
        }
        if record.is_freed() {
            return Err(FreeError::Twice(offset));
        }
        record.mark_freed();
        let bytes = record.size() << GRANULE_SHIFT;
        self.given_up += 1;
        Ok(Freed::Kept { bytes })
    }

    /// Why nothing can be freed at this offset, which lies in the region and begins nothing.
    #[cold]
    fn explain(&self, offset: u32, position: u32) -> FreeError {
        let start = if position < self.lifetime_end {
            let index = self.kept_at_or_below(position);
            let inside = index != NONE && position < self.kept_end(index);
            inside.then(|| self.heap.records.at(index).start)
        } else if self.sealed {
            self.heap.holder(position)
        } else {
            None
        };
        match start {
            Some(start) => FreeError::Interior {
                offset,
                start: (start - self.base) << GRANULE_SHIFT,
            },
            None => FreeError::NotAllocated(offset),
        }
    }

    /// The last lifetime allocation that begins at or below this position: they are in order, so
    /// halving finds it.
    fn kept_at_or_below(&self, position: u32) -> u16 {
        let (mut low, mut high) = (NONE, self.kept);
        while low < high {
            let middle = high - (high - low) / 2;
            if self.heap.records.at(middle).start <= position {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    }

    /// Where a lifetime allocation ends; before the first one, where the region begins.
    fn kept_end(&self, index: u16) -> u32 {
        if index == NONE {
            return self.base;
        }
        self.heap.records.at(index).end
    }
}
