//! The words through which cores talk.

use core::sync::atomic::{AtomicU32, Ordering};

/// A word that several cores read and write. On the target and in the model it is an
/// [`AtomicU32`]; a checker of memory orders puts its own in its place, so that what it checks is
/// the code that runs.
pub trait SharedWord {
    /// Reads it.
    fn load(&self, order: Ordering) -> u32;

    /// Writes it.
    fn store(&self, value: u32, order: Ordering);

    /// Writes `new` if it holds `old`, in the order `success`; only reads it otherwise, in the
    /// order `failure`. What it held, as the error if that was not `old`.
    ///
    /// # Errors
    /// It held something else.
    fn compare_exchange(
        &self,
        old: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32>;

    /// Writes `new` if it holds `old`; whether it did. Acquires what the last
    /// [`Ordering::Release`] store published.
    fn replace_if(&self, old: u32, new: u32) -> bool {
        self.compare_exchange(old, new, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }
}

impl SharedWord for AtomicU32 {
    fn load(&self, order: Ordering) -> u32 {
        AtomicU32::load(self, order)
    }

    fn store(&self, value: u32, order: Ordering) {
        AtomicU32::store(self, value, order);
    }

    fn compare_exchange(
        &self,
        old: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32> {
        AtomicU32::compare_exchange(self, old, new, success, failure)
    }
}
