//! What the pool remembers of one page that is committed, in 16 bits.

use super::FrameNumber;

/// The frame behind a page. What it says of a page that is not committed means nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Entry(pub u16);

impl Entry {
    pub const CLEAR: Entry = Entry(0);

    pub const fn number(self) -> FrameNumber {
        FrameNumber(self.0 as u32)
    }
}
