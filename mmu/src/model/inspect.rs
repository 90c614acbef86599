//! Looking inside, for checks.

use core::hash::{Hash, Hasher};
use std::hash::DefaultHasher;
use std::vec::Vec;

use super::ModelMachine;
use super::tlb::AUTOREFILL_WAYS;
use crate::{CoreId, PhysAddr, Pte, Side, VirtAddr};

/// An entry that stands in a TLB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TlbEntry {
    /// Which TLB.
    pub side: Side,
    /// In which way.
    pub way: u8,
    /// At which index.
    pub index: u8,
    /// The first address it maps.
    pub page: VirtAddr,
    /// The number that its ring had when it was written.
    pub asid: u8,
    /// What was written.
    pub pte: Pte,
}

impl TlbEntry {
    /// Whether the entry stands in a way that the hardware refills by itself.
    #[must_use]
    pub const fn is_refilled(&self) -> bool {
        self.way < AUTOREFILL_WAYS
    }
}

/// A line that stands in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeldLine {
    /// Which cache.
    pub side: Side,
    /// Its first byte.
    pub at: PhysAddr,
    /// Whether it holds what memory does not.
    pub dirty: bool,
}

/// What a core has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// User accesses that found their one entry in a TLB.
    pub hits: u64,
    /// Entries that were read from a page table, whatever came of the access.
    pub refills: u64,
    /// Places in the autorefill ways that the kernel cleared, in both TLBs at once. A whole flush
    /// would be 16.
    pub entry_drops: u64,
    /// Entries that went by that.
    pub entries_dropped: u64,
    /// Lines of the data cache that the kernel had dropped.
    pub lines_dropped: u64,
    /// Those of them that were dirty.
    pub lines_written_back: u64,
    /// Lines of the instruction cache that the kernel had dropped.
    pub instruction_lines_dropped: u64,
    /// How often it had both caches dropped as a whole.
    pub whole_cache_drops: u64,
    /// Letters that it sent to other cores.
    pub shootdowns_asked: u64,
    /// Letters that it answered.
    pub shootdowns_answered: u64,
}

/// Looking inside. A core that the platform does not have is a bug of the test, and panics.
impl ModelMachine {
    /// All entries of both of a core's TLBs, refilled and wired, the kernel's own map too.
    #[must_use]
    pub fn entries(&self, core: CoreId) -> Vec<TlbEntry> {
        let core = self.core_ref(core);
        [
            (Side::Instruction, &core.instruction),
            (Side::Data, &core.data),
        ]
        .into_iter()
        .flat_map(|(side, tlb)| {
            tlb.entries().map(move |(way, index, entry)| TlbEntry {
                side,
                way,
                index,
                page: entry.page,
                asid: entry.asid,
                pte: entry.pte,
            })
        })
        .collect()
    }

    /// All lines in a core's caches, by cache and address.
    #[must_use]
    pub fn lines(&self, core: CoreId) -> Vec<HeldLine> {
        let core = self.core_ref(core);
        [
            (Side::Instruction, &core.fetched),
            (Side::Data, &core.lines),
        ]
        .into_iter()
        .flat_map(|(side, cache)| {
            cache
                .lines()
                .map(move |(at, dirty)| HeldLine { side, at, dirty })
        })
        .collect()
    }

    /// What a core has done so far.
    #[must_use]
    pub fn counts(&self, core: CoreId) -> Counts {
        self.core_ref(core).counts
    }

    /// The numbers that the four rings of a core have now.
    #[must_use]
    pub fn rasid(&self, core: CoreId) -> [u8; 4] {
        self.core_ref(core).rasid
    }

    /// ASIDs of refilled entries on any core, each once, in order.
    #[must_use]
    pub fn asids_remembered(&self) -> Vec<u8> {
        let mut asids: Vec<u8> = self
            .each_core()
            .flat_map(|core| self.entries(core))
            .filter(TlbEntry::is_refilled)
            .map(|entry| entry.asid)
            .collect();
        asids.sort_unstable();
        asids.dedup();
        asids
    }

    /// A number for all state that any later outcome can depend on: RAM, the cores' TLBs, ASIDs,
    /// caches and next ways to refill, and the letters that are open. Not the counts, not which
    /// core runs, and not when cores answer.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut state = DefaultHasher::new();
        self.ram.hash(&mut state);
        let mailbox = self.mailbox.clone();
        for (number, core) in self.each_core().zip(&self.cores) {
            core.instruction.hash(&mut state);
            core.data.hash(&mut state);
            core.next_way.hash(&mut state);
            core.rasid.hash(&mut state);
            core.lines.hash(&mut state);
            core.fetched.hash(&mut state);
            // By what the core would do, not by the letter's number.
            let mut open = None;
            mailbox.answer(number, |stale| open = Some(stale));
            open.hash(&mut state);
        }
        state.finish()
    }
}
