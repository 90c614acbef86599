//! Putting frames behind pages, and taking them away.

use core::ops::Range;

use super::entry::Entry;
use super::frames::{FreeFrames, Mark};
use super::map::WORD_PAGES;
use super::pool::{entries_of, take_back};
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
        let (pages, survey) = self.reserved(part)?;
        if survey.parted | survey.backed != 0 || !self.back(part, pages.clone(), backing)? {
            return Err(self.refuse_commit(part, pages).into());
        }
        Ok(())
    }

    /// Reserves `count` pages, as [`PagePool::reserve`], and commits all of them, as
    /// [`PagePool::commit`]: both, or after an error neither.
    ///
    /// Runs of up to 32 pages are taken from the lowest 32 aligned pages that are known to have one,
    /// if any are; else it is the lowest run there is.
    ///
    /// O(`count`) where such pages are known, else O(`PAGES` / 32) more; and the backing's work.
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
        if count.0.wrapping_sub(1) < self.frames.returned()
            && count.0 <= WORD_PAGES
            // No boundary lies within a word of them.
            && boundary.0 >= WORD_PAGES
            && boundary.0.is_power_of_two()
            && let Some(short) = self.map.find_in_word(count.0)
        {
            let first = short.page();
            let pages = first..first + count.0;
            let first = PageNumber(first);
            let entries = entries_of(&mut self.entries, &pages);
            let mark = self.frames.mark();
            self.frames.back_returned(entries, zeroing(backing));
            map_or_rewind(
                &mut self.frames,
                mark,
                &Mapping::new(first, entries),
                backing,
            )?;
            self.map.take_short(short);
            self.reserved_pages += count.0;
            self.reservations += 1;
            self.peak_pages = self.peak_pages.max(self.reserved_pages);
            self.peak_frames = self.peak_frames.max(FRAMES as u32 - self.frames.count());
            return Ok(Run { first, count });
        }
        self.alloc_any(count, boundary, backing)
    }

    /// The same where it is longer, or there are boundaries, or frames are taken for the first time.
    #[inline(never)]
    fn alloc_any<B: Backing>(
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
        let pages = run.first.0..run.first.0 + count.0;
        match self.back(run, pages, backing) {
            Ok(_) => Ok(run),
            Err(error) => {
                // Nothing is committed: there is nothing to unmap.
                self.release(run, backing)?;
                Err(error)
            }
        }
    }

    /// Puts frames behind pages that have none, and has them mapped. Whether there are enough.
    #[inline(always)]
    fn back<B: Backing>(
        &mut self,
        run: Run,
        pages: Range<u32>,
        backing: &mut B,
    ) -> Result<bool, CommitError<B::Error>> {
        let entries = entries_of(&mut self.entries, &pages);
        let mark = self.frames.mark();
        if !self.frames.back(entries, zeroing(backing)) {
            return Ok(false);
        }
        let mapping = Mapping::new(run.first, entries);
        map_or_rewind(&mut self.frames, mark, &mapping, backing)?;
        self.map.set_backed(pages, true);
        self.peak_frames = self.peak_frames.max(FRAMES as u32 - self.frames.count());
        Ok(true)
    }

    /// Why pages that are reserved cannot be committed.
    #[cold]
    #[inline(never)]
    fn refuse_commit(&self, part: Run, mut pages: Range<u32>) -> PageError {
        if let Err(error) = self.one_reservation(pages.clone()) {
            return error;
        }
        match pages.find(|page| self.map.is_backed(*page)) {
            Some(page) => PageError::Committed(PageNumber(page)),
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
        let (pages, _) = self.reserved(part)?;
        self.one_reservation(pages.clone())?;
        if let Some(page) = pages.clone().find(|page| !self.map.is_backed(*page)) {
            return Err(PageError::NotCommitted(PageNumber(page)));
        }
        let entries = entries_of(&mut self.entries, &pages);
        take_back(part.first, entries, &mut self.frames, backing);
        self.map.set_backed(pages, false);
        Ok(())
    }
}

/// Fills each frame that is given to a page with zeros.
#[inline(always)]
fn zeroing<B: Backing>(backing: &mut B) -> impl FnMut(Entry) {
    |entry| backing.zero(entry.number())
}

/// Has pages mapped, or takes the frames back that they were given since the mark.
#[inline(always)]
fn map_or_rewind<const FRAMES: usize, B: Backing>(
    frames: &mut FreeFrames<FRAMES>,
    mark: Mark,
    mapping: &Mapping<'_>,
    backing: &mut B,
) -> Result<(), CommitError<B::Error>> {
    backing.map(mapping).map_err(|error| {
        frames.rewind(mark);
        CommitError::Backing(error)
    })
}
