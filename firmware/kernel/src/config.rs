//! Sizes and budgets of this kernel image, in one place. What they cost in memory is fixed when
//! it is built.

use mmu::{DC233C, PageCount, Platform};

/// The board.
pub const PLATFORM: Platform = DC233C;

/// Modules that can live at once.
pub const MODULES: usize = 4;
/// Frames that modules share.
pub const FRAMES: usize = PLATFORM.module_frames.frames as usize;
/// Threads: each module has one.
pub const THREADS: usize = MODULES;
/// Pages of the windows that are handed out: a slot for each module, and as many again.
pub const PAGES: usize = 2 * MODULES * mmu::SLOT_PAGES as usize;
/// Refusals that the audit trail keeps.
pub const AUDIT_ENTRIES: usize = 64;

/// Pages that one module can have in all.
pub const MODULE_PAGES: PageCount = PageCount(512);

/// Cycles that a module runs before another that waits has its turn.
pub const SLICE_CYCLES: u32 = 100_000;

const _: () = assert!(
    MODULES as u32 <= PLATFORM.slots() && PAGES as u32 <= PLATFORM.window_bytes / mmu::PAGE_BYTES,
    "the windows must have a slot for every module"
);
