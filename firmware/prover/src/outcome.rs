//! How a step ended.

use domains::DomainError;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// How a step ended: three numbers that must be the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Outcome {
    /// [`Outcome::DONE`], the cause of a fault, or [`Outcome::REFUSED`] with a number added.
    pub code: u32,
    /// What a load or an execution gave; of a fault, the verdict on it, or 0 where no domain ran.
    pub value: u32,
    /// `EXCVADDR` of a fault.
    pub address: u32,
}

impl Outcome {
    /// It was done. No cause of a user's fault has this number.
    pub const DONE: u32 = 0xffff;
    /// It was refused; which [`DomainError`] is added.
    pub const REFUSED: u32 = 0x1_0000;
    /// User code did not come back in time.
    pub const LOST: u32 = 0xfffe;

    /// Done, with a value.
    #[must_use]
    pub const fn done(value: u32) -> Outcome {
        Outcome {
            code: Self::DONE,
            value,
            address: 0,
        }
    }

    /// Ended by a fault.
    #[must_use]
    pub const fn fault(cause: u32, address: u32) -> Outcome {
        Outcome {
            code: cause,
            value: 0,
            address,
        }
    }

    /// Whether an access ended by a fault.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        self.code < Self::LOST
    }

    /// In words, why a step was refused.
    #[must_use]
    pub const fn refusal(self) -> &'static str {
        match self.code.wrapping_sub(Self::REFUSED) {
            0 => "a domain that is gone",
            1 => "no more domains",
            2 => "no more ASIDs",
            3 => "no such slot",
            4 => "no such core",
            5 => "no such range",
            6 => "outside the slot",
            7 => "unlawful rights",
            8 => "an overlap",
            9 => "no more partitions",
            10 => "no such partition",
            11 => "a frame that is no module's",
            12 => "a frame in use",
            13 => "a side that is taken",
            14 => "shared too often",
            15 => "a core that did not answer",
            16 => "a domain that has threads",
            17 => "no such thread",
            18 => "a thread in no domain",
            _ => "an unknown reason",
        }
    }

    /// Of an operation on domains.
    #[must_use]
    pub fn of<R>(result: Result<R, DomainError>) -> Outcome {
        match result {
            Ok(_) => Outcome::done(0),
            Err(refusal) => Outcome {
                code: Self::REFUSED + number_of(refusal),
                value: 0,
                address: 0,
            },
        }
    }
}

const fn number_of(refusal: DomainError) -> u32 {
    match refusal {
        DomainError::StaleHandle => 0,
        DomainError::NoDomain(_) => 1,
        DomainError::Asid(_) => 2,
        DomainError::NoSlot { .. } => 3,
        DomainError::NoCore { .. } => 4,
        DomainError::Range(_) => 5,
        DomainError::OutsideSlot(_) => 6,
        DomainError::Rights { .. } => 7,
        DomainError::Overlap(_) => 8,
        DomainError::NoPartition(_) => 9,
        DomainError::NotFound(_) => 10,
        DomainError::ForeignFrame(_) => 11,
        DomainError::InUse(_) => 12,
        DomainError::SideTaken(_) => 13,
        DomainError::TooShared(_) => 14,
        DomainError::Unanswered(_) => 15,
        DomainError::HasThreads(_) => 16,
        DomainError::NoThread { .. } => 17,
        DomainError::NoMember(_) => 18,
    }
}
