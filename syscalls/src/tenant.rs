//! What the kernel keeps of a module while it lives. It lies in kernel memory only.

use abi::{CALL_COUNT, Call};
use domains::DomainHandle;
use mmu::VirtAddr;
use vregion::region::Region;

use crate::quota::REGION_RECORDS;

/// How often a call was made, and how often refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Calls.
    pub made: u32,
    /// Of these, refused.
    pub refused: u32,
}

/// A module's record: its domain, its region, its counts.
pub struct Tenant {
    /// Where it runs.
    pub domain: DomainHandle,
    /// Its memory for allocations, by offsets.
    pub region: Region<REGION_RECORDS>,
    /// The cached address of offset 0.
    pub region_base: VirtAddr,
    /// By call number.
    pub calls: [CallCount; CALL_COUNT],
    /// Calls of numbers that do not exist.
    pub unknown_calls: u32,
    /// Bytes logged in the current entry point.
    pub logged: u32,
}

impl Tenant {
    /// A record with nothing allocated and nothing counted.
    #[must_use]
    pub fn new(
        domain: DomainHandle,
        region: Region<REGION_RECORDS>,
        region_base: VirtAddr,
    ) -> Tenant {
        Tenant {
            domain,
            region,
            region_base,
            calls: [CallCount::default(); CALL_COUNT],
            unknown_calls: 0,
            logged: 0,
        }
    }

    /// Begins an entry point: quotas per entry start anew.
    pub fn begin_entry(&mut self) {
        self.logged = 0;
    }

    pub(crate) fn count(&mut self, call: Call) -> &mut CallCount {
        // `Call` numbers are dense and below `CALL_COUNT`.
        &mut self.calls[call as usize % CALL_COUNT]
    }
}
