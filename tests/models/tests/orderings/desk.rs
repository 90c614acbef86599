//! The desk: work goes to another core and comes back.

use loom::sync::Arc;
use loom::thread;

use crate::frame::Frame;
use crate::word::{Work, idle};

#[derive(Default)]
struct Shared {
    desk: Work,
    /// What is handed over.
    record: Frame,
}

#[test]
fn work_is_its_owners_alone() {
    const ROUNDS: usize = 2;
    loom::model(|| {
        let shared = Arc::new(Shared::default());
        let worker = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for _ in 0..ROUNDS {
                    while !shared.desk.has_work() {
                        idle();
                    }
                    shared.record.store();
                    shared.desk.end();
                }
            }
        });
        for _ in 0..ROUNDS {
            shared.record.store();
            shared.desk.hand_over();
            while !shared.desk.is_done() {
                idle();
            }
            shared.record.store();
        }
        worker.join().expect("it ends");
    });
}
