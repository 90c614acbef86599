//! How a virtual heap is used.

use super::layout::Shelf;
use super::{BundleStats, VirtualHeap};

/// How a heap is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapStats {
    /// Bytes of the blocks in use.
    pub used: u32,
    /// The most bytes ever in use at once.
    pub peak: u32,
    /// Pages mapped.
    pub pages: u32,
    /// The most pages ever mapped at once.
    pub peak_pages: u32,
    /// Allocations alive.
    pub allocations: u32,
    /// Allocations refused for want of a block or of memory behind it.
    pub failures: u32,
}

impl<const GROUPS: usize, const PAGES: usize> VirtualHeap<GROUPS, PAGES> {
    /// How the heap is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> HeapStats {
        HeapStats {
            used: self.store.used_bytes,
            peak: self.store.peak_bytes,
            pages: self.store.mapped_pages,
            peak_pages: self.store.peak_pages,
            allocations: self.store.allocations,
            failures: self.store.failures,
        }
    }

    /// How each bundle is used, in the order they were given in.
    pub fn bundle_stats(&self) -> impl Iterator<Item = BundleStats> {
        self.shelves.iter().take(self.bundles).map(Shelf::stats)
    }
}
