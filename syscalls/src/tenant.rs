//! What the kernel keeps of a module while it lives. It lies in kernel memory only.

use abi::{CALL_COUNT, Call};
use domains::DomainHandle;
use mmu::VirtAddr;
use vregion::constants::{Constants, Policy};
use vregion::region::{Geometry, GeometryError, Region};

use crate::audio::Pins;
use crate::quota::{CONSTANT_COPIES, PINS, REGION_RECORDS};

/// How often a call was made, and how often refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Calls.
    pub made: u32,
    /// Of these, refused.
    pub refused: u32,
}

/// Copies of constants of one module.
pub type ConstantCopies = Constants<CONSTANT_COPIES, CONSTANT_COPIES>;

/// Every copy is its owner's own, whatever its size, and begins with a line of the cache.
const fn no_constants() -> ConstantCopies {
    const POLICY: Policy = Policy {
        page_bytes: 1 << 31,
        align: 64,
        share_small: true,
    };
    match Constants::new(POLICY) {
        Some(constants) => constants,
        None => panic!("both numbers of the policy are powers of two"),
    }
}

impl CallCount {
    /// Counts a call; at the end of the numbers it stays there.
    #[inline(always)]
    pub(crate) const fn made_one(&mut self) {
        self.made = self.made.saturating_add(1);
    }
}

/// A module's record: its domain, its region, its counts. One for each place, in which one module
/// after the other has it.
// What calls need most stands where a load reaches it from the record's address.
#[repr(C)]
pub struct Tenant {
    /// Where the module runs; `None` while the place is empty.
    pub domain: Option<DomainHandle>,
    /// The cached address of the region's offset 0.
    pub region_base: VirtAddr,
    /// In the order of [`Call::ALL`].
    pub calls: [CallCount; CALL_COUNT],
    /// Its memory for allocations, by offsets.
    pub region: Region<REGION_RECORDS>,
    /// Its copies of constants, which lie in the region.
    pub constants: ConstantCopies,
    /// Buffers that it reads, by pin.
    pub sources: Pins,
    /// Buffers that it writes, by pin.
    pub sinks: Pins,
    /// Calls of numbers that do not exist.
    pub unknown_calls: u32,
    /// Lines logged in the current entry point.
    pub lines: u32,
}

impl Default for Tenant {
    fn default() -> Self {
        Self::new()
    }
}

impl Tenant {
    /// The record of an empty place.
    #[must_use]
    pub const fn new() -> Tenant {
        Tenant {
            domain: None,
            region: Region::new(),
            constants: no_constants(),
            sources: [None; PINS],
            sinks: [None; PINS],
            region_base: VirtAddr(0),
            calls: [CallCount {
                made: 0,
                refused: 0,
            }; CALL_COUNT],
            unknown_calls: 0,
            lines: 0,
        }
    }

    /// Takes a module in: nothing allocated, nothing counted.
    ///
    /// # Errors
    /// A region that cannot be managed; then the place stays empty.
    pub fn move_in(&mut self, domain: DomainHandle, region: Geometry) -> Result<(), GeometryError> {
        self.region.open(region)?;
        self.constants = no_constants();
        self.sources = [None; PINS];
        self.sinks = [None; PINS];
        self.domain = Some(domain);
        self.region_base = VirtAddr(region.base);
        self.calls = [CallCount::default(); CALL_COUNT];
        self.unknown_calls = 0;
        self.lines = 0;
        Ok(())
    }

    /// Ends the module's stay; its counts can still be read.
    pub const fn move_out(&mut self) -> Option<DomainHandle> {
        self.domain.take()
    }

    /// Whether there is a copy of constants at that offset of the region.
    pub(crate) fn has_constant(&self, offset: u32) -> bool {
        self.constants.stats().copies != 0
            && self.constants.id_at(crate::serve::OWNER, offset).is_some()
    }

    /// Begins an entry point: quotas per entry start anew.
    pub fn begin_entry(&mut self) {
        self.lines = 0;
    }

    pub(crate) fn count(&mut self, call: Call) -> &mut CallCount {
        // Below `CALL_COUNT` already; this way nothing can panic.
        &mut self.calls[call.index().min(CALL_COUNT - 1)]
    }
}
