//! A software model of one core's MMU and memory, behind the same seam as the real one.
//!
//! It refills by itself from page tables in memory, keeps entries until they are removed or
//! replaced, tags them with ASIDs and faults with the cause the core would report. What it does
//! not model yet: the data cache and other cores.

use std::vec;
use std::vec::Vec;

use crate::{
    Access, Alias, Asid, Machine, PAGE_BYTES, PhysAddr, Platform, Pte, Ring, SLOT_BYTES, VirtAddr,
    Way,
};

/// Why the core would take an exception: `EXCCAUSE` and, beside it, `EXCVADDR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelFault {
    /// The cause's number.
    pub cause: u32,
    /// The address of the access.
    pub address: VirtAddr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    page: u32,
    asid: u8,
    pte: Pte,
}

const ENTRIES: usize = 4;
const WAYS: usize = 4;

#[derive(Debug, Default)]
struct Tlb {
    autorefill: [[Option<Entry>; ENTRIES]; WAYS],
    next_way: usize,
}

impl Tlb {
    fn find(&self, page: u32, matches: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let index = page as usize % ENTRIES;
        self.autorefill
            .iter()
            .filter_map(|way| way[index])
            .filter(|entry| entry.page == page && matches(entry))
            .collect()
    }

    fn fill(&mut self, entry: Entry) {
        self.autorefill[self.next_way][entry.page as usize % ENTRIES] = Some(entry);
        self.next_way = (self.next_way + 1) % WAYS;
    }
}

/// One core and its memory.
#[derive(Debug)]
pub struct ModelMachine {
    platform: Platform,
    ram: Vec<u8>,
    ram_start: u32,
    data: Tlb,
    instruction: Tlb,
    wired: [Option<(u32, Pte)>; 3],
    rasid: [u8; 4],
    /// Accesses that found their entry in a TLB.
    pub hits: u64,
    /// Accesses that read a page table first.
    pub refills: u64,
}

impl ModelMachine {
    /// A core whose RAM holds the platform's table frames and module frames.
    #[must_use]
    pub fn new(platform: Platform) -> ModelMachine {
        let start = platform
            .table_frames
            .start
            .0
            .min(platform.module_frames.start.0);
        let end = platform
            .table_frames
            .end()
            .0
            .max(platform.module_frames.end().0);
        ModelMachine {
            platform,
            ram: vec![0xa5; (end - start) as usize],
            ram_start: start,
            data: Tlb::default(),
            instruction: Tlb::default(),
            wired: [None; 3],
            rasid: [1, 2, 3, 4],
            hits: 0,
            refills: 0,
        }
    }

    /// A load of one byte by user code.
    ///
    /// # Errors
    /// The fault that the core would take.
    pub fn user_load(&mut self, address: VirtAddr) -> Result<u8, ModelFault> {
        let place = self.translate(address, Access::Read)?;
        Ok(self.ram[place])
    }

    /// A store of one byte by user code.
    ///
    /// # Errors
    /// The fault that the core would take.
    pub fn user_store(&mut self, address: VirtAddr, byte: u8) -> Result<(), ModelFault> {
        let place = self.translate(address, Access::Write)?;
        self.ram[place] = byte;
        Ok(())
    }

    /// A fetch of one byte by user code.
    ///
    /// # Errors
    /// The fault that the core would take.
    pub fn user_fetch(&mut self, address: VirtAddr) -> Result<u8, ModelFault> {
        let place = self.translate(address, Access::Execute)?;
        Ok(self.ram[place])
    }

    /// ASIDs that either TLB still carries.
    #[must_use]
    pub fn asids_remembered(&self) -> Vec<u8> {
        let mut asids: Vec<u8> = [&self.data, &self.instruction]
            .iter()
            .flat_map(|tlb| tlb.autorefill.iter().flatten().flatten())
            .map(|entry| entry.asid)
            .collect();
        asids.sort_unstable();
        asids.dedup();
        asids
    }

    fn translate(&mut self, address: VirtAddr, access: Access) -> Result<usize, ModelFault> {
        let fetch = access == Access::Execute;
        let fault = |cause| ModelFault { cause, address };
        let (miss, multihit, ring_fault) = if fetch { (16, 17, 18) } else { (24, 25, 26) };
        let page = address.page();
        let rasid = self.rasid;
        let visible = |entry: &Entry| rasid.contains(&entry.asid);
        let tlb = if fetch { &self.instruction } else { &self.data };
        let mut found = tlb.find(page, visible);
        if !fetch {
            found.extend(
                self.wired
                    .iter()
                    .flatten()
                    .filter(|(at, _)| *at == page)
                    .map(|(at, pte)| Entry {
                        page: *at,
                        asid: rasid[0],
                        pte: *pte,
                    }),
            );
        }
        let entry = match found.as_slice() {
            [] => {
                let entry = self.refill(page).ok_or(fault(miss))?;
                self.refills += 1;
                let tlb = if fetch {
                    &mut self.instruction
                } else {
                    &mut self.data
                };
                tlb.fill(entry);
                entry
            }
            [one] => {
                self.hits += 1;
                *one
            }
            _ => return Err(fault(multihit)),
        };
        // A ring sees entries of its own number and of higher ones; user code runs in ring 2.
        let ring = rasid
            .iter()
            .position(|asid| *asid == entry.asid)
            .unwrap_or(0);
        if ring < Ring::Module as usize {
            return Err(fault(ring_fault));
        }
        let prohibited = match access {
            Access::Read => 28,
            Access::Write => 29,
            Access::Execute => 20,
        };
        match entry.pte.rights() {
            Some(rights) if rights.contains(access.needs()) => {}
            _ => return Err(fault(prohibited)),
        }
        Ok(self.place(PhysAddr(entry.pte.frame().0 + address.page_offset())))
    }

    fn refill(&self, page: u32) -> Option<Entry> {
        let slot_page = (self.platform.table_window.0 | ((page * PAGE_BYTES) >> 10)) / PAGE_BYTES;
        let (_, table) = self
            .wired
            .iter()
            .flatten()
            .find(|(at, _)| *at == slot_page)?;
        let word = PhysAddr(table.frame().0 + page % (SLOT_BYTES / PAGE_BYTES) * 4);
        let pte = Pte::from_bits(self.load_word(word));
        Some(Entry {
            page,
            asid: self.rasid[pte.ring() as usize],
            pte,
        })
    }

    fn place(&self, at: PhysAddr) -> usize {
        let place = at.0.wrapping_sub(self.ram_start) as usize;
        assert!(place < self.ram.len(), "{at:?} is outside the model's RAM");
        place
    }

    fn span(&self, at: PhysAddr, bytes: usize) -> core::ops::Range<usize> {
        assert!(
            at.0 % PAGE_BYTES + bytes as u32 <= PAGE_BYTES,
            "{bytes} bytes at {at:?} leave their frame"
        );
        let place = self.place(at);
        place..place + bytes
    }

    /// Which alias an address belongs to; a convenience for tests.
    #[must_use]
    pub fn alias_of(&self, address: VirtAddr) -> Option<Alias> {
        self.platform.offset_of(address).map(|(_, alias)| alias)
    }
}

impl Machine for ModelMachine {
    fn load_word(&self, at: PhysAddr) -> u32 {
        let bytes = &self.ram[self.span(at, 4)];
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    fn store_word(&mut self, at: PhysAddr, word: u32) {
        let span = self.span(at, 4);
        self.ram[span].copy_from_slice(&word.to_le_bytes());
    }

    fn read(&self, at: PhysAddr, into: &mut [u8]) {
        if !into.is_empty() {
            into.copy_from_slice(&self.ram[self.span(at, into.len())]);
        }
    }

    fn write(&mut self, at: PhysAddr, from: &[u8]) {
        if !from.is_empty() {
            let span = self.span(at, from.len());
            self.ram[span].copy_from_slice(from);
        }
    }

    fn zero_frame(&mut self, frame: PhysAddr) {
        let span = self.span(frame, PAGE_BYTES as usize);
        self.ram[span].fill(0);
    }

    fn publish(&mut self, _frame: PhysAddr) {}

    fn drop_autorefill(&mut self, address: VirtAddr, way: u8) {
        let index = address.page() as usize % ENTRIES;
        self.data.autorefill[way as usize % WAYS][index] = None;
        self.instruction.autorefill[way as usize % WAYS][index] = None;
    }

    fn wire_data(&mut self, way: Way, address: VirtAddr, pte: Pte) {
        self.wired[way as usize - Way::Seven as usize] = Some((address.page(), pte));
    }

    fn set_module_asid(&mut self, asid: Asid) {
        self.rasid = asid.rasid().to_le_bytes();
    }

    fn synchronize(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AsidPool, CacheMode, DC233C, Rights, SwitchImage, Table, forget_page};

    struct Rig {
        machine: ModelMachine,
        table: Table,
    }

    /// One domain in slot 0 with a data page at its first address.
    fn rig() -> Rig {
        let mut machine = ModelMachine::new(DC233C);
        let cached = Table::new(&mut machine, DC233C.table_frames.frame(0).unwrap());
        let uncached = Table::new(&mut machine, DC233C.table_frames.frame(1).unwrap());
        let asid = AsidPool::new().take().unwrap();
        SwitchImage::new(&DC233C, asid, 0, cached.frame(), uncached.frame())
            .apply(&mut machine, asid);
        let frame = DC233C.module_frames.start;
        machine.zero_frame(frame);
        cached.set_entry(
            &mut machine,
            DC233C.cached_window,
            Pte::module(frame, Rights::DATA, CacheMode::WriteBack),
        );
        Rig {
            machine,
            table: cached,
        }
    }

    #[test]
    fn causes_are_told_apart() {
        let Rig { mut machine, table } = rig();
        let base = DC233C.cached_window.0;
        let cause = |result: Result<u8, ModelFault>| result.unwrap_err().cause;
        assert_eq!(machine.user_load(VirtAddr(base)), Ok(0));
        assert_eq!(machine.user_store(VirtAddr(base), 7), Ok(()));
        assert_eq!(machine.user_load(VirtAddr(base)), Ok(7));
        assert_eq!(cause(machine.user_fetch(VirtAddr(base))), 20);
        assert_eq!(cause(machine.user_load(VirtAddr(base + 0x1000))), 28);
        assert_eq!(
            machine
                .user_store(VirtAddr(base + 0x1000), 1)
                .unwrap_err()
                .cause,
            29
        );
        assert_eq!(cause(machine.user_load(VirtAddr(base + SLOT_BYTES))), 24);
        assert_eq!(cause(machine.user_fetch(VirtAddr(0))), 16);
        let window = VirtAddr(DC233C.table_window.0 | base >> 10);
        assert_eq!(cause(machine.user_load(window)), 26);
        assert_eq!(
            table.entry(&machine, VirtAddr(base)).rights(),
            Some(Rights::DATA)
        );
    }

    #[test]
    fn a_tlb_remembers_until_told_to_forget() {
        let Rig { mut machine, table } = rig();
        let page = DC233C.cached_window;
        machine.user_load(page).unwrap();
        table.set_entry(&mut machine, page, Pte::INVALID);
        assert_eq!(
            machine.user_load(page),
            Ok(0),
            "the stale entry must still hold"
        );
        forget_page(&mut machine, page);
        assert_eq!(machine.user_load(page).unwrap_err().cause, 28);
    }
}
