//! A part of a domain: pages with the same rights and the same law of sharing.

use core::fmt;

use mmu::{PageCount, Rights, VirtAddr, VirtRange};

use crate::DomainError;

/// How many partitions a domain can have.
pub const MAX_PARTITIONS: usize = 16;

/// Who else may reach the frames of a partition. A frame is always used under one tenure, in all
/// domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tenure {
    /// Nobody: each frame is in this partition and in no other.
    Own,
    /// Any number of partitions, none of which can write: constants, and text that several
    /// instances run.
    Constant,
    /// Two partitions at most: one that reads and writes, the producer's, and one that only reads,
    /// the consumer's.
    Buffer,
}

impl Tenure {
    /// Whether a partition of this tenure may have these rights.
    #[must_use]
    pub const fn permits(self, rights: Rights) -> bool {
        rights.is_lawful()
            && match self {
                Tenure::Own => true,
                Tenure::Constant => !rights.contains(Rights::WRITE),
                Tenure::Buffer => !rights.contains(Rights::EXECUTE),
            }
    }
}

impl fmt::Display for Tenure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tenure::Own => "its own",
            Tenure::Constant => "constant",
            Tenure::Buffer => "a buffer",
        })
    }
}

/// Pages of a domain with the same rights, seen through both aliases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Partition {
    /// The pages, by their cached addresses; the uncached twins go with them.
    pub range: VirtRange,
    /// What the domain may do with them, through either alias.
    pub rights: Rights,
    /// Who else may reach their frames.
    pub tenure: Tenure,
}

impl Partition {
    /// The partition of `pages` pages from the cached address `start`.
    ///
    /// # Errors
    /// [`DomainError::Range`] where that is no page range, [`DomainError::Rights`] where the
    /// tenure does not permit the rights. O(1).
    pub fn new(
        start: VirtAddr,
        pages: PageCount,
        rights: Rights,
        tenure: Tenure,
    ) -> Result<Partition, DomainError> {
        let range = VirtRange::new(start, pages)?;
        let partition = Partition {
            range,
            rights,
            tenure,
        };
        partition.check_rights()?;
        Ok(partition)
    }

    pub(crate) fn check_rights(&self) -> Result<(), DomainError> {
        if self.tenure.permits(self.rights) {
            Ok(())
        } else {
            let (rights, tenure) = (self.rights, self.tenure);
            Err(DomainError::Rights { rights, tenure })
        }
    }
}
