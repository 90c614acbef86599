//! One core: its TLBs, its ASIDs and its caches.

use super::cache::Cache;
use super::fault::{ModelFault, cause};
use super::memory::Ram;
use super::shootdown::Answering;
use super::tlb::{AUTOREFILL_WAYS, Found, Hit, Tlb};
use super::{Counts, Kind, Place};
use crate::{Access, PhysAddr, Platform, Pte, Ring, Side, VirtAddr};

/// RASID after a reset.
const RESET_RASID: [u8; 4] = [1, 2, 3, 4];

#[derive(Clone, Debug)]
pub(super) struct Core {
    pub(super) instruction: Tlb,
    pub(super) data: Tlb,
    /// Refills of both TLBs so far, modulo the autorefill ways: each takes the next way.
    pub(super) next_way: u8,
    pub(super) rasid: [u8; 4],
    pub(super) lines: Cache,
    pub(super) fetched: Cache,
    pub(super) counts: Counts,
    pub(super) answering: Answering,
    table_window: VirtAddr,
    caches: bool,
}

impl Core {
    /// A core that has just wired the kernel's own map.
    pub(super) fn new(platform: &Platform, caches: bool) -> Core {
        let mut core = Core {
            instruction: Tlb::new(Side::Instruction),
            data: Tlb::new(Side::Data),
            next_way: 0,
            rasid: RESET_RASID,
            lines: Cache::new(platform.cache_line),
            fetched: Cache::new(platform.cache_line),
            counts: Counts::default(),
            answering: Answering::AtOnce,
            table_window: platform.table_window,
            caches,
        };
        for entry in platform.kernel_map {
            core.write_entry(entry.side, entry.way, entry.address, entry.pte);
        }
        core
    }

    pub(super) fn tlb(&mut self, side: Side) -> &mut Tlb {
        match side {
            Side::Instruction => &mut self.instruction,
            Side::Data => &mut self.data,
        }
    }

    /// Writes an entry, with the ASID that its ring has now.
    pub(super) fn write_entry(&mut self, side: Side, way: u8, address: VirtAddr, pte: Pte) {
        let asid = self.rasid[pte.ring() as usize];
        self.tlb(side).write(way, address, asid, pte);
    }

    /// What an access by user code comes to. In this order: which entry, or several, or none even
    /// after a refill; then the ring; then the attribute.
    pub(super) fn translate(
        &mut self,
        ram: &Ram,
        address: VirtAddr,
        access: Access,
    ) -> Result<Place, ModelFault> {
        let side = match access {
            Access::Execute => Side::Instruction,
            Access::Read | Access::Write => Side::Data,
        };
        let fault = |cause| ModelFault { cause, address };
        let rasid = self.rasid;
        let hit = match self.tlb(side).find(address, rasid) {
            Found::One(hit) => {
                self.counts.hits += 1;
                hit
            }
            Found::Several => return Err(fault(cause::several(side))),
            Found::Nothing => self
                .refill(ram, side, address)
                .ok_or(fault(cause::missing(side)))?,
        };
        if hit.ring < Ring::Module as u8 {
            return Err(fault(cause::privilege(side)));
        }
        match Kind::of(hit.pte, access) {
            None => Err(fault(cause::prohibited(access))),
            Some(kind) => Ok(Place {
                at: hit.place(address),
                kind: self.kind(kind),
            }),
        }
    }

    fn kind(&self, kind: Kind) -> Kind {
        if self.caches { kind } else { Kind::Bypass }
    }

    /// Reads the entry of a page from the page table and puts it into a TLB, whatever it says: a
    /// refill is done before anything is checked. `None` if the data TLB has no way to the entry:
    /// there is no second step, and whatever is wrong there is a miss here.
    fn refill(&mut self, ram: &Ram, side: Side, address: VirtAddr) -> Option<Hit> {
        let slot = VirtAddr((self.table_window.0 | address.0 >> 10) & !3);
        let Found::One(table) = self.data.find(slot, self.rasid) else {
            return None;
        };
        let place = Place {
            at: table.place(slot),
            kind: self.kind(Kind::of(table.pte, Access::Read)?),
        };
        let mut word = [0; 4];
        self.read(ram, place, &mut word);
        let pte = Pte::from_bits(u32::from_le_bytes(word));
        self.next_way = (self.next_way + 1) % AUTOREFILL_WAYS;
        self.write_entry(side, self.next_way, address, pte);
        self.counts.refills += 1;
        Some(Hit::refilled(pte))
    }

    /// A load.
    pub(super) fn read(&mut self, ram: &Ram, place: Place, into: &mut [u8]) {
        match place.kind {
            Kind::Bypass => ram.read(place.at, into),
            Kind::WriteBack | Kind::WriteThrough => self.lines.load(ram, place.at, into),
        }
    }

    /// A store.
    pub(super) fn write(&mut self, ram: &mut Ram, place: Place, from: &[u8]) {
        match place.kind {
            Kind::Bypass => ram.write(place.at, from),
            Kind::WriteBack => self.lines.store_back(ram, place.at, from),
            Kind::WriteThrough => self.lines.store_through(ram, place.at, from),
        }
    }

    /// A fetch. What it misses comes from memory, never from the data cache.
    pub(super) fn fetch(&mut self, ram: &Ram, place: Place, into: &mut [u8]) {
        match place.kind {
            Kind::Bypass => ram.read(place.at, into),
            Kind::WriteBack | Kind::WriteThrough => self.fetched.load(ram, place.at, into),
        }
    }

    /// Where the kernel's access through its map of all RAM goes.
    pub(super) fn kernel_place(&self, at: PhysAddr, kind: Kind) -> Place {
        Place {
            at,
            kind: self.kind(kind),
        }
    }
}
