//! A part of a domain: pages with the same rights.

use mmu::{Rights, VirtRange};

/// How many partitions a domain can have.
pub const MAX_PARTITIONS: usize = 16;

/// Pages of a domain with the same rights, seen through both aliases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The pages, by their cached addresses; the uncached twins go with them.
    pub range: VirtRange,
    /// What the domain may do with them, through either alias.
    pub rights: Rights,
}
