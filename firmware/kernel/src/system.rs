//! The kernel's state: domains, pages, modules, the audit trail.

use abi::{EntryPoint, ModuleHeader};
use board::registers::QuickWindow;
use board::traces::Traced;
use domains::{Consequence, DomainError, DomainHandle, Domains, Fault, ThreadId};
use mmu::{
    Access, Alias, Frames, Machine, PAGE_BYTES, PageCount as MmuPages, PhysAddr, Rights, Ring,
    SLOT_PAGES, Stale, SwitchImage, VirtAddr, VirtRange,
};
use syscalls::{Arguments, Audit, Clock, DomainMemory, Kernel, Outcome, Tenant, serve};
use thiserror_no_std::Error;
use vregion::pages::{CommitError, PageCount, PageError, PageNumber, PagePool, Run};
use vregion::region::{Geometry, GeometryError, SealError};

use crate::audio::Audio;
use crate::backing::{Committer, Grant, frame_address, loaded_at, pieces, run_of};
use crate::config::{AUDIT_ENTRIES, FRAMES, MODULE_PAGES, MODULES, PAGES, PLATFORM, THREADS};
use crate::estate::{Estate, EstateError, Part, Purpose};
use crate::loader::{Image, LoadError};
use crate::report::Resources;
use crate::report::words::in_words;
use crate::said::{Line, Said};

pub(crate) type AllDomains = Domains<MODULES, FRAMES, THREADS>;

/// A module in memory.
pub struct Module {
    /// What it said of itself, addresses where they lie now.
    pub header: ModuleHeader,
    /// Where its parts lie.
    pub estate: Estate,
    domain: DomainHandle,
    slot: Run,
    slot_start: VirtAddr,
}

impl Module {
    /// The cached address of its slot.
    #[must_use]
    pub const fn base(&self) -> u32 {
        self.slot_start.0
    }

    /// The cached address of the first byte of a part.
    #[must_use]
    pub fn start_of(&self, part: &Part) -> VirtAddr {
        VirtAddr(self.slot_start.0 + part.offset())
    }

    /// The cached address of the first byte of the part of that purpose.
    #[must_use]
    pub fn address_of(&self, purpose: Purpose) -> Option<VirtAddr> {
        self.estate.part(purpose).map(|part| self.start_of(part))
    }

    /// The address behind its stack.
    #[must_use]
    pub fn stack_top(&self) -> u32 {
        let end = self.estate.part(Purpose::Stack).map_or(0, Part::end_offset);
        self.slot_start.0 + end
    }

    /// The address of an entry point.
    #[must_use]
    pub fn entry(&self, entry: EntryPoint) -> u32 {
        self.header.entry[entry as usize]
    }
}

/// Why a module was not loaded. Nothing of it stays behind.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InstallError {
    /// The file is wrong.
    #[error("{0}")]
    File(#[from] LoadError),
    /// It is more than its quota.
    #[error("{0}")]
    Estate(#[from] EstateError),
    /// No place for another module.
    #[error("all {0} places for modules are taken")]
    NoPlace(usize),
    /// No pages or frames.
    #[error("no free pages or frames are left for it")]
    Pages,
    /// Its domain cannot be made.
    #[error("no domain or address-space number is left for it")]
    Domain,
    /// Its region cannot be made.
    #[error("its region has an invalid size")]
    Region,
}

in_words!(InstallError {
    1 = File(error),
    2 = Estate(error),
    3 = NoPlace(places),
    4 = Pages,
    5 = Domain,
    6 = Region,
});

impl From<PageError> for InstallError {
    fn from(_: PageError) -> Self {
        InstallError::Pages
    }
}

impl From<DomainError> for InstallError {
    fn from(_: DomainError) -> Self {
        InstallError::Domain
    }
}

impl From<GeometryError> for InstallError {
    fn from(_: GeometryError) -> Self {
        InstallError::Region
    }
}

impl From<CommitError<DomainError>> for InstallError {
    fn from(error: CommitError<DomainError>) -> Self {
        match error {
            CommitError::Pool(_) => InstallError::Pages,
            CommitError::Backing(_) => InstallError::Domain,
        }
    }
}

/// Everything the kernel knows.
pub struct System<M> {
    machine: M,
    domains: AllDomains,
    pool: PagePool<PAGES, FRAMES>,
    modules: [Option<Module>; MODULES],
    tenants: [Tenant; MODULES],
    audit: Audit<AUDIT_ENTRIES>,
    said: Said,
    ticks: u32,
    audio: Audio,
    ended: Option<Outcome>,
}

impl<M: Machine> System<M> {
    /// Nothing loaded, on a machine whose tables are filled.
    #[must_use]
    pub fn new(machine: M) -> System<M> {
        let mut system = Self::unstarted(machine);
        system.start();
        system
    }

    /// The same before [`Self::start`]: no module can be loaded. A constant, so that it can be made
    /// where it stays.
    #[must_use]
    pub const fn unstarted(machine: M) -> System<M> {
        System {
            domains: Domains::unstarted(&PLATFORM),
            machine,
            pool: PagePool::new(),
            modules: [const { None }; MODULES],
            tenants: [const { Tenant::new() }; MODULES],
            audit: Audit::new(),
            said: Said::new(),
            ticks: 0,
            audio: Audio::new(),
            ended: None,
        }
    }

    /// Fills the page tables. Once, before anything is loaded.
    pub fn start(&mut self) {
        self.domains.start(&mut self.machine);
    }

    /// Loads a module into a place: domain, pages, image, region. All or nothing.
    ///
    /// # Errors
    /// What is wrong with the file, or what there is not enough of.
    pub fn install(
        &mut self,
        place: usize,
        file: &[u8],
        audio_bytes: u32,
    ) -> Result<&Module, InstallError> {
        let image = Image::parse(file, crate::config::MODULE_PAGES)?;
        let estate = Estate::plan(&image, audio_bytes, MODULE_PAGES)?;
        if !matches!(self.modules.get(place), Some(None)) {
            return Err(InstallError::NoPlace(MODULES));
        }
        let pages = PageCount(SLOT_PAGES);
        let slot = self.pool.reserve(pages, pages)?;
        let domain = match self.domains.create(slot.first.0 / SLOT_PAGES) {
            Ok(domain) => domain,
            Err(error) => {
                self.release(slot, None);
                return Err(error.into());
            }
        };
        match self.furnish(place, domain, slot, &image, &estate) {
            Ok(module) => Ok(self.modules[place].insert(module)),
            Err(error) => {
                self.clear(place, domain, slot, &estate);
                Err(error)
            }
        }
    }

    /// Takes a module away with everything it had. Nothing happens where there is none.
    pub fn remove(&mut self, place: usize) {
        if let Some(module) = self.modules.get_mut(place).and_then(Option::take) {
            self.tenants[place].move_out();
            self.clear(place, module.domain, module.slot, &module.estate);
        }
    }

    /// The module at a place.
    #[must_use]
    pub fn module(&self, place: usize) -> Option<&Module> {
        self.modules.get(place)?.as_ref()
    }

    /// The record of the module at a place, to count in.
    pub fn tenant(&mut self, place: usize) -> Option<&mut Tenant> {
        self.tenants.get_mut(place)
    }

    /// What a switch to the module's domain writes, for this core, which is about to make it.
    pub fn switch_image(&mut self, place: usize) -> Option<SwitchImage> {
        let domain = self.module(place)?.domain;
        self.domains.enter(domain, self.machine.core()).ok()
    }

    /// The module's ASID.
    #[must_use]
    pub fn asid(&self, place: usize) -> u32 {
        self.module(place)
            .and_then(|module| self.domains.asid(module.domain).ok())
            .map_or(0, |asid| u32::from(asid.number()))
    }

    /// Bytes of page tables that each domain has.
    #[must_use]
    pub const fn table_bytes(&self) -> u32 {
        AllDomains::table_bytes()
    }

    /// Ends a module's time of lifetime allocations.
    ///
    /// # Errors
    /// Where it has used up what it asked for interim allocations.
    pub fn seal(&mut self, place: usize) -> Result<(), SealError> {
        if let Some(Some(module)) = self.modules.get(place) {
            self.tenants[place]
                .region
                .seal(module.header.interim_bytes)?;
        }
        Ok(())
    }

    /// How a turn ended, if a system call ended it.
    pub const fn end_turn(&mut self) -> Option<Outcome> {
        self.ended.take()
    }

    /// Whether a module that took a fault goes on: it does where the core remembered a page as it
    /// was before a grant, and has forgotten it now.
    pub fn resumes(&mut self, place: usize, fault: Fault) -> bool {
        let Some(module) = self.module(place) else {
            return false;
        };
        let verdict = self.domains.judge(module.domain, Ring::Module, fault);
        let Consequence::Resume(page) = verdict.consequence else {
            return false;
        };
        if let Ok(page) = VirtRange::new(page, MmuPages(1)) {
            Stale::entries_of(page).drop_entries(&mut self.machine);
        }
        true
    }

    /// Counts null calls of a module, which need none of this state.
    pub fn count_null_calls(&mut self, place: usize, count: u32) {
        if let Some(tenant) = self.tenant(place) {
            let made = &mut tenant.calls[abi::Call::Null as usize].made;
            *made = made.saturating_add(count);
        }
    }

    /// Sets the ticks that modules are told.
    pub const fn set_ticks(&mut self, ticks: u32) {
        self.ticks = ticks;
    }

    /// A module's `alloc`, where nothing about it is out of the ordinary. `None`
    /// elsewhere: then nothing has changed, and [`Self::call`] serves or refuses it.
    #[inline(always)]
    pub fn alloc_ordinarily(
        &mut self,
        place: usize,
        bytes: u32,
        align: u32,
        flags: u32,
    ) -> Option<u32> {
        self.tenants
            .get_mut(place)?
            .alloc_ordinarily(bytes, align, flags)
    }

    /// Likewise its `free`.
    #[inline(always)]
    pub fn free_ordinarily(&mut self, place: usize, address: u32) -> Option<u32> {
        self.tenants.get_mut(place)?.free_ordinarily(address)
    }

    /// Serves a system call that the module at a place makes at that time: its result, or `None`
    /// where the module does not go on.
    pub fn call(
        &mut self,
        place: usize,
        number: u32,
        arguments: Arguments,
        cycles: u32,
    ) -> Option<u32> {
        let tenant = self.tenants.get_mut(place)?;
        let kernel = Kernel {
            memory: DomainMemory {
                domains: &self.domains,
                machine: &mut self.machine,
            },
            clock: Clock {
                ticks: self.ticks,
                cycles,
            },
            buffers: self.audio.buffers(),
        };
        let (audit, said) = (&mut self.audit, &mut self.said);
        let outcome = serve(number, arguments, place as u32, tenant, kernel, audit, said);
        if let Outcome::Return(value) = outcome {
            return Some(value);
        }
        self.ended = Some(outcome);
        None
    }

    /// The oldest line that a module logged and nobody has read yet.
    pub fn take_line(&mut self) -> Option<Line> {
        self.said.take_line()
    }

    /// Calls `act` with each trace record that a module left and nobody has read yet.
    pub fn take_traces(&mut self, place: usize, mut act: impl FnMut(&Traced)) {
        let (records, quick) = self.said.take_traces(place);
        records.iter().for_each(&mut act);
        if let Some(tenant) = self.tenants.get_mut(place) {
            let made = &mut tenant.calls[abi::Call::Trace.index()].made;
            *made = made.saturating_add(quick);
        }
    }

    /// What the entry code may read of a module by itself for as long as a turn lasts: the top of
    /// its stack, as far down as its frames follow each other.
    #[must_use]
    pub fn quick_window(&self, place: usize) -> QuickWindow {
        self.try_quick_window(place).unwrap_or_default()
    }

    fn try_quick_window(&self, place: usize) -> Option<QuickWindow> {
        let module = self.module(place)?;
        let stack = run_of(module.slot, module.estate.part(Purpose::Stack)?);
        let frame_of = |page: u32| self.pool.frame_of(PageNumber(stack.first.0 + page));
        let mut first = stack.count.0 - 1;
        while first > 0 && frame_of(first - 1)?.0 + 1 == frame_of(first)?.0 {
            first -= 1;
        }
        let start = PLATFORM.address_of((stack.first.0 + first) * PAGE_BYTES, Alias::Cached);
        let bytes = (stack.count.0 - first) * PAGE_BYTES;
        let domain = module.domain;
        self.domains.may(domain, start, bytes, Access::Read).ok()?;
        let ring = self.said.ring(place)?;
        Some(QuickWindow::new(
            start,
            frame_address(frame_of(first)?),
            bytes,
            ring,
        ))
    }

    /// Copies into a part of a module, from its first byte on. What does not fit is left out.
    pub fn fill(&mut self, place: usize, purpose: Purpose, bytes: &[u8]) {
        let Some((start, bytes)) = self.module(place).and_then(|module| {
            let part = module.estate.part(purpose)?;
            let fits = bytes.len().min((part.pages.0 * PAGE_BYTES) as usize);
            Some((module.start_of(part), &bytes[..fits]))
        }) else {
            return;
        };
        for (frame, piece, _) in pieces(&self.pool, start, bytes.len()) {
            self.machine.write(frame, &bytes[piece]);
        }
    }

    /// Copies out of a part of a module, from its first byte on.
    pub fn fetch(&mut self, place: usize, purpose: Purpose, into: &mut [u8]) {
        let Some((start, fits)) = self.module(place).and_then(|module| {
            let part = module.estate.part(purpose)?;
            let fits = into.len().min((part.pages.0 * PAGE_BYTES) as usize);
            Some((module.start_of(part), fits))
        }) else {
            return;
        };
        for (frame, piece, _) in pieces(&self.pool, start, fits) {
            self.machine.read(frame, &mut into[piece]);
        }
    }

    /// Gives a module a period to process: the bytes to read, and space for as many to write, which
    /// holds silence.
    pub fn begin_period(&mut self, place: usize, input: &[u8], silence: &[u8]) {
        self.fill(place, Purpose::Input, input);
        self.fill(place, Purpose::Output, silence);
        let Some(module) = self.module(place) else {
            return;
        };
        let [source, sink] = [Purpose::Input, Purpose::Output]
            .map(|purpose| module.address_of(purpose).unwrap_or(VirtAddr(0)));
        let pins = self.audio.begin(place, input.len() as u32, source, sink);
        if let Some(tenant) = self.tenants.get_mut(place) {
            [tenant.sources[0], tenant.sinks[0]] = pins;
        }
    }

    /// What a module made of its period: what it has committed, or, where it has committed nothing,
    /// whatever it has written.
    pub fn take_period(&mut self, place: usize, into: &mut [u8]) {
        let committed = self.audio.committed(place) as usize;
        let all = if committed == 0 {
            into.len()
        } else {
            committed
        };
        let (made, rest) = into.split_at_mut(all.min(into.len()));
        self.fetch(place, Purpose::Output, made);
        rest.fill(0);
    }

    /// What is free now.
    #[must_use]
    pub fn resources(&self) -> Resources {
        Resources {
            frames: self.pool.free_frames(),
            pages: self.pool.free_pages(),
            tables: 2 * self.domains.free_places(),
            asids: self.domains.free_asids(),
            places: self
                .modules
                .iter()
                .filter(|module| module.is_none())
                .count() as u32,
        }
    }

    /// Refusals in all.
    #[must_use]
    pub const fn refusals(&self) -> u32 {
        self.audit.total()
    }

    /// The rules that can be checked at any time: every domain reaches exactly its partitions,
    /// and the page pool's books balance.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.domains.check(&self.machine).is_ok() && self.pool.check().is_ok()
    }

    fn furnish(
        &mut self,
        place: usize,
        domain: DomainHandle,
        slot: Run,
        image: &Image<'_>,
        estate: &Estate,
    ) -> Result<Module, InstallError> {
        self.domains.add_thread(thread_of(place), domain)?;
        for part in estate.parts() {
            let mut backing = self.backing(Some(domain), part.rights);
            backing.commit(run_of(slot, part))?;
        }
        let slot_start = PLATFORM.address_of(slot.first.0 * PAGE_BYTES, Alias::Cached);
        self.place_image(slot_start, image, estate);
        let region_part = estate.part(Purpose::Region);
        // What an earlier module left here is nobody's.
        self.said.take_traces(place);
        self.tenants[place].move_in(
            domain,
            Geometry {
                bytes: region_part.map_or(0, |part| part.pages.0 * PAGE_BYTES),
                line: PLATFORM.cache_line,
                base: slot_start.0 + region_part.map_or(0, Part::offset),
            },
        )?;
        let mut header = *image.header();
        header.start = loaded_at(slot_start, estate, header.start).0;
        header.entry = header
            .entry
            .map(|entry| loaded_at(slot_start, estate, entry).0);
        Ok(Module {
            header,
            estate: estate.clone(),
            domain,
            slot,
            slot_start,
        })
    }

    /// Copies the file's bytes and adds the load bias to its words, all through the kernel's own
    /// mapping, then makes it visible to fetches and to the uncached alias.
    fn place_image(&mut self, slot_start: VirtAddr, image: &Image<'_>, estate: &Estate) {
        let loaded = |linked| loaded_at(slot_start, estate, linked);
        for segment in image.segments() {
            let bytes = image.bytes(segment);
            for (frame, piece, _) in pieces(&self.pool, loaded(segment.address), bytes.len()) {
                self.machine.write(frame, &bytes[piece]);
            }
        }
        let bias = loaded(0).0;
        for word in image.relocations() {
            // A word is aligned to 4 and so lies in one frame.
            for (place, ..) in pieces(&self.pool, loaded(word), 4) {
                let value = self.machine.load_word(place);
                self.machine.store_word(place, value.wrapping_add(bias));
            }
        }
        for segment in image.segments() {
            let bytes = segment.memory_bytes as usize;
            for (frame, ..) in pieces(&self.pool, loaded(segment.address), bytes) {
                self.machine.publish(PhysAddr(frame.0 & !(PAGE_BYTES - 1)));
            }
        }
    }

    fn clear(&mut self, place: usize, domain: DomainHandle, slot: Run, estate: &Estate) {
        for part in estate.parts() {
            let mut backing = self.backing(Some(domain), part.rights);
            // A part that was never committed has nothing to give back.
            let _ = backing.decommit(run_of(slot, part));
        }
        self.release(slot, Some(domain));
        // The thread may not have been made; the handle is the one that `create` gave, and goes
        // stale here.
        let _ = self.domains.remove_thread(thread_of(place));
        let _ = self.domains.destroy(&mut self.machine, domain);
    }

    /// Ends a reservation in which nothing is committed any more.
    fn release(&mut self, slot: Run, domain: Option<DomainHandle>) {
        let _ = self.backing(domain, Rights::READ).release(slot);
    }

    fn backing(&mut self, domain: Option<DomainHandle>, rights: Rights) -> Committer<'_, M> {
        Committer {
            pool: &mut self.pool,
            grant: Grant {
                domains: &mut self.domains,
                machine: &mut self.machine,
                domain,
                rights,
            },
        }
    }
}

/// A module's thread has the number of its place.
const fn thread_of(place: usize) -> ThreadId {
    ThreadId(place as u16)
}
