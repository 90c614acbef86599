//! Freeing, and saying what was wrong with it.

use super::{FreeError, Freed, Region};

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
    #[inline(always)]
    pub fn free(&mut self, offset: u32) -> Result<Freed, FreeError> {
        if offset < self.heap_start {
            return self.free_other(offset);
        }
        // What is not in the heap is not in its directory either.
        let size = self.heap.free(offset);
        if size == 0 {
            return self.free_other(offset);
        }
        self.peak = self.peak.max(self.used);
        self.used -= size;
        Ok(Freed::Returned { bytes: size })
    }

    /// Frees what is no interim allocation, or says why not.
    #[cold]
    #[inline(never)]
    fn free_other(&mut self, offset: u32) -> Result<Freed, FreeError> {
        if offset >= self.bytes {
            return Err(FreeError::Foreign(offset));
        }
        let number = self.kept_at_or_below(offset);
        let kept = self.kept(number);
        if number == 0 || kept.start() != offset {
            return Err(self.explain(offset));
        }
        if kept.is_freed() {
            return Err(FreeError::Twice(offset));
        }
        self.mark_freed(number);
        self.given_up += 1;
        Ok(Freed::Kept { bytes: kept.size() })
    }

    /// Takes back an allocation as if it had never been made, for a caller that could not put
    /// memory behind it. A lifetime allocation must be the newest one, and its bytes become free
    /// again; an interim one is freed. The peak forgets it too, as long as it is the newest. O(1).
    ///
    /// # Errors
    /// [`FreeError::NotNewest`], and those of [`Region::free`].
    pub fn undo(&mut self, offset: u32) -> Result<(), FreeError> {
        if offset >= self.heap_start {
            let peak = self.peak;
            self.free(offset)?;
            self.peak = peak.max(self.used);
            return Ok(());
        }
        if offset >= self.lifetime_bytes() {
            return self.free(offset).map(|_| ());
        }
        let newest = self.kept(self.kept);
        // A lifetime allocation is beyond undoing once the heap begins where it ends.
        if self.is_sealed() || newest.start() != offset || newest.is_freed() {
            return Err(FreeError::NotNewest(offset));
        }
        let end = self.kept_end(self.kept - 1);
        self.shorten(end, offset - end);
        Ok(())
    }

    /// Why nothing can be freed at this offset, which lies in the region and begins nothing.
    #[cold]
    pub(super) fn explain(&self, offset: u32) -> FreeError {
        let start = if offset < self.lifetime_bytes() {
            let number = self.kept_at_or_below(offset);
            let inside = number != 0 && offset < self.kept_end(number);
            inside.then(|| self.kept(number).start())
        } else if self.is_sealed() {
            self.heap.holder(offset)
        } else {
            None
        };
        match start {
            Some(start) => FreeError::Interior { offset, start },
            None => FreeError::NotAllocated(offset),
        }
    }
}
