//! Frames behind a module's pages: how they are given to its domain, and where the kernel reaches
//! them.

use domains::{DomainError, DomainHandle, Partition, Tenure};
use mmu::{Alias, Frames, Machine, PAGE_BYTES, PhysAddr, PhysRange, Rights, VirtAddr};
use vregion::pages::{
    Backing, CommitError, FrameNumber, Mapping, PageCount, PageError, PageNumber, PagePool, Run,
};

use crate::config::{FRAMES, PAGES, PLATFORM};
use crate::estate::{Estate, Part};
use crate::system::AllDomains;

pub(crate) fn run_of(slot: Run, part: &Part) -> Run {
    Run {
        first: PageNumber(slot.first.0 + part.first),
        count: PageCount(part.pages.0),
    }
}

/// Where an address as linked lies once the module is loaded.
pub(crate) fn loaded_at(slot_start: VirtAddr, estate: &Estate, linked: u32) -> VirtAddr {
    VirtAddr(slot_start.0.wrapping_add(estate.offset_of_linked(linked)))
}

pub(crate) fn frame_address(frame: FrameNumber) -> PhysAddr {
    PhysAddr(PLATFORM.module_frames.start.0 + frame.0 * PAGE_BYTES)
}

/// Splits a range of a slot into pieces inside one frame each: where it lies, which bytes of the
/// range it is, and its page.
pub(crate) fn pieces(
    pool: &PagePool<PAGES, FRAMES>,
    start: VirtAddr,
    bytes: usize,
) -> impl Iterator<Item = (PhysAddr, core::ops::Range<usize>, VirtAddr)> + use<'_> {
    let mut done = 0;
    core::iter::from_fn(move || {
        if done >= bytes {
            return None;
        }
        let address = VirtAddr(start.0 + done as u32);
        let (offset, _) = PLATFORM.offset_of(address)?;
        let frame = pool.frame_of(PageNumber(offset / PAGE_BYTES))?;
        let count = (bytes - done).min((PAGE_BYTES - address.page_offset()) as usize);
        let piece = done..done + count;
        done += count;
        Some((
            PhysAddr(frame_address(frame).0 + address.page_offset()),
            piece,
            address,
        ))
    })
}

/// The frames behind a page of a mapping and those after it, as far as they follow each other.
fn frames_behind(mapping: &Mapping<'_>, page: PageNumber) -> PhysRange {
    // Every page of a mapping has a frame; the address of none is refused by the domains.
    let Some(first) = mapping.frame_of(page) else {
        return PhysRange {
            start: PhysAddr(u32::MAX),
            frames: 1,
        };
    };
    let follows = |next: &u32| {
        mapping.frame_of(PageNumber(page.0 + next)) == Some(FrameNumber(first.0 + next))
    };
    PhysRange {
        start: frame_address(first),
        frames: 1 + (1..).take_while(follows).count() as u32,
    }
}

pub(crate) struct Committer<'s, M> {
    pub(crate) pool: &'s mut PagePool<PAGES, FRAMES>,
    pub(crate) grant: Grant<'s, M>,
}

impl<M: Machine> Committer<'_, M> {
    pub(crate) fn commit(&mut self, run: Run) -> Result<(), CommitError<DomainError>> {
        self.pool.commit(run, &mut self.grant)
    }

    pub(crate) fn decommit(&mut self, run: Run) -> Result<(), PageError> {
        self.pool.decommit(run, &mut self.grant)
    }

    pub(crate) fn release(&mut self, run: Run) -> Result<(), PageError> {
        self.pool.release(run, &mut self.grant)
    }
}

/// Backs pages by giving them to a domain: one run is one partition.
pub(crate) struct Grant<'s, M> {
    pub(crate) domains: &'s mut AllDomains,
    pub(crate) machine: &'s mut M,
    /// `None` while there is none yet; then there is nothing to map or unmap either.
    pub(crate) domain: Option<DomainHandle>,
    pub(crate) rights: Rights,
}

impl<M: Machine> Backing for Grant<'_, M> {
    type Error = DomainError;

    fn zero(&mut self, frame: FrameNumber) {
        self.machine.zero_frame(frame_address(frame));
    }

    fn map(&mut self, mapping: &Mapping<'_>) -> Result<(), DomainError> {
        let run = mapping.run();
        let domain = self.domain.ok_or(DomainError::StaleHandle)?;
        let start = PLATFORM.address_of(run.first.0 * PAGE_BYTES, Alias::Cached);
        let pages = mmu::PageCount(run.count.0);
        let partition = Partition::new(start, pages, self.rights, Tenure::Own)?;
        self.domains
            .add_partition(self.machine, domain, partition, |page| {
                frames_behind(mapping, PageNumber(run.first.0 + page))
            })
    }

    fn unmap(&mut self, mapping: &Mapping<'_>) {
        let start = PLATFORM.address_of(mapping.run().first.0 * PAGE_BYTES, Alias::Cached);
        let removed = self.domain.is_some_and(|domain| {
            self.domains
                .remove_partition(self.machine, domain, start)
                .is_ok()
        });
        // The contract of `Backing`: frames still reachable must never be handed out again.
        assert!(removed, "a committed run must be a partition of its domain");
        // Nothing of the module outlives it, not even where only the kernel could read it.
        for (_, frame) in mapping.iter() {
            self.machine.zero_frame(frame_address(frame));
        }
    }
}
