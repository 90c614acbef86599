//! One TLB of one core: its ways, and which entry an address selects in each.

use crate::{PhysAddr, Pte, Side, VirtAddr};

/// Ways of the data TLB; the instruction TLB has the first seven.
const WAYS: usize = 10;
const INSTRUCTION_WAYS: usize = 7;
/// Entries of the largest way.
const MOST_ENTRIES: usize = 8;
/// Ways that the hardware refills by itself.
pub(super) const AUTOREFILL_WAYS: u8 = 4;

/// How many entries a way has, and the bits of its page size. The index is made of the lowest bits
/// of the page number. ITLBCFG and DTLBCFG are zero, as the kernel leaves them.
const fn shape(way: usize) -> (usize, u32) {
    match way {
        0..=3 => (4, 12),
        4 => (4, 20),
        5 => (4, 27),
        6 => (8, 29),
        _ => (1, 12),
    }
}

/// An entry that stands in a TLB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    pub(super) page: VirtAddr,
    pub(super) asid: u8,
    pub(super) pte: Pte,
}

/// What an address found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// Several entries: the core faults, and which they are does not matter.
    Several,
    One(Hit),
}

/// The one entry that an address found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// The ring whose number the entry carries now.
    pub(super) ring: u8,
    pub(super) pte: Pte,
    shift: u32,
}

impl Hit {
    /// A hit in an autorefill way.
    pub(super) const fn refilled(pte: Pte) -> Hit {
        Hit {
            ring: pte.ring() as u8,
            pte,
            shift: shape(0).1,
        }
    }

    /// Where the address leads.
    pub(super) const fn place(self, address: VirtAddr) -> PhysAddr {
        let inside = (1 << self.shift) - 1;
        PhysAddr(self.pte.bits() & !inside | address.0 & inside)
    }
}

#[derive(Clone, Debug, Hash)]
pub(super) struct Tlb {
    side: Side,
    entries: [[Option<Entry>; MOST_ENTRIES]; WAYS],
}

impl Tlb {
    pub(super) const fn new(side: Side) -> Tlb {
        Tlb {
            side,
            entries: [[None; MOST_ENTRIES]; WAYS],
        }
    }

    const fn ways(&self) -> usize {
        match self.side {
            Side::Instruction => INSTRUCTION_WAYS,
            Side::Data => WAYS,
        }
    }

    /// The way that a number in the address operand of a TLB instruction means, if there is one:
    /// the instruction TLB looks at three bits of it, the data TLB at four.
    fn way(&self, number: u8) -> Option<usize> {
        let bits = match self.side {
            Side::Instruction => 7,
            Side::Data => 15,
        };
        let way = usize::from(number & bits);
        (way < self.ways()).then_some(way)
    }

    /// The index that an address selects in a way, and the first address of its page there.
    const fn select(way: usize, address: VirtAddr) -> (usize, VirtAddr) {
        let (entries, shift) = shape(way);
        let index = (address.0 >> shift) as usize % entries;
        (index, VirtAddr(address.0 >> shift << shift))
    }

    /// Puts an entry at its place; what stood there goes.
    pub(super) fn write(&mut self, number: u8, address: VirtAddr, asid: u8, pte: Pte) {
        if let Some(way) = self.way(number) {
            let (index, page) = Self::select(way, address);
            self.entries[way][index] = Some(Entry { page, asid, pte });
        }
    }

    /// Removes what stands at the place that an address selects in a way; whether there was one.
    pub(super) fn remove(&mut self, number: u8, address: VirtAddr) -> bool {
        self.way(number).is_some_and(|way| {
            let (index, _) = Self::select(way, address);
            self.entries[way][index].take().is_some()
        })
    }

    /// Looks an address up in every way. An entry counts if some ring has its ASID now.
    pub(super) fn find(&self, address: VirtAddr, rasid: [u8; 4]) -> Found {
        let mut found = Found::Nothing;
        for way in 0..self.ways() {
            let (index, page) = Self::select(way, address);
            let Some(entry) = self.entries[way][index].filter(|entry| entry.page == page) else {
                continue;
            };
            let Some(ring) = rasid.iter().position(|asid| *asid == entry.asid) else {
                continue;
            };
            if found != Found::Nothing {
                return Found::Several;
            }
            found = Found::One(Hit {
                ring: ring as u8,
                pte: entry.pte,
                shift: shape(way).1,
            });
        }
        found
    }

    /// Every entry, with its way and index.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u8, u8, Entry)> {
        self.entries.iter().enumerate().flat_map(|(way, entries)| {
            entries
                .iter()
                .enumerate()
                .filter_map(move |(index, entry)| {
                    entry.map(|entry| (way as u8, index as u8, entry))
                })
        })
    }
}
