//! The numbers of errors, as the C library beside SOF has them.

use core::ffi::c_int;

/// No such thing.
pub const ENOENT: c_int = 2;
/// No memory.
pub const ENOMEM: c_int = 12;
/// In use.
pub const EBUSY: c_int = 16;
/// Not set up.
pub const ENODEV: c_int = 19;
/// Not a valid argument.
pub const EINVAL: c_int = 22;
/// Something is still in it: Zephyr's C library and Linux number it differently.
pub const ENOTEMPTY: c_int = if cfg!(target_arch = "xtensa") { 90 } else { 39 };
