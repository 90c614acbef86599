//! The records: one per allocation.

/// No record. Its links are written now and then, and never read.
pub(crate) const NONE: u16 = 0;

/// Marks a link as the class of a list instead of a record.
pub(crate) const HEAD: u16 = 1 << 15;

/// One allocation, and the free granules between it and the next.
///
/// Free stretches have no record of their own: `n` allocations take `n` records however
/// scattered they lie, and nothing has to be told apart when neighbours become one.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    /// The first granule.
    pub start: u32,
    /// The granule after the last.
    pub end: u32,
    /// Free granules from `end` on.
    pub gap: u32,
    /// The record before in address order, in a circle.
    pub before: u16,
    /// The record after in address order.
    pub after: u16,
    /// The next in the list of gaps of this size.
    pub next: u16,
    /// The previous one there, or [`HEAD`] and the class for the first.
    pub previous: u16,
    /// The next in its bucket of the directory. Spare: the next spare one.
    pub chain: u16,
    flags: u16,
}

const FREED: u16 = 1;
const COHERENT: u16 = 2;

impl Record {
    const CLEAR: Record = Record {
        start: 0,
        end: 0,
        gap: 0,
        before: NONE,
        after: NONE,
        next: NONE,
        previous: NONE,
        chain: NONE,
        flags: 0,
    };

    /// An allocation in no list and no order yet.
    #[inline]
    pub const fn set(&mut self, start: u32, end: u32, coherent: bool) {
        self.start = start;
        self.end = end;
        self.flags = if coherent { COHERENT } else { 0 };
    }

    pub const fn size(&self) -> u32 {
        self.end - self.start
    }

    /// Whether a lifetime allocation was given up; its granules stay.
    pub const fn is_freed(&self) -> bool {
        self.flags & FREED != 0
    }

    pub const fn is_coherent(&self) -> bool {
        self.flags & COHERENT != 0
    }

    /// Says that the owner gave it up.
    pub const fn mark_freed(&mut self) {
        self.flags |= FREED;
    }
}

/// All records of a region, outside the memory they describe.
///
/// Their number is a power of two: a mask then keeps every index inside, without a branch and
/// without a panic.
#[repr(C)]
pub(crate) struct Records<const RECORDS: usize> {
    /// Records given back, linked by `chain`.
    returned: u16,
    /// Records from this one on were never used.
    fresh: u16,
    records: [Record; RECORDS],
}

impl<const RECORDS: usize> Records<RECORDS> {
    const MASK: usize = {
        assert!(
            RECORDS.is_power_of_two() && RECORDS >= 2 && RECORDS <= HEAD as usize,
            "the records of a region are a power of two from 2 to 32,768"
        );
        RECORDS - 1
    };

    /// No records at all, until [`Records::reset`].
    pub const fn new() -> Self {
        Records {
            records: [Record::CLEAR; RECORDS],
            returned: NONE,
            fresh: 0,
        }
    }

    /// All records are spare again, except [`NONE`] and the first `kept` after it.
    pub const fn reset(&mut self, kept: u16) {
        self.returned = NONE;
        self.fresh = kept + 1;
    }

    #[inline]
    pub const fn at(&self, index: u16) -> &Record {
        &self.records[index as usize & Self::MASK]
    }

    #[inline]
    pub const fn at_mut(&mut self, index: u16) -> &mut Record {
        &mut self.records[index as usize & Self::MASK]
    }

    /// A spare record, or [`NONE`].
    #[inline]
    pub const fn take(&mut self) -> u16 {
        let index = self.returned;
        if index == NONE {
            return self.take_fresh();
        }
        self.returned = self.at(index).chain;
        index
    }

    /// One that was never used, or [`NONE`].
    #[inline]
    pub const fn take_fresh(&mut self) -> u16 {
        let index = self.fresh;
        if index as usize >= RECORDS {
            return NONE;
        }
        self.fresh = index + 1;
        index
    }

    /// Gives the record back.
    #[inline]
    pub const fn give(&mut self, index: u16) {
        self.at_mut(index).chain = self.returned;
        self.returned = index;
    }

    /// The records given back.
    pub fn returned(&self) -> impl Iterator<Item = u16> {
        self.chain(self.returned, |record| record.chain)
    }

    /// How many records were never used.
    pub const fn unused(&self) -> u32 {
        RECORDS as u32 - self.fresh as u32
    }

    /// From `first` on, ends at [`NONE`] or when it must be going round in circles.
    pub fn chain(&self, first: u16, next: fn(&Record) -> u16) -> impl Iterator<Item = u16> {
        let step = move |index: &u16| Some(next(self.at(*index)));
        core::iter::successors(Some(first), step)
            .take_while(|index| *index != NONE)
            .take(RECORDS)
    }
}
