//! A revocation while another core is using the page: what each round reports.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Rounds in which the other core answers.
pub const ROUNDS: u32 = 200;
/// What the page's frame holds while it is the module's.
pub const BEFORE: u32 = 0x1111_1111;
/// What it holds from the moment the revocation has returned, as another domain's.
pub const SECRET: u32 = 0x5ec2_e700;

/// What was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// The other core answered, and its module lost the page.
    Revoked = 0,
    /// The other core was deaf: the revocation was undone, and the module kept the page.
    Unanswered = 1,
    /// Both cores took the kernel's lock in turn and revoked meanwhile.
    Locked = 2,
}

/// One round.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Round {
    /// A [`Kind`].
    pub kind: u32,
    /// Whether the revocation was refused: its number in [`crate::Outcome`], or
    /// [`crate::Outcome::DONE`].
    pub code: u32,
    /// How often the module had read the page when the revocation returned.
    pub reads_before: u32,
    /// How often in the end.
    pub reads_after: u32,
    /// The last that it read.
    pub last: u32,
    /// The cause of its fault.
    pub cause: u32,
    /// Where.
    pub address: u32,
    /// The page.
    pub page: u32,
    /// Letters that the other core answered in this round.
    pub answers: u32,
}
