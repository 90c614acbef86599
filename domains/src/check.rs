//! The rules, as a function that walks everything.

use mmu::{Asid, Machine, PAGE_BYTES, PhysAddr, PhysRange, SLOT_PAGES, VirtAddr};
use thiserror_no_std::Error;

use crate::ledger::Ledger;
use crate::{DomainHandle, Domains, Partition};

/// A rule that does not hold. None can come about by the functions of [`Domains`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Broken {
    /// A table gives more or less than the partitions, or the aliases differ.
    #[error("the entries of {0} are not what the partitions say")]
    Entry(VirtAddr),
    /// A place without a domain has a table that gives access.
    #[error("page {page} of the tables of the empty place {place} gives access")]
    Leftover {
        /// The place.
        place: u16,
        /// The page of the slot.
        page: u32,
    },
    /// A partition that must not be.
    #[error("the partition at {0} overlaps another, leaves its slot, or has unlawful rights")]
    Partition(VirtAddr),
    /// Partitions and ledger differ about a frame.
    #[error("frame {0} is not counted as the partitions use it")]
    Ledger(PhysAddr),
    /// Two domains have one address-space number.
    #[error("two domains have the address-space number {}", .0.number())]
    SharedAsid(Asid),
    /// Domains, ASIDs and free places do not add up.
    #[error("domains, address-space numbers and free places do not add up")]
    Count,
    /// The threads of a domain do not add up.
    #[error("a domain counts {counted} threads and has {members}")]
    Threads {
        /// As the domain counts.
        counted: u32,
        /// As the threads say.
        members: u32,
    },
}

impl<const D: usize, const F: usize, const T: usize> Domains<D, F, T> {
    /// Whether every rule holds: each domain reaches exactly its partitions, by both aliases; the
    /// partitions are lawful and apart; frames are used as counted, so never writable while
    /// executable; nothing is left of what is gone; all counts agree.
    ///
    /// # Errors
    /// The first rule that does not. O(entries of all tables): for tests and for the end of a
    /// session.
    pub fn check(&self, machine: &impl Machine) -> Result<(), Broken> {
        let mut ledger = Ledger::<F>::new(self.platform.module_frames);
        let mut numbers = [0u32; 8];
        for place in 0..D as u16 {
            match self.handle_at(place) {
                Some(handle) => self.check_domain(machine, handle, &mut ledger, &mut numbers)?,
                None => self.check_empty(machine, place)?,
            }
        }
        if let Some(frame) = self.ledger.first_difference(&ledger) {
            return Err(Broken::Ledger(frame));
        }
        let pairs = (self.platform.table_frames.frames / 2).min(D as u32);
        let numbers = numbers.iter().map(|word| word.count_ones()).sum::<u32>();
        if self.alive() + self.free_places() != pairs
            || numbers + self.free_asids() != u32::from(mmu::AsidPool::MOST)
        {
            return Err(Broken::Count);
        }
        Ok(())
    }

    fn check_domain(
        &self,
        machine: &impl Machine,
        handle: DomainHandle,
        ledger: &mut Ledger<F>,
        numbers: &mut [u32; 8],
    ) -> Result<(), Broken> {
        let Ok(domain) = self.domain(handle) else {
            return Err(Broken::Count);
        };
        let Some(asid) = domain.asid else {
            return Err(Broken::Count);
        };
        let number = asid.number();
        let (word, bit) = (usize::from(number / 32), 1 << (number % 32));
        if numbers[word] & bit != 0 {
            return Err(Broken::SharedAsid(asid));
        }
        numbers[word] |= bit;
        let members = self.threads.iter().flatten();
        let members = members
            .filter(|place| u32::from(**place) == handle.place)
            .count() as u32;
        if members != domain.threads {
            let counted = domain.threads;
            return Err(Broken::Threads { counted, members });
        }
        let slot = domain.slot_start;
        let tables = self.tables(handle);
        let mut partitions = domain.partitions.iter().peekable();
        for page in 0..SLOT_PAGES {
            let address = VirtAddr(slot.0 + page * PAGE_BYTES);
            while partitions
                .next_if(|partition| partition.range.end() <= address)
                .is_some()
            {}
            let partition = partitions
                .peek()
                .filter(|partition| partition.range.contains(address));
            let cached = tables.cached.entry(machine, address);
            let uncached = tables.uncached.entry(machine, address);
            let rights = partition.map(|partition| partition.rights);
            if cached.rights() != rights || uncached.rights() != rights {
                return Err(Broken::Entry(address));
            }
            let Some(Partition { rights, tenure, .. }) = partition else {
                continue;
            };
            if cached.frame() != uncached.frame() {
                return Err(Broken::Entry(address));
            }
            let frame = PhysRange {
                start: cached.frame(),
                frames: 1,
            };
            if ledger.take(frame, *rights, *tenure).is_err() {
                return Err(Broken::Ledger(frame.start));
            }
        }
        let end = VirtAddr(slot.0 + SLOT_PAGES * PAGE_BYTES);
        let mut free_from = slot;
        for partition in &domain.partitions {
            let range = partition.range;
            if range.start() < free_from || range.end() > end || partition.check_rights().is_err() {
                return Err(Broken::Partition(range.start()));
            }
            free_from = range.end();
        }
        Ok(())
    }

    fn check_empty(&self, machine: &impl Machine, place: u16) -> Result<(), Broken> {
        if u32::from(place) >= self.platform.table_frames.frames / 2 {
            return Ok(());
        }
        let tables = self.tables_at(place);
        for page in 0..SLOT_PAGES {
            let address = VirtAddr(page * PAGE_BYTES);
            let entries = [tables.cached, tables.uncached].map(|t| t.entry(machine, address));
            if entries.iter().any(|entry| entry.is_valid()) {
                return Err(Broken::Leftover { place, page });
            }
        }
        Ok(())
    }
}
