//! User code on the core: one instruction, then a breakpoint.

use board::registers::{Exit, RegisterFile};
use board::target::entry;
use domains::Cause;
use mmu::VirtAddr;
use mmu::target::TargetMachine;

use crate::{Deed, Outcome, UserCore};

/// Where the code lies, in a page of its own that every domain can execute: physical and virtual
/// address are the same.
pub const CODE: u32 = 0x00f0_0000;
/// From one deed's code to the next.
const CODE_STEP: u32 = 16;
/// Where all RAM can be written.
const DIRECT_MAP: u32 = 0xd000_0000;
/// Ring 3, readable and executable, write-back: every domain's.
const CODE_ENTRY: u32 = CODE | 0x35;
/// Cycles that a deed may take.
const PATIENCE: u32 = 100_000;

/// Each deed by number: its instruction on `a2` and `a3`, then `break 1, 15`.
const DEEDS: [[u8; 3]; 7] = [
    [0x22, 0x03, 0x00],
    [0x22, 0x13, 0x00],
    [0x22, 0x23, 0x00],
    [0x22, 0x43, 0x00],
    [0x22, 0x53, 0x00],
    [0x22, 0x63, 0x00],
    [0xa0, 0x03, 0x00],
];
const BREAK: [u8; 3] = [0xf0, 0x41, 0x00];

/// `l32i a4, a3, 0; addi a5, a5, 1; s32i a5, a6, 0; j` to the beginning: reads a page for ever
/// and counts how often in another.
const READER: [u8; 12] = [
    0x42, 0x23, 0x00, 0x52, 0xc5, 0x01, 0x52, 0x66, 0x00, 0xc6, 0xfc, 0xff,
];
/// Where it begins.
pub const READER_CODE: u32 = CODE + CODE_STEP * DEEDS.len() as u32;

/// Puts the code where it lies.
pub fn place_code() {
    let put = |at: u32, bytes: &[u8]| {
        for (offset, byte) in bytes.iter().enumerate() {
            // SAFETY: RAM behind every frame that the platform names; nothing else uses it.
            unsafe {
                ((DIRECT_MAP + at) as *mut u8)
                    .add(offset)
                    .write_volatile(*byte)
            };
        }
    };
    for (number, instruction) in DEEDS.iter().enumerate() {
        let at = CODE + CODE_STEP * number as u32;
        put(at, instruction);
        put(at + 3, &BREAK);
    }
    put(READER_CODE, &READER);
}

/// Lets this core execute it.
pub fn map_code() {
    // SAFETY: `witlb` of way 4, at an index that the kernel's text does not use; ring 3 gives
    // user code nothing but these pages.
    unsafe {
        core::arch::asm!(
            ".byte 0x20, 0x63, 0x50",
            "isync",
            in("a2") CODE_ENTRY,
            in("a3") CODE | 4,
        );
    }
}

/// The core, once the code is in place and mapped.
impl UserCore for TargetMachine {
    fn act(&mut self, deed: Deed, address: VirtAddr, value: u32) -> Outcome {
        let start = CODE + CODE_STEP * deed as u32;
        let mut registers = RegisterFile::beginning(start, 0, [value, address.0, 0, 0, 0]);
        let exit = entry::enter(&mut registers, PATIENCE);
        match exit {
            Exit::Exception if registers.cause == Cause::BREAK.0 && deed.stores() => {
                Outcome::done(0)
            }
            Exit::Exception if registers.cause == Cause::BREAK.0 => {
                Outcome::done(registers.near[2])
            }
            Exit::Exception if registers.cause != Cause::INTERRUPT.0 => {
                Outcome::fault(registers.cause, registers.address)
            }
            _ => Outcome::fault(Outcome::LOST, registers.pc),
        }
    }
}
