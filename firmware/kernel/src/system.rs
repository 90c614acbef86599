//! The kernel's state: domains, pages, modules and their instances, the audit trail.

use board::registers::QuickWindow;
use board::traces::Traced;
use domains::{Consequence, Domains, Fault};
use mmu::{
    Access, CoreId, CoreSet, Frames, Machine, PAGE_BYTES, PageCount as MmuPages, Ring, Stale,
    SwitchImage, VirtAddr, VirtRange,
};
use syscalls::{
    Arguments, Audit, AuditEntry, Clock, DomainMemory, Incident, Kernel, Outcome, Tenant, serve,
};
use vregion::region::SealError;

use crate::audio::Audio;
use crate::backing::{Holdings, Pool};
use crate::config::{AUDIT_ENTRIES, FRAMES, INSTANCES, MODULES, PLATFORM, THREADS};
use crate::estate::Purpose;
use crate::instance::{Instance, Loaded};
use crate::report::Resources;
use crate::said::{Line, Said};

pub(crate) type AllDomains = Domains<INSTANCES, FRAMES, THREADS>;

/// Everything the kernel knows.
pub struct System<M> {
    pub(crate) machine: M,
    pub(crate) domains: AllDomains,
    pub(crate) pool: Pool,
    pub(crate) modules: [Option<Loaded>; MODULES],
    pub(crate) instances: [Option<Instance>; INSTANCES],
    pub(crate) tenants: [Tenant; INSTANCES],
    /// Of each place its own, so that none pushes out another's.
    audit: [Audit<AUDIT_ENTRIES>; INSTANCES],
    pub(crate) said: Said,
    ticks: u32,
    pub(crate) audio: Audio,
    /// Of each place its own: those of several cores may end at once.
    ended: [Option<Outcome>; INSTANCES],
    /// Where instances run that come to a place.
    cores: [CoreId; INSTANCES],
    /// Whether another core runs the instance of a place just now.
    is_away: [bool; INSTANCES],
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
            pool: Pool::new(),
            modules: [const { None }; MODULES],
            instances: [const { None }; INSTANCES],
            tenants: [const { Tenant::new() }; INSTANCES],
            audit: [const { Audit::new() }; INSTANCES],
            said: Said::new(),
            ticks: 0,
            audio: Audio::new(),
            ended: [None; INSTANCES],
            cores: [CoreId::BOOT; INSTANCES],
            is_away: [false; INSTANCES],
        }
    }

    /// Fills the page tables. Once, before anything is loaded.
    pub fn start(&mut self) {
        self.domains.start(&mut self.machine);
    }

    /// The instance at a place.
    #[must_use]
    pub fn instance(&self, place: usize) -> Option<&Instance> {
        self.instances.get(place)?.as_ref()
    }

    /// The record of the module at a place, to count in.
    pub fn tenant(&mut self, place: usize) -> Option<&mut Tenant> {
        self.tenants.get_mut(place)
    }

    /// Which core the instances of a place run on.
    #[must_use]
    pub fn core_of(&self, place: usize) -> CoreId {
        self.cores.get(place).copied().unwrap_or(CoreId::BOOT)
    }

    /// Says which core the instances of a place run on: to be said before one comes there and before
    /// the place is given a buffer.
    pub fn pin_to(&mut self, place: usize, core: CoreId) {
        if let Some(pinned) = self.cores.get_mut(place) {
            *pinned = core;
        }
    }

    /// Notes that another core begins to run the instance of a place, or has ended.
    pub fn set_away(&mut self, place: usize, is_away: bool) {
        if let Some(away) = self.is_away.get_mut(place) {
            *away = is_away;
        }
    }

    /// What a switch to the module's domain writes, for its core, which is about to make it.
    pub fn switch_image(&mut self, place: usize) -> Option<SwitchImage> {
        let domain = self.instance(place)?.domain;
        self.domains.enter(domain, self.core_of(place)).ok()
    }

    /// The address by which a place is told of memory that the kernel, or a module on another core,
    /// works on too. Cores keep their caches to themselves: so it lies past the cache wherever
    /// any core but the session's is at it.
    pub(crate) fn told_at(&self, at: VirtAddr, is_coherent: bool) -> VirtAddr {
        match is_coherent {
            // Every address of a slot has its twin.
            true => PLATFORM.uncached(at).unwrap_or(at),
            false => at,
        }
    }

    /// Where the instance of a place is told that its message page lies.
    #[must_use]
    pub fn message_at(&self, place: usize) -> Option<VirtAddr> {
        let message = self.instance(place)?.address_of(Purpose::Message)?;
        Some(self.told_at(message, self.core_of(place) != CoreId::BOOT))
    }

    /// The module's ASID.
    #[must_use]
    pub fn asid(&self, place: usize) -> u32 {
        self.instance(place)
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
        if let Some(Some(instance)) = self.instances.get(place) {
            self.tenants[place]
                .region
                .seal(instance.header.interim_bytes)?;
        }
        Ok(())
    }

    /// How the turn of a place ended, if a system call ended it.
    pub fn end_turn(&mut self, place: usize) -> Option<Outcome> {
        self.ended.get_mut(place)?.take()
    }

    /// Whether a module that took a fault goes on: it does where its core remembered a page as it
    /// was before a grant, and has forgotten it now.
    pub fn resumes(&mut self, place: usize, fault: Fault) -> bool {
        let Some(module) = self.instance(place) else {
            return false;
        };
        let verdict = self.domains.judge(module.domain, Ring::Module, fault);
        let Consequence::Resume(page) = verdict.consequence else {
            return false;
        };
        let Ok(page) = VirtRange::new(page, MmuPages(1)) else {
            return true;
        };
        let (core, stale) = (self.core_of(place), Stale::entries_of(page));
        if core == self.machine.core() {
            stale.drop_entries(&mut self.machine);
            return true;
        }
        let core = CoreSet::EMPTY.with(core);
        self.machine.shoot_down(core, stale).is_ok()
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
        let (audit, said) = (self.audit.get_mut(place)?, &mut self.said);
        let outcome = serve(number, arguments, place as u32, tenant, kernel, audit, said);
        if let Outcome::Return(value) = outcome {
            return Some(value);
        }
        self.ended[place] = Some(outcome);
        None
    }

    /// The oldest line that a module logged and nobody has read yet.
    pub fn take_line(&mut self) -> Option<Line> {
        self.said.take_line()
    }

    /// Calls `act` with each trace record that a module left and nobody has read yet. Nothing while
    /// another core runs it, whose entry code puts records there without the kernel's lock.
    pub fn take_traces(&mut self, place: usize, mut act: impl FnMut(&Traced)) {
        if self.is_away.get(place) == Some(&true) {
            return;
        }
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
        let instance = self.instance(place)?;
        let stack = instance.estate.part(Purpose::Stack)?;
        let frame_of = |page: u32| {
            let offset = stack.offset() + page * PAGE_BYTES;
            let mut pieces = instance.held.pieces(&self.pool, offset, 1);
            pieces.next().map(|(frame, _)| frame)
        };
        let mut first = stack.pages.0 - 1;
        while first > 0 && frame_of(first - 1)?.0 + PAGE_BYTES == frame_of(first)?.0 {
            first -= 1;
        }
        let start = VirtAddr(instance.start_of(stack).0 + first * PAGE_BYTES);
        let bytes = (stack.pages.0 - first) * PAGE_BYTES;
        let domain = instance.domain;
        self.domains.may(domain, start, bytes, Access::Read).ok()?;
        let ring = self.said.ring(place)?;
        Some(QuickWindow::new(start, frame_of(first)?, bytes, ring))
    }

    /// Copies into a part of an instance, from an offset on. What does not fit is left out.
    pub fn fill(&mut self, place: usize, purpose: Purpose, offset: u32, bytes: &[u8]) {
        if let Some((held, at, fits)) = self.within(place, purpose, offset, bytes.len()) {
            for (frame, piece) in held.pieces(&self.pool, at, fits) {
                self.machine.write(frame, &bytes[piece]);
            }
        }
    }

    /// Copies out of a part of an instance, from an offset on. What lies behind it is left out.
    pub fn fetch(&mut self, place: usize, purpose: Purpose, offset: u32, into: &mut [u8]) {
        if let Some((held, at, fits)) = self.within(place, purpose, offset, into.len()) {
            for (frame, piece) in held.pieces(&self.pool, at, fits) {
                self.machine.read(frame, &mut into[piece]);
            }
        }
    }

    /// How many of so many bytes of a part there are from an offset on, and where.
    fn within(
        &self,
        place: usize,
        purpose: Purpose,
        offset: u32,
        bytes: usize,
    ) -> Option<(Holdings, u32, usize)> {
        let instance = self.instance(place)?;
        let part = instance.estate.part(purpose)?;
        let left = (part.end_offset() - part.offset()).checked_sub(offset)?;
        let held = instance.held.clone();
        Some((held, part.offset() + offset, bytes.min(left as usize)))
    }

    /// What is free now.
    #[must_use]
    pub fn resources(&self) -> Resources {
        Resources {
            frames: self.pool.free_frames(),
            tables: 2 * self.domains.free_places(),
            asids: self.domains.free_asids(),
            places: self
                .instances
                .iter()
                .filter(|place| place.is_none())
                .count() as u32,
            slots: self.modules.iter().filter(|slot| slot.is_none()).count() as u32,
            buffers: self.audio.free(),
        }
    }

    /// Refusals, faults and overruns in all, and how many of them nobody will hear of.
    #[must_use]
    pub fn incidents(&self) -> (u32, u32) {
        (self.audit.iter()).fold((0, 0), |(total, lost), audit| {
            (total + audit.total(), lost + audit.lost())
        })
    }

    /// Notes what ended a module's turn, where it was no system call; that is noted already.
    pub fn note(&mut self, place: usize, incident: Incident) {
        if let Some(audit) = self.audit.get_mut(place) {
            audit.note(AuditEntry {
                tenant: place as u32,
                ticks: self.ticks,
                incident,
            });
        }
    }

    /// The oldest incident of a place that nobody has heard of.
    pub fn take_incident(&mut self) -> Option<AuditEntry> {
        self.audit.iter_mut().find_map(Audit::take)
    }

    /// The rules that can be checked at any time: every domain reaches exactly its partitions,
    /// and the page pool's books balance.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.domains.check(&self.machine).is_ok() && self.pool.check().is_ok()
    }
}
