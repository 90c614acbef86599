//! Sequences after which the model once differed from the machine, each with what the machine did.
//! `bulkhead prove` prints a new one in this form.

use mmu::Rights;
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

/// A page of data, and accesses that the domain may not do or that the hardware does not.
fn judged(then: &[Step]) -> Outcome {
    let mut steps = vec![
        Step::Create { name: 0, slot: 0 },
        Step::Add {
            name: 0,
            pages: 1 << 10 | 1,
            terms: u32::from(Rights::DATA.bits()),
            frame: 0,
            stride: 0,
        },
        Step::Enter { name: 0 },
    ];
    steps.extend_from_slice(then);
    last(&steps)
}

const fn at(deed: Deed, address: u32) -> Step {
    Step::Access {
        deed,
        address,
        value: 0,
    }
}

#[test]
fn a_fault_has_the_verdict_on_it() {
    let wired = Step::Wire {
        address: 0xa000_1000,
        pte: 0x2c,
    };
    let cases: [(&[Step], (&str, &str)); 7] = [
        (
            &[at(Deed::LoadWord, 0xa000_2004)],
            ("stops the module", "reading, not granted"),
        ),
        (
            &[at(Deed::StoreWord, 0x4000_0000)],
            ("stops the module", "writing, not granted"),
        ),
        (
            &[at(Deed::Execute, 0xa000_1000)],
            ("stops the module", "execution, not permitted"),
        ),
        (
            &[at(Deed::LoadWord, 0xa000_1002)],
            ("stops the module", "an access of the wrong manner"),
        ),
        (
            &[wired, at(Deed::StoreWord, 0xa000_1004)],
            ("goes on", "an entry out of date"),
        ),
        (
            &[Step::Destroy { name: 0 }, at(Deed::LoadByte, 0xa000_1000)],
            ("stops the module", "access of a domain that is gone"),
        ),
        (
            &[
                Step::EnterRaw {
                    asid: 0,
                    slot: 0,
                    table: 0,
                },
                at(Deed::LoadByte, 0xa000_1000),
            ],
            ("no domain ran", "nobody's"),
        ),
    ];
    for (then, expected) in cases {
        let outcome = judged(then);
        assert!(outcome.is_fault(), "{then:?}");
        let verdict = (outcome.decision(), outcome.offence());
        assert_eq!(verdict, expected, "{then:?}");
    }
}
