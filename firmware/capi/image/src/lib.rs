//! The C tests of `capi` on the board: what its assembly wants of an image around the C program of
//! `tests/capi`, which the host's build links to it.
#![no_std]
#![deny(unsafe_code)]

#[cfg(target_arch = "xtensa")]
#[allow(unsafe_code, reason = "C on both sides")]
mod target;

/// The file that the image writes: the number of checks and that of failures, a word each.
pub const FILE: &str = "capi.bin";
