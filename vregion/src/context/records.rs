//! The records of a context.

use super::{Intent, Source};

#[derive(Clone, Copy)]
pub(super) struct Record {
    pub offset: u32,
    /// Bytes asked for.
    pub bytes: u32,
    /// Bytes that the allocator gave.
    pub capacity: u32,
    pub align: u32,
    pub intent: Intent,
    pub source: Source,
}

#[derive(Clone, Copy)]
struct Slot {
    record: Option<Record>,
    generation: u16,
    /// Spare: the next spare slot, counted from 1; 0 is none.
    next: u16,
}

pub(super) struct Records<const RECORDS: usize> {
    slots: [Slot; RECORDS],
    spare: u16,
    fresh: u16,
}

impl<const RECORDS: usize> Records<RECORDS> {
    const VALID: () = assert!(
        RECORDS >= 1 && RECORDS <= 1 << 15,
        "the records of a context are 1 to 32,768"
    );

    pub const fn new() -> Self {
        let () = Self::VALID;
        let slot = Slot {
            record: None,
            generation: 0,
            next: 0,
        };
        Records {
            slots: [slot; RECORDS],
            spare: 0,
            fresh: 0,
        }
    }

    pub const fn has_spare(&self) -> bool {
        self.spare != 0 || (self.fresh as usize) < RECORDS
    }

    /// Takes a slot, of which the caller sees to it that there is one. Returns index and generation.
    pub fn take(&mut self, record: Record) -> (u16, u16) {
        let mut place = self.spare;
        if place == 0 {
            self.fresh += 1;
            place = self.fresh;
        }
        let Some(slot) = self.slots.get_mut(usize::from(place - 1)) else {
            return (0, 0);
        };
        if place == self.spare {
            self.spare = slot.next;
        }
        slot.record = Some(record);
        (place - 1, slot.generation)
    }

    pub fn give(&mut self, index: u16) {
        if let Some(slot) = self.slots.get_mut(usize::from(index)) {
            slot.record = None;
            slot.generation = slot.generation.wrapping_add(1);
            slot.next = self.spare;
            self.spare = index + 1;
        }
    }

    pub fn named(&self, index: u16, generation: u16) -> Option<&Record> {
        let slot = self.slots.get(usize::from(index))?;
        slot.record
            .as_ref()
            .filter(|_| slot.generation == generation)
    }

    pub fn at_mut(&mut self, index: u16) -> Option<&mut Record> {
        self.slots.get_mut(usize::from(index))?.record.as_mut()
    }

    /// The record in this slot and its name, if there is one.
    pub fn at(&self, index: u16) -> Option<((u16, u16), &Record)> {
        let slot = self.slots.get(usize::from(index))?;
        Some(((index, slot.generation), slot.record.as_ref()?))
    }

    /// The records in use, with index and generation.
    pub fn iter(&self) -> impl Iterator<Item = ((u16, u16), &Record)> {
        (0..RECORDS as u16).filter_map(|index| self.at(index))
    }

    /// Whether the slots that are not spare are as many as are in use.
    pub fn spares_hold(&self, used: u32) -> bool {
        let (mut spare, mut place) = (0, self.spare);
        while let Some(slot) = self.slots.get(usize::from(place.wrapping_sub(1))) {
            if slot.record.is_some() || spare > RECORDS as u32 {
                return false;
            }
            spare += 1;
            place = slot.next;
        }
        spare + used == u32::from(self.fresh)
    }
}
