//! Modules in memory, and the instances that run them.

use abi::{EntryPoint, ModuleHeader};
use domains::DomainHandle;
use mmu::VirtAddr;

use crate::backing::Holdings;
use crate::estate::{Estate, Part, Purpose};

/// A module file in memory: text and constants, once for all its instances, and where everything of
/// an instance lies in the slot. Literals hold addresses, so every instance stands at the same.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Addresses where they lie now.
    pub(crate) header: ModuleHeader,
    pub(crate) estate: Estate,
    /// Text and constants.
    pub(crate) held: Holdings,
    /// Their sum when they had been loaded.
    pub(crate) sum: u32,
    pub(crate) instances: u32,
    /// Whether it stays without instances.
    pub(crate) is_kept: bool,
}

/// A module's life in a domain of its own.
#[derive(Debug)]
pub struct Instance {
    /// What the module said of itself, addresses where they lie now.
    pub header: ModuleHeader,
    /// Where its parts lie.
    pub estate: Estate,
    pub(crate) domain: DomainHandle,
    /// Its module, by number.
    pub(crate) module: usize,
    pub(crate) slot_start: VirtAddr,
    /// What is its own.
    pub(crate) held: Holdings,
}

impl Instance {
    /// The cached address of its slot.
    #[must_use]
    pub const fn base(&self) -> u32 {
        self.slot_start.0
    }

    /// The cached address of the first byte of a part.
    #[must_use]
    pub const fn start_of(&self, part: &Part) -> VirtAddr {
        VirtAddr(self.slot_start.0 + part.offset())
    }

    /// The cached address of the first byte of the part of that purpose.
    #[must_use]
    pub fn address_of(&self, purpose: Purpose) -> Option<VirtAddr> {
        self.estate.part(purpose).map(|part| self.start_of(part))
    }

    /// The address behind its stack.
    #[must_use]
    pub fn stack_top(&self) -> u32 {
        let end = self.estate.part(Purpose::Stack).map_or(0, Part::end_offset);
        self.slot_start.0 + end
    }

    /// The address of an entry point.
    #[must_use]
    pub const fn entry(&self, entry: EntryPoint) -> u32 {
        self.header.entry[entry as usize]
    }
}
