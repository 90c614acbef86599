//! Who gets which memory, decided in numbers.
//!
//! The allocators here work on page numbers, frame numbers and offsets. They never touch the
//! memory they hand out, and every record they keep lies outside it: whatever a module writes into
//! its own memory, it cannot make an allocator lie.
//!
//! | room | hands out | keeps |
//! |---|---|---|
//! | [`pages`] | contiguous virtual pages, each backed by any free frame | one bit and 16 bits a page |
//! | [`region`] | pieces of one module's memory: first for life, later on and off | one record a piece |
//!
//! The two do not know each other: the owner of both reserves pages for a region, and commits
//! them as the region hands out offsets that lie in them. [`pages::Backing`] is the one seam to
//! whatever maps pages.
//!
//! Every structure has a `check` that walks it and names the first rule that does not hold. It is
//! meant for tests and for an audit after a fault, not for the running system.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod heap;
mod invariant;
pub mod pages;
pub mod region;

pub use invariant::InvariantError;
