//! Copies of constants in fast memory (SOF's `fast_get` and `fast_put`, `zephyr/lib/fast-get.c`).
//!
//! Large constants are copied once, into pages of their own, and whoever asks for the same ones is
//! granted those pages read only. Small ones are copied for each owner. The table knows source
//! addresses, offsets and owners by number; the embedder's [`CopyMemory`] checks, copies and
//! grants.
//!
//! A copy is found by its source *and* its size: whoever gives a wrong size gets a copy of his own,
//! and spoils nobody else's. Only who has a copy of another size himself is told so.
//!
//! Hooks may take long and may sleep: keep the table under a lock that allows both, never under a
//! spin lock.

mod check;
mod error;
mod get;
mod put;
mod records;
#[cfg(test)]
mod tests;

pub use error::{GetError, PutError};
use records::{Copies, Links};

/// Whoever owns copies, for example the number of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Owner(pub u32);

/// What the embedder does with memory.
pub trait CopyMemory {
    /// Why it could not.
    type Error;

    /// Whether the owner may have a copy of these bytes: called first, before anything is taken.
    /// For a shared copy it must make sure that no module can write them, or else one module
    /// chooses what others read.
    ///
    /// # Errors
    /// The owner may not read them, or they are no constants.
    fn check_source(&mut self, owner: Owner, source: u32, bytes: u32) -> Result<(), Self::Error>;

    /// Memory for a copy, as an offset: the owner's own, or with `None` memory that is nobody's and
    /// stays when an owner goes.
    ///
    /// # Errors
    /// Nothing was taken.
    fn take(&mut self, owner: Option<Owner>, bytes: u32, align: u32) -> Result<u32, Self::Error>;

    /// Takes the memory back, with exactly the numbers it was taken with. Nobody can reach it any
    /// more.
    fn give(&mut self, owner: Option<Owner>, offset: u32, bytes: u32);

    /// Copies the source to the offset, so that every core and alias sees it.
    fn copy(&mut self, source: u32, bytes: u32, offset: u32);

    /// Fills with zeros: what a copy leaves of its last page, which its owners will read too.
    fn zero(&mut self, offset: u32, bytes: u32);

    /// Lets the owner read these pages, and not write them.
    ///
    /// # Errors
    /// The owner cannot read them.
    fn grant(&mut self, owner: Owner, offset: u32, bytes: u32) -> Result<(), Self::Error>;

    /// Ends a grant. When it returns the owner cannot reach these pages any more.
    fn revoke(&mut self, owner: Owner, offset: u32, bytes: u32);
}

/// Which copies are shared, and how they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Bytes of a page: a power of two. Copies of more than half a page have pages of their own
    /// and are granted.
    pub page_bytes: u32,
    /// What the address of a smaller copy is a multiple of: a power of two.
    pub align: u32,
    /// Whether smaller copies are shared too, as where nothing is isolated. They are never granted:
    /// other things lie in their pages.
    pub share_small: bool,
}

impl Policy {
    /// Large copies shared, small ones private.
    #[must_use]
    pub const fn isolated(page_bytes: u32, align: u32) -> Self {
        Policy {
            page_bytes,
            align,
            share_small: false,
        }
    }

    const fn is_large(&self, bytes: u32) -> bool {
        bytes > self.page_bytes / 2
    }
}

/// Names one owner's hold on a copy, until the last owner has put it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CopyId {
    index: u16,
    generation: u16,
}

impl CopyId {
    /// The name as a number, for callers that pass it on as one.
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        (self.generation as u32) << u16::BITS | self.index as u32
    }

    /// The name that has this number. Any number is some name, and most name nothing.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        CopyId {
            index: bits as u16,
            generation: (bits >> u16::BITS) as u16,
        }
    }
}

/// A copy that its owner may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Its name.
    pub id: CopyId,
    /// Where it is.
    pub offset: u32,
    /// Bytes of the source.
    pub bytes: u32,
}

/// What a put left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The owner has got it more often than put it.
    Held,
    /// The owner has it no longer; others have.
    Left,
    /// It was the last one: the copy is gone.
    Freed,
}

/// How the table is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConstantStats {
    /// Copies now.
    pub copies: u32,
    /// Bytes of memory that they take.
    pub used: u32,
    /// The most bytes ever taken at once.
    pub peak: u32,
    /// Gets that found a copy.
    pub hits: u32,
    /// Gets that were refused.
    pub failures: u32,
}

/// Copies of constants and their owners.
///
/// `COPIES` is a power of two: so many copies, and as many chains to find them by. `LINKS`: pairs
/// of a copy and an owner of it.
///
/// The numbers lie first: an offset of up to 1 KiB is part of an instruction.
#[repr(C)]
pub struct Constants<const COPIES: usize, const LINKS: usize> {
    policy: Policy,
    stats: ConstantStats,
    copies: Copies<COPIES>,
    links: Links<LINKS>,
}

impl<const COPIES: usize, const LINKS: usize> Constants<COPIES, LINKS> {
    /// A table without copies; `None` where a number of the policy is no power of two.
    #[must_use]
    pub const fn new(policy: Policy) -> Option<Self> {
        if !policy.page_bytes.is_power_of_two() || !policy.align.is_power_of_two() {
            return None;
        }
        Some(Constants {
            policy,
            copies: Copies::new(),
            links: Links::new(),
            stats: ConstantStats {
                copies: 0,
                used: 0,
                peak: 0,
                hits: 0,
                failures: 0,
            },
        })
    }

    /// How the table is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> ConstantStats {
        self.stats
    }
}
