//! Granting pages to a domain and taking them back, through both aliases at once.

use mmu::{CoreSet, Machine, PAGE_BYTES, PageCount, PhysRange, Rights, Stale, VirtAddr};

use crate::domain::{DomainHandle, Tables};
use crate::ledger::Ledger;
use crate::partition::MAX_PARTITIONS;
use crate::{Counts, DomainError, Domains, Partition, Tenure};

impl<const D: usize, const F: usize, const T: usize> Domains<D, F, T> {
    /// Gives the domain a partition and its uncached twin. `frames_of` names frames by page of the
    /// partition: those from that page on, as far as they follow each other ([`PhysRange::rest`]
    /// where all do); it must say the same each time.
    ///
    /// Another core may remember that the domain had no access. It meets a fault then, which
    /// [`Domains::judge`] tells from an offence; so a grant waits for nobody.
    ///
    /// # Errors
    /// One of [`DomainError`]; then nothing has changed. O(pages + partitions); 12 instructions a
    /// page on the core for frames in one run.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    pub fn add_partition(
        &mut self,
        machine: &mut impl Machine,
        handle: DomainHandle,
        partition: Partition,
        frames_of: impl Fn(u32) -> PhysRange,
    ) -> Result<(), DomainError> {
        let (domain, ledger) = self.domain_and_ledger(handle)?;
        // A page of the domain's own has a path without a loop; what it does not take, the other
        // takes or refuses.
        if let Some(place) = domain.place_for_page(&partition)
            && let first = frames_of(0).start
            && let Some(frame) = ledger.unused(first)
        {
            domain.insert(place, partition);
            frame.take();
            let start = partition.range.start();
            domain
                .tables
                .map(machine, start, PhysRange::page(first), partition.rights);
            if domain.seen_by.contains(machine.core()) {
                drop_page(machine, start);
            }
            return Ok(());
        }
        self.grant_pages(machine, handle, partition, |_, page| frames_of(page))
    }

    /// Gives a domain the frames of another's partition, which starts at `start` there, at the
    /// cached address `at`, with rights of its own, under the tenure that they have.
    ///
    /// # Errors
    /// One of [`DomainError`]: frames that are a domain's own are [`DomainError::InUse`]. Then
    /// nothing has changed. O(pages + partitions).
    pub fn share_partition(
        &mut self,
        machine: &mut impl Machine,
        from: (DomainHandle, VirtAddr),
        to: DomainHandle,
        at: VirtAddr,
        rights: Rights,
    ) -> Result<(), DomainError> {
        let (owner, start) = from;
        let domain = self.domain(owner)?;
        let shared = domain.partitions[domain.find(start)?];
        let pages = shared.range.pages();
        let partition = Partition::new(at, pages, rights, shared.tenure)?;
        let tables = self.tables(owner);
        self.grant_pages(machine, to, partition, |machine, page| {
            tables.run_behind(machine, shared.range, page)
        })
    }

    /// Gives a domain every partition of another, at the same addresses and with the same rights.
    ///
    /// # Errors
    /// One of [`DomainError`]: the domains must have the same slot, and nothing may be `from`'s
    /// own or a buffer's side. Then nothing has changed. O(pages + partitions²).
    pub fn inherit_partitions(
        &mut self,
        machine: &mut impl Machine,
        from: DomainHandle,
        to: DomainHandle,
    ) -> Result<(), DomainError> {
        let inherited = self.domain(from)?.partitions.clone();
        let tables = self.tables(from);
        let frames_of = |partition: &Partition| {
            let range = partition.range;
            move |machine: &_, page| tables.run_behind(machine, range, page)
        };
        if self.domain(to)?.partitions.len() + inherited.len() > MAX_PARTITIONS {
            return Err(DomainError::NoPartition(MAX_PARTITIONS));
        }
        // All are admitted before any is mapped: undoing an admission asks no other core.
        for (admitted, partition) in inherited.iter().enumerate() {
            let may = self.domain(to)?.place_for(partition);
            let counted = may.and_then(|_| self.count(machine, partition, &frames_of(partition)));
            if let Err(refusal) = counted {
                for undone in &inherited[..admitted] {
                    let pages = undone.range.pages().0;
                    self.dismiss(machine, undone, pages, &frames_of(undone));
                }
                return Err(refusal);
            }
        }
        for partition in &inherited {
            self.establish(machine, to, *partition, &frames_of(partition))?;
        }
        Ok(())
    }

    /// Takes the partition that starts at this cached address away, through both aliases. When it
    /// returns, no TLB of any core gives the domain any of its pages, and no core that ran the
    /// domain has a line of its frames in a cache: what is in one now would be written back later,
    /// over what the frame's next owner has there.
    ///
    /// # Errors
    /// No such partition, a stale handle, or a core that does not answer; then nothing has
    /// changed. O(pages).
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    pub fn remove_partition(
        &mut self,
        machine: &mut impl Machine,
        handle: DomainHandle,
        start: VirtAddr,
    ) -> Result<(), DomainError> {
        let (domain, ledger) = self.domain_and_ledger(handle)?;
        let place = domain.find(start)?;
        let Partition {
            range,
            rights,
            tenure,
        } = domain.partitions[place];
        // A page of data of the domain's own, on no other core, has a path without a loop.
        if range.pages() == PageCount(1)
            && tenure == Tenure::Own
            && !rights.contains(Rights::EXECUTE)
            && domain.seen_by.has_no_other_than(machine.core())
        {
            domain.remove(place);
            let tables = domain.tables;
            let frame = tables.frame(machine, start);
            tables.suspend(machine, start, PhysRange::page(frame));
            ledger.free(frame);
            // It was on this core if on any.
            if !domain.seen_by.is_empty() {
                // BROKEN ON PURPOSE, rule 5: the TLBs remember.
                #[cfg(not(feature = "break-entries-remembered"))]
                drop_page(machine, start);
                machine.drop_frame_lines(frame);
            }
            return Ok(());
        }
        self.revoke_pages(machine, handle, place)
    }

    /// Takes any partition away.
    #[inline(never)]
    fn revoke_pages(
        &mut self,
        machine: &mut impl Machine,
        handle: DomainHandle,
        place: usize,
    ) -> Result<(), DomainError> {
        let tables = self.tables(handle);
        let domain = self.domain(handle)?;
        let (others, is_here) = domain.cores_but(machine.core());
        let partition = domain.partitions[place];
        let range = partition.range;
        tables.suspend_all(machine, range);
        if !others.is_empty() {
            forget_elsewhere(machine, &mut self.counts, others, tables, partition)?;
        }
        self.domain_mut(handle)?.remove(place);
        // What never ran on this core left nothing in its TLBs and caches.
        // BROKEN ON PURPOSE, rule 5: the TLBs remember.
        #[cfg(not(feature = "break-entries-remembered"))]
        if is_here {
            Stale::entries_of(range).drop_entries(machine);
        }
        take_back(machine, &mut self.ledger, tables, partition, is_here);
        Ok(())
    }

    /// Gives a domain any partition that it may have.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn grant_pages<M: Machine>(
        &mut self,
        machine: &mut M,
        handle: DomainHandle,
        partition: Partition,
        frames_of: impl Fn(&M, u32) -> PhysRange,
    ) -> Result<(), DomainError> {
        self.domain(handle)?.place_for(&partition)?;
        self.count(machine, &partition, &frames_of)?;
        self.establish(machine, handle, partition, &frames_of)
    }

    /// Counts the frames of a partition, or changes nothing. It counts as it goes, so that a frame
    /// named twice is seen twice.
    #[inline(always)]
    fn count<M: Machine>(
        &mut self,
        machine: &M,
        partition: &Partition,
        frames_of: &impl Fn(&M, u32) -> PhysRange,
    ) -> Result<(), DomainError> {
        let (rights, tenure) = (partition.rights, partition.tenure);
        let mut page = 0;
        while page < partition.range.pages().0 {
            let run = run_at(machine, partition, page, frames_of);
            if let Err(refusal) = self.ledger.take(run, rights, tenure) {
                self.dismiss(machine, partition, page, frames_of);
                return Err(refusal);
            }
            page += run.frames;
        }
        Ok(())
    }

    /// Undoes the count of the first `pages` pages.
    #[cold]
    #[inline(never)]
    fn dismiss<M: Machine>(
        &mut self,
        machine: &M,
        partition: &Partition,
        pages: u32,
        frames_of: &impl Fn(&M, u32) -> PhysRange,
    ) {
        let mut page = 0;
        while page < pages {
            let run = run_at(machine, partition, page, frames_of);
            self.ledger
                .give_back(run, partition.rights, partition.tenure);
            page += run.frames;
        }
    }

    /// Maps what was counted.
    #[inline(always)]
    fn establish<M: Machine>(
        &mut self,
        machine: &mut M,
        handle: DomainHandle,
        partition: Partition,
        frames_of: &impl Fn(&M, u32) -> PhysRange,
    ) -> Result<(), DomainError> {
        let tables = self.tables(handle);
        let range = partition.range;
        let mut page = 0;
        while page < range.pages().0 {
            let run = run_at(machine, &partition, page, frames_of);
            let at = VirtAddr(range.start().0 + page * PAGE_BYTES);
            tables.map(machine, at, run, partition.rights);
            page += run.frames;
            // BROKEN ON PURPOSE, rule 5: one page more, and the frame behind.
            #[cfg(feature = "break-partitions-rounded-up")]
            if let Some(frame) = run.frame(run.frames - 1) {
                let (at, frame) = (at.0 + run.frames * PAGE_BYTES, frame.0 + PAGE_BYTES);
                let beyond = PhysRange::page(mmu::PhysAddr(frame));
                tables.map(machine, VirtAddr(at), beyond, partition.rights);
            }
        }
        let domain = self.domain_mut(handle)?;
        // There may be entries from before, which say "no access".
        if domain.seen_by.contains(machine.core()) {
            Stale::entries_of(range).drop_entries(machine);
        }
        domain.insert(domain.place_of(range.start()), partition);
        Ok(())
    }
}

/// Has this core forget a page, by both aliases: the short form of [`Stale`].
#[inline(always)]
fn drop_page(machine: &mut impl Machine, page: VirtAddr) {
    machine.drop_index(page);
    machine.synchronize();
}

/// Has other cores forget a partition that was suspended, or gives it back.
#[cold]
#[inline(never)]
fn forget_elsewhere(
    machine: &mut impl Machine,
    counts: &mut Counts,
    others: CoreSet,
    tables: Tables,
    partition: Partition,
) -> Result<(), DomainError> {
    let Partition { range, rights, .. } = partition;
    let stale = Stale::entries_of(range) | Stale::LINES;
    if let Err(silent) = counts.shoot_down(machine, others, stale) {
        // That core may still reach the pages, so they must stay the domain's.
        tables.each_run(machine, range, |machine, at, run| {
            tables.map(machine, at, run, rights);
        });
        return Err(silent.into());
    }
    Ok(())
}

/// Gives the frames of a partition that was suspended back, without a line of them on this core.
#[inline(never)]
pub(crate) fn take_back<const F: usize>(
    machine: &mut impl Machine,
    ledger: &mut Ledger<F>,
    tables: Tables,
    partition: Partition,
    is_here: bool,
) {
    let Partition {
        range,
        rights,
        tenure,
    } = partition;
    tables.each_run(machine, range, |machine, _, run| {
        ledger.give_back(run, rights, tenure);
        if is_here {
            drop_lines_of(machine, run, rights);
        }
    });
}

/// Writes this core's lines of a run of frames back and drops them, those of instructions too.
fn drop_lines_of(machine: &mut impl Machine, run: PhysRange, rights: Rights) {
    for frame in (0..run.frames).filter_map(|number| run.frame(number)) {
        machine.drop_frame_lines(frame);
        if rights.contains(Rights::EXECUTE) {
            machine.drop_instructions(frame, PAGE_BYTES);
            machine.synchronize();
        }
    }
}

/// The frames behind a page of a partition and those after it, no further than the partition.
#[inline(always)]
fn run_at<M: Machine>(
    machine: &M,
    partition: &Partition,
    page: u32,
    frames_of: &impl Fn(&M, u32) -> PhysRange,
) -> PhysRange {
    let run = frames_of(machine, page);
    let frames = run.frames.clamp(1, partition.range.pages().0 - page);
    PhysRange { frames, ..run }
}
