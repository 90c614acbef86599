//! The lock, alone and together with the mailbox.

use loom::sync::Arc;
use loom::thread;
use mmu::Stale;

use crate::frame::Frame;
use crate::word::{Letters, Lock, PATIENT, core, idle, only};

#[derive(Default)]
struct Shared {
    lock: Lock,
    letters: Letters<2>,
    /// What the lock guards.
    ledger: Frame,
}

#[test]
fn two_cores_take_turns() {
    loom::model(|| {
        let shared = Arc::new(Shared::default());
        let work = |shared: &Shared| {
            for _ in 0..2 {
                shared.lock.take(idle);
                shared.ledger.store();
                shared.lock.give_back();
            }
        };
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || work(&shared)
        });
        work(&shared);
        other.join().expect("it ends");
    });
}

/// Nobody waits here: two that do would keep the checker from ever running the third.
#[test]
fn three_cores_exclude_each_other() {
    loom::model(|| {
        let shared = Arc::new(Shared::default());
        let work = |shared: &Shared| {
            if shared.lock.try_take() {
                shared.ledger.store();
                shared.lock.give_back();
            }
        };
        let others = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || work(&shared))
        });
        work(&shared);
        for other in others {
            other.join().expect("it ends");
        }
    });
}

#[test]
fn a_core_that_waits_for_the_lock_answers_its_holder() {
    loom::model(|| {
        let shared = Arc::new(Shared::default());
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let mut answered = false;
                shared.lock.take(|| {
                    answered |= shared.letters.answer(core(1), |_| ());
                    idle();
                });
                shared.ledger.store();
                shared.lock.give_back();
                // Its modules run on, until the timer.
                while !answered {
                    answered = shared.letters.answer(core(1), |_| ());
                    idle();
                }
            }
        });
        shared.lock.take(idle);
        shared
            .letters
            .shoot_down(only(1), Stale::ENTRIES, PATIENT, idle)
            .expect("it answers");
        shared.ledger.store();
        shared.lock.give_back();
        other.join().expect("it ends");
    });
}
