//! The records of copies and of their owners.

use super::{CopyId, Owner};

/// No record. Records are counted from 1 on.
pub(super) const NONE: u16 = 0;

#[derive(Clone, Copy)]
pub(super) struct Record {
    pub source: u32,
    pub bytes: u32,
    pub offset: u32,
    /// Bytes of memory taken; 0 where the record is spare.
    pub taken: u32,
    /// The first of its owners.
    pub links: u16,
    /// The next in its chain, or the next spare one.
    pub next: u16,
    pub generation: u16,
    pub shared: bool,
    pub granted: bool,
}

#[repr(C)]
pub(super) struct Copies<const COPIES: usize> {
    spare: u16,
    fresh: u16,
    /// The first shared copy of each chain.
    heads: [u16; COPIES],
    records: [Record; COPIES],
}

impl<const COPIES: usize> Copies<COPIES> {
    const SHIFT: u32 = {
        assert!(
            COPIES.is_power_of_two() && COPIES >= 2 && COPIES <= 1 << 15,
            "copies are a power of two from 2 to 32,768"
        );
        u32::BITS - COPIES.trailing_zeros()
    };

    pub const fn new() -> Self {
        let record = Record {
            source: 0,
            bytes: 0,
            offset: 0,
            taken: 0,
            links: NONE,
            next: NONE,
            generation: 0,
            shared: false,
            granted: false,
        };
        Copies {
            records: [record; COPIES],
            heads: [NONE; COPIES],
            spare: NONE,
            fresh: 0,
        }
    }

    #[inline(always)]
    pub fn get(&self, index: u16) -> Option<&Record> {
        self.records.get(usize::from(index.wrapping_sub(1)))
    }

    #[inline(always)]
    pub fn get_mut(&mut self, index: u16) -> Option<&mut Record> {
        self.records.get_mut(usize::from(index.wrapping_sub(1)))
    }

    /// The copy of this name.
    #[inline(always)]
    pub fn named(&self, id: CopyId) -> Option<&Record> {
        let record = self.get(id.index)?;
        (record.generation == id.generation && record.taken != 0).then_some(record)
    }

    pub fn id(&self, index: u16) -> CopyId {
        let generation = self.get(index).map_or(0, |record| record.generation);
        CopyId { index, generation }
    }

    /// The spare record that the next `take` takes.
    #[inline(always)]
    pub const fn has_spare(&self) -> bool {
        self.spare != NONE || (self.fresh as usize) < COPIES
    }

    /// Takes a spare record; the caller sees to it that there is one.
    pub fn take(&mut self, record: Record) -> u16 {
        let mut index = self.spare;
        if index == NONE {
            self.fresh += 1;
            index = self.fresh;
        } else {
            self.spare = self.get(index).map_or(NONE, |record| record.next);
        }
        let bucket = Self::bucket(record.source);
        let head = self.heads[bucket];
        if let Some(place) = self.get_mut(index) {
            let generation = place.generation;
            *place = Record {
                generation,
                next: head,
                ..record
            };
            if record.shared {
                self.heads[bucket] = index;
            }
        }
        index
    }

    /// Takes a record out of its chain and makes it spare.
    pub fn give(&mut self, index: u16) {
        let spare = self.spare;
        let Some(record) = self.get_mut(index) else {
            return;
        };
        let Record {
            source,
            next,
            shared,
            ..
        } = *record;
        record.taken = 0;
        record.generation = record.generation.wrapping_add(1);
        record.next = spare;
        self.spare = index;
        if !shared {
            return;
        }
        let bucket = Self::bucket(source);
        if self.heads[bucket] == index {
            self.heads[bucket] = next;
            return;
        }
        let mut before = self.heads[bucket];
        while let Some(record) = self.get_mut(before) {
            if record.next == index {
                record.next = next;
                return;
            }
            before = record.next;
        }
    }

    /// The shared copies in the chain of a source, others with the same hash among them.
    #[inline(always)]
    pub fn chain(&self, source: u32) -> impl Iterator<Item = (u16, &Record)> {
        let mut index = self.heads[Self::bucket(source)];
        core::iter::from_fn(move || {
            let at = index;
            let record = self.get(at)?;
            index = record.next;
            Some((at, record))
        })
        .take(COPIES + 1)
    }

    /// All copies there are.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Record)> {
        (1..)
            .zip(&self.records)
            .filter(|(_, record)| record.taken != 0)
    }

    #[inline(always)]
    const fn bucket(source: u32) -> usize {
        // Fibonacci hashing: sources are aligned, so their low bits say nothing.
        (source.wrapping_mul(0x9e37_79b1) >> Self::SHIFT) as usize
    }
}

#[derive(Clone, Copy)]
pub(super) struct Link {
    pub owner: Owner,
    /// Gets not yet put; 0 where the record is spare.
    pub count: u16,
    /// The next owner of the same copy, or the next spare record.
    pub next: u16,
}

#[repr(C)]
pub(super) struct Links<const LINKS: usize> {
    spare: u16,
    fresh: u16,
    links: [Link; LINKS],
}

impl<const LINKS: usize> Links<LINKS> {
    const VALID: () = assert!(LINKS >= 1 && LINKS <= 1 << 15, "links are 1 to 32,768");

    pub const fn new() -> Self {
        let () = Self::VALID;
        let link = Link {
            owner: Owner(0),
            count: 0,
            next: NONE,
        };
        Links {
            links: [link; LINKS],
            spare: NONE,
            fresh: 0,
        }
    }

    #[inline(always)]
    pub fn get_mut(&mut self, index: u16) -> Option<&mut Link> {
        self.links.get_mut(usize::from(index.wrapping_sub(1)))
    }

    #[inline(always)]
    pub const fn has_spare(&self) -> bool {
        self.spare != NONE || (self.fresh as usize) < LINKS
    }

    /// Takes a spare record for one get, before the owner `next`.
    pub fn take(&mut self, owner: Owner, next: u16) -> u16 {
        let mut index = self.spare;
        if index == NONE {
            self.fresh += 1;
            index = self.fresh;
        } else {
            self.spare = self.get_mut(index).map_or(NONE, |link| link.next);
        }
        if let Some(link) = self.get_mut(index) {
            *link = Link {
                owner,
                count: 1,
                next,
            };
        }
        index
    }

    pub fn give(&mut self, index: u16) {
        let spare = self.spare;
        if let Some(link) = self.get_mut(index) {
            link.count = 0;
            link.next = spare;
            self.spare = index;
        }
    }

    /// The owner's link among those from `first` on, and the one before it.
    #[inline(always)]
    pub fn find(&self, first: u16, owner: Owner) -> Option<(u16, u16)> {
        let mut before = NONE;
        for (index, link) in self.chain(first) {
            if link.owner == owner {
                return Some((index, before));
            }
            before = index;
        }
        None
    }

    #[inline(always)]
    pub fn chain(&self, first: u16) -> impl Iterator<Item = (u16, &Link)> {
        let mut index = first;
        core::iter::from_fn(move || {
            let at = index;
            let link = self.links.get(usize::from(at.wrapping_sub(1)))?;
            index = link.next;
            Some((at, link))
        })
        .take(LINKS + 1)
    }

    /// Links in use.
    pub fn used(&self) -> usize {
        self.links.iter().filter(|link| link.count != 0).count()
    }
}
