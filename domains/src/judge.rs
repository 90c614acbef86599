//! What is to follow from a fault: who did what, and whether it goes on.

use mmu::{Access, Ring, VirtAddr};

use crate::{Cause, Denied, DomainHandle, Domains, Fault};

/// Whose code was at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// The module that ran, whatever it did: a window vector's fault on its stack pointer is its
    /// own too.
    Module,
    /// The kernel itself.
    Kernel,
}

/// What it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offence {
    /// An access that the domain's partitions do not allow.
    Access {
        /// Reading, writing or execution.
        access: Access,
        /// Why not.
        denied: Denied,
    },
    /// An access that they do allow: the core remembered the page as it was before a grant.
    Outdated(VirtAddr),
    /// An access that they do allow and the hardware still does not: an unaligned address, an
    /// atomic access past the cache, two entries for one page.
    Manner(VirtAddr),
    /// An instruction that a module must not use, or that does not exist.
    Instruction,
    /// A division by zero.
    Arithmetic,
    /// A breakpoint.
    Breakpoint,
    /// A cause that no module can bring about.
    Unknown,
}

/// What is to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// This core forgets the page and the module goes on.
    Resume(VirtAddr),
    /// The module ends; everything it has returns.
    StopModule,
    /// Nothing can be trusted any more.
    StopKernel,
}

/// The judgement of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who.
    pub culprit: Culprit,
    /// What.
    pub offence: Offence,
    /// And now.
    pub consequence: Consequence,
}

impl<const D: usize, const F: usize, const T: usize> Domains<D, F, T> {
    /// Judges a fault that was taken in `ring` while a domain ran. It says the same of the same
    /// fault on every machine.
    ///
    /// A domain that is gone has no rights: whatever it accessed is denied. O(partitions).
    #[must_use]
    pub fn judge(&self, running: DomainHandle, ring: Ring, fault: Fault) -> Verdict {
        let offence = self.offence(running, fault);
        let (culprit, consequence) = match (ring, offence) {
            (Ring::Kernel, _) => (Culprit::Kernel, Consequence::StopKernel),
            (_, Offence::Outdated(page)) => (Culprit::Module, Consequence::Resume(page)),
            _ => (Culprit::Module, Consequence::StopModule),
        };
        Verdict {
            culprit,
            offence,
            consequence,
        }
    }

    fn offence(&self, running: DomainHandle, fault: Fault) -> Offence {
        let Some(access) = fault.cause.access() else {
            return match fault.cause.0 {
                0 | 8 => Offence::Instruction,
                6 => Offence::Arithmetic,
                cause if cause == Cause::BREAK.0 => Offence::Breakpoint,
                _ => Offence::Unknown,
            };
        };
        // What a cause does not tell is whether a load or a store missed; a store needs no less
        // than a load.
        match self.may(running, fault.address, 1, access) {
            Err(denied) => Offence::Access { access, denied },
            Ok(()) if fault.cause.is_by_entry() => Offence::Outdated(fault.address.page_start()),
            Ok(()) => Offence::Manner(fault.address),
        }
    }
}
