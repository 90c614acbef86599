//! Why a domain was not changed. A refused call changes nothing.

use mmu::{AddressError, AsidError, PhysAddr, Rights, VirtAddr};
use thiserror_no_std::Error;

/// Why a domain was not made or changed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DomainError {
    /// The handle's domain was destroyed, or never was.
    #[error("the domain of this handle does not exist any more")]
    StaleHandle,
    /// No room in the table of domains.
    #[error("all {0} domains are in use")]
    NoDomain(usize),
    /// No ASID.
    #[error("{0}")]
    Asid(#[from] AsidError),
    /// No frame for a page table.
    #[error("no frame is left for a page table")]
    NoTable,
    /// The platform has no such slot.
    #[error("slot {slot} does not exist; the windows have {slots}")]
    NoSlot {
        /// The slot asked for.
        slot: u32,
        /// How many there are.
        slots: u32,
    },
    /// No page range.
    #[error("{0}")]
    Range(#[from] AddressError),
    /// Not in the domain's slot of the cached window.
    #[error("{0} lies outside the domain's slot of the cached window")]
    OutsideSlot(VirtAddr),
    /// Not readable, or writable and executable.
    #[error("rights {0} are unlawful: a page is readable and never both writable and executable")]
    Rights(Rights),
    /// Overlaps a partition of the domain.
    #[error("the range overlaps the partition at {0}")]
    Overlap(VirtAddr),
    /// No room in the domain.
    #[error("the domain has its {0} partitions already")]
    NoPartition(usize),
    /// The domain has no partition that starts there.
    #[error("the domain has no partition at {0}")]
    NotFound(VirtAddr),
    /// A frame that must not be given to a module.
    #[error("frame {0} is none that a module may be given")]
    ForeignFrame(PhysAddr),
    /// The frame is executable elsewhere.
    #[error("frame {0} is executable in some domain and so cannot become writable")]
    Executable(PhysAddr),
    /// The frame is writable elsewhere.
    #[error("frame {0} is writable in some domain and so cannot become executable")]
    Writable(PhysAddr),
    /// Mapped too often to be counted.
    #[error("frame {0} is mapped 65535 times already")]
    TooShared(PhysAddr),
}
