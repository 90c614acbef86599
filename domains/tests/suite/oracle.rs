//! The slow and obvious answer: what each domain has, page by page.

use std::collections::{BTreeMap, BTreeSet};

use domains::{Denied, DomainError, DomainHandle, MAX_PARTITIONS, Partition, Tenure};
use mmu::{
    Access, AddressError, Alias, CoreId, PAGE_BYTES, PhysAddr, Rights, SLOT_PAGES, VirtAddr,
};

use crate::rig::{BOARD, DOMAINS, FRAMES, frame, place};

/// A grant as it is asked for.
#[derive(Clone, Debug)]
pub struct Grant {
    pub start: VirtAddr,
    pub rights: Rights,
    pub tenure: Tenure,
    pub frames: Vec<PhysAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    pub frame: PhysAddr,
    pub rights: Rights,
    pub tenure: Tenure,
}

#[derive(Clone, Debug)]
pub struct Tenancy {
    pub handle: DomainHandle,
    pub slot: u32,
    /// First page of each partition, counted from the slot's first, and how many.
    pub partitions: BTreeMap<u32, u32>,
    /// By page, counted from the slot's first.
    pub pages: BTreeMap<u32, Page>,
    pub seen_by: BTreeSet<CoreId>,
}

/// All domains that live, and the domain of each thread.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    pub domains: Vec<Tenancy>,
    pub threads: BTreeMap<u16, DomainHandle>,
}

impl Grant {
    pub fn pages(&self) -> u32 {
        self.frames.len() as u32
    }

    /// Why there can be no such partition, in no domain at all.
    pub fn flaws(&self) -> Vec<DomainError> {
        let mut flaws = Vec::new();
        let (start, pages) = (self.start.0, self.pages());
        if !start.is_multiple_of(PAGE_BYTES) {
            flaws.push(AddressError::Unaligned(start).into());
        }
        if pages == 0 {
            flaws.push(AddressError::Empty(start).into());
        }
        if u64::from(start) + u64::from(pages) * u64::from(PAGE_BYTES) > u64::from(u32::MAX) {
            flaws.push(AddressError::Wraps { start, pages }.into());
        }
        let lawful = match self.tenure {
            Tenure::Own => [Rights::READ, Rights::DATA, Rights::TEXT].contains(&self.rights),
            Tenure::Constant => [Rights::READ, Rights::TEXT].contains(&self.rights),
            Tenure::Buffer => [Rights::READ, Rights::DATA].contains(&self.rights),
        };
        if !lawful {
            let (rights, tenure) = (self.rights, self.tenure);
            flaws.push(DomainError::Rights { rights, tenure });
        }
        flaws
    }
}

impl Oracle {
    /// All that have a frame.
    pub fn uses(&self, at: PhysAddr) -> Vec<Page> {
        let pages = self.domains.iter().flat_map(|domain| domain.pages.values());
        pages.filter(|page| page.frame == at).copied().collect()
    }

    pub fn frames_in_use(&self) -> u32 {
        let used = |number: &u32| !self.uses(frame(*number)).is_empty();
        (0..FRAMES as u32).filter(used).count() as u32
    }

    pub fn find(&self, handle: DomainHandle) -> Option<usize> {
        let mut domains = self.domains.iter();
        domains.position(|domain| domain.handle == handle)
    }

    pub fn create(&mut self, handle: DomainHandle, slot: u32) {
        assert!(self.domains.len() < DOMAINS && slot < BOARD.slots());
        self.domains.push(Tenancy {
            handle,
            slot,
            partitions: BTreeMap::new(),
            pages: BTreeMap::new(),
            seen_by: BTreeSet::new(),
        });
    }

    /// Every reason to refuse the grant; it is to be made if there is none.
    pub fn objections(&self, domain: usize, grant: &Grant) -> Vec<DomainError> {
        let mut objections = grant.flaws();
        let domain = &self.domains[domain];
        let slot = i64::from(place(domain.slot, 0, Alias::Cached).0);
        let first = (i64::from(grant.start.0) - slot).div_euclid(i64::from(PAGE_BYTES));
        let end = first + i64::from(grant.pages());
        if first < 0 || end > i64::from(SLOT_PAGES) {
            objections.push(DomainError::OutsideSlot(grant.start));
        }
        for (other, pages) in &domain.partitions {
            if first < i64::from(other + pages) && i64::from(*other) < end {
                let at = place(domain.slot, *other, Alias::Cached);
                objections.push(DomainError::Overlap(at));
            }
        }
        if domain.partitions.len() == MAX_PARTITIONS {
            objections.push(DomainError::NoPartition(MAX_PARTITIONS));
        }
        // Each frame beside all that have it, those of this very grant too.
        for (place, at) in grant.frames.iter().enumerate() {
            if !(0..FRAMES as u32).any(|number| frame(number) == *at) {
                objections.push(DomainError::ForeignFrame(*at));
            }
            let mut uses = self.uses(*at);
            let again = grant.frames[..place].iter().filter(|other| *other == at);
            uses.extend(again.map(|at| grant.page(*at)));
            objections.extend(uses.iter().filter_map(|used| clash(used, &grant.page(*at))));
        }
        objections
    }

    pub fn grant(&mut self, domain: usize, grant: &Grant) {
        let domain = &mut self.domains[domain];
        let first = (grant.start.0 - place(domain.slot, 0, Alias::Cached).0) / PAGE_BYTES;
        domain.partitions.insert(first, grant.pages());
        for (page, at) in (first..).zip(&grant.frames) {
            domain.pages.insert(page, grant.page(*at));
        }
    }

    /// The partition of a domain at a page, as it would be asked for elsewhere.
    pub fn partition(&self, domain: usize, first: u32) -> Option<Grant> {
        let domain = &self.domains[domain];
        let pages = *domain.partitions.get(&first)?;
        let of = |page| domain.pages[&page];
        Some(Grant {
            start: place(domain.slot, first, Alias::Cached),
            rights: of(first).rights,
            tenure: of(first).tenure,
            frames: (first..first + pages).map(|page| of(page).frame).collect(),
        })
    }

    /// What a domain's partitions are.
    pub fn partitions(&self, domain: usize) -> Vec<Partition> {
        let starts = self.domains[domain].partitions.keys();
        let grants = starts.filter_map(|first| self.partition(domain, *first));
        grants
            .map(|grant| {
                let pages = mmu::PageCount(grant.pages());
                Partition::new(grant.start, pages, grant.rights, grant.tenure).unwrap()
            })
            .collect()
    }

    pub fn revoke(&mut self, domain: usize, first: u32) {
        let domain = &mut self.domains[domain];
        let pages = domain.partitions.remove(&first).unwrap();
        domain
            .pages
            .retain(|page, _| *page < first || *page >= first + pages);
    }

    pub fn members(&self, handle: DomainHandle) -> u32 {
        let domains = self.threads.values();
        domains.filter(|domain| **domain == handle).count() as u32
    }

    /// What is granted at an address of either window.
    pub fn at(&self, domain: usize, address: VirtAddr) -> Option<(PhysAddr, Rights)> {
        let domain = &self.domains[domain];
        let (offset, _) = BOARD.offset_of(address)?;
        let page = (offset / PAGE_BYTES).checked_sub(domain.slot * SLOT_PAGES)?;
        let Page { frame, rights, .. } = domain.pages.get(&page)?;
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
        for offset in 0..bytes.max(1) {
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

impl Grant {
    fn page(&self, frame: PhysAddr) -> Page {
        Page {
            frame,
            rights: self.rights,
            tenure: self.tenure,
        }
    }
}

/// Why two may not have one frame.
fn clash(one: &Page, other: &Page) -> Option<DomainError> {
    match (one.tenure, other.tenure) {
        (Tenure::Constant, Tenure::Constant) => None,
        (Tenure::Buffer, Tenure::Buffer) if one.rights != other.rights => None,
        (Tenure::Buffer, Tenure::Buffer) => Some(DomainError::SideTaken(one.frame)),
        _ => Some(DomainError::InUse(one.frame)),
    }
}

#[test]
fn the_oracle_itself_objects_to_what_it_should() {
    let mut oracle = Oracle::default();
    oracle.create(crate::rig::Rig::new().create(0), 0);
    let grant = |start: u32, numbers: &[u32]| Grant {
        start: VirtAddr(start),
        rights: Rights::DATA,
        tenure: Tenure::Own,
        frames: numbers.iter().map(|number| frame(*number)).collect(),
    };
    let base = BOARD.cached_window.0;
    assert_eq!(oracle.objections(0, &grant(base, &[0])), []);
    let unaligned = [AddressError::Unaligned(base + 1).into()];
    assert_eq!(oracle.objections(0, &grant(base + 1, &[0])), unaligned);
    assert_eq!(oracle.objections(0, &grant(base - 4096, &[0])).len(), 1);
    let twice = [DomainError::InUse(frame(2))];
    assert_eq!(oracle.objections(0, &grant(base, &[2, 3, 2])), twice);
    oracle.grant(0, &grant(base, &[2, 3]));
    assert_eq!(oracle.frames_in_use(), 2);
    let last = VirtAddr(base + 2 * PAGE_BYTES - 1);
    assert_eq!(oracle.may(0, last, 1, Access::Write), Ok(()));
    assert!(oracle.may(0, last, 2, Access::Write).is_err());
}
