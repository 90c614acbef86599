//! What an audio module is built against.
//!
//! A module is a type that implements [`Module`] and one [`module!`] that describes it. The same
//! source compiles for the DSP, where its entry points run at user ring in their own memory
//! domain, and for the host, where `host::run` drives it and so gives the output that the DSP
//! must reproduce bit for bit.
//!
//! ```
//! use bulkhead_sdk::{Errno, Module, Stream, module};
//!
//! struct Invert;
//!
//! impl Module for Invert {
//!     fn init(_restarts: u32) -> Result<Self, Errno> {
//!         Ok(Invert)
//!     }
//!     fn prepare(&mut self, _stream: Stream) -> Result<(), Errno> {
//!         Ok(())
//!     }
//!     fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
//!         for (out, sample) in output.iter_mut().zip(input) {
//!             *out = sample.saturating_neg();
//!         }
//!         Ok(())
//!     }
//! }
//!
//! module! {
//!     name: "invert",
//!     uuid: [0; 16],
//!     version: (1, 0),
//!     stack: 4096,
//!     lifetime: 4096,
//!     interim: 0,
//!     type: Invert,
//! }
//!
//! assert_eq!(bulkhead_sdk::host::run::<Invert>(8_000, 1, &[1, -2]), Ok(vec![-1, 2]));
//! ```
//!
//! C modules include `include/bulkhead.h` instead. How files become a module file is written in
//! `module.ld`.
#![cfg_attr(target_arch = "xtensa", no_std)]

mod calls;
#[doc(hidden)]
pub mod entry;
mod header;
mod module;
mod module_macro;
mod region;

#[cfg(not(target_arch = "xtensa"))]
pub mod c_header;
#[cfg(not(target_arch = "xtensa"))]
pub mod host;
#[cfg(not(target_arch = "xtensa"))]
pub mod stubs;
#[cfg(target_arch = "xtensa")]
mod target;

#[cfg(not(target_arch = "xtensa"))]
use host::calls as raw;
#[cfg(target_arch = "xtensa")]
use target as raw;

pub use abi::{AllocFlags, AudioBytes, Command, Errno, HeapInfo, Message, Time};
pub use calls::{
    alloc, fast_get, fast_put, free, free_all, heap_info, log, null, sink_commit, sink_free,
    sink_get, source_available, source_get, source_release, ticks, time, trace, yield_now,
};
pub use header::Header;
pub use module::{Fragment, MAX_CHANNELS, Module, Side, Stream};
pub use region::{Array, Owned};
