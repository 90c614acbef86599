//! Giving an allocation another size where it lies.

use super::{Heap, NONE, Word};

/// What became of an allocation that was to have another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resized {
    /// Nothing is allocated there.
    Nothing,
    /// It is as it was: no more than so many bytes are there.
    NoRoom(u32),
    /// It had so many bytes, and has the ones asked for.
    Done(u32),
}

impl<const RECORDS: usize> Heap<RECORDS> {
    /// Gives the allocation that begins at this position the size that `round` makes of whether it
    /// is coherent; what it leaves or takes is of the gap behind it. O(1) on average, as a free.
    pub fn resize(&mut self, position: u32, round: impl FnOnce(bool) -> u32) -> Resized {
        let block = self.directory.find(&self.records, position);
        if block == NONE {
            return Resized::Nothing;
        }
        let size = round(self.is_coherent(block));
        let gap = self.records.get(block, Word::Gap);
        let before = self.records.get(block, Word::End) - position;
        let Some(rest) = (before + gap).checked_sub(size) else {
            return Resized::NoRoom(before + gap);
        };
        if gap != 0 {
            self.remove(block);
        }
        self.records.set(block, Word::End, position + size);
        self.records.set(block, Word::Gap, 0);
        if rest != 0 {
            self.insert(block, rest);
        }
        Resized::Done(before)
    }
}
