//! The page pool itself.

use core::ops::Range;

use super::entry::Entry;
use super::frames::FreeFrames;
use super::map::{PageMap, Short, Survey, WORD_PAGES, Word};
use super::{Backing, FrameNumber, Mapping, PageCount, PageError, PageNumber, Run};

/// The most pages that a pool can have: 64 MiB of address space.
pub const MAX_PAGES: usize = 16_384;
/// The most frames that a pool can have: 64 MiB of memory.
pub const MAX_FRAMES: usize = 16_384;

/// Contiguous virtual pages, backed by any free frames.
///
/// An empty pool is all zero bytes, so a `static` one costs no space in the image.
///
/// The numbers lie first: an offset of up to 1 KiB is part of an instruction.
#[repr(C)]
pub struct PagePool<const PAGES: usize, const FRAMES: usize> {
    pub(super) reserved_pages: u32,
    pub(super) reservations: u32,
    pub(super) peak_pages: u32,
    pub(super) peak_frames: u32,
    pub(super) map: PageMap<PAGES>,
    pub(super) frames: FreeFrames<FRAMES>,
    /// One per page; what an entry of a page says that is not committed means nothing.
    pub(super) entries: [Entry; PAGES],
}

/// How a pool is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageStats {
    /// Pages of the pool.
    pub pages: u32,
    /// Pages not reserved.
    pub free_pages: u32,
    /// The most pages ever reserved at once.
    pub peak_pages: u32,
    /// Frames of the pool.
    pub frames: u32,
    /// Frames behind no page.
    pub free_frames: u32,
    /// The most frames ever committed at once.
    pub peak_frames: u32,
    /// Reservations now.
    pub reservations: u32,
}

impl<const PAGES: usize, const FRAMES: usize> Default for PagePool<PAGES, FRAMES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const PAGES: usize, const FRAMES: usize> PagePool<PAGES, FRAMES> {
    const VALID: () = {
        assert!(PAGES <= MAX_PAGES, "a pool has at most 16,384 pages");
        assert!(
            PAGES.is_multiple_of(WORD_PAGES as usize),
            "the pages of a pool are a multiple of 32"
        );
        assert!(FRAMES <= MAX_FRAMES, "a pool has at most 16,384 frames");
    };

    /// A pool in which every page and every frame is free.
    #[must_use]
    pub const fn new() -> Self {
        let () = Self::VALID;
        PagePool {
            reserved_pages: 0,
            reservations: 0,
            peak_pages: 0,
            peak_frames: 0,
            map: PageMap::new(),
            frames: FreeFrames::new(),
            entries: [Entry::CLEAR; PAGES],
        }
    }

    /// Takes the lowest free run of `count` pages that crosses no multiple of `boundary` pages (a
    /// power of two). Takes no frame and maps nothing: all of it is guard pages for now.
    ///
    /// O(`PAGES` / 32) at worst.
    ///
    /// # Errors
    /// [`PageError::Empty`], [`PageError::Boundary`], [`PageError::TooLong`],
    /// [`PageError::NoPages`], [`PageError::Scattered`].
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn reserve(&mut self, count: PageCount, boundary: PageCount) -> Result<Run, PageError> {
        let first = self.find(count, boundary)?;
        self.map.reserve(first..first + count.0);
        self.count_reservation(count);
        Ok(Run {
            first: PageNumber(first),
            count,
        })
    }

    /// Counts one more reservation.
    #[inline(always)]
    pub(super) fn count_reservation(&mut self, count: PageCount) {
        self.reserved_pages += count.0;
        self.reservations += 1;
        self.peak_pages = self.peak_pages.max(self.reserved_pages);
    }

    /// The first page of the run that [`PagePool::reserve`] takes.
    pub(super) fn find(&mut self, count: PageCount, boundary: PageCount) -> Result<u32, PageError> {
        if count.0 == 0 {
            return Err(PageError::Empty);
        }
        if !boundary.0.is_power_of_two() {
            return Err(PageError::Boundary(boundary));
        }
        if count > boundary {
            return Err(PageError::TooLong { count, boundary });
        }
        let free = PageCount(self.free_pages());
        if count > free {
            return Err(PageError::NoPages {
                wanted: count,
                free,
            });
        }
        self.map
            .find(count.0, boundary.0)
            .ok_or(PageError::Scattered {
                wanted: count,
                free,
            })
    }

    /// Ends a reservation: unmaps what is committed in it, takes those frames back, and frees the
    /// pages. `run` is exactly what [`PagePool::reserve`] returned.
    ///
    /// Numbers do not tell two reservations of the same pages apart. Who keeps a run after its
    /// release could end somebody else's, so a run stays in the kernel and has one owner.
    ///
    /// O(pages in `run`), and the backing's work.
    ///
    /// # Errors
    /// [`PageError::Empty`], [`PageError::Foreign`], [`PageError::NotReserved`] (also the second
    /// time), [`PageError::Interior`], [`PageError::TwoReservations`], [`PageError::Unfinished`].
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn release<B: Backing>(&mut self, run: Run, backing: &mut B) -> Result<(), PageError> {
        if let Some(short) = Short::of(run.first.0, run.count.0)
            && self.map.is_whole(short)
        {
            let pages = run.first.0..run.first.0 + run.count.0;
            let entries = entries_of(&mut self.entries, &pages);
            take_back(run.first, entries, &mut self.frames, backing);
            self.map.release_short(short);
            self.reserved_pages -= run.count.0;
            self.reservations -= 1;
            return Ok(());
        }
        self.release_any(run, backing)
    }

    /// The same of a reservation that is longer, or not all committed, or none.
    #[inline(never)]
    fn release_any<B: Backing>(&mut self, run: Run, backing: &mut B) -> Result<(), PageError> {
        let (pages, survey) = self.reserved(run)?;
        let goes_on = self.map.is_set(pages.end) && !self.map.starts(pages.end);
        if survey.parted != 0 || goes_on || !self.map.starts(pages.start) {
            return Err(self.refuse_release(run, pages));
        }
        if survey.bare == 0 {
            let entries = entries_of(&mut self.entries, &pages);
            take_back(run.first, entries, &mut self.frames, backing);
        } else if survey.backed != 0 {
            self.release_stretches(pages.clone(), backing);
        }
        self.map.release(pages);
        self.reserved_pages -= run.count.0;
        self.reservations -= 1;
        Ok(())
    }

    /// Takes back the committed stretches of a reservation.
    #[cold]
    #[inline(never)]
    fn release_stretches<B: Backing>(&mut self, pages: Range<u32>, backing: &mut B) {
        let mut page = pages.start;
        while page < pages.end {
            let is_backed = self.map.is_backed(page);
            let mut rest = page..pages.end;
            let changes = rest.find(|page| self.map.is_backed(*page) != is_backed);
            let stretch = page..changes.unwrap_or(pages.end);
            page = stretch.end;
            if is_backed {
                let entries = entries_of(&mut self.entries, &stretch);
                let first = PageNumber(stretch.start);
                take_back(first, entries, &mut self.frames, backing);
            }
        }
    }

    /// The frame behind a page, if it is committed. O(1).
    #[must_use]
    pub fn frame_of(&self, page: PageNumber) -> Option<FrameNumber> {
        let entry = self.entries.get(page.0 as usize)?;
        self.map.is_backed(page.0).then(|| entry.number())
    }

    /// Pages not reserved. O(1).
    #[must_use]
    pub const fn free_pages(&self) -> u32 {
        PAGES as u32 - self.reserved_pages
    }

    /// Frames behind no page. O(1).
    #[must_use]
    pub const fn free_frames(&self) -> u32 {
        self.frames.count()
    }

    /// How the pool is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> PageStats {
        PageStats {
            pages: PAGES as u32,
            free_pages: self.free_pages(),
            peak_pages: self.peak_pages,
            frames: FRAMES as u32,
            free_frames: self.free_frames(),
            peak_frames: self.peak_frames,
            reservations: self.reservations,
        }
    }

    /// Why a run of reserved pages is not one reservation.
    #[cold]
    #[inline(never)]
    fn refuse_release(&self, run: Run, pages: Range<u32>) -> PageError {
        let starts = self.map.starts(pages.start);
        match self.other_reservation(pages) {
            Some(error) => error,
            None if !starts => PageError::Interior(run.first),
            None => PageError::Unfinished(run.first),
        }
    }

    /// That another reservation begins inside the run, if one does.
    pub(super) fn other_reservation(&self, pages: Range<u32>) -> Option<PageError> {
        let page = self
            .map
            .first_that(pages.start + 1..pages.end, Word::Starts, true)?;
        Some(PageError::TwoReservations(PageNumber(page)))
    }

    /// The run as pages with what is the case among them, if all of it is reserved.
    #[inline(always)]
    pub(super) fn reserved(&self, run: Run) -> Result<(Range<u32>, Survey), PageError> {
        let (first, count) = (run.first.0, run.count.0);
        // No sum wraps where neither is more than the pool has.
        if count == 0 || count > PAGES as u32 || first > PAGES as u32 - count {
            return Err(if count == 0 {
                PageError::Empty
            } else {
                PageError::Foreign(run)
            });
        }
        let pages = first..first + count;
        let survey = self.map.survey(pages.clone());
        if survey.free != 0 {
            let page = self
                .map
                .first_that(pages, Word::Used, false)
                .unwrap_or(first);
            return Err(PageError::NotReserved(PageNumber(page)));
        }
        Ok((pages, survey))
    }
}

/// What is kept of the frames of these pages, which lie in the pool.
#[inline(always)]
pub(super) fn entries_of<'e>(entries: &'e mut [Entry], pages: &Range<u32>) -> &'e mut [Entry] {
    let entries = entries.get_mut(pages.start as usize..pages.end as usize);
    entries.unwrap_or_default()
}

/// Unmaps a stretch that is all committed, then frees its frames.
#[inline(always)]
pub(super) fn take_back<const FRAMES: usize, B: Backing>(
    first: PageNumber,
    entries: &[Entry],
    frames: &mut FreeFrames<FRAMES>,
    backing: &mut B,
) {
    backing.unmap(&Mapping::new(first, entries));
    frames.take_back(entries);
}
