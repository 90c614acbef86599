//! What the pool remembers of one page, in 16 bits.

use super::FrameNumber;

/// Set iff the page is the first of its reservation.
const STARTS: u16 = 1 << 15;

/// The frame behind a page, and whether a reservation begins here. Zero is a free page, or one
/// reserved without more to say: a pool that is all zero is an empty one.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Entry(pub u16);

impl Entry {
    pub const CLEAR: Entry = Entry(0);

    /// The frame number, which is below 2^15 - 1.
    pub const fn frame(self) -> Option<u16> {
        (self.0 & !STARTS).checked_sub(1)
    }

    pub const fn number(self) -> Option<FrameNumber> {
        match self.frame() {
            Some(frame) => Some(FrameNumber(frame as u32)),
            None => None,
        }
    }

    pub const fn starts(self) -> bool {
        self.0 & STARTS != 0
    }

    pub const fn is_committed(self) -> bool {
        self.0 & !STARTS != 0
    }

    /// Whether the page has a frame, and no reservation begins there.
    pub const fn is_inner(self) -> bool {
        // `STARTS` is the sign.
        self.0.cast_signed() > 0
    }

    /// The same page, if no reservation began there.
    pub const fn without_start(self) -> Entry {
        Entry(self.0 & !STARTS)
    }

    pub const fn mark_start(&mut self) {
        self.0 |= STARTS;
    }

    pub const fn set_frame(&mut self, frame: u16) {
        self.0 = self.0 & STARTS | (frame + 1);
    }
}
