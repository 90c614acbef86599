//! The free frames.

use super::entry::Entry;

/// A stack of the frames that came back, above the frames that were never taken. Nothing has to
/// be filled in before the first use. Take and give are O(1).
pub(super) struct FreeFrames<const FRAMES: usize> {
    /// The first `returned_count` of these are free, each as the entry of a page that has it.
    returned: [Entry; FRAMES],
    returned_count: u16,
    /// Frames from this one on were never taken.
    fresh: u16,
}

/// The state of the stack at one moment.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    returned_count: u16,
    fresh: u16,
}

impl<const FRAMES: usize> FreeFrames<FRAMES> {
    pub const fn new() -> Self {
        FreeFrames {
            returned: [Entry::CLEAR; FRAMES],
            returned_count: 0,
            fresh: 0,
        }
    }

    pub const fn count(&self) -> u32 {
        self.returned_count as u32 + (FRAMES as u32 - self.fresh as u32)
    }

    pub const fn mark(&self) -> Mark {
        Mark {
            returned_count: self.returned_count,
            fresh: self.fresh,
        }
    }

    /// Back to the mark, exactly: all frames taken since are free again, in the same order. Taking
    /// leaves the stack's contents alone, so this holds as long as nothing was given since.
    pub const fn rewind(&mut self, mark: Mark) {
        self.returned_count = mark.returned_count;
        self.fresh = mark.fresh;
    }

    /// Gives a frame to each of these pages, of which nothing is known yet: all, or none where
    /// there are too few.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn back(&mut self, entries: &mut [Entry]) -> bool {
        let top = usize::from(self.returned_count);
        let from = top.saturating_sub(entries.len());
        let fresh = entries.len() - (top - from);
        if fresh != 0 && !self.back_fresh(entries, fresh) {
            return false;
        }
        let returned = self.returned.get(from..top).unwrap_or_default();
        for (entry, frame) in entries.iter_mut().zip(returned.iter().rev()) {
            *entry = *frame;
        }
        self.returned_count = from as u16;
        true
    }

    /// Gives frames that were never taken to the last of these pages, or to none.
    #[cold]
    #[inline(never)]
    fn back_fresh(&mut self, entries: &mut [Entry], count: usize) -> bool {
        if FRAMES - usize::from(self.fresh) < count {
            return false;
        }
        for entry in entries.iter_mut().rev().take(count).rev() {
            entry.set_frame(self.fresh);
            self.fresh += 1;
        }
        true
    }

    /// Takes back the frames of these pages, all of which have one, and forgets all else about
    /// them.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn take_back(&mut self, entries: &mut [Entry]) {
        let top = usize::from(self.returned_count);
        let end = top + entries.len();
        let Some(places) = self.returned.get_mut(top..end) else {
            return;
        };
        for (entry, place) in entries.iter_mut().zip(places) {
            *place = entry.without_start();
            *entry = Entry::CLEAR;
        }
        self.returned_count = end as u16;
    }

    /// The free frames, each once.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let returned = self.returned.get(..usize::from(self.returned_count));
        returned
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| Some(u32::from(entry.frame()?)))
            .chain(u32::from(self.fresh)..FRAMES as u32)
    }
}
