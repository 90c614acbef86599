//! One domain.

use heapless::Vec;
use mmu::{
    Asid, CacheMode, CoreId, CoreSet, Machine, PAGE_BYTES, PageCount, PhysAddr, PhysRange, Pte,
    Rights, SLOT_BYTES, SwitchImage, Table, VirtAddr, VirtRange,
};

use crate::DomainError;
use crate::partition::{MAX_PARTITIONS, Partition, Tenure};

/// Names a domain. It goes stale when the domain is destroyed, and stays so when its place is
/// used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DomainHandle {
    /// A `u16`, as wide as a register.
    pub(crate) place: u32,
    pub(crate) generation: u32,
}

/// The two tables of a domain, one for each alias. What they say is always the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables {
    pub(crate) cached: Table,
    pub(crate) uncached: Table,
}

impl Tables {
    /// Gives the pages from `start` a run of frames.
    #[inline(always)]
    pub(crate) fn map(
        self,
        machine: &mut impl Machine,
        start: VirtAddr,
        run: PhysRange,
        rights: Rights,
    ) {
        // BROKEN ON PURPOSE, rule 6: what is executable is writable.
        #[cfg(feature = "break-text-writable")]
        let rights = match rights.contains(Rights::EXECUTE) {
            true => rights | Rights::WRITE,
            false => rights,
        };
        let entry = Pte::module(run.start, rights, CacheMode::WriteBack);
        self.cached
            .map_twins(machine, start, entry, entry.past_cache(), run.frames);
    }

    /// Takes the access to the pages from `start` away. The entries go on to name their frames,
    /// so that [`Tables::run`] still finds them.
    #[inline(always)]
    pub(crate) fn suspend(self, machine: &mut impl Machine, start: VirtAddr, run: PhysRange) {
        let entry = Pte::without_access(run.start);
        // BROKEN ON PURPOSE, rule 7: the uncached alias stays as it was.
        #[cfg(feature = "break-revokes-one-alias")]
        {
            let twin = self.uncached.entry(machine, start);
            self.cached
                .map_twins(machine, start, entry, twin, run.frames);
        }
        #[cfg(not(feature = "break-revokes-one-alias"))]
        self.cached
            .map_twins(machine, start, entry, entry, run.frames);
    }

    /// [`Self::suspend`] of a whole range.
    #[inline(never)]
    pub(crate) fn suspend_all(self, machine: &mut impl Machine, range: VirtRange) {
        self.each_run(machine, range, |machine, at, run| {
            self.suspend(machine, at, run);
        });
    }

    /// The frame behind the page at `start`.
    #[inline(always)]
    pub(crate) fn frame(self, machine: &impl Machine, start: VirtAddr) -> PhysAddr {
        self.cached.entry(machine, start).frame()
    }

    /// The frames behind the pages from `start`, as far as they follow each other, `most` pages
    /// at most.
    #[inline(always)]
    pub(crate) fn run(self, machine: &impl Machine, start: VirtAddr, most: u32) -> PhysRange {
        let frame_of = |page| self.frame(machine, VirtAddr(start.0 + page * PAGE_BYTES));
        let start = frame_of(0);
        let follows = |page: &u32| frame_of(*page).0 == start.0.wrapping_add(*page * PAGE_BYTES);
        let frames = 1 + (1..most).take_while(follows).count() as u32;
        PhysRange { start, frames }
    }

    /// The frames behind a range from its page `page` on, as far as they follow each other.
    pub(crate) fn run_behind(
        self,
        machine: &impl Machine,
        range: VirtRange,
        page: u32,
    ) -> PhysRange {
        let start = VirtAddr(range.start().0 + page * PAGE_BYTES);
        self.run(machine, start, range.pages().0 - page)
    }

    /// Calls `act` with each run of frames behind a range, and where it is mapped.
    #[inline(always)]
    pub(crate) fn each_run<M: Machine>(
        self,
        machine: &mut M,
        range: VirtRange,
        mut act: impl FnMut(&mut M, VirtAddr, PhysRange),
    ) {
        let mut at = range.start();
        while at < range.end() {
            let run = self.run(machine, at, (range.end().0 - at.0) / PAGE_BYTES);
            act(machine, at, run);
            at = VirtAddr(at.0 + run.frames * PAGE_BYTES);
        }
    }
}

/// A domain: its number, its partitions, the cores that may remember it.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Domain {
    /// Its place's, for good.
    pub(crate) tables: Tables,
    /// `None` where there is no domain; then there are no partitions and no threads either.
    pub(crate) asid: Option<Asid>,
    pub(crate) slot: u32,
    /// The slot's first address in the cached window.
    pub(crate) slot_start: VirtAddr,
    /// By address.
    pub(crate) partitions: Vec<Partition, MAX_PARTITIONS>,
    /// What a switch writes.
    pub(crate) image: SwitchImage,
    /// Cores that it was entered on: their TLBs and caches may hold something of it.
    pub(crate) seen_by: CoreSet,
    /// Threads that belong to it.
    pub(crate) threads: u32,
}

impl Domain {
    pub(crate) const NONE: Domain = Domain {
        tables: Tables {
            cached: Table::at(PhysAddr(0)),
            uncached: Table::at(PhysAddr(0)),
        },
        asid: None,
        slot: 0,
        slot_start: VirtAddr(0),
        partitions: Vec::new(),
        image: SwitchImage::NONE,
        seen_by: CoreSet::EMPTY,
        threads: 0,
    };

    /// The cores other than `here` that may remember it, and whether `here` may.
    pub(crate) const fn cores_but(&self, here: CoreId) -> (CoreSet, bool) {
        (self.seen_by.without(here), self.seen_by.contains(here))
    }

    /// Whether the domain can have a new partition, and which place it has by address then.
    /// O(partitions).
    pub(crate) fn place_for(&self, partition: &Partition) -> Result<usize, DomainError> {
        let (start, end) = (partition.range.start(), partition.range.end());
        let slot = self.slot_start;
        if start < slot || end.0 - slot.0 > SLOT_BYTES {
            return Err(DomainError::OutsideSlot(start));
        }
        partition.check_rights()?;
        let place = self.place_of(start);
        let next = self.partitions.get(place);
        if let Some(other) = next.filter(|other| other.range.start() < end) {
            return Err(DomainError::Overlap(other.range.start()));
        }
        if self.partitions.is_full() {
            return Err(DomainError::NoPartition(MAX_PARTITIONS));
        }
        Ok(place)
    }

    /// The place for a partition of one page of the domain's own, if it can have it: what
    /// [`Self::place_for`] says in few instructions.
    #[inline(always)]
    pub(crate) fn place_for_page(&self, partition: &Partition) -> Option<usize> {
        let start = partition.range.start();
        if partition.range.pages() != PageCount(1)
            || start.0.wrapping_sub(self.slot_start.0) >= SLOT_BYTES
            || partition.tenure != Tenure::Own
            || !partition.rights.is_lawful()
            || self.partitions.len() >= MAX_PARTITIONS
        {
            return None;
        }
        let place = self.place_of(start);
        match self.partitions.get(place) {
            Some(next) if next.range.start() <= start => None,
            _ => Some(place),
        }
    }

    /// The place of the first partition that ends behind an address. They are apart and by
    /// address, so no other can overlap what begins there but is not behind it.
    #[inline(always)]
    pub(crate) fn place_of(&self, start: VirtAddr) -> usize {
        let mut place = 0;
        while place < self.partitions.len() && self.partitions[place].range.end() <= start {
            place += 1;
        }
        place
    }

    /// Puts a partition at a place that [`Self::place_for`] named.
    #[inline(always)]
    pub(crate) fn insert(&mut self, place: usize, partition: Partition) {
        // Cannot fail: the place was named because there is one.
        let _ = self.partitions.push(partition);
        // In its order without a call that moves memory: there are few.
        for at in (place + 1..self.partitions.len()).rev() {
            self.partitions.swap(at - 1, at);
        }
    }

    /// Takes the partition at a place out.
    #[inline(always)]
    pub(crate) fn remove(&mut self, place: usize) {
        for after in place + 1..self.partitions.len() {
            self.partitions.swap(after - 1, after);
        }
        let rest = self.partitions.len().saturating_sub(1);
        self.partitions.truncate(rest);
    }

    /// The place of the partition that starts at this cached address. O(partitions).
    #[inline(always)]
    pub(crate) fn find(&self, start: VirtAddr) -> Result<usize, DomainError> {
        for place in 0..self.partitions.len() {
            if self.partitions[place].range.start() == start {
                return Ok(place);
            }
        }
        Err(DomainError::NotFound(start))
    }

    /// The partitions from the one that holds the byte at this cached address, by address; none
    /// where none holds it. O(partitions).
    pub(crate) fn partitions_from(&self, cached: VirtAddr) -> &[Partition] {
        let place = self
            .partitions
            .iter()
            .position(|partition| partition.range.contains(cached));
        place.map_or(&[], |place| &self.partitions[place..])
    }
}
