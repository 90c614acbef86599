//! What user code does: one access.

use mmu::{Machine, VirtAddr};

use crate::Outcome;

/// A kind of access by one instruction of user code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Deed {
    /// `l8ui`.
    LoadByte = 0,
    /// `l16ui`.
    LoadHalf = 1,
    /// `l32i`.
    LoadWord = 2,
    /// `s8i`.
    StoreByte = 3,
    /// `s16i`.
    StoreHalf = 4,
    /// `s32i`.
    StoreWord = 5,
    /// `jx`, to a place of the pattern in [`crate::Ground`], whose code returns its frame's
    /// number.
    Execute = 6,
}

impl Deed {
    /// All, by number.
    pub const ALL: [Deed; 7] = [
        Deed::LoadByte,
        Deed::LoadHalf,
        Deed::LoadWord,
        Deed::StoreByte,
        Deed::StoreHalf,
        Deed::StoreWord,
        Deed::Execute,
    ];

    /// Bytes that it touches.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            Deed::LoadByte | Deed::StoreByte => 1,
            Deed::LoadHalf | Deed::StoreHalf => 2,
            Deed::LoadWord | Deed::StoreWord => 4,
            Deed::Execute => 6,
        }
    }

    /// Whether it stores.
    #[must_use]
    pub const fn stores(self) -> bool {
        matches!(self, Deed::StoreByte | Deed::StoreHalf | Deed::StoreWord)
    }
}

/// A core that can run user code.
pub trait UserCore: Machine {
    /// Does one deed at user ring and says how it ended. A store stores `value`.
    fn act(&mut self, deed: Deed, address: VirtAddr, value: u32) -> Outcome;
}
