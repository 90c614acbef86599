//! What a fault says. Whoever ran pays for it: whatever module code does is its own fault, a window
//! vector's fault on its stack pointer included; a fault of the kernel's own code ends the kernel.

use mmu::{Access, VirtAddr};

/// An exception as the core reports it: `EXCCAUSE`, `EXCVADDR` and `EPC1` (ISA manual, table
/// 4-64), or what the kernel found itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub cause: Cause,
    /// The address of the access, for causes that have one.
    pub address: VirtAddr,
    /// The instruction.
    pub pc: VirtAddr,
}

/// Why an exception was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Cause(pub u32);

impl Cause {
    /// A level-1 interrupt: the timer.
    pub const INTERRUPT: Cause = Cause(4);
    /// The number that the kernel's debug vector reports a `break` by; the core has none for it.
    pub const BREAK: Cause = Cause(63);

    /// In the words of the ISA manual.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            0 => "illegal instruction",
            1 => "system call",
            2 => "instruction fetch error",
            3 => "load/store error",
            4 => "interrupt",
            5 => "window move (alloca)",
            6 => "integer divide by zero",
            8 => "privileged instruction",
            9 => "unaligned load or store",
            16 => "instruction TLB miss",
            17 => "instruction TLB multi-hit",
            18 => "instruction fetch privilege",
            20 => "instruction fetch prohibited",
            24 => "load/store TLB miss",
            25 => "load/store TLB multi-hit",
            26 => "load/store privilege",
            28 => "load prohibited",
            29 => "store prohibited",
            63 => "breakpoint",
            _ => "unknown cause",
        }
    }

    /// Whether `EXCVADDR` belongs to it.
    #[must_use]
    pub const fn has_address(self) -> bool {
        matches!(self.0, 2 | 3 | 9 | 16..=18 | 20 | 24..=26 | 28 | 29)
    }

    /// The kind of access that was attempted, for causes that come from one. A data cause that
    /// does not tell loads from stores counts as a load.
    #[must_use]
    pub const fn access(self) -> Option<Access> {
        match self.0 {
            2 | 16..=18 | 20 => Some(Access::Execute),
            3 | 9 | 24..=26 | 28 => Some(Access::Read),
            29 => Some(Access::Write),
            _ => None,
        }
    }

    /// Whether a TLB entry was found and gave no access: the one kind of fault that an entry older
    /// than the page table can bring about.
    #[must_use]
    pub const fn is_by_entry(self) -> bool {
        matches!(self.0, 20 | 28 | 29)
    }
}
