//! The records: one per allocation.

/// No record. Its links are written now and then, and never read; its gap stays 0, so that nothing
/// fits there.
pub(crate) const NONE: u32 = 0;

/// In the place of the link before the first of a list: its class, less this, which makes it negative.
/// The sign is cheap to ask for, and a multiple of 256 is part of an instruction.
pub(super) const HEADS: u32 = 512;

/// What stands for the link before the first of a class's list.
#[inline(always)]
pub(crate) const fn head(class: u32) -> u32 {
    class.wrapping_sub(HEADS)
}

/// The class of whose list it is the head; `None` of a link.
#[inline(always)]
pub(crate) const fn class_of_head(previous: u32) -> Option<u32> {
    if previous.cast_signed() < 0 {
        Some(previous.wrapping_add(HEADS))
    } else {
        None
    }
}

/// The lowest bits of a link and of a position, which are 0 there. Some words keep flags in them.
pub(crate) const FLAGS: u32 = 7;

/// Words of a record.
const WORDS: usize = 8;

/// What a record knows, one word each, of one allocation and the free bytes between it and the next.
///
/// Free stretches have no record of their own: `n` allocations take `n` records however
/// scattered they lie, and nothing has to be told apart when neighbours become one.
#[derive(Clone, Copy)]
#[repr(usize)]
pub(crate) enum Word {
    /// The first byte; of a lifetime allocation with flags.
    Start,
    /// The byte after the last.
    End,
    /// Free bytes from the end on.
    Gap,
    /// The record before in address order, in a circle.
    Before,
    /// The record after in address order.
    After,
    /// The next in the list of gaps of this size.
    Next,
    /// The previous one there, or [`head`] of the class for the first.
    Previous,
    /// The next in its bucket of the directory, with flags. Spare: the next spare one.
    Chain,
}

/// All records of a region, outside the memory they describe.
///
/// A record is named by its link, which is its number times 8. Their number is a power of two: a
/// mask then keeps every link inside, without a branch and without a panic, and what is left is the
/// place of the record's first word.
pub(crate) struct Records<const RECORDS: usize> {
    records: [[u32; WORDS]; RECORDS],
}

/// The records that nobody has.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Spare {
    /// Records given back, linked by `Chain`.
    returned: u32,
    /// Records from this one on were never used.
    fresh: u32,
}

impl Spare {
    /// No records at all.
    pub const NONE: Spare = Spare {
        returned: NONE,
        fresh: 0,
    };

    /// All records are spare, except [`NONE`] and the first `kept` after it.
    pub const fn but(kept: u32) -> Self {
        Spare {
            returned: NONE,
            fresh: link_of(kept + 1),
        }
    }

    /// A spare record, or [`NONE`].
    #[inline(always)]
    pub fn take<const RECORDS: usize>(&mut self, records: &Records<RECORDS>) -> u32 {
        let link = self.returned;
        if link == NONE {
            return self.take_fresh(records);
        }
        self.returned = records.get(link, Word::Chain);
        link
    }

    /// One that was never used, or [`NONE`].
    #[inline(always)]
    pub const fn take_fresh<const RECORDS: usize>(&mut self, _of: &Records<RECORDS>) -> u32 {
        let link = self.fresh;
        if link > Records::<RECORDS>::MASK {
            return NONE;
        }
        self.fresh = link + link_of(1);
        link
    }

    /// Whether a record is left.
    pub const fn is_some<const RECORDS: usize>(&self, _of: &Records<RECORDS>) -> bool {
        self.returned != NONE || self.fresh <= Records::<RECORDS>::MASK
    }

    /// Gives the record back.
    #[inline(always)]
    pub fn give<const RECORDS: usize>(&mut self, records: &mut Records<RECORDS>, link: u32) {
        records.set(link, Word::Chain, self.returned);
        self.returned = link;
    }

    /// The records given back.
    pub fn returned<const RECORDS: usize>(
        &self,
        records: &Records<RECORDS>,
    ) -> impl Iterator<Item = u32> {
        records.chain(self.returned, Word::Chain)
    }

    /// How many records were never used.
    pub const fn unused<const RECORDS: usize>(&self, _of: &Records<RECORDS>) -> u32 {
        RECORDS as u32 - number_of(self.fresh)
    }
}

impl<const RECORDS: usize> Records<RECORDS> {
    const MASK: u32 = {
        assert!(
            RECORDS.is_power_of_two() && RECORDS >= 2 && RECORDS <= 1 << 15,
            "the records of a region are a power of two from 2 to 32,768"
        );
        (RECORDS as u32 - 1) << 3
    };

    pub const fn new() -> Self {
        Records {
            records: [[0; WORDS]; RECORDS],
        }
    }

    /// The link without flags.
    #[inline(always)]
    pub const fn plain(link: u32) -> u32 {
        link & Self::MASK
    }

    /// The words of a record. The place of the first is worked out once; the others are part of the
    /// instructions that use them.
    #[inline(always)]
    pub fn at(&self, link: u32) -> &[u32; WORDS] {
        let first = (link & Self::MASK) as usize;
        let words = self.records.as_flattened().get(first..first + WORDS);
        words.and_then(<[u32]>::first_chunk).unwrap_or(&[0; WORDS])
    }

    #[inline(always)]
    pub fn at_mut(&mut self, link: u32) -> &mut [u32; WORDS] {
        let first = (link & Self::MASK) as usize;
        let words = &mut self.records.as_flattened_mut()[first..first + WORDS];
        match words.first_chunk_mut() {
            Some(words) => words,
            None => unreachable!(),
        }
    }

    #[inline(always)]
    pub fn get(&self, link: u32, word: Word) -> u32 {
        self.at(link)[word as usize]
    }

    #[inline(always)]
    pub fn set(&mut self, link: u32, word: Word, value: u32) {
        self.at_mut(link)[word as usize] = value;
    }

    /// The record with this number, which is below `RECORDS`.
    #[inline(always)]
    pub const fn numbered(&mut self, number: u32) -> &mut [u32; WORDS] {
        &mut self.records[number as usize & (RECORDS - 1)]
    }

    /// From `first` on, ends at [`NONE`] or when it must be going round in circles.
    pub fn chain(&self, first: u32, next: Word) -> impl Iterator<Item = u32> {
        let step = move |link: &u32| Some(self.get(*link, next) & !FLAGS);
        core::iter::successors(Some(first), step)
            .take_while(|link| *link != NONE)
            .take(RECORDS)
    }
}

/// The link of the record with this number.
#[inline(always)]
pub(crate) const fn link_of(number: u32) -> u32 {
    number << 3
}

/// The number of the record with this link.
#[inline(always)]
pub(crate) const fn number_of(link: u32) -> u32 {
    link >> 3
}
