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
//! | [`virtual_heap`] | buffers of predefined sizes, mapped only as far as they are used | three bits a block, 16 bits a page |
//! | [`range`] | from a region, as much as can be had between two sizes | nothing |
//! | [`grown`] | a region mapped as it grows, with parts and counted owners | one bit a page |
//! | [`context`] | all that one module allocates, from wherever | one record a piece |
//! | [`object_pool`] | objects of one size, in chunks | one bit and 8 bits an object |
//! | [`constants`] | copies of constants, shared where they are large | one record a copy, one an owner |
//! | [`blob`] | configuration data in two buffers | two stretches |
//! | [`ring`] | positions in ring and component buffers | positions |
//!
//! The first two do not know each other: the owner of both reserves pages for a region, and commits
//! them as the region hands out offsets that lie in them. [`pages::Backing`] is the one seam to
//! whatever maps pages; [`supply`] leads there from the rooms that know only their own pages.
//!
//! Every structure has a `check` that walks it and names the first rule that does not hold. It is
//! meant for tests and for an audit after a fault, not for the running system.
#![no_std]
#![cfg_attr(target_arch = "xtensa", feature(optimize_attribute))]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod bits;
pub mod blob;
pub mod constants;
pub mod context;
pub mod grown;
mod heap;
mod invariant;
pub mod object_pool;
pub mod pages;
pub mod range;
pub mod region;
pub mod ring;
pub mod supply;
pub mod virtual_heap;

pub use invariant::InvariantError;
