//! The Bulkhead kernel.
//!
//! All that decides is portable and tested on a host: the loader, a module's layout, the kernel's
//! state, turns and budgets, the session. `hw` holds what touches the core: vectors, entry and
//! switch in assembly, the timer, the simulator's files.
#![no_std]
#![deny(unsafe_code)]

pub mod audio;
mod backing;
mod bench;
pub mod config;
mod constant_sums;
pub mod estate;
pub mod host_files;
#[cfg(target_arch = "xtensa")]
#[allow(unsafe_code, reason = "the target's own files")]
mod hw;
pub mod install;
pub mod instance;
pub mod job;
pub mod journal;
mod keeper;
pub mod loader;
pub mod pipeline;
pub mod processor;
pub mod report;
mod reporter;
mod said;
pub mod session;
mod stream;
pub mod system;
pub mod turns;
pub mod wav;
