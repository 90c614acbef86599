//! The whole register file of a module's thread while it does not run.

use mmu::{PhysAddr, SwitchImage, VirtAddr};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::layout::DIRECT_MAP;
use crate::traces::TraceRing;

/// Every register that user code can read or write, with where and why it stopped. The assembly
/// saves and loads it; it gets its offsets from [`crate::layout`], so that they stand written
/// once, here.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct RegisterFile {
    /// `a0` to `a15` as the code saw them.
    pub near: [u32; 16],
    /// The 16 registers that its window did not show, from the far end on.
    pub far: [u32; 16],
    /// Shift amount.
    pub sar: u32,
    /// Loop begin.
    pub lbeg: u32,
    /// Loop end.
    pub lend: u32,
    /// Loop count.
    pub lcount: u32,
    /// Literal base.
    pub litbase: u32,
    /// Compare value of `s32c1i`.
    pub scompare1: u32,
    /// Thread pointer.
    pub threadptr: u32,
    /// `EXPSTATE`, a user register that drives output wires of the core.
    pub expstate: u32,
    /// MAC16 accumulator, low.
    pub acclo: u32,
    /// MAC16 accumulator, high.
    pub acchi: u32,
    /// MAC16 operands.
    pub mac: [u32; 4],
    /// The next instruction.
    pub pc: u32,
    /// Processor status.
    pub ps: u32,
    /// `WINDOWSTART`.
    pub windowstart: u32,
    /// `WINDOWBASE` four panes on, where loading starts.
    pub far_windowbase: u32,
    /// `EXCCAUSE` of the exception that ended the turn.
    pub cause: u32,
    /// `EXCVADDR` of it.
    pub address: u32,
    /// What the entry code may read of the thread's memory without asking.
    pub quick: QuickWindow,
    /// How the thread's turn goes.
    pub turn: Turn,
}

/// A thread's turn: what the entry code needs to go from this thread to another by itself.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C)]
pub struct Turn {
    /// The switch to its domain.
    pub image: SwitchImage,
    /// Whose it is.
    pub place: u32,
    /// The kernel's address of the record of the thread that goes on when this one yields; 0 where
    /// there is none.
    pub next: u32,
    /// 1 where the thread has yielded: then what a yield gives up is not in its record.
    pub partial: u32,
    /// The cycle counter when it began to run.
    pub started: u32,
    /// Cycles until its time is over, from then on; negative where it is.
    pub left: u32,
    /// Cycles it has taken, up to then.
    pub spent: u32,
    /// Null calls it has made.
    pub null_calls: u32,
}

/// Memory that a domain was shown to have for reading, for as long as a turn lasts, in frames that
/// follow each other, and where a record that is read there goes. The entry code takes records
/// from there by itself; from anywhere else they are proven one by one.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C)]
pub struct QuickWindow {
    /// The first byte, in the cached window.
    pub start: u32,
    /// How many, a multiple of 16; 0 where there are none.
    pub bytes: u32,
    /// What to add to such an address to have the kernel's own, write-back.
    pub step: u32,
    /// Where records go: the kernel's address of the ring.
    pub ring: u32,
}

impl QuickWindow {
    /// The bytes from `start` in the cached window, which lie at `at` in RAM and do not end inside
    /// a record.
    #[must_use]
    pub fn new(start: VirtAddr, at: PhysAddr, bytes: u32, ring: &TraceRing) -> QuickWindow {
        QuickWindow {
            start: start.0,
            bytes: bytes & !15,
            step: DIRECT_MAP.wrapping_add(at.0).wrapping_sub(start.0),
            ring: ring.address(),
        }
    }
}

/// PS of a module about to run: windows on, user vector, ring 2, no interrupt masked; EXCM until
/// `rfe`.
const PS_MODULE: u32 = 0x4_00b0;

impl RegisterFile {
    /// All zero.
    pub const ZERO: RegisterFile = RegisterFile {
        near: [0; 16],
        far: [0; 16],
        sar: 0,
        lbeg: 0,
        lend: 0,
        lcount: 0,
        litbase: 0,
        scompare1: 0,
        threadptr: 0,
        expstate: 0,
        acclo: 0,
        acchi: 0,
        mac: [0; 4],
        pc: 0,
        ps: 0,
        windowstart: 0,
        far_windowbase: 0,
        cause: 0,
        address: 0,
        quick: QuickWindow {
            start: 0,
            bytes: 0,
            step: 0,
            ring: 0,
        },
        turn: Turn {
            image: SwitchImage::NONE,
            place: 0,
            next: 0,
            partial: 0,
            started: 0,
            left: 0,
            spent: 0,
            null_calls: 0,
        },
    };

    /// A thread that begins at `start` with `arguments` in `a2` to `a6` and everything else zero.
    #[must_use]
    pub fn beginning(start: u32, stack_top: u32, arguments: [u32; 5]) -> RegisterFile {
        let mut file = Self::ZERO;
        file.near[1] = stack_top;
        file.near[2..7].copy_from_slice(&arguments);
        file.pc = start;
        file.ps = PS_MODULE;
        file.windowstart = 1;
        file.far_windowbase = 4;
        file
    }

    /// Makes the record of a thread that has yielded whole: what it gave up is zero.
    pub fn complete(&mut self) {
        if core::mem::take(&mut self.turn.partial) == 0 {
            return;
        }
        self.near[2..12].fill(0);
        (self.sar, self.scompare1, self.litbase) = (0, 0, 0);
        (self.lbeg, self.lend, self.lcount) = (0, 0, 0);
        (self.acclo, self.acchi, self.mac) = (0, 0, [0; 4]);
    }

    /// The kernel's address of the record.
    #[must_use]
    pub fn kernel_address(&self) -> u32 {
        core::ptr::from_ref(self).addr() as u32
    }
}

/// Why a module's turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Exit {
    /// A system call ended it; what the kernel noted says how.
    Call = 0,
    /// An exception or interrupt: [`RegisterFile::cause`].
    Exception = 1,
    /// A window vector faulted on the module's stack pointer.
    WindowFault = 2,
    /// It yielded, and the kernel has to say who goes on.
    Yield = 3,
}

impl Exit {
    /// From the register in which the assembly returns it.
    #[must_use]
    pub const fn from_register(value: u32) -> Exit {
        match value {
            0 => Exit::Call,
            1 => Exit::Exception,
            3 => Exit::Yield,
            _ => Exit::WindowFault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_yield_gives_up_is_zero_and_the_rest_stays() {
        let mut file = RegisterFile::ZERO;
        file.as_mut_bytes().fill(0xff);
        file.turn.partial = 0;
        let whole = file;
        file.complete();
        assert_eq!(file.as_bytes(), whole.as_bytes());

        file.turn.partial = 1;
        file.complete();
        assert_eq!(file.turn.partial, 0);
        assert_eq!(file.near[2..12], [0; 10]);
        assert_eq!(
            (file.near[0], file.near[1], file.near[12]),
            (u32::MAX, u32::MAX, u32::MAX)
        );
        assert_eq!((file.lbeg, file.lend, file.lcount), (0, 0, 0));
        assert_eq!((file.sar, file.scompare1, file.litbase), (0, 0, 0));
        assert_eq!((file.acclo, file.acchi, file.mac), (0, 0, [0; 4]));
        assert_eq!(file.far, whole.far);
        assert_eq!(
            (file.pc, file.ps, file.threadptr),
            (whole.pc, whole.ps, whole.threadptr)
        );
    }
}
