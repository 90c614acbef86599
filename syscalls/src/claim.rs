//! User addresses: claims until proven, and only here.

use abi::Call;
use domains::{Denied, DomainHandle, Domains};
use mmu::{Access, Machine, Platform, VirtAddr};

use crate::Refusal;

/// The memory of modules, as far as their domains reach.
pub trait Memory {
    /// The board.
    fn platform(&self) -> &Platform;

    /// Whether a domain may do `access` to all of these bytes. O(partitions).
    ///
    /// # Errors
    /// The first byte at fault.
    fn may(
        &self,
        domain: DomainHandle,
        start: VirtAddr,
        bytes: u32,
        access: Access,
    ) -> Result<(), Denied>;

    /// Fetches bytes that the domain may read, each once.
    ///
    /// # Errors
    /// As [`Self::may`].
    fn fetch(
        &mut self,
        domain: DomainHandle,
        start: VirtAddr,
        bytes: u32,
        into: &mut [u8],
    ) -> Result<(), Denied>;

    /// Stores bytes where the domain may write.
    ///
    /// # Errors
    /// As [`Self::may`]; then nothing was written.
    fn store(
        &mut self,
        domain: DomainHandle,
        start: VirtAddr,
        bytes: u32,
        from: &[u8],
    ) -> Result<(), Denied>;
}

/// The memory of modules behind the kernel's own mapping of their frames.
#[derive(Debug)]
pub struct DomainMemory<'k, M, const D: usize, const F: usize, const T: usize> {
    /// All domains; a call changes none.
    pub domains: &'k Domains<D, F, T>,
    /// The machine.
    pub machine: &'k mut M,
}

impl<M: Machine, const D: usize, const F: usize, const T: usize> Memory
    for DomainMemory<'_, M, D, F, T>
{
    fn platform(&self) -> &Platform {
        self.domains.platform()
    }

    fn may(
        &self,
        domain: DomainHandle,
        start: VirtAddr,
        bytes: u32,
        access: Access,
    ) -> Result<(), Denied> {
        self.domains.may(domain, start, bytes, access)
    }

    fn fetch(
        &mut self,
        domain: DomainHandle,
        start: VirtAddr,
        bytes: u32,
        into: &mut [u8],
    ) -> Result<(), Denied> {
        self.domains
            .prove(domain, start, bytes, Access::Read)
            .and_then(|proven| proven.read(self.machine, into))
    }

    fn store(
        &mut self,
        domain: DomainHandle,
        start: VirtAddr,
        bytes: u32,
        from: &[u8],
    ) -> Result<(), Denied> {
        self.domains
            .prove(domain, start, bytes, Access::Write)
            .and_then(|proven| proven.write(self.machine, from))
    }
}

/// Who called, and what: known from the running thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its place among the modules.
    pub id: u32,
    /// Where it runs.
    pub domain: DomainHandle,
    /// The call.
    pub call: Call,
}

/// An address and a length out of a module's registers. It says nothing about the memory there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    start: VirtAddr,
    bytes: u32,
}

impl Claim {
    /// Takes two registers as a claim.
    #[must_use]
    pub const fn new(start: u32, bytes: u32) -> Claim {
        Claim {
            start: VirtAddr(start),
            bytes,
        }
    }

    /// Where the claim begins.
    #[must_use]
    pub const fn start(self) -> u32 {
        self.start.0
    }

    /// How many bytes are claimed.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        self.bytes
    }

    /// Whether the claimed bytes are the caller's for that, however many they are.
    ///
    /// # Errors
    /// The refusal of its call. O(partitions), whatever the length.
    pub fn is_for(
        self,
        caller: Caller,
        memory: &impl Memory,
        access: Access,
    ) -> Result<(), Refusal> {
        memory
            .may(caller.domain, self.start, self.bytes, access)
            .map_err(|denied| self.refusal(caller, denied))
    }

    /// Fetches the claimed bytes, each once, if they are the caller's to read. `into` must be as
    /// long as the claim.
    ///
    /// # Errors
    /// The refusal of its call.
    pub fn fetch(
        self,
        caller: Caller,
        memory: &mut impl Memory,
        into: &mut [u8],
    ) -> Result<(), Refusal> {
        memory
            .fetch(caller.domain, self.start, self.bytes, into)
            .map_err(|denied| self.refusal(caller, denied))
    }

    /// Stores a record where the claim says, if that is the caller's to write. `from` must be as
    /// long as the claim.
    ///
    /// # Errors
    /// The refusal of its call; then nothing was written.
    pub fn store(
        self,
        caller: Caller,
        memory: &mut impl Memory,
        from: &[u8],
    ) -> Result<(), Refusal> {
        memory
            .store(caller.domain, self.start, self.bytes, from)
            .map_err(|denied| self.refusal(caller, denied))
    }

    fn refusal(self, caller: Caller, denied: Denied) -> Refusal {
        Refusal::denied(caller.call, denied, self.start.0)
    }
}
