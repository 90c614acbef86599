//! The records: one per block of the heap or per lifetime allocation.

/// No record. The record of this number stands for both ends of the heap: it is allocated for
/// ever and has no size, so that no neighbour needs a special case.
pub(crate) const NONE: u16 = 0;

/// Marks a link as the class of a list instead of a record.
pub(crate) const HEAD: u16 = 1 << 15;

const FREE: u32 = 1 << 31;
const COHERENT: u32 = 1 << 30;
const SIZE: u32 = COHERENT - 1;

/// One stretch of granules.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    /// The first granule.
    pub start: u32,
    /// Granules, with [`FREE`] and [`COHERENT`] above.
    size: u32,
    /// The block that ends where this one begins.
    pub before: u16,
    /// The block that begins where this one ends.
    pub after: u16,
    /// Free: the next in its list. Allocated: the next in its bucket. Spare: the next spare one.
    pub next: u16,
    /// Free: the previous in its list, or [`HEAD`] and the class if it is the first.
    pub previous: u16,
}

impl Record {
    const CLEAR: Record = Record {
        start: 0,
        size: 0,
        before: NONE,
        after: NONE,
        next: NONE,
        previous: NONE,
    };

    pub const fn size(&self) -> u32 {
        self.size & SIZE
    }

    pub const fn is_free(&self) -> bool {
        self.size & FREE != 0
    }

    pub const fn is_coherent(&self) -> bool {
        self.size & COHERENT != 0
    }

    /// A free block, in no list yet.
    pub const fn free(start: u32, size: u32, before: u16, after: u16) -> Record {
        Record {
            start,
            size: size | FREE,
            before,
            after,
            next: NONE,
            previous: NONE,
        }
    }

    pub const fn set_allocated(&mut self, size: u32, coherent: bool) {
        self.size = size | if coherent { COHERENT } else { 0 };
    }

    /// Says that the owner gave it up, whatever that means; the size stays.
    pub const fn mark_free(&mut self) {
        self.size |= FREE;
    }

    /// Where in this block `size` granules begin at a multiple of `align`.
    pub const fn fit(&self, size: u32, align: u32) -> Option<u32> {
        let position = (self.start + (align - 1)) & !(align - 1);
        if position + size <= self.start + self.size() {
            Some(position)
        } else {
            None
        }
    }
}

/// All records of a region, outside the memory they describe.
///
/// Their number is a power of two: a mask then keeps every index inside, without a branch and
/// without a panic.
pub(crate) struct Records<const RECORDS: usize> {
    records: [Record; RECORDS],
    /// Records given back, linked by `next`.
    returned: u16,
    /// Records from this one on were never used.
    fresh: u32,
    /// Records not in use.
    spare: u32,
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
            spare: 0,
        }
    }

    /// All records are spare again, except [`NONE`] and the first `kept` after it.
    pub const fn reset(&mut self, kept: u16) {
        self.returned = NONE;
        self.fresh = kept as u32 + 1;
        self.spare = RECORDS as u32 - self.fresh;
    }

    #[inline]
    pub const fn at(&self, index: u16) -> &Record {
        &self.records[index as usize & Self::MASK]
    }

    #[inline]
    pub const fn at_mut(&mut self, index: u16) -> &mut Record {
        &mut self.records[index as usize & Self::MASK]
    }

    /// Records not in use.
    pub const fn spare(&self) -> u32 {
        self.spare
    }

    /// A spare record; the caller sees to it that there is one.
    #[inline]
    pub const fn take(&mut self) -> u16 {
        self.spare -= 1;
        let index = self.returned;
        if index == NONE {
            self.fresh += 1;
            (self.fresh - 1) as u16
        } else {
            self.returned = self.at(index).next;
            index
        }
    }

    /// Gives the record back.
    #[inline]
    pub const fn give(&mut self, index: u16) {
        self.at_mut(index).next = self.returned;
        self.returned = index;
        self.spare += 1;
    }

    /// Takes the newest record back as if it had never been taken: it is the last fresh one.
    pub const fn undo_take(&mut self) {
        self.fresh -= 1;
        self.spare += 1;
    }

    /// The blocks of the heap in address order; at most as many as there are records.
    pub fn blocks(&self) -> impl Iterator<Item = u16> {
        self.chain(self.at(NONE).after, |record| record.after)
    }

    /// The records given back.
    pub fn returned(&self) -> impl Iterator<Item = u16> {
        self.chain(self.returned, |record| record.next)
    }

    /// How many records were never used.
    pub const fn unused(&self) -> u32 {
        RECORDS as u32 - self.fresh
    }

    /// From `first` on, ends at [`NONE`] or when it must be going round in circles.
    pub fn chain(&self, first: u16, next: fn(&Record) -> u16) -> impl Iterator<Item = u16> {
        let step = move |index: &u16| Some(next(self.at(*index)));
        core::iter::successors(Some(first), step)
            .take_while(|index| *index != NONE)
            .take(RECORDS)
    }
}
