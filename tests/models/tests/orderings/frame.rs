//! A frame of memory without any synchronisation of its own.

use loom::cell::UnsafeCell;

/// Whoever reads or writes it must be ordered with every earlier access by the cores' own talk;
/// the checker panics where it is not. There are no bytes: only the accesses matter.
#[derive(Debug, Default)]
pub struct Frame(UnsafeCell<()>);

// SAFETY: there is nothing behind the pointer, which is never read through; the checker looks at
// each access and ends the test where two are not ordered.
unsafe impl Sync for Frame {}

impl Frame {
    /// A core loads from it.
    pub fn load(&self) {
        self.0.with(|_| ());
    }

    /// A core stores to it.
    pub fn store(&self) {
        self.0.with_mut(|_| ());
    }
}
