//! Two domains with tables of their own at the same addresses: slot 0 of both windows.

use mmu::model::{ModelFault, ModelMachine, UserAccess, Width};
use mmu::{
    Alias, Asid, AsidPool, CacheMode, CoreId, DC233C, Frames, Machine, PAGE_BYTES, PhysAddr,
    Platform, Pte, Rights, SwitchImage, Table, VirtAddr,
};

pub const BOARD: Platform = Platform {
    cores: 3,
    shootdown_polls: 100,
    ..DC233C
};

pub struct Rig {
    pub machine: ModelMachine,
    pub asids: [Asid; 2],
    images: [SwitchImage; 2],
    tables: [[Table; 2]; 2],
}

pub fn rig() -> Rig {
    rig_on(ModelMachine::new(BOARD))
}

/// Domain 0 runs on core 0, and nothing is mapped.
pub fn rig_on(mut machine: ModelMachine) -> Rig {
    let mut frames = (0..).map(|index| BOARD.table_frames.frame(index).unwrap());
    let tables = [(); 2].map(|()| [(); 2].map(|()| frames.next().unwrap()));
    let tables = tables.map(|of_one| of_one.map(|frame| Table::new(&mut machine, frame)));
    let mut pool = AsidPool::new();
    let asids = [pool.take().unwrap(), pool.take().unwrap()];
    let images = [0, 1].map(|domain: usize| {
        let [cached, uncached] = tables[domain].map(Table::frame);
        SwitchImage::new(&BOARD, asids[domain], 0, cached, uncached)
    });
    let mut rig = Rig {
        machine,
        asids,
        images,
        tables,
    };
    rig.run(0, 0);
    rig
}

impl Rig {
    /// Goes on with a domain on a core.
    pub fn run(&mut self, on: u32, domain: usize) {
        self.machine.run_on(core(on));
        self.images[domain].apply(&mut self.machine, self.asids[domain]);
    }

    /// Writes a page's entry in one of a domain's tables.
    pub fn set(&mut self, domain: usize, alias: Alias, page: u32, pte: Pte) {
        let table = self.tables[domain][alias as usize];
        table.set_entry(&mut self.machine, at(alias, page), pte);
    }

    /// Maps a page of domain 0 to the frame of its number through both aliases, and zeroes it.
    pub fn map(&mut self, page: u32, rights: Rights) {
        for alias in [Alias::Cached, Alias::Uncached] {
            self.set(0, alias, page, entry(page, rights, alias));
        }
        self.machine.zero_frame(frame(page));
    }

    pub fn load(&mut self, address: VirtAddr) -> Result<u32, u32> {
        cause(
            address,
            self.machine.user(address, UserAccess::Load(Width::Word)),
        )
    }

    pub fn store(&mut self, address: VirtAddr, word: u32) -> Result<u32, u32> {
        let access = UserAccess::Store(Width::Word, word);
        cause(address, self.machine.user(address, access))
    }

    pub fn fetch(&mut self, address: VirtAddr) -> Result<u32, u32> {
        cause(address, self.machine.user(address, UserAccess::Fetch))
    }

    /// What memory holds, whatever the caches do.
    pub fn memory(&self, at: PhysAddr) -> u32 {
        let mut word = [0; 4];
        self.machine.load(at, &mut word);
        u32::from_le_bytes(word)
    }
}

/// Every fault must name the address that was asked for.
fn cause(address: VirtAddr, outcome: Result<u32, ModelFault>) -> Result<u32, u32> {
    outcome.map_err(|fault| {
        assert_eq!(fault.address, address);
        fault.cause
    })
}

pub fn core(number: u32) -> CoreId {
    CoreId::new(number).unwrap()
}

pub fn at(alias: Alias, page: u32) -> VirtAddr {
    BOARD.address_of(page * PAGE_BYTES, alias)
}

pub fn frame(index: u32) -> PhysAddr {
    BOARD.module_frames.frame(index).unwrap()
}

/// A module's entry for the frame of that number.
pub fn entry(index: u32, rights: Rights, alias: Alias) -> Pte {
    let cache = match alias {
        Alias::Cached => CacheMode::WriteBack,
        Alias::Uncached => CacheMode::Bypass,
    };
    Pte::module(frame(index), rights, cache)
}
