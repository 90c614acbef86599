//! One domain.

use heapless::Vec;
use mmu::{Alias, Asid, Platform, SLOT_BYTES, SwitchImage, Table, VirtAddr, VirtRange};

use crate::partition::{MAX_PARTITIONS, Partition};

/// Names a domain. It goes stale when the domain is destroyed, and stays so when its place is
/// used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DomainHandle {
    pub(crate) place: u16,
    pub(crate) generation: u32,
}

/// A living domain: its number, its two tables, its partitions.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) asid: Asid,
    pub(crate) slot: u32,
    pub(crate) cached: Table,
    pub(crate) uncached: Table,
    pub(crate) partitions: Vec<Partition, MAX_PARTITIONS>,
    pub(crate) image: SwitchImage,
}

impl Domain {
    /// Its slot in the cached window.
    pub(crate) fn holds(&self, platform: &Platform, range: VirtRange) -> bool {
        let start = platform.address_of(self.slot * SLOT_BYTES, Alias::Cached);
        range.start() >= start && range.end().0 - start.0 <= SLOT_BYTES
    }

    /// The partition that holds the byte at this cached address. O(partitions).
    pub(crate) fn partition_at(&self, cached: VirtAddr) -> Option<&Partition> {
        self.partitions
            .iter()
            .find(|partition| partition.range.contains(cached))
    }
}
