//! Frames of the register file, in each size of window, shallow and deep, at everything that takes
//! the processor from the module.

use super::{RIGHT, fault};
use crate::attack::{AtDepth, Attack, Depth, Strike};
use crate::expect::{Expect, Where};
use crate::machine::KERNEL_DATA;

/// A stack pointer of the attacks that spill into the kernel.
const STACK: u32 = KERNEL_DATA + 0x8000;

macro_rules! frames {
    ($($size:literal)*) => {
        [$(
            frame!($size, "shallow", Depth::Shallow, "a system call", AtDepth::Call, RIGHT),
            frame!($size, "deep", Depth::Deep, "a system call", AtDepth::Call, RIGHT),
            frame!($size, "shallow", Depth::Shallow, "an interrupt", AtDepth::Interrupt, RIGHT),
            frame!($size, "deep", Depth::Deep, "an interrupt", AtDepth::Interrupt, RIGHT),
            frame!($size, "shallow", Depth::Shallow, "movsp", AtDepth::Move, RIGHT),
            frame!($size, "deep", Depth::Deep, "movsp", AtDepth::Move, RIGHT),
            frame!($size, "shallow", Depth::Shallow, "a fault", AtDepth::Fault, FAULT),
            frame!($size, "deep", Depth::Deep, "a fault", AtDepth::Fault, FAULT),
            frame!($size, "shallow", Depth::Shallow, "a double fault", AtDepth::DoubleFault, SPILL),
            frame!($size, "deep", Depth::Deep, "a double fault", AtDepth::DoubleFault, SPILL),
        )*]
    };
}

macro_rules! frame {
    ($size:literal, $how:literal, $depth:expr, $at:literal, $deed:expr, $expect:expr) => {
        Attack {
            name: concat!("windows of ", $size, ", ", $how, ", ", $at),
            what: "every frame must be what it was, and none may be spilled with the kernel's rights",
            expect: $expect,
            strike: Strike::Windows($size, $depth, $deed),
        }
    };
}

const FAULT: Expect = fault(26, Where::Exactly(KERNEL_DATA));
const SPILL: Expect = fault(26, Where::Between(STACK - 0x100, STACK));

/// All of them.
pub const FRAMES: [Attack; 30] = frames! { 4 8 12 };
