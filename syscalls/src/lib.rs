//! System calls: what a module may ask of the kernel.
//!
//! A call arrives as a number and six registers, all of the module's choosing. [`serve`] finds who
//! called from the running thread, never from an argument; turns claims into proofs in one place;
//! and either answers, refuses with an error code, or stops the module. Which of the two a refusal
//! does is said in one table, [`Refusal::consequence`].
#![no_std]
#![cfg_attr(target_arch = "xtensa", feature(optimize_attribute))]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod audit;
mod claim;
mod ordinary;
mod quota;
mod refusal;
mod serve;
mod tenant;

pub use abi;
pub use audit::{Audit, AuditEntry};
pub use claim::{Claim, Clock, Kernel};
pub use quota::{LOG_LINE_BYTES, LOG_LINES_PER_ENTRY, REGION_RECORDS, ZEROED_BYTES};
pub use refusal::{Consequence, Reason, Refusal};
pub use serve::{Arguments, Outcome, Sink, serve};
pub use tenant::{CallCount, Tenant};
