//! The Xtensa MMU v3 as a set of small, checked types.
//!
//! Nothing here decides who may reach what: that is the business of `domains`. This crate knows
//! what a page-table entry looks like, which TLB entries a change must remove, and what a switch
//! of domains writes. Everything goes through one seam, [`Machine`]; behind it stands either the
//! real core or the software [`model`].
//!
//! Where behaviour comes from: Xtensa ISA Reference Manual, chapter 4.6 (memory protection and
//! translation, MMU option), and what QEMU's `dc233c` was seen to do.
#![no_std]
#![cfg_attr(
    target_arch = "xtensa",
    feature(asm_experimental_arch, optimize_attribute)
)]
#![deny(unsafe_code)]

#[cfg(any(test, feature = "model"))]
extern crate std;

mod address;
mod asid;
mod cores;
mod frames;
mod kernel_map;
mod machine;
#[cfg(any(test, feature = "model"))]
pub mod model;
mod platform;
mod pte;
mod rights;
mod switch;
mod table;
#[cfg(target_arch = "xtensa")]
#[allow(unsafe_code, reason = "the files that touch the machine")]
pub mod target;
mod tlb;

pub use address::{AddressError, PAGE_BYTES, PageCount, PhysAddr, VirtAddr, VirtRange};
pub use asid::{Asid, AsidError, AsidPool};
pub use cores::{CoreId, CoreSet, Desk, KernelLock, Mailbox, SharedWord, Unanswered};
pub use frames::Frames;
pub use kernel_map::{KernelEntry, Side};
pub use machine::{Machine, Way};
pub use platform::{ACE30, Alias, DC233C, PhysRange, Platform, SLOT_BYTES, SLOT_PAGES};
pub use pte::{Pte, Ring};
pub use rights::{Access, CacheMode, Rights};
pub use switch::SwitchImage;
pub use table::{TABLE_BYTES, Table};
pub use tlb::Stale;
