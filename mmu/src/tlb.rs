//! What has to be forgotten when page tables change, and forgetting it.

use crate::{Machine, PAGE_BYTES, VirtAddr, VirtRange};

/// Entries of each such way; the low bits of the page number select one.
const INDEXES: u32 = 4;

bitflags::bitflags! {
    /// What a core may still hold of a mapping that changed. It fits in a few bits because the
    /// TLBs drop by way and index: whichever page had an index, of whatever domain, goes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Stale: u32 {
        /// TLB entries of pages whose number ends in binary 00.
        const INDEX_0 = 1 << 0;
        /// The same for 01.
        const INDEX_1 = 1 << 1;
        /// The same for 10.
        const INDEX_2 = 1 << 2;
        /// The same for 11.
        const INDEX_3 = 1 << 3;
        /// Lines of frames that were taken away, in both caches.
        const LINES = 1 << 4;
    }
}

impl Stale {
    /// Every entry that the hardware refilled.
    pub const ENTRIES: Stale = Stale::INDEX_0
        .union(Stale::INDEX_1)
        .union(Stale::INDEX_2)
        .union(Stale::INDEX_3);

    /// The TLB entries of a range of pages, through both aliases: both windows are aligned far
    /// beyond the index.
    #[must_use]
    pub const fn entries_of(range: VirtRange) -> Stale {
        if range.pages().0 >= INDEXES {
            return Stale::ENTRIES;
        }
        let first = range.start().page() % INDEXES;
        let run = ((1 << range.pages().0) - 1) << first;
        // What leaves the four bits at the top comes in again at the bottom.
        Stale::from_bits_truncate((run | run >> INDEXES) & Stale::ENTRIES.bits())
    }

    /// Drops the TLB entries from this core. It goes by way and index and so takes at most three
    /// other pages' entries along with each, which come back by refill; in return it needs no
    /// probe, which would see the running domain's entries only. About 15 instructions for
    /// each index on the core.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn drop_entries(self, machine: &mut impl Machine) {
        for index in 0..INDEXES {
            if self.bits() & 1 << index != 0 {
                machine.drop_index(VirtAddr(index * PAGE_BYTES));
            }
        }
        machine.synchronize();
    }

    /// All that another core asked this one to drop: entries first, so that no module code can
    /// bring a line back in between.
    pub fn drop_all(self, machine: &mut impl Machine) {
        self.drop_entries(machine);
        if self.contains(Stale::LINES) {
            machine.drop_caches();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PageCount;

    fn entries(first: u32, pages: u32) -> u32 {
        let start = VirtAddr(0xa000_0000 + first * PAGE_BYTES);
        Stale::entries_of(VirtRange::new(start, PageCount(pages)).unwrap()).bits()
    }

    #[test]
    fn every_index_of_a_range_and_no_other() {
        for first in 0..9 {
            for pages in 1..9 {
                let expected = (first..first + pages).fold(0, |bits, page| bits | 1 << (page % 4));
                assert_eq!(
                    entries(first, pages),
                    expected,
                    "{pages} pages from {first}"
                );
            }
        }
    }
}
