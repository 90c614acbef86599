//! The shootdown mailbox: how one core has the others forget, and knows that they have.

use core::sync::atomic::{AtomicU32, Ordering};

use thiserror_no_std::Error;

use super::{CoreId, CoreSet, SharedWord};
use crate::Stale;

/// A core did not answer in time.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("core {core} did not answer a shootdown in {polls} polls")]
pub struct Unanswered {
    /// The first that did not.
    pub core: CoreId,
    /// How often it was looked for.
    pub polls: u32,
}

/// Bits of a letter that say what to forget; above them counts the sequence.
const STALE_BITS: u32 = 5;

/// One core's place: what it was asked last, and which letter it has answered. A letter is one
/// word, so what to forget can never be taken apart from the number that is answered.
#[derive(Debug, Default)]
struct Cell<W> {
    asked: W,
    answered: W,
}

/// A place for each of `CORES` cores. The words must lie where every core sees every other's
/// stores: past the data caches where those are not coherent.
///
/// Only the holder of the kernel's lock asks; each core answers for itself, whenever it enters the
/// kernel and while it waits for the lock. A letter that was never answered is not lost: the next
/// one to that core includes it.
#[derive(Debug)]
pub struct Mailbox<const CORES: usize, W = AtomicU32> {
    cells: [Cell<W>; CORES],
}

impl<const CORES: usize> Mailbox<CORES> {
    /// Nothing asked.
    #[must_use]
    pub const fn new() -> Self {
        Mailbox {
            cells: [const {
                Cell {
                    asked: AtomicU32::new(0),
                    answered: AtomicU32::new(0),
                }
            }; CORES],
        }
    }
}

impl<const CORES: usize> Clone for Mailbox<CORES> {
    /// The words as they are now. For machines that are copied while nobody writes.
    fn clone(&self) -> Self {
        let copy = |word: &AtomicU32| AtomicU32::new(word.load(Ordering::Acquire));
        Mailbox {
            cells: core::array::from_fn(|core| Cell {
                asked: copy(&self.cells[core].asked),
                answered: copy(&self.cells[core].answered),
            }),
        }
    }
}

impl<const CORES: usize, W: Default> Default for Mailbox<CORES, W> {
    fn default() -> Self {
        Mailbox {
            cells: core::array::from_fn(|_| Cell {
                asked: W::default(),
                answered: W::default(),
            }),
        }
    }
}

impl<const CORES: usize, W: SharedWord> Mailbox<CORES, W> {
    /// Asks a core to forget. What was stored before, to page tables above all, is visible to the
    /// core when it answers. A core that the mailbox has no place for is never answered for.
    pub fn ask(&self, core: CoreId, stale: Stale) {
        if let Some(cell) = self.cells.get(core.number()) {
            let last = cell.asked.load(Ordering::Relaxed);
            let open = if cell.answered.load(Ordering::Acquire) == last {
                0
            } else {
                last & ((1 << STALE_BITS) - 1)
            };
            let sequence = (last >> STALE_BITS).wrapping_add(1) << STALE_BITS;
            cell.asked
                .store(sequence | open | stale.bits(), Ordering::Release);
        }
    }

    /// Answers for a core, if it was asked: `forget` does what the letter says, and its effects
    /// are visible to the asker once it sees the answer. Whether there was a letter.
    pub fn answer(&self, core: CoreId, forget: impl FnOnce(Stale)) -> bool {
        let Some(cell) = self.cells.get(core.number()) else {
            return false;
        };
        let letter = cell.asked.load(Ordering::Acquire);
        if letter == cell.answered.load(Ordering::Relaxed) {
            return false;
        }
        forget(Stale::from_bits_truncate(letter));
        cell.answered.store(letter, Ordering::Release);
        true
    }

    /// Whether a core has answered all it was asked.
    #[must_use]
    pub fn has_answered(&self, core: CoreId) -> bool {
        self.cells.get(core.number()).is_some_and(|cell| {
            cell.answered.load(Ordering::Acquire) == cell.asked.load(Ordering::Relaxed)
        })
    }

    /// Asks all of `cores` and polls until they have answered, at most `polls` times each; between
    /// polls it calls `idle`.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub fn shoot_down(
        &self,
        cores: CoreSet,
        stale: Stale,
        polls: u32,
        mut idle: impl FnMut(),
    ) -> Result<(), Unanswered> {
        cores.iter().for_each(|core| self.ask(core, stale));
        for core in cores.iter() {
            let mut polled = 0;
            while !self.has_answered(core) {
                if polled == polls {
                    return Err(Unanswered { core, polls });
                }
                polled += 1;
                idle();
            }
        }
        Ok(())
    }
}

const _: () = assert!(Stale::all().bits() < 1 << STALE_BITS);

#[cfg(test)]
mod tests {
    use super::*;

    fn core(number: u32) -> CoreId {
        CoreId::new(number).unwrap()
    }

    #[test]
    fn a_letter_is_answered_once() {
        let mailbox = Mailbox::<2>::new();
        assert!(mailbox.has_answered(core(1)));
        assert!(!mailbox.answer(core(1), |_| unreachable!()));
        mailbox.ask(core(1), Stale::INDEX_2);
        assert!(!mailbox.has_answered(core(1)) && mailbox.has_answered(core(0)));
        assert!(mailbox.answer(core(1), |stale| assert_eq!(stale, Stale::INDEX_2)));
        assert!(mailbox.has_answered(core(1)));
        assert!(!mailbox.answer(core(1), |_| unreachable!()));
    }

    #[test]
    fn an_open_letter_is_included_in_the_next() {
        let mailbox = Mailbox::<2>::new();
        mailbox.ask(core(1), Stale::INDEX_0);
        mailbox.ask(core(1), Stale::LINES);
        let both = Stale::INDEX_0 | Stale::LINES;
        assert!(mailbox.answer(core(1), |stale| assert_eq!(stale, both)));
        mailbox.ask(core(1), Stale::INDEX_3);
        assert!(mailbox.answer(core(1), |stale| assert_eq!(stale, Stale::INDEX_3)));
    }

    #[test]
    fn the_same_letter_again_is_another_letter() {
        let mailbox = Mailbox::<1>::new();
        for _ in 0..3 {
            mailbox.ask(core(0), Stale::ENTRIES);
            assert!(!mailbox.has_answered(core(0)));
            assert!(mailbox.answer(core(0), |_| {}));
        }
    }

    #[test]
    fn waiting_is_bounded_and_names_the_core() {
        let mailbox = Mailbox::<3>::new();
        let cores = CoreSet::EMPTY.with(core(1)).with(core(2));
        let mut idled = 0;
        let waited = mailbox.shoot_down(cores, Stale::INDEX_1, 10, || {
            idled += 1;
            mailbox.answer(core(1), |_| {});
        });
        let silent = Unanswered {
            core: core(2),
            polls: 10,
        };
        assert_eq!(waited, Err(silent));
        assert_eq!(idled, 11);
        assert_eq!(
            mailbox.shoot_down(CoreSet::EMPTY, Stale::INDEX_1, 0, || {}),
            Ok(())
        );
    }

    #[test]
    fn a_core_without_a_place_never_answers() {
        let mailbox = Mailbox::<1>::new();
        let cores = CoreSet::EMPTY.with(core(1));
        assert!(mailbox.shoot_down(cores, Stale::LINES, 3, || {}).is_err());
        assert!(!mailbox.answer(core(1), |_| unreachable!()));
    }
}
