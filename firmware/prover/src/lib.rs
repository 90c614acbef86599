//! Proofs on the target: what a host and an image must agree about to compare the MMU with its
//! software model, to show that a revocation holds on another core, and to measure domains.
//!
//! A comparison is a list of [`Step`]s. [`Ground`] takes them on any [`UserCore`], on the model or
//! on the core, and answers each with an [`Outcome`]; the two lists of outcomes must be equal.
#![no_std]
#![cfg_attr(target_arch = "xtensa", feature(asm_experimental_arch))]
#![deny(unsafe_code)]

#[cfg(any(test, feature = "model"))]
extern crate std;

mod deed;
mod figures;
mod ground;
pub mod job;
#[cfg(any(test, feature = "model"))]
mod on_model;
mod outcome;
mod revoking;
mod step;
#[cfg(target_arch = "xtensa")]
#[allow(unsafe_code, reason = "the target's own files")]
mod target;
mod verdict;

pub use deed::{Deed, UserCore};
pub use figures::{Bench, FIGURES_MAX_DOMAINS, Figure, ManyDomains, Measurement};
pub use ground::{BOARD, Ground, LANDING_BYTES, LANDING_STEP, RAW_TABLES};
pub use outcome::Outcome;
pub use revoking::{BEFORE, Kind, ROUNDS, Round, SECRET};
pub use step::{STEP_BYTES, Step};
