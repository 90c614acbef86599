//! The target's own files. The assembly beside them is part of every image.

pub mod cores;
pub mod entry;
pub mod simulator;
