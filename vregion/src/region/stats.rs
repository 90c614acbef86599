//! How a region is used.

use super::Region;

/// How a region is used. Sizes are in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionStats {
    /// Bytes of the region.
    pub bytes: u32,
    /// Bytes taken by lifetime allocations and the gaps that alignment left between them.
    pub lifetime_bytes: u32,
    /// Bytes of the interim heap; 0 before the seal.
    pub interim_bytes: u32,
    /// Bytes handed out now. A lifetime allocation counts for ever, freed or not.
    pub used: u32,
    /// The most bytes ever handed out at once.
    pub peak: u32,
    /// Allocations alive; a freed lifetime allocation does not count.
    pub allocations: u32,
    /// Records left.
    pub spare_records: u32,
}

impl<const RECORDS: usize> Region<RECORDS> {
    /// How the region is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> RegionStats {
        let kept = self.kept_bytes();
        let most = if self.used > self.peak {
            self.used
        } else {
            self.peak
        };
        RegionStats {
            bytes: self.bytes,
            lifetime_bytes: self.lifetime_bytes(),
            interim_bytes: if self.is_sealed() {
                self.bytes - self.heap_start
            } else {
                0
            },
            used: kept + self.used,
            peak: kept + most,
            allocations: self.allocations(),
            spare_records: self.spare_records(),
        }
    }

    /// Records not in use: all but the region's own, the heap's, and one each for what was
    /// allocated.
    const fn spare_records(&self) -> u32 {
        if self.line == 0 {
            return 0;
        }
        RECORDS as u32 - 1 - self.kept - self.heap.records()
    }

    /// Allocations alive.
    pub(super) const fn allocations(&self) -> u32 {
        self.heap.alive() + self.kept - self.given_up
    }

    /// Bytes of the lifetime part.
    pub(super) const fn lifetime_bytes(&self) -> u32 {
        self.next.wrapping_sub(self.base)
    }

    /// Bytes of lifetime allocations.
    pub(super) const fn kept_bytes(&self) -> u32 {
        self.lifetime_bytes() - self.padding
    }
}
