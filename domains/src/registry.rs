//! All domains: where they live, and how they come and go.

use heapless::Vec;
use mmu::{
    Alias, Asid, AsidPool, CoreId, CoreSet, Machine, PhysAddr, PhysRange, Platform, SLOT_BYTES,
    Stale, SwitchImage, TABLE_BYTES, Table,
};

use crate::domain::{Domain, DomainHandle, Tables};
use crate::grants::take_back;
use crate::ledger::Ledger;
use crate::{Counts, DomainError, Partition};

/// Where a domain lives. The record stays when its domain is gone, so that none is ever moved.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Place {
    /// Odd while there is a domain, so that no handle fits a place without one.
    generation: u32,
    domain: Domain,
}

/// Up to `D` domains over `F` module frames, with up to `T` threads in them.
///
/// A domain's two page tables belong to its place: there are as many domains as there are pairs of
/// table frames, and no table can be lacking once there is a place. Tables of places without a
/// domain give no access to anything.
#[derive(Clone, Debug)]
// In this order: a place's fields are in reach of a load's offset from where the place begins.
#[repr(C)]
pub struct Domains<const D: usize, const F: usize, const T: usize> {
    pub(crate) places: [Place; D],
    pub(crate) ledger: Ledger<F>,
    pub(crate) platform: Platform,
    pub(crate) asids: AsidPool,
    /// The place of the domain that each thread belongs to.
    pub(crate) threads: [Option<u16>; T],
    free_places: Vec<u16, D>,
    pub(crate) counts: Counts,
}

impl<const D: usize, const F: usize, const T: usize> Domains<D, F, T> {
    /// No domains yet, in memory whose tables are filled.
    #[must_use]
    pub fn new(platform: &Platform, machine: &mut impl Machine) -> Self {
        let mut domains = Self::unstarted(platform);
        domains.start(machine);
        domains
    }

    /// The same before [`Self::start`]: there is no place for any domain. A constant, so that it can
    /// be made where it stays.
    #[must_use]
    pub const fn unstarted(platform: &Platform) -> Self {
        Domains {
            platform: *platform,
            places: [const {
                Place {
                    generation: 0,
                    domain: Domain::NONE,
                }
            }; D],
            free_places: Vec::new(),
            asids: AsidPool::new(),
            ledger: Ledger::new(platform.module_frames),
            threads: [None; T],
            counts: Counts::NONE,
        }
    }

    /// Fills every table, about 2,600 instructions each, and opens the places. Once, before any
    /// domain is made; nothing happens afterwards.
    pub fn start(&mut self, machine: &mut impl Machine) {
        if self.alive() != 0 || !self.free_places.is_empty() {
            return;
        }
        let pairs = (self.platform.table_frames.frames / 2).min(D as u32) as u16;
        for place in 0..pairs {
            let [cached, uncached] = self.table_frames(place);
            self.places[usize::from(place)].domain.tables = Tables {
                cached: Table::new(machine, cached),
                uncached: Table::new(machine, uncached),
            };
        }
        self.free_places.extend((0..pairs).rev());
    }

    /// Where they live.
    #[must_use]
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Makes a domain without partitions, whose pages will lie in that slot of both windows.
    ///
    /// # Errors
    /// No such slot, no place, no ASID; then nothing has changed. O(1).
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn create(&mut self, slot: u32) -> Result<DomainHandle, DomainError> {
        let slots = self.platform.slots();
        if slot >= slots {
            return Err(DomainError::NoSlot { slot, slots });
        }
        let Some(&place) = self.free_places.last() else {
            return Err(DomainError::NoDomain(self.alive() as usize));
        };
        let asid = self.asids.take()?;
        self.free_places.pop();
        let [cached, uncached] = self.table_frames(place);
        let Place { generation, domain } = &mut self.places[usize::from(place)];
        domain.asid = Some(asid);
        domain.slot = slot;
        domain.slot_start = self.platform.address_of(slot * SLOT_BYTES, Alias::Cached);
        domain.image = SwitchImage::new(&self.platform, asid, slot, cached, uncached);
        domain.seen_by = CoreSet::EMPTY;
        *generation |= 1;
        Ok(DomainHandle {
            place: place.into(),
            generation: *generation,
        })
    }

    /// [`Self::create`] with its first partitions, each on one run of frames.
    ///
    /// # Errors
    /// As of [`Self::create`] and [`Self::add_partition`]; then there is no domain.
    pub fn create_with(
        &mut self,
        machine: &mut impl Machine,
        slot: u32,
        partitions: &[(Partition, PhysAddr)],
    ) -> Result<DomainHandle, DomainError> {
        let handle = self.create(slot)?;
        for (partition, first) in partitions {
            if let Err(refusal) = self.add_partition(machine, handle, *partition, |page| {
                PhysRange::rest(*first, page, partition.range.pages())
            }) {
                // Nothing was ever entered: no core has to answer.
                self.destroy(machine, handle)?;
                return Err(refusal);
            }
        }
        Ok(handle)
    }

    /// Takes everything back: partitions, tables, ASID. The handle is stale from then on, and no
    /// TLB of any core remembers anything of the domain, nor has a core that ran it a line of its
    /// frames.
    ///
    /// # Errors
    /// A stale handle, threads that belong to the domain, or a core that does not answer; then
    /// nothing has changed. O(pages mapped).
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn destroy(
        &mut self,
        machine: &mut impl Machine,
        handle: DomainHandle,
    ) -> Result<(), DomainError> {
        let domain = self.domain(handle)?;
        if domain.threads > 0 {
            return Err(DomainError::HasThreads(domain.threads));
        }
        let (others, is_here) = domain.cores_but(machine.core());
        // No thread can run in it, so what is forgotten now does not come back. The TLBs may also
        // hold entries that say "no access": they carry the ASID as well, and would hide pages
        // from its next owner.
        if !others.is_empty() {
            self.counts.shoot_down(machine, others, Stale::all())?;
        }
        if is_here {
            Stale::ENTRIES.drop_entries(machine);
        }
        let tables = self.tables(handle);
        let Place { generation, domain } = &mut self.places[handle.place as usize];
        *generation = generation.wrapping_add(1);
        for partition in domain.partitions.iter().copied() {
            tables.suspend_all(machine, partition.range);
            take_back(machine, &mut self.ledger, tables, partition, is_here);
        }
        domain.partitions.clear();
        let asid = domain.asid.take();
        // BROKEN ON PURPOSE, rule 9: its number stays taken.
        #[cfg(feature = "break-keeps-asids")]
        let asid = asid.filter(|_| false);
        if let Some(asid) = asid {
            self.asids.give_back(asid)?;
        }
        // Cannot fail: the place came from here.
        let _ = self.free_places.push(handle.place as u16);
        Ok(())
    }

    /// The words that a switch to this domain writes, on a core that is about to enter it: from
    /// now on the core answers for what it may remember of the domain.
    ///
    /// # Errors
    /// A stale handle, or a core that the platform does not have. O(1).
    pub fn enter(
        &mut self,
        handle: DomainHandle,
        core: CoreId,
    ) -> Result<SwitchImage, DomainError> {
        let cores = self.platform.cores;
        if core.number() >= cores as usize {
            return Err(DomainError::NoCore { core, cores });
        }
        let domain = self.domain_mut(handle)?;
        domain.seen_by = domain.seen_by.with(core);
        Ok(domain.image)
    }

    /// The slot that the domain's pages lie in.
    ///
    /// # Errors
    /// [`DomainError::StaleHandle`]. O(1).
    pub fn slot(&self, handle: DomainHandle) -> Result<u32, DomainError> {
        Ok(self.domain(handle)?.slot)
    }

    /// The domain's ASID.
    ///
    /// # Errors
    /// [`DomainError::StaleHandle`]. O(1).
    pub fn asid(&self, handle: DomainHandle) -> Result<Asid, DomainError> {
        self.domain(handle)?.asid.ok_or(DomainError::StaleHandle)
    }

    /// The domain's partitions, by address.
    ///
    /// # Errors
    /// [`DomainError::StaleHandle`]. O(1).
    pub fn partitions(&self, handle: DomainHandle) -> Result<&[Partition], DomainError> {
        Ok(&self.domain(handle)?.partitions)
    }

    /// Bytes of page tables that a domain costs, both aliases together; the kernel's own mapping
    /// costs a domain nothing.
    #[must_use]
    pub const fn table_bytes() -> u32 {
        2 * TABLE_BYTES
    }

    /// How many domains live.
    #[must_use]
    pub fn alive(&self) -> u32 {
        let alive = |place: &&Place| place.domain.asid.is_some();
        self.places.iter().filter(alive).count() as u32
    }

    /// How many domains can still be made, as far as page tables go.
    #[must_use]
    pub fn free_places(&self) -> u32 {
        self.free_places.len() as u32
    }

    /// How many ASIDs are left.
    #[must_use]
    pub const fn free_asids(&self) -> u32 {
        self.asids.free()
    }

    /// How many frames some domain reaches.
    #[must_use]
    pub fn frames_in_use(&self) -> u32 {
        self.ledger.frames_in_use()
    }

    /// How many pages of partitions, over all domains, stand on this frame.
    #[must_use]
    pub fn owners(&self, frame: PhysAddr) -> u32 {
        self.ledger.partitions(frame)
    }

    #[inline]
    pub(crate) fn domain(&self, handle: DomainHandle) -> Result<&Domain, DomainError> {
        match self.places.get(handle.place as usize) {
            Some(Place { generation, domain }) if *generation == handle.generation => Ok(domain),
            _ => Err(DomainError::StaleHandle),
        }
    }

    #[inline]
    pub(crate) fn domain_mut(&mut self, handle: DomainHandle) -> Result<&mut Domain, DomainError> {
        Ok(self.domain_and_ledger(handle)?.0)
    }

    #[inline(always)]
    pub(crate) fn domain_and_ledger(
        &mut self,
        handle: DomainHandle,
    ) -> Result<(&mut Domain, &mut Ledger<F>), DomainError> {
        let place = handle.place as usize;
        // Looked at apart: without an `Option` of a place, which the compiler tests twice.
        if place >= D {
            return Err(DomainError::StaleHandle);
        }
        let Place { generation, domain } = &mut self.places[place];
        if *generation != handle.generation {
            return Err(DomainError::StaleHandle);
        }
        Ok((domain, &mut self.ledger))
    }

    /// The handle of the domain at a place, if there is one.
    pub(crate) fn handle_at(&self, place: u16) -> Option<DomainHandle> {
        let Place { generation, domain } = self.places.get(usize::from(place))?;
        domain.asid.map(|_| DomainHandle {
            place: place.into(),
            generation: *generation,
        })
    }

    /// The tables of a domain, by its place.
    #[inline]
    pub(crate) fn tables(&self, handle: DomainHandle) -> Tables {
        self.tables_at(handle.place as u16)
    }

    #[inline]
    pub(crate) fn tables_at(&self, place: u16) -> Tables {
        let [cached, uncached] = self.table_frames(place).map(Table::at);
        Tables { cached, uncached }
    }

    #[inline]
    const fn table_frames(&self, place: u16) -> [PhysAddr; 2] {
        let first = self.platform.table_frames.start.0 + place as u32 * Self::table_bytes();
        [PhysAddr(first), PhysAddr(first + TABLE_BYTES)]
    }
}
