//! The rules that always hold, one function each, seen from the machine: from tables and TLBs, and
//! from what the partitions say now. To be called after every operation.

use std::collections::{BTreeMap, BTreeSet};

use domains::{DomainHandle, Partition};
use mmu::model::TlbEntry;
use mmu::{PAGE_BYTES, PhysAddr, PhysRange, Pte, Rights, SLOT_PAGES, Side, Table, VirtAddr};

use crate::rig::{ALIASES, BOARD, CORES, FRAMES, Rig, core, frame, place};

/// What a domain has, by both ways of finding out.
pub struct Seen {
    handle: DomainHandle,
    asid: u8,
    slot: u32,
    partitions: Vec<Partition>,
    /// For each alias, the entry of each page of the slot.
    tables: [Vec<Pte>; 2],
}

impl Seen {
    fn all(rig: &Rig) -> Vec<Seen> {
        let living = |handle: &&DomainHandle| rig.domains.asid(**handle).is_ok();
        let look = |handle: &DomainHandle| Seen::new(rig, *handle);
        rig.made.iter().filter(living).map(look).collect()
    }

    fn new(rig: &Rig, handle: DomainHandle) -> Seen {
        let image = rig.image(handle);
        let slot_entry =
            (image.cached[1] & !0xfff) - (BOARD.table_window.0 | BOARD.cached_window.0 >> 10);
        let tables = [image.cached[0], image.uncached[0]].map(|word| {
            let frame = PhysAddr(word & !0xfff);
            inside(BOARD.table_frames, frame, "a page table");
            let table = Table::at(frame);
            let at = |page| VirtAddr(page * PAGE_BYTES);
            (0..SLOT_PAGES)
                .map(|page| table.entry(&rig.machine, at(page)))
                .collect()
        });
        Seen {
            handle,
            asid: rig.domains.asid(handle).unwrap().number(),
            slot: slot_entry / PAGE_BYTES,
            partitions: rig.domains.partitions(handle).unwrap().to_vec(),
            tables,
        }
    }

    /// What the partitions give at a page of the slot.
    fn rights(&self, page: u32) -> Option<Rights> {
        let address = place(self.slot, page, ALIASES[0]);
        let mut partitions = self.partitions.iter();
        let found = partitions.find(|partition| partition.range.contains(address));
        found.map(|partition| partition.rights)
    }

    /// The same for an address of either window.
    fn rights_at(&self, address: VirtAddr) -> Option<Rights> {
        let (offset, _) = BOARD.offset_of(address)?;
        let page = (offset / PAGE_BYTES).checked_sub(self.slot * SLOT_PAGES)?;
        (page < SLOT_PAGES).then(|| self.rights(page)).flatten()
    }
}

fn inside(range: PhysRange, frame: PhysAddr, what: &str) {
    assert!(range.index_of(frame).is_some(), "{what} is at {frame}");
}

fn refilled(rig: &Rig) -> impl Iterator<Item = (u32, TlbEntry)> {
    (0..CORES)
        .flat_map(|number| {
            rig.machine
                .entries(core(number))
                .into_iter()
                .map(move |e| (number, e))
        })
        .filter(|(_, entry)| entry.is_refilled())
}

/// All of them.
#[track_caller]
pub fn all(rig: &Rig) {
    let seen = Seen::all(rig);
    assert_eq!(
        seen.len() as u32,
        rig.domains.alive(),
        "a domain without a handle"
    );
    assert_eq!(rig.domains.check(&rig.machine), Ok(()));
    rule_1_modules_reach_module_frames_only(rig, &seen);
    rule_5_a_domain_reaches_exactly_its_partitions(rig, &seen);
    rule_6_no_frame_is_writable_and_executable(rig, &seen);
    rule_7_both_aliases_or_neither(&seen);
    rule_8_nothing_is_left_of_what_is_nobodys(rig);
    rule_9_nothing_is_left_of_the_dead(rig, &seen);
}

/// Nothing the kernel trusts lies where a module can write.
pub fn rule_1_modules_reach_module_frames_only(rig: &Rig, seen: &[Seen]) {
    let entries = seen
        .iter()
        .flat_map(|domain| domain.tables.iter().flatten());
    for pte in entries.filter(|pte| pte.is_valid()) {
        inside(BOARD.module_frames, pte.frame(), "a frame in a table");
    }
    for number in 0..CORES {
        for entry in rig.machine.entries(core(number)) {
            if entry.is_refilled() && entry.pte.is_valid() {
                inside(BOARD.module_frames, entry.pte.frame(), "a frame in a TLB");
                assert_ne!(entry.asid, 1, "an entry of the kernel's in a refilled way");
            }
            if entry.way >= 7 && entry.side == Side::Data {
                inside(BOARD.table_frames, entry.pte.frame(), "a wired table");
                assert_eq!(entry.asid, 1, "a wired table is not the kernel's");
            }
        }
    }
}

/// A domain reaches exactly its partitions, in tables and in every TLB.
pub fn rule_5_a_domain_reaches_exactly_its_partitions(rig: &Rig, seen: &[Seen]) {
    for domain in seen {
        for (page, pte) in (0..).zip(&domain.tables[0]) {
            assert_eq!(
                pte.rights(),
                domain.rights(page),
                "page {page} of {:?}",
                domain.handle
            );
        }
    }
    for (number, entry) in refilled(rig) {
        let Some(domain) = seen.iter().find(|domain| domain.asid == entry.asid) else {
            continue;
        };
        let Some(remembered) = entry.pte.rights() else {
            continue;
        };
        let given = domain.rights_at(entry.page).unwrap_or(Rights::empty());
        assert!(
            given.contains(remembered),
            "core {number} has {entry:?} and it is {given}"
        );
        // And of the very frame.
        let page = BOARD.offset_of(entry.page).unwrap().0 / PAGE_BYTES % SLOT_PAGES;
        let pte = domain.tables[0][page as usize];
        assert_eq!(
            pte.frame(),
            entry.pte.frame(),
            "core {number} has {entry:?}"
        );
    }
}

/// No frame is writable anywhere while it is executable anywhere: over all tables and TLBs.
pub fn rule_6_no_frame_is_writable_and_executable(rig: &Rig, seen: &[Seen]) {
    let mut rights: BTreeMap<PhysAddr, Rights> = BTreeMap::new();
    let tables = seen
        .iter()
        .flat_map(|domain| domain.tables.iter().flatten().copied());
    for pte in tables.chain(refilled(rig).map(|(_, entry)| entry.pte)) {
        if let Some(more) = pte.rights() {
            *rights.entry(pte.frame()).or_insert(more) |= more;
        }
    }
    for (frame, rights) in rights {
        assert!(rights.is_lawful(), "frame {frame} is {rights}");
    }
}

/// One call grants or revokes a region with both its aliases, or nothing.
pub fn rule_7_both_aliases_or_neither(seen: &[Seen]) {
    for domain in seen {
        for (page, (cached, uncached)) in domain.tables[0].iter().zip(&domain.tables[1]).enumerate()
        {
            assert_eq!(
                cached.rights(),
                uncached.rights(),
                "page {page} of {:?}",
                domain.handle
            );
            if cached.is_valid() {
                assert_eq!(cached.frame(), uncached.frame(), "page {page}");
            }
        }
    }
}

/// What is nobody's is in no TLB, and no core has a line of it that it could write back later.
pub fn rule_8_nothing_is_left_of_what_is_nobodys(rig: &Rig) {
    let free = |number: &u32| rig.domains.owners(frame(*number)) == 0;
    let free: BTreeSet<PhysAddr> = (0..FRAMES as u32).filter(free).map(frame).collect();
    for (number, entry) in refilled(rig).filter(|(_, entry)| entry.pte.is_valid()) {
        let gone = free.contains(&entry.pte.frame());
        assert!(
            !gone,
            "core {number} still has {entry:?}, which is nobody's"
        );
    }
}

/// Death returns everything: no ASID of a dead domain is in any TLB, and every count adds up.
pub fn rule_9_nothing_is_left_of_the_dead(rig: &Rig, seen: &[Seen]) {
    let living: BTreeSet<u8> = seen.iter().map(|domain| domain.asid).collect();
    assert_eq!(living.len(), seen.len(), "two domains share an ASID");
    for asid in rig.machine.asids_remembered() {
        assert!(living.contains(&asid), "ASID {asid} is nobody's");
    }
    let pages = |number: u32| {
        let entries = seen.iter().flat_map(|domain| &domain.tables[0]);
        entries
            .filter(|pte| pte.is_valid() && pte.frame() == frame(number))
            .count() as u32
    };
    for number in 0..FRAMES as u32 {
        assert_eq!(
            rig.domains.owners(frame(number)),
            pages(number),
            "frame {number}"
        );
    }
    let in_use = (0..FRAMES as u32)
        .filter(|number| pages(*number) > 0)
        .count();
    assert_eq!(rig.domains.frames_in_use(), in_use as u32);
    let alive = seen.len() as u32;
    let expected = [alive, 3 - alive, crate::rig::ASIDS - alive, in_use as u32];
    assert_eq!(rig.resources(), expected);
}
