//! The model against what QEMU's `dc233c` does, and against what caches may do.

mod caches;
mod faults;
mod frames;
mod inside;
mod measured;
mod refills;
mod rig;
mod rings;
mod shootdown;
mod stale;
mod ways;
