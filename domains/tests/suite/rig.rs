//! A small board with three cores, and what to do and to look at on it.

use domains::{DomainError, DomainHandle, Domains, Partition, Tenure, ThreadId};
use mmu::model::{ModelFault, ModelMachine};
use mmu::{
    Access, Alias, CoreId, DC233C, Machine, PAGE_BYTES, PageCount, PhysAddr, PhysRange, Platform,
    Pte, Rights, SLOT_BYTES, Stale, SwitchImage, VirtAddr, VirtRange,
};

pub const DOMAINS: usize = 3;
pub const FRAMES: usize = 8;
pub const THREADS: usize = 4;
/// One more than three pairs.
pub const TABLES: u32 = 7;
/// ASIDs that a board has.
pub const ASIDS: u32 = 251;
pub const CORES: u32 = 3;

/// As small as can be, so that everything runs out soon.
pub const BOARD: Platform = board(TABLES, FRAMES as u32);

pub const fn board(tables: u32, modules: u32) -> Platform {
    Platform {
        table_frames: PhysRange {
            start: DC233C.table_frames.start,
            frames: tables,
        },
        module_frames: PhysRange {
            start: PhysAddr(DC233C.table_frames.start.0 + tables * PAGE_BYTES),
            frames: modules,
        },
        cores: CORES,
        shootdown_polls: 8,
        ..DC233C
    }
}

pub type Small = Domains<DOMAINS, FRAMES, THREADS>;

#[derive(Clone)]
pub struct Rig {
    pub machine: ModelMachine,
    pub domains: Small,
    /// All that were ever made by [`Rig::create`].
    pub made: Vec<DomainHandle>,
}

/// All that a refused call must leave alone, but for what a TLB may forget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    resources: [u32; 4],
    owners: Vec<u32>,
    /// What each entry of each table gives.
    tables: Vec<Option<Pte>>,
    partitions: Vec<Result<Vec<Partition>, DomainError>>,
    threads: Vec<Result<DomainHandle, DomainError>>,
}

impl Rig {
    pub fn new() -> Rig {
        let mut machine = ModelMachine::new(BOARD);
        let domains = Small::new(&BOARD, &mut machine);
        Rig {
            machine,
            domains,
            made: Vec::new(),
        }
    }

    pub fn create(&mut self, slot: u32) -> DomainHandle {
        let handle = self.domains.create(slot).unwrap();
        self.made.push(handle);
        handle
    }

    /// Grants pages of slot 0 from page `first` on, by the frames of those numbers, as its own.
    pub fn grant(
        &mut self,
        handle: DomainHandle,
        first: u32,
        frames: &[u32],
        rights: Rights,
    ) -> Result<(), DomainError> {
        self.grant_as(handle, first, frames, rights, Tenure::Own)
    }

    pub fn grant_as(
        &mut self,
        handle: DomainHandle,
        first: u32,
        frames: &[u32],
        rights: Rights,
        tenure: Tenure,
    ) -> Result<(), DomainError> {
        let pages = PageCount(frames.len() as u32);
        let partition = Partition::new(page(first), pages, rights, tenure)?;
        let frames: Vec<PhysAddr> = frames.iter().map(|number| frame(*number)).collect();
        let machine = &mut self.machine;
        self.domains
            .add_partition(machine, handle, partition, runs(&frames))
    }

    /// Shares the partition of slot 0 at page `first` with another domain, at page `at`.
    pub fn share(
        &mut self,
        from: (DomainHandle, u32),
        to: (DomainHandle, u32),
        rights: Rights,
    ) -> Result<(), DomainError> {
        let (owner, first) = from;
        let (to, at) = to;
        let machine = &mut self.machine;
        self.domains
            .share_partition(machine, (owner, page(first)), to, page(at), rights)
    }

    pub fn inherit(&mut self, from: DomainHandle, to: DomainHandle) -> Result<(), DomainError> {
        self.domains.inherit_partitions(&mut self.machine, from, to)
    }

    pub fn revoke(&mut self, handle: DomainHandle, first: u32) -> Result<(), DomainError> {
        self.domains
            .remove_partition(&mut self.machine, handle, page(first))
    }

    pub fn destroy(&mut self, handle: DomainHandle) -> Result<(), DomainError> {
        self.domains.destroy(&mut self.machine, handle)
    }

    /// Goes on on another core.
    pub fn on(&mut self, number: u32) {
        self.machine.run_on(core(number));
    }

    /// What the kernel's switch does on the core that runs; no flush.
    pub fn switch(&mut self, handle: DomainHandle) {
        let asid = self.domains.asid(handle).unwrap();
        let image = self.domains.enter(handle, self.machine.core()).unwrap();
        image.apply(&mut self.machine, asid);
    }

    /// The words of a domain's switch, without entering it.
    pub fn image(&self, handle: DomainHandle) -> SwitchImage {
        self.domains.clone().enter(handle, CoreId::BOOT).unwrap()
    }

    /// What a kernel does after [`domains::Consequence::Resume`].
    pub fn forget(&mut self, page: VirtAddr) {
        let page = VirtRange::new(page, PageCount(1)).unwrap();
        Stale::entries_of(page).drop_entries(&mut self.machine);
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
            self.domains.free_places(),
            self.domains.free_asids(),
            self.domains.frames_in_use(),
        ]
    }

    pub fn state(&self) -> State {
        let frames = 0..FRAMES as u32;
        State {
            resources: self.resources(),
            owners: frames.map(|n| self.domains.owners(frame(n))).collect(),
            tables: self.tables().into_iter().map(given).collect(),
            partitions: self
                .made
                .iter()
                .map(|handle| self.domains.partitions(*handle).map(<[Partition]>::to_vec))
                .collect(),
            threads: (0..THREADS as u16)
                .map(|number| self.domains.domain_of(ThreadId(number)))
                .collect(),
        }
    }

    /// Every entry of every table frame.
    pub fn tables(&self) -> Vec<Pte> {
        let entries = (TABLES - 1) * PAGE_BYTES / 4;
        let at = |entry| PhysAddr(BOARD.table_frames.start.0 + entry * 4);
        (0..entries)
            .map(|entry| self.machine.load_entry(at(entry)))
            .collect()
    }

    /// The call is refused with that error, and nothing has changed, in the machine least of all.
    #[track_caller]
    pub fn refuses(
        &mut self,
        error: DomainError,
        call: impl Fn(&mut Rig) -> Result<(), DomainError>,
    ) {
        let before = (self.state(), self.machine.fingerprint());
        assert_eq!(call(self), Err(error));
        assert!(
            (self.state(), self.machine.fingerprint()) == before,
            "{error}"
        );
        crate::rules::all(self);
    }
}

fn given(pte: Pte) -> Option<Pte> {
    pte.is_valid().then_some(pte)
}

/// The frames behind each page, in runs as long as they follow each other; far outside behind the
/// last.
pub fn runs(frames: &[PhysAddr]) -> impl Fn(u32) -> PhysRange + Copy {
    move |page| {
        let rest = frames.get(page as usize..).unwrap_or_default();
        let start = rest.first().copied().unwrap_or(PhysAddr(u32::MAX));
        let follows =
            |(n, at): &(usize, &PhysAddr)| at.0 == start.0.wrapping_add(*n as u32 * PAGE_BYTES);
        let frames = rest.iter().enumerate().take_while(follows).count() as u32;
        PhysRange { start, frames }
    }
}

pub fn core(number: u32) -> CoreId {
    CoreId::new(number).unwrap()
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

/// Pages of slot 0, the domain's own.
pub fn own(first: u32, pages: u32, rights: Rights) -> Partition {
    Partition::new(page(first), PageCount(pages), rights, Tenure::Own).unwrap()
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
