//! Module files, their layout and their life in the kernel, on the model machine.

mod buffers;
mod builder;
mod documented;
mod estate;
mod fields;
mod install;
mod instances;
mod isolation;
mod mutations;
mod pipelines;
mod relocations;
mod rig;
mod soak;
mod soundness;
mod stage;
mod turns;
mod words;
