//! Putting frames behind pages, and taking them away.

use core::ops::Range;

use super::entry::Entry;
use super::pool::{page_at, take_back};
use super::{Backing, CommitError, Mapping, PageCount, PageError, PageNumber, PagePool, Run};

impl<const PAGES: usize, const FRAMES: usize> PagePool<PAGES, FRAMES> {
    /// Backs each page of `part`, which is some or all of one reservation, with a zeroed frame, and
    /// has them mapped: all of them, or after an error none, with every number as it was before.
    ///
    /// O(pages in `part`), and the backing's work.
    ///
    /// # Errors
    /// [`PageError::Empty`], [`PageError::Foreign`], [`PageError::NotReserved`],
    /// [`PageError::TwoReservations`], [`PageError::Committed`], [`PageError::NoFrames`]; and
    /// whatever the backing says.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn commit<B: Backing>(
        &mut self,
        part: Run,
        backing: &mut B,
    ) -> Result<(), CommitError<B::Error>> {
        let range = self.reserved(part)?;
        let entries = self.entries.get(range.clone()).unwrap_or_default();
        // Where all are clear, they are of one reservation and have no frames; only the first may
        // say that it begins it.
        let starts = entries.first().is_some_and(|first| first.starts());
        let mut all = 0;
        for entry in entries.iter().skip(1) {
            all |= entry.0;
        }
        let first = entries.first().is_some_and(|first| first.is_committed());
        if all != 0 || first || !self.back(part.first, range.clone(), starts, backing)? {
            return Err(self.refuse_commit(part, range).into());
        }
        Ok(())
    }

    /// Takes the lowest free run of `count` pages, as [`PagePool::reserve`], and commits all of
    /// it, as [`PagePool::commit`]: both, or after an error neither.
    ///
    /// O(`PAGES` / 32) at worst, plus O(`count`), and the backing's work.
    ///
    /// # Errors
    /// Those of [`PagePool::reserve`], [`PageError::NoFrames`], and whatever the backing says.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn alloc<B: Backing>(
        &mut self,
        count: PageCount,
        boundary: PageCount,
        backing: &mut B,
    ) -> Result<Run, CommitError<B::Error>> {
        let free = PageCount(self.frames.count());
        if count > free {
            let wanted = count;
            return Err(PageError::NoFrames { wanted, free }.into());
        }
        let run = self.reserve(count, boundary)?;
        let range = run.first.0 as usize..(run.first.0 + count.0) as usize;
        match self.back(run.first, range, true, backing) {
            Ok(_) => Ok(run),
            Err(error) => {
                // Nothing is committed: there is nothing to unmap.
                self.release(run, backing)?;
                Err(error)
            }
        }
    }

    /// Puts frames behind pages that have none, and has them mapped. Whether there are enough.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    fn back<B: Backing>(
        &mut self,
        page: PageNumber,
        range: Range<usize>,
        starts: bool,
        backing: &mut B,
    ) -> Result<bool, CommitError<B::Error>> {
        let entries = self.entries.get_mut(range).unwrap_or_default();
        let mark = self.frames.mark();
        if !self.frames.back(entries) {
            return Ok(false);
        }
        if starts && let [first, ..] = entries {
            first.mark_start();
        }
        for frame in entries.iter().filter_map(|entry| entry.number()) {
            backing.zero(frame);
        }
        let mapping = Mapping::new(page, entries);
        if let Err(error) = backing.map(&mapping) {
            entries.fill(Entry::CLEAR);
            if starts && let [first, ..] = entries {
                first.mark_start();
            }
            self.frames.rewind(mark);
            return Err(CommitError::Backing(error));
        }
        self.peak_frames = self.peak_frames.max(FRAMES as u32 - self.frames.count());
        Ok(true)
    }

    /// Why pages that are reserved cannot be committed.
    #[cold]
    #[inline(never)]
    fn refuse_commit(&self, part: Run, range: Range<usize>) -> PageError {
        if let Err(error) = self.one_reservation(part, range.clone()) {
            return error;
        }
        let entries = self.entries.get(range).unwrap_or_default();
        match entries.iter().position(|entry| entry.is_committed()) {
            Some(at) => PageError::Committed(page_at(part, at)),
            None => PageError::NoFrames {
                wanted: part.count,
                free: PageCount(self.frames.count()),
            },
        }
    }

    /// Unmaps `part`, all of which is committed, and takes its frames back. The pages stay
    /// reserved.
    ///
    /// O(pages in `part`), and the backing's work.
    ///
    /// # Errors
    /// [`PageError::Empty`], [`PageError::Foreign`], [`PageError::NotReserved`],
    /// [`PageError::TwoReservations`], [`PageError::NotCommitted`].
    pub fn decommit<B: Backing>(&mut self, part: Run, backing: &mut B) -> Result<(), PageError> {
        let range = self.reserved(part)?;
        self.one_reservation(part, range.clone())?;
        let entries = self.entries.get_mut(range).unwrap_or_default();
        if let Some(at) = entries.iter().position(|entry| !entry.is_committed()) {
            return Err(PageError::NotCommitted(page_at(part, at)));
        }
        let starts = entries.first().is_some_and(|first| first.starts());
        take_back(part.first, entries, &mut self.frames, backing);
        if starts && let [first, ..] = entries {
            first.mark_start();
        }
        Ok(())
    }
}
