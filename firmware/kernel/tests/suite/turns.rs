//! Entry points beside each other, on a core that does what a script says.

use std::collections::VecDeque;

use abi::{Call, EntryPoint};
use board::registers::{Exit, RegisterFile};
use kernel::config::SLICE_CYCLES;
use kernel::processor::Processor;
use kernel::system::System;
use kernel::turns::{End, Kill, Order, Turns};
use mmu::{SwitchImage, VirtAddr};
use syscalls::Incident;

use crate::builder::File;
use crate::rig::{Rig, Shared};

/// `EXCCAUSE` of a level-1 interrupt.
const INTERRUPT: u32 = 4;
const BUDGET: u32 = 1_000;

/// What a thread does once it is entered.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Runs that long, then ends with that result.
    Done(u32, u32),
    /// Runs that long, then the timer goes off.
    Timer(u32),
    /// Runs that long and yields: whoever its record names goes on with the next act, else the
    /// kernel.
    Yield(u32),
    /// Takes that exception.
    Fault(u32),
}

struct Core {
    rig: Rig,
    script: VecDeque<Act>,
    /// The place that ran, for each act.
    ran: Vec<u32>,
    clock: u32,
}

impl Processor for Core {
    type Machine = Shared;

    fn system<R>(&mut self, act: impl FnOnce(&mut System<Shared>) -> R) -> R {
        act(&mut self.rig.system)
    }
    fn switch_to(&mut self, _image: &SwitchImage) {}
    fn switch_to_nothing(&mut self, _image: &SwitchImage) {}
    fn enter(&mut self, records: &mut [RegisterFile], first: usize) -> (Exit, usize) {
        let mut index = first;
        loop {
            let record = &mut records[index];
            self.ran.push(record.turn.place);
            let mut run = |cycles: u32| {
                assert!(record.turn.left <= SLICE_CYCLES);
                record.turn.spent += cycles;
                record.turn.left = record.turn.left.wrapping_sub(cycles);
                self.clock += cycles;
            };
            match self.script.pop_front().expect("the script is long enough") {
                Act::Done(cycles, result) => {
                    run(cycles);
                    let place = record.turn.place as usize;
                    let done = [result, 0, 0, 0, 0];
                    let number = Call::Done.number();
                    assert_eq!(self.rig.system.call(place, number, done, 0), None);
                    return (Exit::Call, index);
                }
                Act::Timer(cycles) => {
                    run(cycles);
                    record.cause = INTERRUPT;
                    return (Exit::Exception, index);
                }
                Act::Fault(cause) => {
                    record.cause = cause;
                    return (Exit::Exception, index);
                }
                Act::Yield(cycles) => {
                    run(cycles);
                    let next = record.turn.next;
                    let named = (records.iter()).position(|record| record.kernel_address() == next);
                    match named {
                        Some(other) => index = other,
                        None => return (Exit::Yield, index),
                    }
                }
            }
        }
    }
    fn enter_trusted(&mut self, _registers: &mut RegisterFile) -> Exit {
        unreachable!("nobody is trusted here")
    }
    fn cycles(&self) -> u32 {
        self.clock
    }
    fn kernel_sum(&self) -> u32 {
        0
    }
}

/// Runs `process` of modules at the first places; the place of each act, and the ends.
fn run(modules: usize, script: &[Act]) -> (Vec<u32>, Vec<(Option<End>, u32)>) {
    let (core, ends) = run_on_core(modules, script);
    (core.ran, ends)
}

/// The same, and the core.
fn run_on_core(modules: usize, script: &[Act]) -> (Core, Vec<(Option<End>, u32)>) {
    let mut core = Core {
        rig: Rig::new(),
        script: script.iter().copied().collect(),
        ran: Vec::new(),
        clock: 0,
    };
    let mut turns = Turns::new();
    for place in 0..modules {
        let file = File::sound().bytes();
        core.rig.system.install(place, &file).unwrap();
        assert!(turns.begin(
            &mut core,
            Order::new(place, EntryPoint::Process, [0; 3], BUDGET)
        ));
    }
    turns.run(&mut core);
    assert!(core.script.is_empty(), "{:?} were not done", core.script);
    let ends = turns
        .iter()
        .map(|turn| (turn.end(), turn.spent()))
        .collect();
    (core, ends)
}

const fn returned(result: i32) -> Option<End> {
    Some(End::Returned(result))
}

#[test]
fn each_has_its_slice_in_turn() {
    let script = [
        Act::Timer(100),
        Act::Timer(100),
        Act::Done(1, 7),
        Act::Timer(100),
        Act::Done(2, 8),
    ];
    let (ran, ends) = run(2, &script);
    assert_eq!(ran, [0, 1, 0, 1, 1]);
    assert_eq!(ends, [(returned(7), 101), (returned(8), 202)]);
}

#[test]
fn who_yields_lets_the_other_run_and_goes_on_after_it() {
    let script = [
        Act::Yield(10),
        Act::Yield(20),
        Act::Yield(30),
        Act::Done(1, 0),
        Act::Done(2, 0),
    ];
    let (ran, ends) = run(2, &script);
    assert_eq!(ran, [0, 1, 0, 1, 0]);
    assert_eq!(ends, [(returned(0), 42), (returned(0), 21)]);
}

#[test]
fn who_yields_alone_goes_on() {
    let (ran, ends) = run(1, &[Act::Yield(10), Act::Yield(10), Act::Done(1, 3)]);
    assert_eq!(ran, [0, 0, 0]);
    assert_eq!(ends, [(returned(3), 21)]);
}

#[test]
fn three_yield_in_a_ring() {
    let mut script = vec![Act::Yield(1); 6];
    script.extend([Act::Done(1, 0); 3]);
    let (ran, _) = run(3, &script);
    assert_eq!(ran, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_budget_counts_what_was_taken_before_each_yield() {
    let script = [
        Act::Yield(BUDGET - 1),
        Act::Done(1, 0),
        // The other is entered again by the kernel, with what is left to it.
        Act::Timer(1),
    ];
    let (ran, ends) = run(2, &script);
    assert_eq!(ran, [0, 1, 0]);
    assert!(matches!(ends[0].0, Some(End::Killed(Kill::Overrun(_)))));
    assert_eq!(ends[0].1, BUDGET);
    assert_eq!(ends[1], (returned(0), 1));
}

#[test]
fn who_faults_after_a_yield_is_the_one_that_ends() {
    let (ran, ends) = run(2, &[Act::Yield(5), Act::Fault(29), Act::Done(5, 0)]);
    assert_eq!(ran, [0, 1, 0]);
    assert_eq!(ends[0], (returned(0), 10));
    assert!(matches!(ends[1].0, Some(End::Killed(Kill::Fault(fault))) if fault.cause.0 == 29));
}

#[test]
fn what_ends_a_turn_is_on_the_trail_of_its_place() {
    let script = [
        Act::Fault(29),
        Act::Timer(BUDGET),
        // What is no offence is not on it.
        Act::Done(1, u32::MAX),
    ];
    let (mut core, _) = run_on_core(3, &script);
    let mut taken = || core.rig.system.take_incident();
    let fault = taken().unwrap();
    assert_eq!(fault.tenant, 0);
    assert!(matches!(fault.incident, Incident::Faulted(fault) if fault.cause.0 == 29));
    let overrun = taken().unwrap();
    assert_eq!(overrun.tenant, 1);
    assert!(matches!(overrun.incident, Incident::Overran(_)));
    assert_eq!(taken(), None);
    assert_eq!(core.rig.system.incidents(), (2, 0));
}

#[test]
fn a_flood_of_one_place_pushes_out_nothing_of_another() {
    let mut rig = Rig::new();
    rig.system.note(1, Incident::Overran(VirtAddr(7)));
    for _ in 0..1_000 {
        rig.system.note(0, Incident::Overran(VirtAddr(8)));
    }
    let entries = std::iter::from_fn(|| rig.system.take_incident());
    assert_eq!(entries.filter(|entry| entry.tenant == 1).count(), 1);
    rig.system.note(usize::MAX, Incident::Overran(VirtAddr(9)));
    let (all, lost) = rig.system.incidents();
    assert!(all == 1_001 && lost > 900);
}

#[test]
fn a_module_has_one_turn_at_a_time() {
    let mut core = Core {
        rig: Rig::new(),
        script: VecDeque::new(),
        ran: Vec::new(),
        clock: 0,
    };
    let file = File::sound().bytes();
    core.rig.system.install(0, &file).unwrap();
    let mut turns = Turns::new();
    let mut begin = |place| {
        turns.begin(
            &mut core,
            Order::new(place, EntryPoint::Init, [0; 3], BUDGET),
        )
    };
    assert!(begin(0));
    assert!(!begin(0));
    assert!(!begin(1));
    assert!(!begin(usize::MAX));
}
