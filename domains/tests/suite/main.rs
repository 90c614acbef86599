//! What domains promise, shown on the model machine.

mod create;
mod destroy;
mod faults;
mod grants;
mod may;
mod oracle;
mod prove;
mod random;
mod revoke;
mod rig;
mod switching;
mod write_xor_execute;
