//! The desk: how one core hands work to another and takes it back.

use core::sync::atomic::{AtomicU32, Ordering};

use super::SharedWord;

/// Numbers of what was handed over and of what is done. Whatever lies beside it is the worker's from
/// [`Desk::hand_over`] until [`Desk::is_done`] says so to who handed it over, and that core's
/// otherwise. The words must lie where both cores see each other's stores. One core hands over and
/// one works; neither waits here.
#[derive(Debug, Default)]
pub struct Desk<W = AtomicU32> {
    asked: W,
    done: W,
}

impl Desk {
    /// Nothing handed over.
    #[must_use]
    pub const fn new() -> Self {
        Desk {
            asked: AtomicU32::new(0),
            done: AtomicU32::new(0),
        }
    }
}

impl<W: SharedWord> Desk<W> {
    /// Hands over what lies there, with all that was stored before. Only when all is done.
    pub fn hand_over(&self) {
        let next = self.asked.load(Ordering::Relaxed).wrapping_add(1);
        self.asked.store(next, Ordering::Release);
    }

    /// To who hands over: whether all is done. All that the worker stored before it ended is visible
    /// then.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire) == self.asked.load(Ordering::Relaxed)
    }

    /// To the worker: whether there is work.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.asked.load(Ordering::Acquire) != self.done.load(Ordering::Relaxed)
    }

    /// The worker has ended. Only where there was work.
    pub fn end(&self) {
        let asked = self.asked.load(Ordering::Relaxed);
        self.done.store(asked, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_one_cores_at_a_time() {
        let desk = Desk::new();
        for _ in 0..3 {
            assert!(desk.is_done() && !desk.has_work());
            desk.hand_over();
            assert!(!desk.is_done() && desk.has_work());
            desk.end();
        }
    }

    #[test]
    fn numbers_wrap() {
        let desk = Desk {
            asked: AtomicU32::new(u32::MAX),
            done: AtomicU32::new(u32::MAX),
        };
        desk.hand_over();
        assert!(!desk.is_done() && desk.has_work());
        desk.end();
        assert!(desk.is_done() && !desk.has_work());
    }
}
