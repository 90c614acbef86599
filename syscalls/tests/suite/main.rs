//! What a module may ask of the kernel, asked by two modules on the model machine.

mod allocating;
mod audio;
mod audit;
mod claims;
mod constants;
mod counting;
mod documented;
mod done_and_null;
mod freeing;
mod heap_info;
mod logging;
mod random;
mod rig;
mod tracing;
