//! The kernel's lock: one core at a time changes domains, tables and the ledger.

use core::sync::atomic::{AtomicU32, Ordering};

use super::SharedWord;

const FREE: u32 = 0;
const HELD: u32 = 1;

/// A lock that a core waits for with its interrupts off. While it waits it answers shootdowns, for
/// the holder may be waiting for just that answer.
#[derive(Debug, Default)]
pub struct KernelLock<W = AtomicU32> {
    word: W,
}

impl KernelLock {
    /// Free.
    #[must_use]
    pub const fn new() -> Self {
        KernelLock {
            word: AtomicU32::new(FREE),
        }
    }
}

impl<W: SharedWord> KernelLock<W> {
    /// Takes it, calling `idle` between tries: that is where the core answers its mailbox. All
    /// that the last holder stored is visible then. Not to be taken twice by one core.
    pub fn take(&self, mut idle: impl FnMut()) {
        while !self.try_take() {
            idle();
        }
    }

    /// Takes it if it is free; whether it was.
    pub fn try_take(&self) -> bool {
        self.word.replace_if(FREE, HELD)
    }

    /// Gives it back. Only the holder does.
    pub fn give_back(&self) {
        self.word.store(FREE, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let lock = KernelLock::new();
        lock.take(|| unreachable!());
        assert!(!lock.try_take());
        let mut waited = 0;
        lock.take(|| {
            waited += 1;
            if waited == 3 {
                lock.give_back();
            }
        });
        assert_eq!(waited, 3);
    }
}
