//! Why a call was refused, and what that does to the module.

use abi::{Call, Errno};
use domains::Denied;
use thiserror_no_std::Error;

/// A call that was not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The number that was called; it may be none that exists.
    pub call: u32,
    /// Why.
    pub reason: Reason,
    /// The address that it is about, or 0.
    pub address: u32,
}

/// Why a call was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[repr(u32)]
pub enum Reason {
    /// No such number.
    #[error("there is no system call of that number")]
    UnknownCall = 1,
    /// A claim ran past the end of the address space.
    #[error("the claimed range wraps around the end of the address space")]
    ClaimWraps = 2,
    /// A claim named memory that is not the module's.
    #[error("the claimed range is not the module's")]
    ClaimForeign = 3,
    /// A claim named the module's memory for what it may not do with it.
    #[error("the claimed range is the module's, but not for this")]
    ClaimProhibited = 4,
    /// A record that is not aligned as its call wants it.
    #[error("the record is not aligned")]
    Misaligned = 5,
    /// A pointer to free that was not allocated, or is free already.
    #[error("the pointer to free is none that was allocated")]
    NotAllocated = 6,
    /// An allocation of no bytes, of a bad alignment, or with unknown flags.
    #[error("the size, alignment or flags of the allocation are invalid")]
    BadRequest = 7,
    /// The region has no room.
    #[error("the region has no room for it")]
    NoMemory = 8,
    /// More records, or more bytes of log, than the quota.
    #[error("it is more than the module's quota")]
    OverQuota = 9,
    /// A line of log that is too long or not UTF-8.
    #[error("the line is longer than 120 bytes or not UTF-8")]
    BadLine = 10,
    /// A pin that nothing is bound to.
    #[error("nothing is bound to the pin")]
    NoPin = 11,
    /// A source has less data.
    #[error("the source has not as much data")]
    NoData = 12,
    /// A sink has less space.
    #[error("the sink has not as much space")]
    NoSpace = 13,
    /// Bytes of the pin are got already.
    #[error("bytes of the pin were got before and not given back")]
    Got = 14,
    /// More was given back than was got.
    #[error("more bytes are given back than were got")]
    NotGot = 15,
}

/// What a refusal does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The call returns the negated error code.
    Return(Errno),
    /// The module is stopped and everything it has taken back.
    Stop,
}

impl Reason {
    /// Every reason, in the order of its number.
    pub const ALL: [Reason; 15] = [
        Reason::UnknownCall,
        Reason::ClaimWraps,
        Reason::ClaimForeign,
        Reason::ClaimProhibited,
        Reason::Misaligned,
        Reason::NotAllocated,
        Reason::BadRequest,
        Reason::NoMemory,
        Reason::OverQuota,
        Reason::BadLine,
        Reason::NoPin,
        Reason::NoData,
        Reason::NoSpace,
        Reason::Got,
        Reason::NotGot,
    ];

    /// The reason of that number.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Reason> {
        Self::ALL
            .into_iter()
            .find(|reason| *reason as u32 == number)
    }

    /// What a refusal for this reason does, in every call: what would be a fault if the module did
    /// it itself stops it; running out of something, or asking for nonsense, does not.
    #[must_use]
    pub const fn consequence(self) -> Consequence {
        match self {
            Reason::ClaimWraps
            | Reason::ClaimForeign
            | Reason::ClaimProhibited
            | Reason::Misaligned
            | Reason::NotAllocated => Consequence::Stop,
            Reason::BadRequest | Reason::BadLine | Reason::NoPin | Reason::NotGot => {
                Consequence::Return(Errno::Invalid)
            }
            Reason::NoMemory => Consequence::Return(Errno::NoMemory),
            Reason::OverQuota | Reason::NoSpace => Consequence::Return(Errno::Quota),
            Reason::NoData => Consequence::Return(Errno::NoData),
            Reason::Got => Consequence::Return(Errno::Busy),
            Reason::UnknownCall => Consequence::Return(Errno::NoSystem),
        }
    }
}

impl Refusal {
    /// A refusal of a call that exists.
    #[must_use]
    pub const fn new(call: Call, reason: Reason, address: u32) -> Refusal {
        Refusal {
            call: call.number(),
            reason,
            address,
        }
    }

    /// A claim that was denied.
    #[must_use]
    pub fn denied(call: Call, denied: Denied, claimed: u32) -> Refusal {
        let reason = match denied {
            Denied::Wraps(_) => Reason::ClaimWraps,
            Denied::Prohibited { .. } => Reason::ClaimProhibited,
            Denied::NotGranted(_) | Denied::StaleHandle => Reason::ClaimForeign,
        };
        Refusal::new(
            call,
            reason,
            denied.address().map_or(claimed, |address| address.0),
        )
    }

    /// What it does.
    #[must_use]
    pub const fn consequence(&self) -> Consequence {
        self.reason.consequence()
    }
}
