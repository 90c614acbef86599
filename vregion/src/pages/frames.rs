//! The free frames.

use super::entry::Entry;

/// A stack of the frames that came back, above the frames that were never taken. Nothing has to
/// be filled in before the first use. Take and give are O(1).
pub(super) struct FreeFrames<const FRAMES: usize> {
    /// The first `returned_count` of these are free.
    returned: [u16; FRAMES],
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
            returned: [0; FRAMES],
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

    pub fn take(&mut self) -> Option<u16> {
        if let Some(top) = self.returned_count.checked_sub(1) {
            self.returned_count = top;
            return self.returned.get(usize::from(top)).copied();
        }
        if usize::from(self.fresh) < FRAMES {
            self.fresh += 1;
            return Some(self.fresh - 1);
        }
        None
    }

    pub fn give(&mut self, frame: u16) {
        if let Some(place) = self.returned.get_mut(usize::from(self.returned_count)) {
            *place = frame;
            self.returned_count += 1;
        }
    }

    /// Gives each of these pages a frame, or none of them: whether it could.
    pub fn back(&mut self, entries: &mut [Entry]) -> bool {
        if (self.count() as usize) < entries.len() {
            return false;
        }
        for entry in entries {
            if let Some(frame) = self.take() {
                entry.set_frame(frame);
            }
        }
        true
    }

    /// The free frames, each once.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let returned = self.returned.get(..usize::from(self.returned_count));
        returned
            .unwrap_or_default()
            .iter()
            .map(|frame| u32::from(*frame))
            .chain(u32::from(self.fresh)..FRAMES as u32)
    }
}
