//! Several askers, one after the other, as the lock lets them.

use std::sync::atomic::Ordering::Relaxed;

use loom::model::Builder;
use loom::sync::Arc;
use loom::sync::atomic::AtomicU32;
use loom::thread;
use mmu::{CoreId, Stale};

use crate::frame::Frame;
use crate::word::{Letters, Lock, PATIENT, core, idle, only};

#[derive(Default)]
struct Shared {
    lock: Lock,
    letters: Letters<3>,
    /// Each core's own frames, which it touches until it answers; then the asker does.
    frames: [Frame; 3],
}

impl Shared {
    /// A core answers; it touches its frame for the last time before. Whether it was asked.
    fn answer(&self, own: CoreId) -> bool {
        self.letters
            .answer(own, |_| self.frames[own.number()].store())
    }

    /// A core asks another under the lock and takes its frame. How often it answered meanwhile.
    fn ask(&self, own: u32, other: u32) -> u32 {
        let mut answered = 0;
        self.lock.take(|| {
            answered += u32::from(self.answer(core(own)));
            idle();
        });
        self.letters
            .shoot_down(only(other), Stale::ENTRIES, PATIENT, idle)
            .expect("it answers");
        self.frames[other as usize].store();
        self.lock.give_back();
        answered
    }

    /// A core that answers until it has done so `letters` times.
    fn answer_until(&self, own: u32, letters: u32, mut answered: u32) {
        while answered < letters {
            answered += u32::from(self.answer(core(own)));
            idle();
        }
    }
}

#[test]
fn two_cores_that_ask_each_other_both_get_their_answers() {
    loom::model(|| {
        let shared = Arc::new(Shared::default());
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let answered = shared.ask(1, 0);
                shared.answer_until(1, 1, answered);
            }
        });
        let answered = shared.ask(0, 1);
        shared.answer_until(0, 1, answered);
        other.join().expect("it ends");
    });
}

/// An asker that finds the lock taken goes away: two cores that wait would keep the checker from
/// ever running the third.
#[test]
fn two_askers_of_a_third_core_each_wait_for_their_own_answer() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let shared = Arc::new(Shared::default());
        let gone = Arc::new(AtomicU32::new(0));
        let ask = |shared: &Shared, gone: &AtomicU32| {
            if shared.lock.try_take() {
                shared
                    .letters
                    .shoot_down(only(2), Stale::ENTRIES, PATIENT, idle)
                    .expect("it answers");
                shared.frames[2].store();
                shared.lock.give_back();
            }
            gone.fetch_add(1, Relaxed);
        };
        let asker = thread::spawn({
            let (shared, gone) = (Arc::clone(&shared), Arc::clone(&gone));
            move || ask(&shared, &gone)
        });
        let user = thread::spawn({
            let (shared, gone) = (Arc::clone(&shared), Arc::clone(&gone));
            move || {
                while gone.load(Relaxed) < 2 {
                    shared.answer(core(2));
                    idle();
                }
            }
        });
        ask(&shared, &gone);
        asker.join().expect("it ends");
        user.join().expect("it ends");
    });
}
