//! Putting frames behind pages, and taking them away.

use core::ops::Range;

use super::entry::Entry;
use super::map::{WORD_PAGES, Word};
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
            return Err(self.refuse_part(part, pages, false).into());
        }
        self.map.set_backed(pages, true);
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
        if count.0.wrapping_sub(1) < self.frames.count()
            && count.0 <= WORD_PAGES
            // No boundary lies within a word of them.
            && boundary.0 >= WORD_PAGES
            && boundary.0.is_power_of_two()
            && let Some(short) = self.map.find_in_word(count.0)
        {
            let first = short.page();
            let run = Run {
                first: PageNumber(first),
                count,
            };
            self.back(run, first..first + count.0, backing)?;
            self.map.take_short(short);
            self.count_reservation(count);
            return Ok(run);
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
        let first = self.find(count, boundary)?;
        let run = Run {
            first: PageNumber(first),
            count,
        };
        let pages = first..first + count.0;
        self.back(run, pages.clone(), backing)?;
        self.map.reserve(pages.clone());
        self.map.set_backed(pages, true);
        self.count_reservation(count);
        Ok(run)
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
        if let Err(error) = backing.map(&mapping) {
            self.frames.rewind(mark);
            return Err(CommitError::Backing(error));
        }
        self.peak_frames = self.peak_frames.max(FRAMES as u32 - self.frames.count());
        Ok(true)
    }

    /// Why pages that are reserved are not all of one reservation without frames, or with them.
    #[cold]
    #[inline(never)]
    fn refuse_part(&self, part: Run, pages: Range<u32>, with_frames: bool) -> PageError {
        if let Some(error) = self.other_reservation(pages.clone()) {
            return error;
        }
        match self.map.first_that(pages, Word::Backed, !with_frames) {
            Some(page) if with_frames => PageError::NotCommitted(PageNumber(page)),
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
        let (pages, survey) = self.reserved(part)?;
        if survey.parted | survey.bare != 0 {
            return Err(self.refuse_part(part, pages, true));
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
