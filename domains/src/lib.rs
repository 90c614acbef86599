//! Memory domains: which module reaches which pages.
//!
//! A [`Domains`] table owns every partition of every domain, the page tables that make them real,
//! and the ledger of what each frame is used for. It is the only place that grants, revokes and
//! decides; [`Domains::prove`] is the one access decision.
#![no_std]
#![cfg_attr(target_arch = "xtensa", feature(optimize_attribute))]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod access;
mod check;
mod counts;
mod domain;
mod error;
mod fault;
mod grants;
mod judge;
mod ledger;
mod partition;
mod registry;
mod threads;

pub use access::{Denied, Proven};
pub use check::Broken;
pub use counts::Counts;
pub use domain::DomainHandle;
pub use error::DomainError;
pub use fault::{Cause, Fault};
pub use judge::{Consequence, Culprit, Offence, Verdict};
pub use partition::{MAX_PARTITIONS, Partition, Tenure};
pub use registry::Domains;
pub use threads::ThreadId;
