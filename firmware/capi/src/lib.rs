//! SOF's allocation functions for C callers, over the crate [`vregion`].
//!
//! The callers keep SOF's names, signatures and headers (`include/`). Everything that decides lies
//! in safe code that works in offsets and numbers; what touches memory, or is called with a
//! pointer, lies in `memory` and `ffi`, and nowhere else is unsafe code.
//!
//! | room | serves |
//! |---|---|
//! | `embedder`, `window`, `machine` | page size, line, addresses and hooks that the embedder gives |
//! | `pages` | `vpage_*` |
//! | `regions` | `vregion_*`, today's form and that of SOF's PR 10702 |
//! | `heaps` | `vmh_*` |
//! | `areas`, `alloc` | `rmalloc` and its family, `sof_heap_*`, `sof_ctx_*` |
//! | `pools` | `objpool_*` |
//! | `copies` | `fast_get`, `fast_put` |
//! | `ffi` | the exported functions, each a few lines |
//!
//! There is one state in static storage, of the sizes in [`config`]. A refusal changes nothing; the
//! embedder's log is told its reason in one sentence.
#![no_std]
#![deny(unsafe_code)]

#[cfg(not(target_arch = "xtensa"))]
extern crate std;

mod alloc;
mod areas;
pub mod config;
mod copies;
pub mod embedder;
pub mod errno;
#[allow(unsafe_code, reason = "what C calls, and what it hands over")]
pub mod ffi;
mod heaps;
mod log;
mod machine;
#[allow(
    unsafe_code,
    reason = "the one state, the hooks, and the memory that is handed out"
)]
mod memory;
mod pages;
#[cfg(target_arch = "xtensa")]
mod panic;
mod pools;
mod refusal;
mod regions;
mod state;
mod token;
mod window;
