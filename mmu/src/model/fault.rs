//! Exceptions that an access can end in.

use core::fmt;

use crate::VirtAddr;

/// Why the core would take an exception: `EXCCAUSE` and, beside it, `EXCVADDR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModelFault {
    /// The cause's number, one of [`cause`].
    pub cause: u32,
    /// The address of the access, to the byte.
    pub address: VirtAddr,
}

impl fmt::Display for ModelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exception {} at {}", self.cause, self.address)
    }
}

impl core::error::Error for ModelFault {}

/// The numbers of the causes (ISA manual, table 4-64).
pub mod cause {
    use crate::{Access, Side};

    /// A load or store of 16 or 32 bits at no multiple of its size.
    pub const UNALIGNED: u32 = 9;
    /// A fetch that no entry maps, and no page table that the MMU can reach.
    pub const FETCH_MISS: u32 = 16;
    /// A fetch that several entries map.
    pub const FETCH_MULTIHIT: u32 = 17;
    /// A fetch of what an inner ring has.
    pub const FETCH_PRIVILEGE: u32 = 18;
    /// A fetch of what may not be executed.
    pub const FETCH_PROHIBITED: u32 = 20;
    /// A load or store that no entry maps, and no page table that the MMU can reach.
    pub const DATA_MISS: u32 = 24;
    /// A load or store that several entries map.
    pub const DATA_MULTIHIT: u32 = 25;
    /// A load or store of what an inner ring has.
    pub const DATA_PRIVILEGE: u32 = 26;
    /// A load of what may not be read.
    pub const LOAD_PROHIBITED: u32 = 28;
    /// A store to what may not be written.
    pub const STORE_PROHIBITED: u32 = 29;

    pub(crate) const fn missing(side: Side) -> u32 {
        match side {
            Side::Instruction => FETCH_MISS,
            Side::Data => DATA_MISS,
        }
    }

    pub(crate) const fn several(side: Side) -> u32 {
        match side {
            Side::Instruction => FETCH_MULTIHIT,
            Side::Data => DATA_MULTIHIT,
        }
    }

    pub(crate) const fn privilege(side: Side) -> u32 {
        match side {
            Side::Instruction => FETCH_PRIVILEGE,
            Side::Data => DATA_PRIVILEGE,
        }
    }

    pub(crate) const fn prohibited(access: Access) -> u32 {
        match access {
            Access::Read => LOAD_PROHIBITED,
            Access::Write => STORE_PROHIBITED,
            Access::Execute => FETCH_PROHIBITED,
        }
    }
}
