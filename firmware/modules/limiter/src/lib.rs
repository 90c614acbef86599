//! A peak limiter in C, as an example of a module that is not written in Rust.
//!
//! The module is `limiter.c`. This crate compiles it for the host and drives it, so that the
//! limiter too has a reference output.
#![cfg_attr(target_arch = "xtensa", no_std)]

#[cfg(not(target_arch = "xtensa"))]
mod host;

#[cfg(not(target_arch = "xtensa"))]
pub use host::Limiter;
