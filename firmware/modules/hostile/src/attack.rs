//! What an attack consists of.

use abi::{Call, Errno};

use crate::expect::Expect;
use crate::place::Place;
use crate::registers::Access;

/// One attack.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// A name, as the log has it; no two are alike.
    pub name: &'static str,
    /// What it tries, in one line.
    pub what: &'static str,
    /// How the kernel must stop it.
    pub expect: Expect,
    /// What it does.
    pub strike: Strike,
}

/// What an attack does. Where the kernel should answer without stopping the module, the strike
/// looks at the answer and ends its life by `break` if it is right.
#[derive(Clone, Copy, Debug)]
pub enum Strike {
    /// Loads a word.
    Load(Place),
    /// Stores a word.
    Store(Place),
    /// Jumps there.
    Jump(Place),
    /// Stores by compare and swap.
    Swap(Place),
    /// Writes back the cache line.
    WriteBack(Place),
    /// Writes back and drops the cache line.
    WriteBackDrop(Place),
    /// Drops the instruction cache line.
    DropText(Place),
    /// Asks the caches for the line, in every manner there is, and breaks: a hint changes nothing.
    Prefetch(Place),
    /// Accesses the special register of that number.
    Register(Access, u8),
    /// The same with one of the module's own, and breaks.
    OwnRegister(Access, u8),
    /// Reads or writes the user register of that number; breaks if the core has it.
    UserRegister(Access, u8),
    /// Executes that entry of the table of instructions.
    Instruction(usize),
    /// Divides by zero.
    Divide,
    /// Panics.
    Panic,
    /// Frees the address.
    Free(Place),
    /// Logs that many bytes from there.
    Log(Place, u32),
    /// Has the state of the region written there.
    HeapInfo(Place),
    /// Makes that call with that address as its pointer, and otherwise what it would be asked for.
    Claim(Call, Place),
    /// Makes that call with these arguments, expects that error, and breaks.
    Answer(Call, [u32; 3], Errno),
    /// Leaves the trace record that lies there.
    Trace(Place),
    /// Leaves records until there is no more room, expects an error, and breaks.
    TraceFull,
    /// Makes that system call, one of those that the entry code serves, and breaks if every other
    /// register is as it was, or as the call leaves it.
    Keep(Call),
    /// Makes the system call of that number, expects the answer that there is none, and breaks.
    Number(u32),
    /// Allocates that many bytes with that alignment and those flags, expects an error, and
    /// breaks.
    Alloc(u32, u32, u32),
    /// Allocates until there is no more, expects an error, and breaks.
    Exhaust,
    /// Makes a system call, looks for what it left in the registers, and breaks if it is nothing.
    Leak,
    /// Fills its memory and its registers with a mark, and breaks.
    Mark,
    /// Looks for the mark of an earlier life in fresh memory, and breaks if there is nothing.
    SeekInMemory,
    /// Looks for it in the registers that a system call keeps and the kernel does not use, and
    /// breaks if they are zero.
    SeekInRegisters,
    /// Points the stack elsewhere, then does something.
    Stack(StackUse, u32),
    /// Points the base of literals there, makes a system call, then loads a literal. Breaks if
    /// that goes well.
    Literals(Place),
    /// The same, but waits to be interrupted.
    LiteralsSpin(Place),
    /// Sets the loop registers so that a loop of the module's own goes back to that address.
    LoopTo(Place),
    /// The same with that system call as the last instruction of the loop.
    LoopCallTo(Call, Place),
    /// For each address of this range: ends a hardware loop there, back to code of the module,
    /// and makes that system call. Breaks.
    LoopSweep(Call, u32, u32),
    /// Runs a hardware loop over the end of a page of its own code, which ends that many bytes behind
    /// it. Breaks if it ran as often as it must.
    LoopAcross(u32),
    /// Ends a hardware loop at that address and waits to be interrupted.
    LoopSpin(u32),
    /// The same for [`SPIN_SWEEP`] addresses from that one on, one interrupt each, then waits.
    LoopSpinSweep(u32),
    /// Calls itself for ever, with windows of that many registers.
    Recurse(u32),
    /// Calls itself to a depth, with windows of that many registers, does something there, and
    /// breaks if each of the frames is as it was left.
    Windows(u32, Depth, AtDepth),
    /// Never comes back.
    Spin,
    /// Never comes back, by null system calls.
    CallStorm,
    /// Never comes back, by calls that the entry code serves.
    TickStorm,
    /// Never comes back, by trace records.
    TraceStorm,
    /// Never comes back, by yielding.
    YieldStorm,
    /// Never comes back, by lines for the log.
    LogStorm,
    /// Never comes back, by allocations that it frees.
    AllocStorm,
    /// From the second period on: writes over all of its output, again and again, and breaks after a
    /// long while.
    Rewrite,
    /// Makes calls with addresses of its input, which another core writes over meanwhile; breaks when
    /// it has seen it change under many of them, and every answer was one that there may be.
    AskRewritten,
}

/// Addresses of one [`Strike::LoopSpinSweep`]: a few less than the interrupts of a life.
pub const SPIN_SWEEP: u32 = 20;

/// How many frames there are: fewer than the register file holds, or many more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Three: none is spilled.
    Shallow = 3,
    /// Forty: nearly all are spilled, and come back one after the other.
    Deep = 40,
}

/// What happens at the innermost frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtDepth {
    /// A null call.
    Call = 0,
    /// Waiting for longer than the kernel's slice of time, which ends in an interrupt.
    Interrupt = 1,
    /// A load from the kernel.
    Fault = 2,
    /// A stack pointer into the kernel, so that the next call's spill faults in a vector.
    DoubleFault = 3,
    /// `movsp`, which traps where the caller's frame is spilled.
    Move = 4,
}

/// What is done with a stack pointer that is not the module's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StackUse {
    /// A system call, then a store there.
    Call,
    /// A system call while an older frame has it, then a store there by that frame.
    OlderCall,
    /// Waiting to be interrupted.
    Spin,
    /// Calls until windows are spilled there.
    Overflow,
    /// A return to a frame that was spilled, which loads it from there.
    Underflow,
    /// `movsp` to it, then a store there.
    MoveTo,
    /// `movsp` from it, for which the kernel reloads the caller's frame.
    MoveFrom,
}
