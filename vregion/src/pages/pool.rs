//! The page pool itself.

use core::ops::Range;

use super::entry::Entry;
use super::frames::FreeFrames;
use super::map::{PageMap, WORD_PAGES};
use super::{Backing, FrameNumber, Mapping, PageCount, PageError, PageNumber, Run};

/// The most pages that a pool can have: 64 MiB of address space.
pub const MAX_PAGES: usize = 16_384;
/// The most frames that a pool can have: 64 MiB of memory.
pub const MAX_FRAMES: usize = 16_384;

/// Contiguous virtual pages, backed by any free frames.
///
/// An empty pool is all zero bytes, so a `static` one costs no space in the image.
pub struct PagePool<const PAGES: usize, const FRAMES: usize> {
    pub(super) map: PageMap,
    /// One per page; an entry of a free page is clear.
    pub(super) entries: [Entry; PAGES],
    pub(super) frames: FreeFrames<FRAMES>,
    pub(super) reserved_pages: u32,
    pub(super) reservations: u32,
    peak_pages: u32,
    pub(super) peak_frames: u32,
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
            map: PageMap::new(),
            entries: [Entry::CLEAR; PAGES],
            frames: FreeFrames::new(),
            reserved_pages: 0,
            reservations: 0,
            peak_pages: 0,
            peak_frames: 0,
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
        let Some(first) = self.map.find(PAGES as u32, count.0, boundary.0) else {
            return Err(PageError::Scattered {
                wanted: count,
                free,
            });
        };
        let Some(entry) = self.entries.get_mut(first as usize) else {
            return Err(PageError::Scattered {
                wanted: count,
                free,
            });
        };
        entry.mark_start();
        self.map.set(first..first + count.0);
        self.reserved_pages += count.0;
        self.reservations += 1;
        self.peak_pages = self.peak_pages.max(self.reserved_pages);
        Ok(Run {
            first: PageNumber(first),
            count,
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
        let range = self.reserved(run)?;
        let pages = range.start as u32..range.end as u32;
        let goes_on = self.map.is_set(pages.end) && !self.starts(range.end) && range.end < PAGES;
        let entries = self.entries.get_mut(range.clone()).unwrap_or_default();
        let [first, rest @ ..] = &*entries else {
            return Err(PageError::Empty);
        };
        if !first.starts() || goes_on {
            return Err(self.refuse_release(run, range));
        }
        if first.is_committed() && rest.iter().all(|entry| entry.is_inner()) {
            take_back(run.first, entries, &mut self.frames, backing);
        } else if rest.iter().any(|entry| entry.starts()) {
            return Err(self.refuse_release(run, range));
        } else {
            release_stretches(run.first, entries, &mut self.frames, backing);
        }
        self.map.clear(pages);
        self.reserved_pages -= run.count.0;
        self.reservations -= 1;
        Ok(())
    }

    /// The frame behind a page, if it is committed. O(1).
    #[must_use]
    pub fn frame_of(&self, page: PageNumber) -> Option<FrameNumber> {
        self.entries.get(page.0 as usize)?.number()
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
    fn refuse_release(&self, run: Run, range: Range<usize>) -> PageError {
        let starts = self.starts(range.start);
        match self.one_reservation(run, range) {
            Err(error) => error,
            Ok(()) if !starts => PageError::Interior(run.first),
            Ok(()) => PageError::Unfinished(run.first),
        }
    }

    fn starts(&self, page: usize) -> bool {
        self.entries.get(page).is_some_and(|entry| entry.starts())
    }

    /// The run as indices, if all of it is reserved.
    #[inline]
    pub(super) fn reserved(&self, run: Run) -> Result<Range<usize>, PageError> {
        let (first, count) = (run.first.0, run.count.0);
        // No sum wraps where neither is more than the pool has.
        if count == 0 || count > PAGES as u32 || first > PAGES as u32 - count {
            return Err(if count == 0 {
                PageError::Empty
            } else {
                PageError::Foreign(run)
            });
        }
        match self.map.first_clear(first..first + count) {
            Some(page) => Err(PageError::NotReserved(PageNumber(page))),
            None => Ok(first as usize..(first + count) as usize),
        }
    }

    /// Whether no other reservation begins inside the run.
    pub(super) fn one_reservation(&self, run: Run, range: Range<usize>) -> Result<(), PageError> {
        let rest = self.entries.get(range.start + 1..range.end);
        let mut rest = rest.unwrap_or_default().iter();
        match rest.position(|entry| entry.starts()) {
            Some(at) => Err(PageError::TwoReservations(page_at(run, at + 1))),
            None => Ok(()),
        }
    }
}

/// Unmaps a stretch that is all committed, then frees its frames.
pub(super) fn take_back<const FRAMES: usize, B: Backing>(
    first: PageNumber,
    entries: &mut [Entry],
    frames: &mut FreeFrames<FRAMES>,
    backing: &mut B,
) {
    backing.unmap(&Mapping::new(first, entries));
    frames.take_back(entries);
}

/// The same for the committed stretches of a reservation.
#[cold]
#[inline(never)]
fn release_stretches<const FRAMES: usize, B: Backing>(
    mut first: PageNumber,
    entries: &mut [Entry],
    frames: &mut FreeFrames<FRAMES>,
    backing: &mut B,
) {
    for stretch in entries.chunk_by_mut(|one, two| one.is_committed() == two.is_committed()) {
        if stretch.first().is_some_and(|entry| entry.is_committed()) {
            take_back(first, stretch, frames, backing);
        }
        stretch.fill(Entry::CLEAR);
        first = PageNumber(first.0 + stretch.len() as u32);
    }
}

/// The page `index` pages after the first of a run that lies within the pool.
pub(super) const fn page_at(run: Run, index: usize) -> PageNumber {
    PageNumber(run.first.0 + index as u32)
}
