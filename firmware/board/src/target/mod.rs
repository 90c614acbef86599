//! The target's own files. The assembly beside them is part of every image.

mod callless;
pub mod cores;
pub mod entry;
pub mod simulator;
