//! User addresses: claims until proven, and only here.

use abi::Call;
use domains::{DomainHandle, Domains};
use mmu::{Access, Machine, VirtAddr};

use crate::Refusal;

/// What serving a call needs of the kernel besides the caller's own record.
#[derive(Debug)]
pub struct Kernel<'k, M, const D: usize, const F: usize, const T: usize> {
    /// All domains; a call changes none.
    pub domains: &'k Domains<D, F, T>,
    /// The machine.
    pub machine: &'k mut M,
    /// What time it is.
    pub clock: Clock,
}

/// The time of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Ticks of 1 ms since the kernel began to play, wrapping.
    pub ticks: u32,
    /// The core's cycle counter, wrapping.
    pub cycles: u32,
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

    /// Whether the claimed bytes are the domain's to read, however many they are.
    ///
    /// # Errors
    /// The refusal of `call`. O(partitions), whatever the length.
    pub fn is_readable<M: Machine, const D: usize, const F: usize, const T: usize>(
        self,
        call: Call,
        domain: DomainHandle,
        kernel: &Kernel<'_, M, D, F, T>,
    ) -> Result<(), Refusal> {
        kernel
            .domains
            .may(domain, self.start, self.bytes, Access::Read)
            .map_err(|denied| Refusal::denied(call, denied, self.start.0))
    }

    /// Fetches the claimed bytes, each once, if they are the domain's to read. `into` must be as
    /// long as the claim.
    ///
    /// # Errors
    /// The refusal of `call`.
    pub fn fetch<M: Machine, const D: usize, const F: usize, const T: usize>(
        self,
        call: Call,
        domain: DomainHandle,
        kernel: &mut Kernel<'_, M, D, F, T>,
        into: &mut [u8],
    ) -> Result<(), Refusal> {
        kernel
            .domains
            .prove(domain, self.start, self.bytes, Access::Read)
            .and_then(|proven| proven.read(kernel.machine, into))
            .map_err(|denied| Refusal::denied(call, denied, self.start.0))
    }

    /// Stores a record where the claim says, if that is the domain's to write. `from` must be as
    /// long as the claim.
    ///
    /// # Errors
    /// The refusal of `call`; then nothing was written.
    pub fn store<M: Machine, const D: usize, const F: usize, const T: usize>(
        self,
        call: Call,
        domain: DomainHandle,
        kernel: &mut Kernel<'_, M, D, F, T>,
        from: &[u8],
    ) -> Result<(), Refusal> {
        kernel
            .domains
            .prove(domain, self.start, self.bytes, Access::Write)
            .and_then(|proven| proven.write(kernel.machine, from))
            .map_err(|denied| Refusal::denied(call, denied, self.start.0))
    }
}
