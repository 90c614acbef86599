//! Three bits of each page, and what is known of each 32 of them.

/// Pages in a word.
pub(super) const WORD_PAGES: u32 = u32::BITS;
/// Bytes of which there is one for each page.
const BYTES: usize = WORD_PAGES as usize;

/// The words that 32 pages have.
#[derive(Clone, Copy)]
#[repr(usize)]
pub(super) enum Word {
    /// A bit is set iff its page is reserved.
    Used,
    /// A bit is set iff a reservation begins with its page.
    Starts,
    /// A bit is set iff its page is committed.
    Backed,
    /// How many of the lengths that [`super::runs`] knows the longest free run here is short of.
    Short,
}

/// The words of `PAGES` pages, a multiple of 32.
///
/// The length of an array cannot be computed from a const parameter, so there is a byte for each page
/// and words are read from these: aligned, they are whole words to the core. Half of them are spare.
#[repr(C, align(4))]
pub(super) struct Bits<const PAGES: usize>([u8; PAGES]);

impl<const PAGES: usize> Bits<PAGES> {
    pub const fn new() -> Self {
        Bits([0; PAGES])
    }

    /// A word; all ones beyond the last page.
    #[inline(always)]
    pub fn get(&self, index: usize, word: Word) -> u32 {
        match self.0.as_chunks::<BYTES>().0.get(index) {
            Some(group) => read(group, word),
            None => !0,
        }
    }

    /// The words of 32 pages each.
    #[inline(always)]
    pub fn groups(&self) -> &[[u8; BYTES]] {
        self.0.as_chunks().0
    }

    #[inline(always)]
    pub fn group_mut(&mut self, index: usize) -> Option<&mut [u8; BYTES]> {
        self.0.as_chunks_mut().0.get_mut(index)
    }
}

#[inline(always)]
pub(super) fn read(group: &[u8; BYTES], word: Word) -> u32 {
    u32::from_ne_bytes(group.as_chunks().0[word as usize])
}

#[inline(always)]
pub(super) fn write(group: &mut [u8; BYTES], word: Word, value: u32) {
    group.as_chunks_mut().0[word as usize] = value.to_ne_bytes();
}
