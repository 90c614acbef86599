//! The words that the checker watches, and the short names of cores.

use std::sync::atomic::Ordering;

use loom::sync::atomic::AtomicU32;
use mmu::{CoreId, CoreSet, Desk, KernelLock, Mailbox, SharedWord};

/// A word of the checker's. It does as it is told; every order is the kernel's own.
#[derive(Debug, Default)]
pub struct Word(AtomicU32);

impl SharedWord for Word {
    fn load(&self, order: Ordering) -> u32 {
        self.0.load(order)
    }

    fn store(&self, value: u32, order: Ordering) {
        self.0.store(value, order);
    }

    fn compare_exchange(
        &self,
        old: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32> {
        self.0.compare_exchange(old, new, success, failure)
    }
}

/// The kernel's mailbox over such words.
pub type Letters<const CORES: usize> = Mailbox<CORES, Word>;
/// The kernel's lock over such a word.
pub type Lock = KernelLock<Word>;

/// The kernel's desk over such words.
pub type Work = Desk<Word>;

/// As many polls as it takes: the checker ends a run in which nothing else moves.
pub const PATIENT: u32 = u32::MAX;

/// The core of that number.
pub fn core(number: u32) -> CoreId {
    CoreId::new(number).expect("a small number")
}

/// One core.
pub fn only(number: u32) -> CoreSet {
    CoreSet::EMPTY.with(core(number))
}

/// What a core does between two looks: it lets the others run.
pub fn idle() {
    loom::thread::yield_now();
}
