//! One core asks, one answers.

use std::sync::atomic::Ordering::Relaxed;

use loom::sync::Arc;
use loom::sync::atomic::AtomicU32;
use loom::thread;
use mmu::Stale;

use crate::frame::Frame;
use crate::word::{Letters, PATIENT, core, idle, only};

/// An entry of a page table that gives a frame, and one that gives nothing.
const GIVES: u32 = 1;
const GIVES_NOTHING: u32 = 0;

/// A page: its entry in the table, as every core and every refill reads it, and its frame.
#[derive(Default)]
struct Page {
    entry: AtomicU32,
    frame: Frame,
    letters: Letters<2>,
}

impl Page {
    fn granted() -> Arc<Page> {
        let page = Page::default();
        page.entry.store(GIVES, Relaxed);
        Arc::new(page)
    }
}

/// What one core's TLB holds of a page.
#[derive(Default)]
struct Remembered(Option<u32>);

impl Remembered {
    /// A store by user code: a refill if nothing is remembered, then the access. Whether there was
    /// one.
    fn access(&mut self, page: &Page) -> bool {
        let entry = *self.0.get_or_insert_with(|| page.entry.load(Relaxed));
        if entry == GIVES {
            page.frame.store();
        }
        entry == GIVES
    }
}

#[test]
fn after_the_answer_a_core_uses_the_page_no_more() {
    loom::model(|| {
        let page = Page::granted();
        let user = thread::spawn({
            let page = Arc::clone(&page);
            move || {
                let mut remembered = Remembered::default();
                remembered.access(&page);
                while !page.letters.answer(core(1), |_| remembered.0 = None) {
                    idle();
                    remembered.access(&page);
                }
                assert!(!remembered.access(&page), "the refill saw the old entry");
            }
        });
        page.entry.store(GIVES_NOTHING, Relaxed);
        page.letters
            .shoot_down(only(1), Stale::INDEX_0, PATIENT, idle)
            .expect("it answers");
        // Zeroed, for another domain.
        page.frame.store();
        user.join().expect("the user ends");
    });
}

#[test]
fn what_a_core_writes_back_before_it_answers_is_seen_by_the_asker() {
    loom::model(|| {
        let page = Page::granted();
        let user = thread::spawn({
            let page = Arc::clone(&page);
            move || {
                while !page.letters.answer(core(1), |_| page.frame.store()) {
                    idle();
                }
            }
        });
        page.letters
            .shoot_down(only(1), Stale::LINES, PATIENT, idle)
            .expect("it answers");
        page.frame.load();
        user.join().expect("the user ends");
    });
}

#[test]
fn a_letter_that_nobody_waited_for_is_included_in_the_next() {
    loom::model(|| {
        let letters = Arc::new(Letters::<2>::default());
        let user = thread::spawn({
            let letters = Arc::clone(&letters);
            move || {
                let mut forgotten = Stale::empty();
                while !forgotten.contains(Stale::INDEX_1) {
                    letters.answer(core(1), |stale| forgotten |= stale);
                    idle();
                }
                assert_eq!(forgotten, Stale::INDEX_0 | Stale::INDEX_1);
            }
        });
        // Whether it was answered in time does not matter.
        let _ = letters.shoot_down(only(1), Stale::INDEX_0, 1, idle);
        letters
            .shoot_down(only(1), Stale::INDEX_1, PATIENT, idle)
            .expect("it answers");
        user.join().expect("the user ends");
    });
}

#[test]
fn an_asker_that_gave_up_and_undid_may_ask_again() {
    loom::model(|| {
        let page = Page::granted();
        let user = thread::spawn({
            let page = Arc::clone(&page);
            move || {
                let mut remembered = Remembered::default();
                let mut last = false;
                while !last {
                    remembered.access(&page);
                    page.letters.answer(core(1), |stale| {
                        remembered.0 = None;
                        last = stale.contains(Stale::LINES);
                    });
                    idle();
                }
                assert!(!remembered.access(&page), "the refill saw the old entry");
            }
        });
        let ask = |stale, polls| {
            page.entry.store(GIVES_NOTHING, Relaxed);
            page.letters.shoot_down(only(1), stale, polls, idle)
        };
        if ask(Stale::INDEX_0, 1).is_err() {
            page.entry.store(GIVES, Relaxed);
        }
        ask(Stale::INDEX_0 | Stale::LINES, PATIENT).expect("it answers");
        page.frame.store();
        user.join().expect("the user ends");
    });
}
