//! The rules of the page pool.

use super::map::GROUP_PAGES;
use super::pool::MAX_FRAMES;
use super::{PageNumber, PagePool};
use crate::InvariantError;

/// One bit per frame.
struct Seen([u32; MAX_FRAMES / 32]);

impl Seen {
    /// Whether this is the first time, of a frame that exists.
    fn first_time(&mut self, frame: u32, frames: usize) -> bool {
        let Some(word) = self.0.get_mut(frame as usize / 32) else {
            return false;
        };
        let bit = 1 << (frame % 32);
        let first = *word & bit == 0 && (frame as usize) < frames;
        *word |= bit;
        first
    }
}

impl<const PAGES: usize, const FRAMES: usize> PagePool<PAGES, FRAMES> {
    /// Walks the pool. O(`PAGES` + `FRAMES`), with 2 KiB of stack.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        let mut seen = Seen([0; MAX_FRAMES / 32]);
        let (mut reserved, mut starts, mut committed) = (0, 0, 0);
        let mut before_reserved = false;
        for page in 0..PAGES as u32 {
            let is_reserved = self.map.is_set(page);
            let starts_here = self.map.starts(page);
            if !is_reserved && (starts_here || self.map.is_backed(page)) {
                return Err(InvariantError::FreePageInUse(page));
            }
            if is_reserved && !before_reserved && !starts_here {
                return Err(InvariantError::NoReservation(page));
            }
            if let Some(frame) = self.frame_of(PageNumber(page)) {
                if !seen.first_time(frame.0, FRAMES) {
                    return Err(InvariantError::FrameOwner(frame.0));
                }
                committed += 1;
            }
            reserved += u32::from(is_reserved);
            starts += u32::from(starts_here);
            before_reserved = is_reserved;
        }
        for frame in self.frames.iter() {
            if !seen.first_time(frame, FRAMES) {
                return Err(InvariantError::FrameOwner(frame));
            }
        }
        if reserved != self.reserved_pages {
            return Err(InvariantError::FreePages);
        }
        if starts != self.reservations {
            return Err(InvariantError::Reservations);
        }
        if committed + self.free_frames() != FRAMES as u32 {
            return Err(InvariantError::FreeFrames);
        }
        for group in (0..PAGES as u32).step_by(GROUP_PAGES as usize) {
            if self.map.hides_run(group) {
                return Err(InvariantError::HiddenRun(group));
            }
        }
        Ok(())
    }
}
