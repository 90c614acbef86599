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

mod audio;
mod audit;
mod claim;
mod ordinary;
mod quota;
mod refusal;
mod serve;
mod tenant;

pub use abi;
pub use audio::{AudioBuffer, Pins};
pub use audit::{Audit, AuditEntry, Incident};
pub use claim::{Caller, Claim, DomainMemory, Memory};
pub use quota::{
    CONSTANT_COPIES, COPIED_BYTES, LOG_LINE_BYTES, LOG_LINES_PER_ENTRY, PINS, REGION_RECORDS,
    ZEROED_BYTES,
};
pub use refusal::{Consequence, Reason, Refusal};
pub use serve::{Arguments, Clock, Kernel, Outcome, Sink, serve};
pub use tenant::{CallCount, Tenant};
