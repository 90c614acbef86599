//! Sizes and budgets of this kernel image, in one place. What they cost in memory is fixed when
//! it is built.

use mmu::{DC233C, PageCount, Platform};

/// The board.
pub const PLATFORM: Platform = DC233C;

/// Cores that modules can run on. The first runs the session too.
pub const CORES: usize = PLATFORM.cores as usize;

/// Module files that can be loaded at once. Each has a slot of the windows.
pub const MODULES: usize = 8;
/// Instances of them that can live at once.
pub const INSTANCES: usize = 8;
/// Frames that modules share.
pub const FRAMES: usize = PLATFORM.module_frames.frames as usize;
/// Threads: each instance has one.
pub const THREADS: usize = INSTANCES;
/// Numbers by which the pool hands out frames in runs; twice as many as frames, so that runs find a
/// place among others.
pub const PAGES: usize = 2 * FRAMES;
/// Audio buffers.
pub const BUFFERS: usize = 2 * INSTANCES;
/// Pages of a slot that each buffer can be seen in, the last of them a guard. The same pages in the
/// slots of both sides.
pub const BUFFER_PAGES: u32 = 16;
/// The first page of a slot that buffers are seen in. What a module brings lies below.
pub const FIRST_BUFFER_PAGE: u32 = mmu::SLOT_PAGES - BUFFERS as u32 * BUFFER_PAGES;
/// Refusals and faults of each place that are kept until they are reported.
pub const AUDIT_ENTRIES: usize = 16;

/// Pages that one module can have in all.
pub const MODULE_PAGES: PageCount = PageCount(512);

/// Cycles that a module runs before another that waits has its turn.
pub const SLICE_CYCLES: u32 = 100_000;

const _: () = assert!(
    MODULES as u32 <= PLATFORM.slots() && FIRST_BUFFER_PAGE > MODULE_PAGES.0,
    "the windows must have a slot for every module, and the slot room for its quota and buffers"
);
