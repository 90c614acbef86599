//! Running entry points of modules: turn by turn, each within its budget, until all have ended.

use abi::EntryPoint;
use domains::{Cause, Fault};
use heapless::Vec;
use mmu::VirtAddr;
use syscalls::{Outcome, Refusal};

use crate::config::{INSTANCES, SLICE_CYCLES};
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

/// An entry point of a module on its way, or at its end.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    place: usize,
    entry: EntryPoint,
    budget: u32,
    spent: u32,
    end: Option<End>,
}

impl Turn {
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

    /// Cycles from before it was entered to after it was left, each time that it was.
    #[must_use]
    pub const fn spent(&self) -> u32 {
        self.spent
    }

    /// How it ended; `None` before [`Turns::run`] has run it.
    #[must_use]
    pub const fn end(&self) -> Option<End> {
        self.end
    }

    /// What it may take until another has its turn.
    fn slice(&self) -> u32 {
        let left = self.budget.saturating_sub(self.spent);
        SLICE_CYCLES.min(left).max(1)
    }
}

/// Entry points that run beside each other, at most one of each module. Each has a record of its
/// registers, of the same index; the entry code goes from one record to another where a thread
/// yields.
#[derive(Debug, Default)]
pub struct Turns {
    turns: Vec<Turn, INSTANCES>,
    records: Vec<RegisterFile, INSTANCES>,
}

impl Turns {
    /// None yet.
    #[must_use]
    pub const fn new() -> Turns {
        Turns {
            turns: Vec::new(),
            records: Vec::new(),
        }
    }

    /// All of them.
    pub fn iter(&self) -> core::slice::Iter<'_, Turn> {
        self.turns.iter()
    }

    /// Begins an entry point with up to three arguments. Whether there is such a module, and it has
    /// no turn here yet.
    pub fn begin(
        &mut self,
        processor: &mut impl Processor,
        place: usize,
        entry: EntryPoint,
        arguments: [u32; 3],
        budget: u32,
    ) -> bool {
        if self.turns.iter().any(|turn| turn.place == place) {
            return false;
        }
        let registers = processor.system(|system| {
            system.tenant(place)?.begin_entry();
            let module = system.instance(place)?;
            let [a, b, c] = arguments;
            let arguments = [module.entry(entry), a, b, c, 0];
            let (start, stack_top) = (module.header.start, module.stack_top());
            let mut registers = RegisterFile::beginning(start, stack_top, arguments);
            registers.quick = system.quick_window(place);
            registers.turn.image = system.switch_image(place)?;
            registers.turn.place = place as u32;
            Some(registers)
        });
        let Some(registers) = registers else {
            return false;
        };
        let turn = Turn {
            place,
            entry,
            budget,
            spent: 0,
            end: None,
        };
        // As many of each as there are places.
        self.records.push(registers).is_ok() && self.turns.push(turn).is_ok()
    }

    /// Runs all to their ends, one slice after the other, so that a module that does not end takes
    /// nothing from the others but the wait for its slice.
    pub fn run(&mut self, processor: &mut impl Processor) {
        let mut last = self.turns.len().saturating_sub(1);
        while let Some(index) = self.following(last) {
            self.link();
            self.records[index].turn.left = self.turns[index].slice();
            let (exit, left) = processor.enter(&mut self.records, index);
            last = left.min(self.turns.len() - 1);
            self.leave(processor, last, exit);
        }
        self.count(processor);
    }

    /// The turn that comes after one of that index and has not ended; that one itself where it is
    /// the last.
    fn following(&self, index: usize) -> Option<usize> {
        let all = self.turns.len();
        (1..=all)
            .map(|step| (index + step) % all)
            .find(|index| self.turns[*index].end.is_none())
    }

    /// Says in each record who goes on where its thread yields, and how long.
    fn link(&mut self) {
        for index in 0..self.turns.len() {
            let next = self.following(index).filter(|next| *next != index);
            let next = next.map_or(0, |next| self.records[next].kernel_address());
            let record = &mut self.records[index].turn;
            record.next = next;
            record.left = self.turns[index].slice();
        }
    }

    /// What follows from how a thread left. Others may have run before it, by yielding.
    fn leave(&mut self, processor: &mut impl Processor, index: usize, exit: Exit) {
        let ended = processor.system(System::end_turn);
        for (turn, record) in self.turns.iter_mut().zip(&mut self.records) {
            turn.spent = turn
                .spent
                .saturating_add(core::mem::take(&mut record.turn.spent));
        }
        let (turn, record) = (&mut self.turns[index], &self.records[index]);
        turn.end = judge(turn, record, exit, ended);
        let place = turn.place;
        if let Some(End::Killed(Kill::Fault(fault))) = turn.end
            && processor.system(|system| system.resumes(place, fault))
        {
            turn.end = None;
        }
    }

    /// Null calls are counted in the records, since they know nothing else of the kernel.
    fn count(&mut self, processor: &mut impl Processor) {
        for record in &mut self.records {
            let calls = core::mem::take(&mut record.turn.null_calls);
            let place = record.turn.place as usize;
            processor.system(|system| system.count_null_calls(place, calls));
        }
    }

    /// The first of them in the kernel's ring, with nothing around it: what isolation is compared
    /// with.
    pub fn run_first_trusted(&mut self, processor: &mut impl Processor) {
        let (Some(turn), Some(record)) = (self.turns.first_mut(), self.records.first_mut()) else {
            return;
        };
        processor.switch_to(&record.turn.image);
        let before = processor.cycles();
        let exit = processor.enter_trusted(record);
        turn.spent = processor.cycles().wrapping_sub(before);
        let ended = processor.system(System::end_turn);
        turn.end = judge(turn, record, exit, ended);
    }
}

fn judge(turn: &Turn, record: &RegisterFile, exit: Exit, ended: Option<Outcome>) -> Option<End> {
    let fault = Fault {
        cause: Cause(record.cause),
        address: VirtAddr(record.address),
        pc: VirtAddr(record.pc),
    };
    match exit {
        Exit::Call => match ended {
            Some(Outcome::Done(result)) => Some(End::Returned(result as i32)),
            Some(Outcome::Stop(refusal)) => Some(End::Killed(Kill::Refused(refusal))),
            // A call that ends a turn always says how.
            Some(Outcome::Return(_)) | None => None,
        },
        Exit::Yield => None,
        Exit::Exception if fault.cause.0 == INTERRUPT => {
            (turn.spent >= turn.budget).then_some(End::Killed(Kill::Overrun(fault.pc)))
        }
        Exit::Exception => Some(End::Killed(Kill::Fault(fault))),
        Exit::WindowFault => Some(End::Killed(Kill::WindowFault(fault))),
    }
}
