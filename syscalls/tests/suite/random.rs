//! Any number with any registers: no panic, no byte written that is not the caller's to write,
//! and the books balance.

use abi::{Call, Errno};
use mmu::{Alias, PAGE_BYTES};
use proptest::prelude::*;
use syscalls::{CallCount, LOG_LINES_PER_ENTRY, Outcome};

use crate::rig::{
    ALIASES, CALLS, CONSTANTS, REGION, REGION_BYTES, Rig, TENANTS, TEXT, address, is_writable_by,
};

#[derive(Clone, Debug)]
struct Attempt {
    id: usize,
    number: u32,
    arguments: [u32; 5],
    /// Whether `a2` is what the last allocation returned.
    reuse: bool,
}

fn any_register() -> impl Strategy<Value = u32> {
    let page = prop::sample::select(vec![
        0,
        TEXT,
        CONSTANTS,
        CONSTANTS + 1,
        REGION,
        REGION + 1,
        REGION + 3,
    ]);
    let near = (
        0..TENANTS,
        page,
        prop::sample::select(&ALIASES[..]),
        -20..20i64,
    )
        .prop_map(|(id, page, alias, offset)| {
            (i64::from(address(id, page, alias)) + offset) as u32
        });
    prop_oneof![
        6 => near,
        4 => 0..300u32,
        1 => 0..2 * REGION_BYTES,
        2 => prop::sample::select(vec![u32::MAX, u32::MAX - 3, 1 << 31, 0x4000, 0xffff_f000]),
        1 => any::<u32>(),
    ]
}

fn any_attempt() -> impl Strategy<Value = Attempt> {
    let number = prop_oneof![20 => prop::sample::select(Call::ALL.map(Call::number).to_vec()), 1 => any::<u32>(), 1 => 0..20u32];
    let arguments = prop::array::uniform5(any_register());
    let small = prop_oneof![3 => any_register(), 2 => 0..4u32];
    (0..TENANTS, number, arguments, small, any::<bool>()).prop_map(
        |(id, number, mut arguments, small, reuse)| {
            arguments[2] = small;
            Attempt {
                id,
                number,
                arguments,
                reuse,
            }
        },
    )
}

#[derive(Default)]
struct Books {
    calls: [[CallCount; CALLS]; TENANTS],
    unknown: [u32; TENANTS],
    refused: u32,
}

fn run(attempts: &[Attempt], sealed: bool) {
    let mut rig = Rig::new();
    let mut books = Books::default();
    let mut last = [0; TENANTS];
    if sealed {
        for tenant in &mut rig.tenants {
            tenant.region.seal(0).unwrap();
        }
    }
    for attempt in attempts {
        let id = attempt.id;
        let mut arguments = attempt.arguments;
        if attempt.reuse && attempt.number == Call::Free.number() {
            arguments[0] = last[id];
        }
        let total = rig.audit.total();
        let stats = rig.tenants.each_ref().map(|tenant| tenant.region.stats());
        let frames = rig.frames();
        let lines = rig.log.0.len();
        let outcome = rig.call_by(id, attempt.number, arguments);

        let refused = rig.audit.total() - total;
        assert!(refused <= 1);
        books.refused += refused;
        match Call::from_number(attempt.number) {
            Some(call) => {
                books.calls[id][call.index()].made += 1;
                books.calls[id][call.index()].refused += refused;
            }
            None => {
                assert_eq!(refused, 1);
                books.unknown[id] += 1;
            }
        }
        assert_eq!(rig.tenants[id].calls, books.calls[id]);
        assert_eq!(rig.tenants[id].unknown_calls, books.unknown[id]);

        for (number, (old, new)) in frames.iter().zip(&rig.frames()).enumerate() {
            let may_change = is_writable_by(id, number) && refused == 0;
            assert!(
                old == new || may_change,
                "{attempt:?} wrote to frame {number}"
            );
        }
        let after = rig.tenants.each_ref().map(|tenant| tenant.region.stats());
        let other = 1 - id;
        assert_eq!(after[other], stats[other], "{attempt:?}");
        if refused == 1 {
            assert_eq!(after, stats, "{attempt:?} was refused and left a trace");
            assert_eq!(rig.log.0.len(), lines);
        }
        rig.tenants[id].region.check().unwrap();
        assert!(rig.tenants[id].lines <= LOG_LINES_PER_ENTRY);

        let call = Call::from_number(attempt.number);
        match outcome {
            Outcome::Return(value) if Errno::is_error(value) => assert_eq!(refused, 1),
            Outcome::Return(value) => {
                assert_eq!(refused, 0);
                assert_ne!(call, Some(Call::Done));
                if call == Some(Call::Alloc) {
                    let start = [Alias::Cached, Alias::Uncached]
                        .map(|alias| address(id, REGION, alias))
                        .into_iter()
                        .find(|start| value.wrapping_sub(*start) < REGION_BYTES)
                        .expect("the allocation is in the caller's region");
                    assert!(value - start + arguments[0] <= REGION_BYTES);
                    last[id] = value;
                }
            }
            Outcome::Done(result) => {
                assert_eq!(call, Some(Call::Done));
                assert_eq!(result, arguments[0]);
            }
            Outcome::Stop(refusal) => {
                assert_eq!(refused, 1);
                assert_eq!(refusal.call, attempt.number);
                // The module would be gone; here it goes on, to be a nuisance for longer.
            }
        }
    }
    assert_eq!(rig.audit.total(), books.refused);
    assert_eq!(rig.domains.check(&rig.machine), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_call_harms_anybody(
        attempts in prop::collection::vec(any_attempt(), 1..60),
        sealed in any::<bool>(),
    ) {
        run(&attempts, sealed);
    }
}

#[test]
fn the_rig_can_be_written_by_its_owner_alone() {
    let writable = |id| (0..14).filter(move |frame| is_writable_by(id, *frame));
    assert_eq!(writable(0).collect::<Vec<_>>(), [6, 7, 8]);
    assert_eq!(writable(1).collect::<Vec<_>>(), [11, 12, 13]);
    assert_eq!(REGION_BYTES, 3 * PAGE_BYTES);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_short_way_comes_to_the_same(
        attempts in prop::collection::vec(any_attempt(), 1..80),
        sealed in any::<bool>(),
    ) {
        let mut rigs = [Rig::new(), Rig::new()];
        rigs[1].shortly = false;
        let mut last = [0; TENANTS];
        for rig in &mut rigs {
            for tenant in rig.tenants.iter_mut().filter(|_| sealed) {
                tenant.region.seal(0).unwrap();
            }
        }
        for attempt in &attempts {
            let mut arguments = attempt.arguments;
            if attempt.reuse && attempt.number == Call::Free.number() {
                arguments[0] = last[attempt.id];
            }
            let [short, long] = rigs.each_mut().map(|rig| {
                let outcome = rig.call_by(attempt.id, attempt.number, arguments);
                let tenants = rig.tenants.each_ref();
                (outcome, tenants.map(|tenant| (tenant.region.stats(), tenant.calls)), rig.audit.total())
            });
            prop_assert_eq!(&short, &long);
            if let (Some(Call::Alloc), Outcome::Return(at)) = (Call::from_number(attempt.number), short.0)
                && !Errno::is_error(at)
            {
                last[attempt.id] = at;
            }
        }
    }
}
