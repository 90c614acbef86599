//! Running entry points of modules: turn by turn, each within its budget, until all have ended.

use abi::EntryPoint;
use domains::{Cause, Fault};
use heapless::Vec;
use mmu::{CoreId, VirtAddr};
use syscalls::{Incident, Outcome, Refusal};

use crate::config::{CORES, INSTANCES, SLICE_CYCLES};
use crate::processor::Processor;
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
    /// The host wanted it gone.
    Withdrawn,
}

/// What is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose it is.
    pub place: usize,
    /// Which entry point.
    pub entry: EntryPoint,
    /// Its arguments.
    pub arguments: [u32; 3],
    /// Cycles that it may take.
    pub budget: u32,
    /// The tick by which it is to be done: the earlier, the sooner it runs.
    pub deadline: u32,
    /// The request that it is for; 0 for none.
    pub request: u32,
    /// Whether the entry point is replaced by address 0: a fault that is asked for.
    pub goes_astray: bool,
}

impl Order {
    /// An entry point without a deadline, for nobody's request.
    #[must_use]
    pub const fn new(place: usize, entry: EntryPoint, arguments: [u32; 3], budget: u32) -> Order {
        Order {
            place,
            entry,
            arguments,
            budget,
            deadline: 0,
            request: 0,
            goes_astray: false,
        }
    }
}

/// An entry point of a module on its way, or at its end.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    order: Order,
    /// The tick that says who runs first: the deadline, while it has not passed.
    due: u32,
    spent: u32,
    end: Option<End>,
    /// Where it runs, always.
    core: CoreId,
    /// Whether that is another core which has its record now.
    is_away: bool,
}

impl Turn {
    /// Whose it is.
    #[must_use]
    pub const fn place(&self) -> usize {
        self.order.place
    }

    /// What was ordered.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// Which entry point it is.
    #[must_use]
    pub const fn entry(&self) -> EntryPoint {
        self.order.entry
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

    /// What it may take until another has its turn, of that many cycles.
    fn slice(&self, left: u32) -> u32 {
        let budget = self.order.budget.saturating_sub(self.spent);
        SLICE_CYCLES.min(budget).min(left).max(1)
    }
}

/// Entry points that run beside each other, at most one of each module. Each has a record of its
/// registers, of the same index; the entry code goes from one record to another where a thread
/// yields. Another core is handed one record at a time, for a slice: all that is decided is decided
/// here.
#[derive(Debug, Default)]
pub struct Turns {
    turns: Vec<Turn, INSTANCES>,
    records: Vec<RegisterFile, INSTANCES>,
    /// The turn whose time it is on each core, of those with the same deadline.
    next: [usize; CORES],
    /// Cycles that they have taken on each core beyond those that were left.
    overdrawn: Cycles,
}

/// Cycles of each core.
pub type Cycles = [u32; CORES];

impl Turns {
    /// None yet.
    #[must_use]
    pub const fn new() -> Turns {
        Turns {
            turns: Vec::new(),
            records: Vec::new(),
            next: [0; CORES],
            overdrawn: [0; CORES],
        }
    }

    /// Of that many cycles on each core, those that have not been taken before their time: a yield
    /// gives each the time that was left to the first.
    pub fn settle_time(&mut self, cycles: u32) -> Cycles {
        self.overdrawn.each_mut().map(|overdrawn| {
            let taken = cycles.min(*overdrawn);
            *overdrawn -= taken;
            cycles - taken
        })
    }

    /// All of them.
    pub fn iter(&self) -> core::slice::Iter<'_, Turn> {
        self.turns.iter()
    }

    /// Begins an entry point. Whether there is such an instance, and it has no turn here yet.
    pub fn begin(&mut self, processor: &mut impl Processor, order: Order) -> bool {
        let place = order.place;
        if self.has(place) {
            return false;
        }
        let begun = processor.system(|system| {
            system.tenant(place)?.begin_entry();
            let instance = system.instance(place)?;
            let [a, b, c] = order.arguments;
            let entry = match order.goes_astray {
                true => 0,
                false => instance.entry(order.entry),
            };
            let arguments = [entry, a, b, c, 0];
            let (start, stack_top) = (instance.header.start, instance.stack_top());
            let mut registers = RegisterFile::beginning(start, stack_top, arguments);
            // BROKEN ON PURPOSE, rule 11: all but `process` runs in the kernel's ring.
            if cfg!(feature = "break-rule-11") && order.entry != EntryPoint::Process {
                registers.ps &= !0xc0;
            }
            registers.quick = system.quick_window(place);
            registers.turn.image = system.switch_image(place)?;
            registers.turn.place = place as u32;
            Some((registers, system.core_of(place)))
        });
        let Some((registers, core)) = begun else {
            return false;
        };
        let turn = Turn {
            order,
            due: order.deadline,
            spent: 0,
            end: None,
            core,
            is_away: false,
        };
        // As many of each as there are places.
        self.records.push(registers).is_ok() && self.turns.push(turn).is_ok()
    }

    /// Whether an instance has a turn here, at its end or not.
    #[must_use]
    pub fn has(&self, place: usize) -> bool {
        self.turns.iter().any(|turn| turn.order.place == place)
    }

    /// Runs all to their ends, one slice after the other, so that a module that does not end takes
    /// nothing from the others but the wait for its slice.
    pub fn run(&mut self, processor: &mut impl Processor) {
        let mut left = [u32::MAX; CORES];
        while self.run_until_one_ends(processor, &mut left) {
            left = [u32::MAX; CORES];
        }
    }

    /// Runs, earliest deadline first on each core, until one of them ends or those of each core have
    /// taken the cycles that are left there, which it counts down. Whether one has ended; other
    /// cores may go on meanwhile. Where none has, all have come back.
    pub fn run_until_one_ends(
        &mut self,
        processor: &mut impl Processor,
        left: &mut Cycles,
    ) -> bool {
        let ended = self.run_slices(processor, left);
        self.count(processor);
        ended
    }

    fn run_slices(&mut self, processor: &mut impl Processor, left: &mut Cycles) -> bool {
        let here = CoreId::BOOT;
        loop {
            let mut has_ended = self.take_back(processor, left);
            self.hand_over(processor, left);
            if !has_ended
                && left[here.number()] != 0
                && let Some(index) =
                    self.following(self.next[here.number()], self.turns.len(), here)
            {
                self.link(left[here.number()]);
                let (exit, at) = processor.enter(&mut self.records, index);
                let last = at.min(self.turns.len() - 1);
                has_ended = self.account(processor, last, exit, left);
            } else if !has_ended {
                if !self.turns.iter().any(|turn| turn.is_away) {
                    return false;
                }
                processor.wait();
            }
            if has_ended {
                return true;
            }
        }
    }

    /// Gives each other core that has nothing to do, and cycles left, the turn that follows there.
    fn hand_over(&mut self, processor: &mut impl Processor, left: &Cycles) {
        for core in (1..CORES as u32).filter_map(CoreId::new) {
            let left = left[core.number()];
            let is_busy = (self.turns.iter()).any(|turn| turn.is_away && turn.core == core);
            if left != 0
                && !is_busy
                && let Some(index) =
                    self.following(self.next[core.number()], self.turns.len(), core)
            {
                let (turn, record) = (&mut self.turns[index], &mut self.records[index]);
                record.turn.left = turn.slice(left);
                turn.is_away = true;
                let place = turn.order.place;
                processor.system(|system| system.set_away(place, true));
                processor.hand_over(core, record);
            }
        }
    }

    /// Takes back what other cores have run. Whether one has ended.
    fn take_back(&mut self, processor: &mut impl Processor, left: &mut Cycles) -> bool {
        let mut has_ended = false;
        for index in 0..self.turns.len() {
            let turn = &mut self.turns[index];
            if turn.is_away
                && let Some(exit) = processor.take_back(turn.core, &mut self.records[index])
            {
                turn.is_away = false;
                let place = turn.order.place;
                processor.system(|system| system.set_away(place, false));
                has_ended |= self.account(processor, index, exit, left);
            }
        }
        has_ended
    }

    /// Waits until no other core runs anything of these: a slice at most.
    pub fn recall(&mut self, processor: &mut impl Processor, left: &mut Cycles) {
        while self.turns.iter().any(|turn| turn.is_away) {
            self.take_back(processor, left);
            processor.wait();
        }
    }

    /// What follows from how a thread left, and what it and those before it have taken of the cycles
    /// of its core. Whether it has ended.
    fn account(
        &mut self,
        processor: &mut impl Processor,
        index: usize,
        exit: Exit,
        left: &mut Cycles,
    ) -> bool {
        let core = self.turns[index].core.number();
        self.next[core] = index + 1;
        let before = self.spent();
        self.leave(processor, index, exit);
        let taken = self.spent().wrapping_sub(before);
        let beyond = taken.saturating_sub(left[core]);
        self.overdrawn[core] = self.overdrawn[core].saturating_add(beyond);
        left[core] = left[core].saturating_sub(taken);
        self.turns[index].end.is_some()
    }

    /// What all together have taken.
    fn spent(&self) -> u32 {
        (self.turns.iter()).fold(0, |sum, turn| sum.wrapping_add(turn.spent))
    }

    /// Of so many turns from that index on, round and round, those of a core that have not ended: the
    /// one with the earliest deadline, of several the first.
    fn following(&self, from: usize, count: usize, core: CoreId) -> Option<usize> {
        let all = self.turns.len();
        (from..from + count)
            .map(|index| index % all)
            .filter(|index| self.turns[*index].end.is_none() && self.turns[*index].core == core)
            .min_by_key(|index| self.turns[*index].due)
    }

    /// Says in each record of this core who goes on where its thread yields, and how long. Those of
    /// other cores yield to nobody: no other record is there.
    fn link(&mut self, left: u32) {
        for index in 0..self.turns.len() {
            if self.turns[index].core != CoreId::BOOT {
                continue;
            }
            let next = self.following(index + 1, self.turns.len() - 1, CoreId::BOOT);
            let next = next.map_or(0, |next| self.records[next].kernel_address());
            let record = &mut self.records[index].turn;
            record.next = next;
            record.left = self.turns[index].slice(left);
        }
    }

    /// Takes a turn that has ended.
    pub fn take_ended(&mut self) -> Option<Turn> {
        let ended = self.turns.iter().position(|turn| turn.end.is_some())?;
        Some(self.take(ended))
    }

    /// Takes the turn of an instance that will not go on, ended or not. No core runs it any more
    /// then: what runs on another is waited for.
    pub fn take_of(
        &mut self,
        processor: &mut impl Processor,
        place: usize,
        left: &mut Cycles,
    ) -> Option<Turn> {
        let of_it = |turn: &Turn| turn.order.place == place;
        let index = self.turns.iter().position(of_it)?;
        if self.turns[index].is_away {
            self.recall(processor, left);
        }
        Some(self.take(index))
    }

    /// Ends every turn that is for a request, or for nobody's sake but the module's own life, and whose
    /// deadline has come: all but `process`. Who is late with that is no longer before all others, as
    /// its old deadline would have it: its next is the end of this tick, again and again.
    pub fn expire(&mut self, processor: &mut impl Processor, now: u32) {
        for (turn, record) in self.turns.iter_mut().zip(&self.records) {
            let order = turn.order;
            if turn.end.is_some() || turn.due > now {
                continue;
            }
            turn.due = now + 1;
            if order.entry != EntryPoint::Process {
                let pc = VirtAddr(record.pc);
                turn.end = Some(End::Killed(Kill::Overrun(pc)));
                processor.system(|system| system.note(order.place, Incident::Overran(pc)));
            }
        }
    }

    fn take(&mut self, index: usize) -> Turn {
        // The two keep the same order.
        self.records.swap_remove(index);
        self.turns.swap_remove(index)
    }

    /// What follows from how a thread left. Others may have run before it, by yielding.
    fn leave(&mut self, processor: &mut impl Processor, index: usize, exit: Exit) {
        let place = self.turns[index].order.place;
        let ended = processor.system(|system| system.end_turn(place));
        for (turn, record) in self.turns.iter_mut().zip(&mut self.records) {
            turn.spent = turn
                .spent
                .saturating_add(core::mem::take(&mut record.turn.spent));
        }
        let (turn, record) = (&mut self.turns[index], &self.records[index]);
        turn.end = judge(turn, record, exit, ended);
        if let Some(End::Killed(Kill::Fault(fault))) = turn.end
            && processor.system(|system| system.resumes(place, fault))
        {
            turn.end = None;
        }
        let incident = match turn.end {
            Some(End::Killed(Kill::Fault(fault) | Kill::WindowFault(fault))) => {
                Incident::Faulted(fault)
            }
            Some(End::Killed(Kill::Overrun(pc))) => Incident::Overran(pc),
            _ => return,
        };
        processor.system(|system| system.note(place, incident));
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
        let place = turn.order.place;
        let ended = processor.system(|system| system.end_turn(place));
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
        // BROKEN ON PURPOSE, rule 10: who used up its budget goes unpunished.
        #[cfg(feature = "break-rule-10")]
        Exit::Exception if fault.cause.0 == INTERRUPT && turn.spent >= turn.order.budget => {
            Some(End::Returned(0))
        }
        Exit::Exception if fault.cause.0 == INTERRUPT => {
            (turn.spent >= turn.order.budget).then_some(End::Killed(Kill::Overrun(fault.pc)))
        }
        Exit::Exception => Some(End::Killed(Kill::Fault(fault))),
        Exit::WindowFault => Some(End::Killed(Kill::WindowFault(fault))),
    }
}
