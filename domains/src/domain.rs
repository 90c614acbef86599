//! One domain.

use heapless::Vec;
use mmu::{
    Alias, Asid, CacheMode, CoreId, CoreSet, Machine, PAGE_BYTES, PhysRange, Platform, Pte, Rights,
    SLOT_BYTES, SwitchImage, Table, VirtAddr, VirtRange,
};

use crate::DomainError;
use crate::partition::{MAX_PARTITIONS, Partition};

/// Names a domain. It goes stale when the domain is destroyed, and stays so when its place is
/// used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DomainHandle {
    pub(crate) place: u16,
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
        let entry = Pte::module(run.start, rights, CacheMode::WriteBack);
        self.cached
            .map_twins(machine, start, entry, entry.past_cache(), run.frames);
    }

    /// Takes the access to the pages from `start` away. The entries go on to name their frames,
    /// so that [`Tables::run`] still finds them.
    #[inline(always)]
    pub(crate) fn suspend(self, machine: &mut impl Machine, start: VirtAddr, run: PhysRange) {
        let entry = Pte::without_access(run.start);
        self.cached
            .map_twins(machine, start, entry, entry, run.frames);
    }

    /// The frames behind the pages from `start`, as far as they follow each other, `most` pages
    /// at most.
    #[inline(always)]
    pub(crate) fn run(self, machine: &impl Machine, start: VirtAddr, most: u32) -> PhysRange {
        let frame_of = |page| {
            let address = VirtAddr(start.0 + page * PAGE_BYTES);
            self.cached.entry(machine, address).frame()
        };
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
pub(crate) struct Domain {
    /// `None` where there is no domain; then there are no partitions and no threads either.
    pub(crate) asid: Option<Asid>,
    pub(crate) slot: u32,
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
        asid: None,
        slot: 0,
        partitions: Vec::new(),
        image: SwitchImage::NONE,
        seen_by: CoreSet::EMPTY,
        threads: 0,
    };

    /// The cores other than `here` that may remember it, and whether `here` may.
    pub(crate) const fn cores_but(&self, here: CoreId) -> (CoreSet, bool) {
        (self.seen_by.without(here), self.seen_by.contains(here))
    }

    /// Its slot in the cached window.
    #[inline(always)]
    pub(crate) fn slot_start(&self, platform: &Platform) -> VirtAddr {
        platform.address_of(self.slot * SLOT_BYTES, Alias::Cached)
    }

    /// Whether the domain can have a new partition.
    #[inline(always)]
    pub(crate) fn may_have(
        &self,
        platform: &Platform,
        partition: &Partition,
    ) -> Result<(), DomainError> {
        let (start, end) = (partition.range.start(), partition.range.end());
        let slot = self.slot_start(platform);
        if start < slot || end.0 - slot.0 > SLOT_BYTES {
            return Err(DomainError::OutsideSlot(start));
        }
        partition.check_rights()?;
        let mut others = self.partitions.iter();
        if let Some(other) = others.find(|other| other.range.overlaps(partition.range)) {
            return Err(DomainError::Overlap(other.range.start()));
        }
        if self.partitions.is_full() {
            return Err(DomainError::NoPartition(MAX_PARTITIONS));
        }
        Ok(())
    }

    /// The place of the partition that starts at this cached address. O(partitions).
    #[inline(always)]
    pub(crate) fn find(&self, start: VirtAddr) -> Result<usize, DomainError> {
        self.partitions
            .iter()
            .position(|partition| partition.range.start() == start)
            .ok_or(DomainError::NotFound(start))
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
