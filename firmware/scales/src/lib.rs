//! Weighs allocators: how many instructions a free and an alloc take, how much memory they need,
//! and how both grow. All of them take the same [`traces`], called through the same pointers.
#![no_std]
#![cfg_attr(target_arch = "xtensa", feature(optimize_attribute))]
#![deny(unsafe_code)]

#[cfg(test)]
extern crate std;

mod buffers;
mod objects;
mod ours;
#[allow(unsafe_code, reason = "peers hand out pointers")]
mod peers;
mod record;
mod rest;
mod subject;
#[cfg(target_arch = "xtensa")]
#[allow(unsafe_code, reason = "the target's own files")]
mod target;
mod weigh;
mod works;

pub use buffers::{Buffers, Contiguous, Single};
pub use objects::{Hits, Objects, Pool, Table};
pub use ours::{Interim, Lifetime, Many, Pages};
#[cfg(not(target_arch = "xtensa"))]
pub use peers::Offsets;
pub use peers::{Buddy, Rlsf, Talc};
pub use record::{FILE, Figure, Measurement, Who};
pub use subject::{Nothing, Place, REFUSED, Subject};
pub use weigh::{Cost, Refused, Scales, Worst, fits};
pub use works::{ALIGN, Bench, Ours, WithHeap};
