//! What changes of domains cost.

use core::hint::black_box;

use domains::{DomainError, DomainHandle, Domains, MAX_PARTITIONS, Partition, Tenure};
use mmu::{
    Access, Alias, DC233C, Machine, PAGE_BYTES, PageCount, PhysAddr, PhysRange, Rights, SLOT_BYTES,
    SwitchImage, VirtAddr,
};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Domains that the measured table has places for: as many as there are ASIDs.
pub const FIGURES_MAX_DOMAINS: usize = 251;
const FRAMES: usize = DC233C.module_frames.frames as usize;
/// The measured table.
pub type ManyDomains = Domains<FIGURES_MAX_DOMAINS, FRAMES, 1>;

const ROUNDS: u32 = 1000;
const GRANT_PAGES: u32 = 64;
/// Domains alive while switches are measured.
const ALIVE: usize = 200;

/// Which figure a measurement is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Figure {
    /// A grant of one page and its revocation.
    AddRemove = 0,
    /// A page of a grant of 64 on one run of frames.
    AddPage = 1,
    /// The same where no frame follows another.
    AddPageScattered = 2,
    /// The decision about 64 KiB in a partition.
    May = 3,
    /// The decision about 64 KiB through the most partitions that a domain can have.
    MayScattered = 4,
    /// A domain made and destroyed.
    CreateDestroy = 5,
    /// A switch among 200 domains.
    Switch = 6,
    /// How many domains can live; `cycles` is their number.
    Most = 7,
}

/// Cycles of a number of rounds, and of the same rounds without the work.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Measurement {
    /// A [`Figure`].
    pub figure: u32,
    /// Cycles of all rounds.
    pub cycles: u32,
    /// Cycles of the rounds without the work.
    pub empty_cycles: u32,
    /// Rounds, or pages.
    pub rounds: u32,
}

/// What is measured with.
pub struct Bench<'b, M, C, S, N> {
    /// The core.
    pub machine: &'b mut M,
    /// The cycle counter.
    pub clock: C,
    /// A switch.
    pub switch: S,
    /// What it costs without switching.
    pub nothing: N,
}

impl<M: Machine, C: Fn() -> u32, S: Fn(&SwitchImage), N: Fn(&SwitchImage)> Bench<'_, M, C, S, N> {
    /// Measures everything.
    ///
    /// # Errors
    /// A refusal that must not be.
    pub fn measure(
        &mut self,
        domains: &mut ManyDomains,
        mut put: impl FnMut(Measurement),
    ) -> Result<(), DomainError> {
        let handle = domains.create(0)?;
        domains.enter(handle, self.machine.core())?;
        let pair = self.add_and_remove(domains, handle, partition(0, 1)?);
        put(measurement(Figure::AddRemove, pair, ROUNDS));

        // A large grant is made while a module is loaded: to a domain that nobody has entered.
        domains.destroy(self.machine, handle)?;
        let handle = domains.create(0)?;
        let many = partition(3, GRANT_PAGES)?;
        let runs = self.grants(domains, handle, many, |page| {
            frame(page, GRANT_PAGES - page)
        })?;
        put(measurement(Figure::AddPage, runs, ROUNDS * GRANT_PAGES));
        let scattered = self.grants(domains, handle, many, |page| frame(2 * page, 1))?;
        put(measurement(
            Figure::AddPageScattered,
            scattered,
            ROUNDS * GRANT_PAGES,
        ));

        domains.add_partition(self.machine, handle, many, |page| frame(page, GRANT_PAGES))?;
        let start = many.range.start();
        put(measurement(
            Figure::May,
            self.decide(domains, handle, start),
            ROUNDS,
        ));
        domains.remove_partition(self.machine, handle, start)?;
        for index in 0..MAX_PARTITIONS as u32 {
            domains.add_partition(self.machine, handle, partition(index, 1)?, |_| {
                frame(index, 1)
            })?;
        }
        let start = slot_start();
        put(measurement(
            Figure::MayScattered,
            self.decide(domains, handle, start),
            ROUNDS,
        ));
        domains.destroy(self.machine, handle)?;

        let pair = self.time(|machine| {
            if let Ok(handle) = domains.create(1) {
                let _ = domains.enter(handle, machine.core());
                let _ = domains.destroy(machine, handle);
            }
        });
        put(measurement(Figure::CreateDestroy, pair, ROUNDS));
        self.switches(domains, put)
    }

    /// In a function of its own, so that what the others need does not make its calls longer.
    #[inline(never)]
    fn add_and_remove(
        &mut self,
        domains: &mut ManyDomains,
        handle: DomainHandle,
        one: Partition,
    ) -> (u32, u32) {
        self.time(|machine| {
            let _ = domains.add_partition(machine, handle, one, |_| frame(0, 1));
            let _ = domains.remove_partition(machine, handle, one.range.start());
        })
    }

    /// Fills the table with domains, and switches among 200 of them.
    fn switches(
        &mut self,
        domains: &mut ManyDomains,
        mut put: impl FnMut(Measurement),
    ) -> Result<(), DomainError> {
        let mut images = [SwitchImage::default(); ALIVE];
        let core = self.machine.core();
        for (slot, image) in images.iter_mut().enumerate() {
            let handle = domains.create(slot as u32 % DC233C.slots())?;
            *image = domains.enter(handle, core)?;
        }
        let start = (self.clock)();
        (0..5).for_each(|_| images.iter().for_each(&self.switch));
        let middle = (self.clock)();
        (0..5).for_each(|_| images.iter().for_each(&self.nothing));
        let end = (self.clock)();
        let cycles = (middle.wrapping_sub(start), end.wrapping_sub(middle));
        put(measurement(Figure::Switch, cycles, 5 * ALIVE as u32));
        while domains.create(2).is_ok() {}
        put(measurement(Figure::Most, (domains.alive(), 0), 1));
        Ok(())
    }

    fn decide(&self, domains: &ManyDomains, handle: DomainHandle, start: VirtAddr) -> (u32, u32) {
        let bytes = 64 << 10;
        let begin = (self.clock)();
        for _ in 0..ROUNDS {
            let claim = (black_box(start), black_box(bytes));
            let _ = black_box(domains.may(handle, claim.0, claim.1, Access::Write));
        }
        let middle = (self.clock)();
        for _ in 0..ROUNDS {
            let claim = (black_box(start), black_box(bytes));
            black_box(claim);
        }
        let end = (self.clock)();
        (middle.wrapping_sub(begin), end.wrapping_sub(middle))
    }

    /// Times grants alone; their revocations are not counted.
    fn grants(
        &mut self,
        domains: &mut ManyDomains,
        handle: DomainHandle,
        partition: Partition,
        frames_of: impl Fn(u32) -> PhysRange + Copy,
    ) -> Result<(u32, u32), DomainError> {
        let (mut cycles, mut empty) = (0u32, 0u32);
        for _ in 0..ROUNDS {
            let start = (self.clock)();
            let granted = domains.add_partition(self.machine, handle, partition, frames_of);
            let end = (self.clock)();
            let again = (self.clock)();
            granted?;
            cycles = cycles.wrapping_add(end.wrapping_sub(start));
            empty = empty.wrapping_add(again.wrapping_sub(end));
            domains.remove_partition(self.machine, handle, partition.range.start())?;
        }
        Ok((cycles, empty))
    }

    fn time(&mut self, mut work: impl FnMut(&mut M)) -> (u32, u32) {
        let start = (self.clock)();
        for round in 0..ROUNDS {
            work(self.machine);
            black_box(round);
        }
        let middle = (self.clock)();
        for round in 0..ROUNDS {
            black_box(round);
        }
        let end = (self.clock)();
        (middle.wrapping_sub(start), end.wrapping_sub(middle))
    }
}

const fn measurement(
    figure: Figure,
    (cycles, empty_cycles): (u32, u32),
    rounds: u32,
) -> Measurement {
    Measurement {
        figure: figure as u32,
        cycles,
        empty_cycles,
        rounds,
    }
}

const fn slot_start() -> VirtAddr {
    DC233C.address_of(0, Alias::Cached)
}

fn partition(page: u32, pages: u32) -> Result<Partition, DomainError> {
    let start = VirtAddr(slot_start().0 + page * PAGE_BYTES);
    Partition::new(start, PageCount(pages), Rights::DATA, Tenure::Own)
}

const fn frame(number: u32, frames: u32) -> PhysRange {
    PhysRange {
        start: PhysAddr(DC233C.module_frames.start.0 + number * PAGE_BYTES),
        frames,
    }
}

const _: () = assert!(SLOT_BYTES >= (GRANT_PAGES + 3) * PAGE_BYTES);
