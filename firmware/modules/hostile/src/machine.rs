//! Where things are on the machine under attack. An attacker knows this from the kernel's source;
//! nothing of it is a secret that protects.

/// Kernel text, its vectors first; ring 0.
pub const KERNEL_TEXT: u32 = 0x0010_0000;
/// Kernel data; ring 0.
pub const KERNEL_DATA: u32 = 0x0020_0000;
/// The newest word of the stack on which system calls are served, at the start of that data.
pub const SYSTEM_CALL_STACK: u32 = KERNEL_DATA + 0x4000 - 4;
/// All RAM, cached; ring 0.
pub const DIRECT_MAP: u32 = 0xd000_0000;
/// All RAM, uncached; ring 0.
pub const DIRECT_MAP_UNCACHED: u32 = 0xd800_0000;
/// Where the page tables in force are seen; ring 0.
pub const TABLE_WINDOW: u32 = 0x8000_0000;
/// A page of that window in which no table stands.
pub const TABLE_WINDOW_GAP: u32 = TABLE_WINDOW + 0x0030_0000;
/// Where the core starts after reset. Its page is dropped once the kernel runs.
pub const RESET: u32 = 0xfe00_0000;

/// Addresses of one module.
pub const SLOT_BYTES: u32 = 0x0040_0000;
/// From an address of a module to its uncached twin: subtract this.
pub const TO_UNCACHED: u32 = 0xa000_0000 - 0x4000_0000;

/// What the kernel reports for `break`, which has no cause number of its own.
pub const CAUSE_BREAK: u32 = 63;
