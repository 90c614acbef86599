//! Models of how cores and domains work together, small enough to look at every state.
//!
//! [`revocation`] and [`asids`] are models of the protocol; [`lifecycle`] runs the real `Domains`
//! over the real model machine. Each takes a bug to plant, so that a check can be seen to bite.

pub mod asids;
pub mod lifecycle;
mod outcome;
pub mod revocation;

pub use outcome::{Outcome, explore, find_bug};
