//! Why a domain was not changed. A refused call changes nothing.

use mmu::{AddressError, AsidError, CoreId, PhysAddr, Rights, Unanswered, VirtAddr};
use thiserror_no_std::Error;

use crate::{Tenure, ThreadId};

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
    /// The platform has no such slot.
    #[error("slot {slot} does not exist; the windows have {slots}")]
    NoSlot {
        /// The slot asked for.
        slot: u32,
        /// How many there are.
        slots: u32,
    },
    /// The platform has no such core.
    #[error("core {core} does not exist; the platform has {cores}")]
    NoCore {
        /// The core named.
        core: CoreId,
        /// How many there are.
        cores: u32,
    },
    /// No page range.
    #[error("{0}")]
    Range(#[from] AddressError),
    /// Not in the domain's slot of the cached window.
    #[error("{0} lies outside the domain's slot of the cached window")]
    OutsideSlot(VirtAddr),
    /// Not readable, or writable and executable, or more than the tenure permits.
    #[error(
        "rights {rights} cannot be given to pages that are {tenure}: all are readable, none is \
         writable and executable, constants are never writable, buffers never executable"
    )]
    Rights {
        /// The rights asked for.
        rights: Rights,
        /// Under which tenure.
        tenure: Tenure,
    },
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
    /// The frame is some partition's already, under another tenure or as its own.
    #[error("frame {0} is in use, and not to be shared in this way")]
    InUse(PhysAddr),
    /// The buffer has its producer or its consumer already.
    #[error("frame {0} belongs to a buffer whose producer or consumer is another already")]
    SideTaken(PhysAddr),
    /// Mapped too often to be counted.
    #[error("frame {0} is shared 16383 times already")]
    TooShared(PhysAddr),
    /// Another core did not confirm that it has forgotten.
    #[error("{0}")]
    Unanswered(#[from] Unanswered),
    /// Threads still belong to the domain.
    #[error("{0} threads still belong to the domain; remove them first")]
    HasThreads(u32),
    /// There is no such thread.
    #[error("thread {thread} does not exist; there are {threads}")]
    NoThread {
        /// The thread named.
        thread: ThreadId,
        /// How many there can be.
        threads: usize,
    },
    /// The thread belongs to no domain.
    #[error("thread {0} belongs to no domain")]
    NoMember(ThreadId),
}
