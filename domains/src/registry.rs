//! All domains, and every change to them.

use heapless::Vec;
use mmu::{
    Alias, Asid, AsidPool, CacheMode, Machine, PAGE_BYTES, PageCount, PhysAddr, Platform, Pte,
    Rights, SLOT_BYTES, SwitchImage, TABLE_BYTES, Table, VirtAddr, VirtRange, forget_page,
};

use crate::domain::{Domain, DomainHandle};
use crate::ledger::Ledger;
use crate::partition::{MAX_PARTITIONS, Partition};
use crate::{DomainError, ledger};

#[derive(Debug)]
struct Place {
    generation: u32,
    domain: Option<Domain>,
}

/// Up to `D` domains over `F` module frames, with `T` frames for page tables.
#[derive(Debug)]
pub struct Domains<const D: usize, const F: usize, const T: usize> {
    pub(crate) platform: Platform,
    places: [Place; D],
    asids: AsidPool,
    free_tables: Vec<u16, T>,
    ledger: ledger::Ledger<F>,
}

impl<const D: usize, const F: usize, const T: usize> Domains<D, F, T> {
    /// No domains yet.
    #[must_use]
    pub fn new(platform: &Platform) -> Self {
        let tables = (platform.table_frames.frames as usize).min(T) as u16;
        Domains {
            platform: *platform,
            places: [const {
                Place {
                    generation: 0,
                    domain: None,
                }
            }; D],
            asids: AsidPool::new(),
            free_tables: (0..tables).rev().collect(),
            ledger: Ledger::new(platform.module_frames),
        }
    }

    /// Where they live.
    #[must_use]
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Makes a domain without partitions, whose pages will lie in that slot of both windows.
    ///
    /// # Errors
    /// A full table, no ASID, no frame for a table, no such slot; then nothing has changed.
    /// O(entries of two tables).
    pub fn create(
        &mut self,
        machine: &mut impl Machine,
        slot: u32,
    ) -> Result<DomainHandle, DomainError> {
        let slots = self.platform.slots();
        if slot >= slots {
            return Err(DomainError::NoSlot { slot, slots });
        }
        let place = self
            .places
            .iter()
            .position(|place| place.domain.is_none())
            .ok_or(DomainError::NoDomain(D))?;
        if self.free_tables.len() < 2 {
            return Err(DomainError::NoTable);
        }
        let asid = self.asids.take()?;
        let (Some(cached), Some(uncached)) = (self.take_table(machine), self.take_table(machine))
        else {
            return Err(DomainError::NoTable);
        };
        let image = SwitchImage::new(&self.platform, asid, slot, cached.frame(), uncached.frame());
        let partitions = Vec::new();
        self.places[place].domain = Some(Domain {
            asid,
            slot,
            cached,
            uncached,
            partitions,
            image,
        });
        Ok(DomainHandle {
            place: place as u16,
            generation: self.places[place].generation,
        })
    }

    /// Takes everything back: partitions, tables, ASID. The handle is stale from then on, and no
    /// TLB of this core remembers anything of the domain.
    ///
    /// # Errors
    /// [`DomainError::StaleHandle`]. O(pages mapped).
    pub fn destroy(
        &mut self,
        machine: &mut impl Machine,
        handle: DomainHandle,
    ) -> Result<(), DomainError> {
        while let Some(partition) = self.domain(handle)?.partitions.last() {
            let start = partition.range.start();
            self.remove_partition(machine, handle, start)?;
        }
        let place = &mut self.places[usize::from(handle.place)];
        place.generation = place.generation.wrapping_add(1);
        let domain = place.domain.take().ok_or(DomainError::StaleHandle)?;
        // The TLBs may also hold entries that say "no access": they carry the ASID as well, and
        // would hide pages from its next owner. Four pages select every index of every way.
        for index in 0..4 {
            forget_page(machine, VirtAddr(index * PAGE_BYTES));
        }
        machine.synchronize();
        self.give_table(domain.cached);
        self.give_table(domain.uncached);
        self.asids.give_back(domain.asid)?;
        Ok(())
    }

    /// Gives the domain `pages` pages from the cached address `start` and their uncached twins,
    /// backed by the frames that `frame_of` names by page.
    ///
    /// # Errors
    /// One of [`DomainError`]; then nothing has changed. O(pages + partitions).
    pub fn add_partition(
        &mut self,
        machine: &mut impl Machine,
        handle: DomainHandle,
        start: VirtAddr,
        pages: PageCount,
        rights: Rights,
        frame_of: impl Fn(u32) -> PhysAddr,
    ) -> Result<(), DomainError> {
        let range = VirtRange::new(start, pages)?;
        let domain = self.domain(handle)?;
        if !domain.holds(&self.platform, range) {
            return Err(DomainError::OutsideSlot(start));
        }
        if !rights.is_lawful() {
            return Err(DomainError::Rights(rights));
        }
        if let Some(other) = domain
            .partitions
            .iter()
            .find(|other| other.range.overlaps(range))
        {
            return Err(DomainError::Overlap(other.range.start()));
        }
        if domain.partitions.is_full() {
            return Err(DomainError::NoPartition(MAX_PARTITIONS));
        }
        // Counting as it goes, so that a frame named twice is seen twice; undone on refusal.
        for page in 0..pages.0 {
            if let Err(refusal) = self.ledger.may_add(frame_of(page), rights) {
                (0..page).for_each(|done| self.ledger.remove(frame_of(done), rights));
                return Err(refusal);
            }
            self.ledger.add(frame_of(page), rights);
        }
        let (cached, uncached) = (self.domain(handle)?.cached, self.domain(handle)?.uncached);
        for (page, address) in range.each_page().enumerate() {
            let frame = frame_of(page as u32);
            cached.set_entry(
                machine,
                address,
                Pte::module(frame, rights, CacheMode::WriteBack),
            );
            uncached.set_entry(
                machine,
                address,
                Pte::module(frame, rights, CacheMode::Bypass),
            );
            // Entries go by index, not by page number, and both windows are aligned far beyond the
            // index: this drops the uncached alias' entries as well. There may be one before a
            // grant, which says "no access".
            forget_page(machine, address);
        }
        machine.synchronize();
        // Cannot fail: fullness was tested above.
        let _ = self
            .domain_mut(handle)?
            .partitions
            .push(Partition { range, rights });
        Ok(())
    }

    /// Takes the partition that starts at this cached address away, through both aliases. When it
    /// returns, no TLB of this core gives the domain any of its pages.
    ///
    /// # Errors
    /// No such partition, or a stale handle. O(pages).
    pub fn remove_partition(
        &mut self,
        machine: &mut impl Machine,
        handle: DomainHandle,
        start: VirtAddr,
    ) -> Result<(), DomainError> {
        let domain = self.domain_mut(handle)?;
        let index = domain
            .partitions
            .iter()
            .position(|partition| partition.range.start() == start)
            .ok_or(DomainError::NotFound(start))?;
        let Partition { range, rights } = domain.partitions.swap_remove(index);
        let (cached, uncached) = (domain.cached, domain.uncached);
        for address in range.each_page() {
            let frame = cached.entry(machine, address).frame();
            cached.set_entry(machine, address, Pte::INVALID);
            uncached.set_entry(machine, address, Pte::INVALID);
            forget_page(machine, address);
            self.ledger.remove(frame, rights);
        }
        machine.synchronize();
        Ok(())
    }

    /// The words that a switch to this domain writes.
    ///
    /// # Errors
    /// [`DomainError::StaleHandle`]. O(1).
    pub fn switch_image(&self, handle: DomainHandle) -> Result<SwitchImage, DomainError> {
        Ok(self.domain(handle)?.image)
    }

    /// The domain's ASID.
    ///
    /// # Errors
    /// [`DomainError::StaleHandle`]. O(1).
    pub fn asid(&self, handle: DomainHandle) -> Result<Asid, DomainError> {
        Ok(self.domain(handle)?.asid)
    }

    /// The domain's partitions, in no order.
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
        self.places
            .iter()
            .filter(|place| place.domain.is_some())
            .count() as u32
    }

    /// How many frames are left for page tables.
    #[must_use]
    pub fn free_tables(&self) -> u32 {
        self.free_tables.len() as u32
    }

    /// How many ASIDs are left.
    #[must_use]
    pub const fn free_asids(&self) -> u32 {
        self.asids.free()
    }

    /// How many frames some domain reaches.
    #[must_use]
    pub fn frames_mapped(&self) -> u32 {
        self.ledger.frames_mapped()
    }

    /// How many partitions, over all domains, map this frame.
    #[must_use]
    pub fn mappings(&self, frame: PhysAddr) -> u32 {
        self.ledger.mappings(frame)
    }

    /// The rule that a domain reaches exactly its partitions, checked over every entry of every
    /// table: names the first entry that breaks it.
    #[must_use]
    pub fn first_stray_entry(&self, machine: &impl Machine) -> Option<VirtAddr> {
        for domain in self.places.iter().filter_map(|place| place.domain.as_ref()) {
            let slot = self
                .platform
                .address_of(domain.slot * SLOT_BYTES, Alias::Cached);
            for page in (0..SLOT_BYTES).step_by(PAGE_BYTES as usize) {
                let address = VirtAddr(slot.0 + page);
                let cached = domain.cached.entry(machine, address);
                let uncached = domain.uncached.entry(machine, address);
                let granted = domain
                    .partition_at(address)
                    .map(|partition| partition.rights);
                let twins = cached.frame() == uncached.frame() || granted.is_none();
                if cached.rights() != granted || uncached.rights() != granted || !twins {
                    return Some(address);
                }
            }
        }
        None
    }

    pub(crate) fn domain(&self, handle: DomainHandle) -> Result<&Domain, DomainError> {
        let place = self
            .places
            .get(usize::from(handle.place))
            .ok_or(DomainError::StaleHandle)?;
        if place.generation != handle.generation {
            return Err(DomainError::StaleHandle);
        }
        place.domain.as_ref().ok_or(DomainError::StaleHandle)
    }

    fn domain_mut(&mut self, handle: DomainHandle) -> Result<&mut Domain, DomainError> {
        self.domain(handle)?;
        self.places[usize::from(handle.place)]
            .domain
            .as_mut()
            .ok_or(DomainError::StaleHandle)
    }

    fn take_table(&mut self, machine: &mut impl Machine) -> Option<Table> {
        let index = self.free_tables.pop()?;
        let frame = self.platform.table_frames.frame(u32::from(index))?;
        Some(Table::new(machine, frame))
    }

    fn give_table(&mut self, table: Table) {
        if let Some(index) = self.platform.table_frames.index_of(table.frame()) {
            let _ = self.free_tables.push(index as u16);
        }
    }
}
