//! Running entry points of modules: turn by turn, each within its budget, until all have ended.

use abi::EntryPoint;
use domains::{Cause, Fault};
use heapless::Vec;
use mmu::VirtAddr;
use syscalls::{Outcome, Refusal};

use crate::config::{MODULES, SLICE_CYCLES};
use crate::processor::Processor;
use crate::system::System;
use board::registers::{Exit, RegisterFile};

/// `EXCCAUSE` of a level-1 interrupt.
const INTERRUPT: u32 = 4;

/// How an entry point ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It returned.
    Returned(i32),
    /// It is stopped.
    Killed(Kill),
}

/// Why a module was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// An exception.
    Fault(Fault),
    /// An exception of a window vector on the module's stack pointer.
    WindowFault(Fault),
    /// A refused system call.
    Refused(Refusal),
    /// Its budget is used up.
    Overrun(VirtAddr),
}

/// An entry point of a module on its way.
#[derive(Debug)]
pub struct Turn {
    place: usize,
    entry: EntryPoint,
    registers: RegisterFile,
    budget: u32,
    spent: u32,
    end: Option<End>,
}

/// Entry points that run beside each other, at most one of each module.
pub type Turns = Vec<Turn, MODULES>;

impl Turn {
    /// Begins an entry point with up to four arguments. `None` where there is no module.
    pub fn begin(
        processor: &mut impl Processor,
        place: usize,
        entry: EntryPoint,
        arguments: [u32; 3],
        budget: u32,
    ) -> Option<Turn> {
        let registers = processor.system(|system| {
            system.tenant(place)?.begin_entry();
            let module = system.module(place)?;
            let [a, b, c] = arguments;
            let arguments = [module.entry(entry), a, b, c, 0];
            let (start, stack_top) = (module.header.start, module.stack_top());
            let mut registers = RegisterFile::beginning(start, stack_top, arguments);
            registers.quick = system.quick_window(place);
            Some(registers)
        })?;
        Some(Turn {
            place,
            entry,
            registers,
            budget,
            spent: 0,
            end: None,
        })
    }

    /// Whose it is.
    #[must_use]
    pub const fn place(&self) -> usize {
        self.place
    }

    /// Which entry point it is.
    #[must_use]
    pub const fn entry(&self) -> EntryPoint {
        self.entry
    }

    /// Cycles from before it was entered to after it was left, domain switches included.
    #[must_use]
    pub const fn spent(&self) -> u32 {
        self.spent
    }

    /// How it ended; `None` before [`run`] has run it.
    #[must_use]
    pub const fn end(&self) -> Option<End> {
        self.end
    }

    /// One turn: until it ends, or its slice is over.
    fn take(&mut self, processor: &mut impl Processor) {
        let before = processor.cycles();
        let place = self.place;
        let image = processor.system(|system| system.begin_turn(place));
        // A turn is of a module that is there: `begin` found it, and none goes while a turn lasts.
        image.iter().for_each(|image| processor.switch_to(image));
        let slice = SLICE_CYCLES
            .min(self.budget.saturating_sub(self.spent))
            .max(1);
        let exit = processor.enter(&mut self.registers, slice);
        let ended = processor.system(System::end_turn);
        self.spent = self
            .spent
            .saturating_add(processor.cycles().wrapping_sub(before));
        self.end = self.judge(exit, ended);
        if let Some(End::Killed(Kill::Fault(fault))) = self.end
            && processor.system(|system| system.resumes(place, fault))
        {
            self.end = None;
        }
    }

    fn judge(&self, exit: Exit, ended: Option<Outcome>) -> Option<End> {
        let fault = Fault {
            cause: Cause(self.registers.cause),
            address: VirtAddr(self.registers.address),
            pc: VirtAddr(self.registers.pc),
        };
        match exit {
            Exit::Call => match ended {
                Some(Outcome::Done(result)) => Some(End::Returned(result as i32)),
                Some(Outcome::Stop(refusal)) => Some(End::Killed(Kill::Refused(refusal))),
                // A call that ends a turn always says how.
                Some(Outcome::Return(_)) | None => None,
            },
            Exit::Exception if fault.cause.0 == INTERRUPT => {
                (self.spent >= self.budget).then_some(End::Killed(Kill::Overrun(fault.pc)))
            }
            Exit::Exception => Some(End::Killed(Kill::Fault(fault))),
            Exit::WindowFault => Some(End::Killed(Kill::WindowFault(fault))),
        }
    }

    /// The same in the kernel's ring, with nothing around it: what isolation is compared with.
    pub fn run_trusted(&mut self, processor: &mut impl Processor) {
        let place = self.place;
        let image = processor.system(|system| system.begin_turn(place));
        image.iter().for_each(|image| processor.switch_to(image));
        let before = processor.cycles();
        let exit = processor.enter_trusted(&mut self.registers);
        self.spent = processor.cycles().wrapping_sub(before);
        let ended = processor.system(System::end_turn);
        self.end = self.judge(exit, ended);
    }
}

/// Runs all turns to their ends, one slice after the other, so that a module that does not end
/// takes nothing from the others but the wait for its slice.
pub fn run(processor: &mut impl Processor, turns: &mut [Turn]) {
    while turns.iter().any(|turn| turn.end.is_none()) {
        for turn in turns.iter_mut().filter(|turn| turn.end.is_none()) {
            turn.take(processor);
        }
    }
}
