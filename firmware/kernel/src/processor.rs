//! What the session needs of the core it runs on: the seam between deciding and doing.

use mmu::{CoreId, Machine, SwitchImage};

use crate::system::System;
use board::registers::{Exit, RegisterFile};

/// The core that runs the session, and those that it hands turns to.
pub trait Processor {
    /// Its MMU.
    type Machine: Machine;

    /// Works on the kernel's state. No module runs meanwhile, and the state is not held while one
    /// does: its system calls work on it.
    fn system<R>(&mut self, act: impl FnOnce(&mut System<Self::Machine>) -> R) -> R;

    /// Makes a domain the running one.
    fn switch_to(&mut self, image: &SwitchImage);

    /// What [`Self::switch_to`] costs without switching; for the benchmark.
    fn switch_to_nothing(&mut self, image: &SwitchImage);

    /// Runs the module of the record `first` until it leaves, or another does that it has yielded
    /// to; how, and the index of that one's record. Each has about the time that its record says,
    /// then an interrupt ends it; what each has taken is added to its record.
    fn enter(&mut self, records: &mut [RegisterFile], first: usize) -> (Exit, usize);

    /// Starts so many cores in all; from then on they share the kernel's state. Whether there are as
    /// many.
    fn start_cores(&mut self, cores: u32) -> bool {
        cores <= 1
    }

    /// Has another core, which has nothing to do, run the thread of a record as [`Self::enter`]
    /// does. The record here says nothing until it is [taken back](Self::take_back).
    fn hand_over(&mut self, _core: CoreId, _record: &RegisterFile) {}

    /// The record that a core was handed, and how its thread left; `None` while it runs.
    fn take_back(&mut self, _core: CoreId, _record: &mut RegisterFile) -> Option<Exit> {
        None
    }

    /// Called again and again while this core can do nothing until another has ended a slice.
    fn wait(&mut self) {}

    /// Runs the same code in the kernel's ring, without limit, for comparison.
    fn enter_trusted(&mut self, registers: &mut RegisterFile) -> Exit;

    /// Sets the ticks that modules are told.
    fn set_ticks(&mut self, ticks: u32) {
        self.system(|system| system.set_ticks(ticks));
    }

    /// The cycle counter.
    fn cycles(&self) -> u32;

    /// A sum over the kernel's own text and constants.
    fn kernel_sum(&self) -> u32;
}
