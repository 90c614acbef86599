//! The one access decision, and what a proof of it allows.

use mmu::{Access, Frames, Machine, PAGE_BYTES, PhysAddr, VirtAddr};
use thiserror_no_std::Error;

use crate::{DomainError, DomainHandle, Domains, Partition};

/// Why a domain may not do what was claimed for it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Denied {
    /// The range runs past the end of the address space.
    #[error("the range at {0} wraps around the end of the address space")]
    Wraps(VirtAddr),
    /// A byte of the range is in no partition of the domain.
    #[error("{0} is not the domain's")]
    NotGranted(VirtAddr),
    /// A byte of the range is the domain's, but not in this way.
    #[error("{address} is the domain's, but not for {access}")]
    Prohibited {
        /// The first such byte.
        address: VirtAddr,
        /// What was to be done with it.
        access: Access,
    },
    /// The domain is gone.
    #[error("the domain does not exist any more")]
    StaleHandle,
}

impl Denied {
    /// The address that the refusal is about, if it is about one.
    #[must_use]
    pub const fn address(self) -> Option<VirtAddr> {
        match self {
            Denied::Wraps(address)
            | Denied::NotGranted(address)
            | Denied::Prohibited { address, .. } => Some(address),
            Denied::StaleHandle => None,
        }
    }
}

impl From<DomainError> for Denied {
    fn from(_: DomainError) -> Self {
        Denied::StaleHandle
    }
}

/// A range that was shown to be a domain's for one kind of access.
///
/// Only [`Domains::prove`] makes one. It borrows the domains, so that none can change between the
/// proof and its use; the bytes are then fetched or stored once, through the kernel's own mapping
/// of the frames, never through the module's address.
#[derive(Debug)]
pub struct Proven<'d, const D: usize, const F: usize, const T: usize> {
    domains: &'d Domains<D, F, T>,
    handle: DomainHandle,
    start: VirtAddr,
    bytes: u32,
    access: Access,
}

impl<const D: usize, const F: usize, const T: usize> Domains<D, F, T> {
    /// Whether the domain may do `access` to all of `bytes` bytes from `start`, an address in
    /// either window. A range without bytes needs the right to the byte at its start: an address
    /// that is none of the domain's is refused, whatever the length. The last page of the address
    /// space is nobody's.
    ///
    /// # Errors
    /// The first byte that is at fault. O(partitions), independent of the range's length: 60
    /// instructions for one partition on the core.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    pub fn may(
        &self,
        handle: DomainHandle,
        start: VirtAddr,
        bytes: u32,
        access: Access,
    ) -> Result<(), Denied> {
        let domain = self.domain(handle)?;
        let beyond_first = bytes.saturating_sub(1);
        if start.0.checked_add(beyond_first).is_none() {
            return Err(Denied::Wraps(start));
        }
        let cached = self
            .platform
            .cached(start)
            .ok_or(Denied::NotGranted(start))?;
        // As far as the claim goes in the cached window. A claim that leaves its window meets an
        // address in no partition, for partitions lie inside a window.
        let cached_last = VirtAddr(cached.0.saturating_add(beyond_first));
        let asked = |cached_at: VirtAddr| {
            VirtAddr(cached_at.0.wrapping_sub(cached.0).wrapping_add(start.0))
        };
        let mut next = cached;
        for Partition { range, rights, .. } in domain.partitions_from(cached) {
            if !range.contains(next) {
                break;
            }
            if !rights.contains(access.needs()) {
                return Err(Denied::Prohibited {
                    address: asked(next),
                    access,
                });
            }
            next = range.end();
            if next > cached_last {
                return Ok(());
            }
        }
        Err(Denied::NotGranted(asked(next)))
    }

    /// [`Self::may`], as a value that can be used.
    ///
    /// # Errors
    /// As [`Self::may`].
    pub fn prove(
        &self,
        handle: DomainHandle,
        start: VirtAddr,
        bytes: u32,
        access: Access,
    ) -> Result<Proven<'_, D, F, T>, Denied> {
        // BROKEN ON PURPOSE, rule 3: nobody is asked.
        #[cfg(not(feature = "break-proves-nothing"))]
        self.may(handle, start, bytes, access)?;
        Ok(Proven {
            domains: self,
            handle,
            start,
            bytes,
            access,
        })
    }
}

impl<const D: usize, const F: usize, const T: usize> Proven<'_, D, F, T> {
    /// How many bytes were proven.
    #[must_use]
    pub const fn bytes(&self) -> u32 {
        self.bytes
    }

    /// Fetches the bytes, each once. `into` must be as long as the proof; a proof for anything
    /// but reading gives nothing.
    ///
    /// # Errors
    /// [`Denied::Prohibited`] where the proof is not one for reading, or not of that length.
    pub fn read(self, machine: &mut impl Machine, into: &mut [u8]) -> Result<(), Denied> {
        self.check(Access::Read, into.len())?;
        let mut start = self.start;
        let mut rest = into;
        while !rest.is_empty() {
            let in_page = (PAGE_BYTES - start.page_offset()) as usize;
            let here = in_page.min(rest.len());
            let (piece, after) = rest.split_at_mut(here);
            let place = self.frame_address(machine, start)?;
            machine.read(place, piece);
            start = VirtAddr(start.0.wrapping_add(piece.len() as u32));
            rest = after;
        }
        Ok(())
    }

    /// Stores the bytes. `from` must be as long as the proof.
    ///
    /// # Errors
    /// [`Denied::Prohibited`] where the proof is not one for writing, or not of that length.
    pub fn write(self, machine: &mut impl Machine, from: &[u8]) -> Result<(), Denied> {
        self.check(Access::Write, from.len())?;
        let mut start = self.start;
        let mut rest = from;
        while !rest.is_empty() {
            let in_page = (PAGE_BYTES - start.page_offset()) as usize;
            let (piece, after) = rest.split_at(in_page.min(rest.len()));
            let place = self.frame_address(machine, start)?;
            machine.write(place, piece);
            start = VirtAddr(start.0.wrapping_add(piece.len() as u32));
            rest = after;
        }
        Ok(())
    }

    fn check(&self, access: Access, bytes: usize) -> Result<(), Denied> {
        if self.access == access && self.bytes as usize == bytes {
            Ok(())
        } else {
            Err(Denied::Prohibited {
                address: self.start,
                access,
            })
        }
    }

    /// Where a byte of the proof lies, from the very table that the MMU uses.
    fn frame_address(&self, machine: &impl Machine, address: VirtAddr) -> Result<PhysAddr, Denied> {
        let tables = self.domains.tables(self.handle);
        let entry = tables.cached.entry(machine, address);
        if !entry.is_valid() {
            return Err(Denied::NotGranted(address));
        }
        Ok(PhysAddr(entry.frame().0 + address.page_offset()))
    }
}
