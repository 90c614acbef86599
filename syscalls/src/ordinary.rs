//! A short way for the two calls that modules make most, where nothing about them is out of the
//! ordinary. It refuses nothing and leaves no trace of what it does not serve: that is for
//! [`crate::serve`], which can do all that is done here, and to which every check is known.

use abi::Call;
use vregion::region::{AllocError, Allocation, Kind, Region, Request};

use crate::Tenant;
use crate::quota::REGION_RECORDS;

impl Tenant {
    /// An allocation without flags that succeeds: its address. `None` for any other; then nothing
    /// has changed.
    #[inline(always)]
    pub fn alloc_ordinarily(&mut self, bytes: u32, align: u32, flags: u32) -> Option<u32> {
        if flags != 0 || self.domain.is_none() {
            return None;
        }
        let request = Request {
            bytes,
            align: align.max(1),
            kind: Kind::Plain,
        };
        let allocation = allocate(&mut self.region, request).ok()?;
        self.count(Call::Alloc).made_one();
        Some(self.region_base.0 + allocation.offset)
    }

    /// The free of an allocation by its cached address: 0. `None` for any other; then nothing has
    /// changed.
    #[inline(always)]
    pub fn free_ordinarily(&mut self, address: u32) -> Option<u32> {
        let offset = address.wrapping_sub(self.region_base.0);
        // BROKEN ON PURPOSE, rule 2: in whichever slot.
        #[cfg(feature = "break-frees-by-offset")]
        let offset = offset % mmu::SLOT_BYTES;
        // Where there are copies of constants, it may be one of them.
        let ordinary = self.domain.is_some() && self.constants.stats().copies == 0;
        if !ordinary || !release(&mut self.region, offset) {
            return None;
        }
        self.count(Call::Free).made_one();
        Some(0)
    }
}

/// Out of line, so that the allocator has the core's few registers to itself.
#[inline(never)]
#[cfg_attr(target_arch = "xtensa", optimize(speed))]
pub(crate) fn allocate(
    region: &mut Region<REGION_RECORDS>,
    request: Request,
) -> Result<Allocation, AllocError> {
    region.alloc(request)
}

/// Likewise; whether it was allocated.
#[inline(never)]
#[cfg_attr(target_arch = "xtensa", optimize(speed))]
pub(crate) fn release(region: &mut Region<REGION_RECORDS>, offset: u32) -> bool {
    region.free(offset).is_ok()
}
