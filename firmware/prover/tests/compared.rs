//! Sequences after which the model once differed from the machine, each with what the machine did.
//! `bulkhead prove` prints a new one in this form.

use mmu::model::ModelMachine;
use prover::{BOARD, Deed, Ground, Outcome, Step};

/// What the model does in the last step.
fn last(steps: &[Step]) -> Outcome {
    let mut ground = Ground::new(ModelMachine::without_caches(BOARD));
    let mut outcome = Outcome::done(0);
    for step in steps {
        outcome = ground.take(*step);
    }
    outcome
}

/// The first refill goes to way 1, not to way 0.
#[test]
fn a_dropped_way_held_the_second_refill() {
    let steps = [
        Step::SetEntry {
            table: 0x0,
            index: 0x3ff,
            pte: 0x0f73_2c5f,
        },
        Step::EnterRaw {
            asid: 0x1,
            slot: 0x7f,
            table: 0x0,
        },
        Step::Access {
            deed: Deed::StoreByte,
            address: 0xbfff_e800,
            value: 0xef39_d4ab,
        },
        Step::Access {
            deed: Deed::LoadByte,
            address: 0xbfff_f747,
            value: 0xaed7_6026,
        },
        Step::DropWay {
            address: 0x7000,
            way: 0x2,
        },
        Step::EnterRaw {
            asid: 0x2,
            slot: 0x0,
            table: 0x1,
        },
        Step::Access {
            deed: Deed::StoreByte,
            address: 0xbfff_f892,
            value: 0xba99_77ec,
        },
    ];
    let machine = Outcome {
        code: 24,
        value: 0x0,
        address: 0xbfff_f892,
    };
    assert_eq!(last(&steps), machine);
}
