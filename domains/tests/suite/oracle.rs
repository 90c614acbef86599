//! The slow and obvious answer: a list of partitions, and a map from pages to frames.

use std::collections::{BTreeMap, BTreeSet};

use domains::{Denied, DomainError, DomainHandle, MAX_PARTITIONS};
use mmu::{Access, AddressError, PAGE_BYTES, PhysAddr, Rights, SLOT_PAGES, VirtAddr};

use crate::rig::{BOARD, FRAMES, frame, place};

/// A grant as it is asked for.
#[derive(Clone, Debug)]
pub struct Grant {
    pub start: VirtAddr,
    pub pages: u32,
    pub rights: Rights,
    pub frames: Vec<PhysAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenancy {
    pub handle: DomainHandle,
    pub slot: u32,
    /// First page of each partition, counted from the slot's first, and how many.
    pub partitions: BTreeMap<u32, u32>,
    /// By page, counted from the slot's first.
    pub pages: BTreeMap<u32, (PhysAddr, Rights)>,
}

/// All domains that live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oracle {
    pub domains: Vec<Tenancy>,
}

impl Oracle {
    pub fn mappings(&self, frame: PhysAddr) -> Vec<Rights> {
        let pages = self.domains.iter().flat_map(|domain| domain.pages.values());
        pages
            .filter(|(at, _)| *at == frame)
            .map(|(_, rights)| *rights)
            .collect()
    }

    pub fn frames_mapped(&self) -> u32 {
        let pages = self.domains.iter().flat_map(|domain| domain.pages.values());
        pages.map(|(at, _)| *at).collect::<BTreeSet<_>>().len() as u32
    }

    /// Every reason to refuse the grant; it is to be made if there is none.
    pub fn objections(&self, domain: usize, grant: &Grant) -> Vec<DomainError> {
        let domain = &self.domains[domain];
        let Grant {
            start,
            pages,
            rights,
            ref frames,
        } = *grant;
        let mut objections = Vec::new();
        if !start.0.is_multiple_of(PAGE_BYTES) {
            objections.push(AddressError::Unaligned(start.0).into());
        }
        if pages == 0 {
            objections.push(AddressError::Empty(start.0).into());
        }
        let end = u64::from(start.0) + u64::from(pages) * u64::from(PAGE_BYTES);
        if end > u64::from(u32::MAX) {
            let start = start.0;
            objections.push(AddressError::Wraps { start, pages }.into());
        }
        let slot = u64::from(place(domain.slot, 0, mmu::Alias::Cached).0);
        let slot_end = slot + u64::from(SLOT_PAGES * PAGE_BYTES);
        if u64::from(start.0) < slot || end > slot_end {
            objections.push(DomainError::OutsideSlot(start));
        }
        if ![Rights::READ, Rights::DATA, Rights::TEXT].contains(&rights) {
            objections.push(DomainError::Rights(rights));
        }
        let first = start.0.wrapping_sub(slot as u32) / PAGE_BYTES;
        for (other, other_pages) in &domain.partitions {
            if first < other + other_pages && *other < first.saturating_add(pages) {
                let at = place(domain.slot, *other, mmu::Alias::Cached);
                objections.push(DomainError::Overlap(at));
            }
        }
        if domain.partitions.len() == MAX_PARTITIONS {
            objections.push(DomainError::NoPartition(MAX_PARTITIONS));
        }
        for at in frames {
            if !(0..FRAMES as u32).any(|number| frame(number) == *at) {
                objections.push(DomainError::ForeignFrame(*at));
            }
            let used_for = self.mappings(*at);
            let is = |right| used_for.iter().any(|rights| rights.contains(right));
            if rights.contains(Rights::WRITE) && is(Rights::EXECUTE) {
                objections.push(DomainError::Executable(*at));
            }
            if rights.contains(Rights::EXECUTE) && is(Rights::WRITE) {
                objections.push(DomainError::Writable(*at));
            }
        }
        objections
    }

    pub fn grant(&mut self, domain: usize, grant: &Grant) {
        let domain = &mut self.domains[domain];
        let first = (grant.start.0 - place(domain.slot, 0, mmu::Alias::Cached).0) / PAGE_BYTES;
        domain.partitions.insert(first, grant.pages);
        for (page, frame) in (first..).zip(&grant.frames) {
            domain.pages.insert(page, (*frame, grant.rights));
        }
    }

    pub fn revoke(&mut self, domain: usize, first: u32) -> bool {
        let domain = &mut self.domains[domain];
        let Some(pages) = domain.partitions.remove(&first) else {
            return false;
        };
        domain
            .pages
            .retain(|page, _| *page < first || *page >= first + pages);
        true
    }

    /// What is granted at an address of either window.
    pub fn at(&self, domain: usize, address: VirtAddr) -> Option<(PhysAddr, Rights)> {
        let domain = &self.domains[domain];
        let (offset, _) = BOARD.offset_of(address)?;
        let page = (offset / PAGE_BYTES).checked_sub(domain.slot * SLOT_PAGES)?;
        let (frame, rights) = domain.pages.get(&page)?;
        Some((PhysAddr(frame.0 + offset % PAGE_BYTES), *rights))
    }

    /// Whether the address lies in the domain's slot of either window.
    pub fn in_slot(&self, domain: usize, address: VirtAddr) -> bool {
        BOARD.offset_of(address).is_some_and(|(offset, _)| {
            offset / (PAGE_BYTES * SLOT_PAGES) == self.domains[domain].slot
        })
    }

    /// The access decision, byte by byte.
    pub fn may(
        &self,
        domain: usize,
        start: VirtAddr,
        bytes: u32,
        access: Access,
    ) -> Result<(), Denied> {
        if u64::from(start.0) + u64::from(bytes) > 1 << 32 {
            return Err(Denied::Wraps(start));
        }
        for offset in 0..bytes {
            let address = VirtAddr(start.0 + offset);
            match self.at(domain, address) {
                None => return Err(Denied::NotGranted(address)),
                Some((_, rights)) if !rights.contains(access.needs()) => {
                    return Err(Denied::Prohibited { address, access });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}
