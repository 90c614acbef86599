//! The ground that every image for QEMU's `dc233c` stands on: from the reset vector to the first
//! Rust function, into a module and out of it again, and what both cores share.
//!
//! An image brings three functions and a table of its own, which the assembly calls by name:
//! `image_main` and `image_secondary` (a core each, after reset), `kernel_trap` (a fault of the
//! image itself) and `call_table` (system calls).
#![no_std]
#![cfg_attr(target_arch = "xtensa", feature(asm_experimental_arch))]
#![deny(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod layout;
pub mod registers;
#[cfg(target_arch = "xtensa")]
#[allow(unsafe_code, reason = "entry, cores and semihosting")]
pub mod target;
pub mod traces;
