//! Memory domains: which module reaches which pages.
//!
//! A [`Domains`] table owns every partition of every domain, the page tables that make them real,
//! and the ledger of what each frame is used for. It is the only place that grants, revokes and
//! decides; [`Domains::prove`] is the one access decision.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod access;
mod domain;
mod error;
mod fault;
mod ledger;
mod partition;
mod registry;

pub use access::{Denied, Proven};
pub use domain::DomainHandle;
pub use error::DomainError;
pub use fault::{Cause, Fault};
pub use partition::{MAX_PARTITIONS, Partition};
pub use registry::Domains;
