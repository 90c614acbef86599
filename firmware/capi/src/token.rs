//! What a C caller holds instead of a pointer to a record: a number in a pointer's place.
//!
//! Nobody follows it. It is odd, as no pointer to a record is, and it carries a generation: one
//! that was kept after its end, or was made up, is known as such.

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// A virtual region.
    Region = 1,
    /// A virtual memory heap.
    Heap = 2,
    /// A heap of the `rmalloc` family.
    Area = 3,
    /// An object pool.
    Pool = 4,
}

/// A token's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it stands for.
    pub kind: Kind,
    /// Which of them.
    pub index: usize,
    /// The how-manyeth one in this place.
    pub generation: u16,
}

impl Token {
    /// As a number that is never 0.
    pub const fn number(self) -> u32 {
        (self.generation as u32) << 16
            | (self.index as u32 & 0xff) << 8
            | (self.kind as u32) << 1
            | 1
    }

    /// The index and generation in a number, if it is a token of this kind.
    pub fn read(kind: Kind, number: usize) -> Option<(usize, u16)> {
        let number = u32::try_from(number).ok()?;
        let is_one = number & 0xff == (kind as u32) << 1 | 1;
        is_one.then_some(((number >> 8 & 0xff) as usize, (number >> 16) as u16))
    }
}
