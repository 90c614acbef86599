//! The free frames.

use super::entry::Entry;

/// A stack of the frames that came back, above the frames that were never taken. Nothing has to
/// be filled in before the first use. Take and give are O(1).
#[repr(C)]
pub(super) struct FreeFrames<const FRAMES: usize> {
    returned_count: u16,
    /// Frames from this one on were never taken.
    fresh: u16,
    /// The first `returned_count` of these are free, each as the entry of a page that has it.
    returned: [Entry; FRAMES],
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

    /// Gives a frame to each of these pages and hands it to `each`: all, or none where there are too
    /// few.
    #[inline(always)]
    pub fn back(&mut self, entries: &mut [Entry], mut each: impl FnMut(Entry)) -> bool {
        let top = usize::from(self.returned_count);
        let from = top.saturating_sub(entries.len());
        let Some(returned) = self.returned.get(from..top) else {
            return false;
        };
        let Some((first, rest)) = entries.split_at_mut_checked(returned.len()) else {
            return false;
        };
        if !rest.is_empty() && !back_fresh::<FRAMES>(&mut self.fresh, rest, &mut each) {
            return false;
        }
        copy(returned, first, each);
        self.returned_count = from as u16;
        true
    }

    /// Takes back the frames of these pages, all of which have one.
    #[inline(always)]
    pub fn take_back(&mut self, entries: &[Entry]) {
        let top = usize::from(self.returned_count);
        let end = top + entries.len();
        let Some(places) = self.returned.get_mut(top..end) else {
            return;
        };
        copy(entries, places, |_| ());
        self.returned_count = end as u16;
    }

    /// The free frames, each once.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let returned = self.returned.get(..usize::from(self.returned_count));
        returned
            .unwrap_or_default()
            .iter()
            .map(|entry| u32::from(entry.0))
            .chain(u32::from(self.fresh)..FRAMES as u32)
    }
}

/// Gives frames that were never taken to all of these pages, or to none.
#[cold]
#[inline(never)]
fn back_fresh<const FRAMES: usize>(
    fresh: &mut u16,
    entries: &mut [Entry],
    each: &mut impl FnMut(Entry),
) -> bool {
    if FRAMES - usize::from(*fresh) < entries.len() {
        return false;
    }
    for entry in entries {
        *entry = Entry(*fresh);
        *fresh += 1;
        each(*entry);
    }
    true
}

/// Copies four at a time: the loop costs as much as a copy.
#[inline(always)]
fn copy(from: &[Entry], to: &mut [Entry], mut each: impl FnMut(Entry)) {
    let (fours, rest) = from.as_chunks::<4>();
    let (places, last) = to.as_chunks_mut::<4>();
    for (place, four) in places.iter_mut().zip(fours) {
        *place = *four;
        four.iter().for_each(|entry| each(*entry));
    }
    for (place, entry) in last.iter_mut().zip(rest) {
        *place = *entry;
        each(*entry);
    }
}
