//! A small board with a model machine on it.

use domains::{DomainError, DomainHandle, Domains};
use mmu::model::{ModelFault, ModelMachine};
use mmu::{
    Access, Alias, DC233C, PAGE_BYTES, PageCount, PhysAddr, PhysRange, Platform, Rights,
    SLOT_BYTES, VirtAddr,
};

pub const DOMAINS: usize = 3;
pub const FRAMES: usize = 8;
pub const TABLES: usize = 7;
/// ASIDs that a board has.
pub const ASIDS: u32 = 251;

/// As small as can be, so that everything runs out soon.
pub const BOARD: Platform = Platform {
    table_frames: PhysRange {
        start: DC233C.table_frames.start,
        frames: TABLES as u32,
    },
    module_frames: PhysRange {
        start: PhysAddr(DC233C.table_frames.start.0 + TABLES as u32 * PAGE_BYTES),
        frames: FRAMES as u32,
    },
    ..DC233C
};

pub type Small = Domains<DOMAINS, FRAMES, TABLES>;

pub struct Rig {
    pub machine: ModelMachine,
    pub domains: Small,
}

impl Rig {
    pub fn new() -> Rig {
        Rig {
            machine: ModelMachine::new(BOARD),
            domains: Small::new(&BOARD),
        }
    }

    pub fn create(&mut self, slot: u32) -> DomainHandle {
        self.domains.create(&mut self.machine, slot).unwrap()
    }

    /// Grants `pages` pages of slot 0 from page `first` on, by the frames of those numbers.
    pub fn grant(
        &mut self,
        handle: DomainHandle,
        first: u32,
        frames: &[u32],
        rights: Rights,
    ) -> Result<(), DomainError> {
        self.domains.add_partition(
            &mut self.machine,
            handle,
            page(first),
            PageCount(frames.len() as u32),
            rights,
            |page| frame(frames[page as usize]),
        )
    }

    pub fn revoke(&mut self, handle: DomainHandle, first: u32) -> Result<(), DomainError> {
        self.domains
            .remove_partition(&mut self.machine, handle, page(first))
    }

    pub fn destroy(&mut self, handle: DomainHandle) -> Result<(), DomainError> {
        self.domains.destroy(&mut self.machine, handle)
    }

    /// What the kernel's switch does; no flush.
    pub fn switch(&mut self, handle: DomainHandle) {
        let asid = self.domains.asid(handle).unwrap();
        let image = self.domains.switch_image(handle).unwrap();
        image.apply(&mut self.machine, asid);
    }

    /// One access by user code; a store writes `byte`, the others return what is there.
    pub fn access(
        &mut self,
        access: Access,
        address: VirtAddr,
        byte: u8,
    ) -> Result<u8, ModelFault> {
        match access {
            Access::Read => self.machine.user_load(address),
            Access::Write => self.machine.user_store(address, byte).map(|()| byte),
            Access::Execute => self.machine.user_fetch(address),
        }
    }

    /// The cause of the fault that the access takes.
    pub fn cause(&mut self, access: Access, address: VirtAddr) -> Option<u32> {
        self.access(access, address, 0).err().map(|fault| {
            assert_eq!(fault.address, address);
            fault.cause
        })
    }

    /// Everything that can run out.
    pub fn resources(&self) -> [u32; 4] {
        [
            self.domains.alive(),
            self.domains.free_tables(),
            self.domains.free_asids(),
            self.domains.frames_mapped(),
        ]
    }

    /// Every word of every table frame.
    pub fn tables(&self) -> Vec<u32> {
        use mmu::Machine;
        let start = BOARD.table_frames.start.0;
        (0..TABLES as u32 * PAGE_BYTES / 4)
            .map(|word| self.machine.load_word(PhysAddr(start + word * 4)))
            .collect()
    }
}

/// The module frame of that number; one past the last and further is foreign.
pub fn frame(number: u32) -> PhysAddr {
    PhysAddr(BOARD.module_frames.start.0 + number * PAGE_BYTES)
}

/// The cached address of a page of slot 0.
pub fn page(number: u32) -> VirtAddr {
    place(0, number, Alias::Cached)
}

/// The address of a page of a slot.
pub fn place(slot: u32, number: u32, alias: Alias) -> VirtAddr {
    BOARD.address_of(slot * SLOT_BYTES + number * PAGE_BYTES, alias)
}

/// The cause that the core reports where the table says no.
pub fn prohibited(access: Access) -> u32 {
    match access {
        Access::Read => 28,
        Access::Write => 29,
        Access::Execute => 20,
    }
}

/// The cause that the core reports where there is no table.
pub fn miss(access: Access) -> u32 {
    match access {
        Access::Read | Access::Write => 24,
        Access::Execute => 16,
    }
}

pub const ACCESSES: [Access; 3] = [Access::Read, Access::Write, Access::Execute];
pub const ALIASES: [Alias; 2] = [Alias::Cached, Alias::Uncached];
