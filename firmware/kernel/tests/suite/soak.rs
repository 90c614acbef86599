//! Whatever the host asks and modules do: nothing panics, nothing is left behind, and every request is
//! answered once. All of it is asserted by [`Stage::perform`].

use kernel::estate::RegionPages;
use kernel::pipeline::request::{
    Creation, Endpoint, Injected, OnDeath, Phase, Request, RequestRecord,
};
use kernel::report::{Loaded, Replied, Stopped};
use proptest::prelude::*;

use crate::stage::{BYTES, Dice, RATE, Requests, Stage, TICK, adder, instance_at, pin, wild};

/// Words that a request may have: small numbers, sizes, and edges.
const WORDS: [u32; 24] = [
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    9,
    15,
    16,
    64,
    100,
    255,
    1_000,
    2_000,
    4_096,
    48_000,
    65_536,
    65_537,
    100_000,
    1 << 31,
    u32::MAX - 1,
    u32::MAX,
];

/// A request, of which every word may be wrong.
fn record(dice: &mut Dice, tick: u32) -> RequestRecord {
    let place = dice.below(4);
    let end = |dice: &mut Dice| match dice.below(3) {
        0 => Endpoint::File(dice.below(3) as u16),
        _ => pin(dice.below(4) as usize, dice.below(2) as u8),
    };
    let request = match dice.below(24) {
        0 | 1 => Request::Load(dice.below(4)),
        2 => Request::Unload(dice.below(4)),
        3..8 => Request::Create(Creation {
            place,
            file: dice.below(3),
            pipeline: dice.below(2),
            period_us: dice.one_of(&[1_000, 1_000, 2_000, 10_000]),
            restarts: dice.one_of(&[0, 1, u32::MAX]),
            on_death: dice.one_of(&[OnDeath::Bypass, OnDeath::Silence]),
            budget: dice.one_of(&[1, TICK, u32::MAX]),
            core: dice.below(2),
            region: RegionPages {
                lifetime: dice.one_of(&[0, 0, 1, u16::MAX]),
                interim: dice.one_of(&[0, 0, 4]),
            },
        }),
        8 => Request::Delete(place),
        9..13 => Request::Bind {
            buffer: dice.below(5),
            from: end(dice),
            to: end(dice),
            bytes: dice.one_of(&[BYTES, 2 * BYTES, 20 * BYTES]),
            rate: dice.one_of(&[RATE, RATE, 44_100]),
            channels: dice.one_of(&[1, 1, 3]),
        },
        13 => Request::Unbind(dice.below(5)),
        14..19 => Request::SetPhase {
            pipeline: dice.below(2),
            phase: dice.one_of(&[
                Phase::Running,
                Phase::Running,
                Phase::Paused,
                Phase::Ready,
                Phase::Reset,
            ]),
        },
        19 => Request::SetConfig {
            place,
            id: 1,
            offset: dice.below(4_000),
            bytes: dice.below(12_000),
        },
        20 => Request::GetConfig { place, id: 2 },
        _ => Request::Inject {
            place,
            fault: dice.one_of(&[Injected::Jump, Injected::Overrun, Injected::Withdraw]),
        },
    };
    let mut record = request.record(tick);
    if dice.below(4) == 0 {
        record.words[dice.below(8) as usize] = dice.one_of(&WORDS);
    }
    if dice.below(30) == 0 {
        record.kind = dice.below(14);
    }
    record
}

fn stage(dice: &mut Dice, once_in: u32) -> Stage {
    let scripts = (0..3).map(|_| wild(dice.next().into(), once_in)).collect();
    let mut stage = Stage::new(scripts);
    stage.cores = dice.below(2) + 1;
    stage.pace = dice.below(4);
    stage.put("module-3", vec![0x7f; 3000]);
    stage.put("blobs.bin", vec![7; 14_000]);
    let samples: Vec<i32> = (0..100).collect();
    (0..3).for_each(|input| stage.input(input, &samples));
    stage
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_and_done_every_request_is_answered_once(seed in any::<u64>(), once_in in 2..40u32) {
        let mut dice = Dice(seed);
        let mut stage = stage(&mut dice, once_in);
        let mut tick = 0;
        let records: Vec<RequestRecord> = (0..60)
            .map(|_| {
                tick += dice.one_of(&[0, 0, 0, 1, 1, 5]);
                record(&mut dice, tick)
            })
            .collect();
        let ends = records.iter().position(|record| record.kind == 11);
        let answered = ends.map_or(records.len(), |end| end + 1);
        let report = stage.perform(&records);
        prop_assert_eq!(report.all::<Replied>().len(), answered);
    }

    #[test]
    fn no_bytes_of_a_request_file_are_too_strange(mut bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        // But for when it is due, which may be weeks away.
        for record in bytes.chunks_mut(40) {
            let due = record.len().min(4);
            record[..due].fill(0);
            if let Some(kind) = record.get_mut(4..8) {
                kind[1..].fill(0);
                kind[0] %= 14;
            }
        }
        let mut stage = stage(&mut Dice(1), 10);
        let whole: Vec<RequestRecord> = bytes
            .chunks_exact(40)
            .map(|record| zerocopy::FromBytes::read_from_bytes(record).unwrap())
            .collect();
        stage.perform(&whole);
    }
}

/// How often a module is loaded, run, killed and unloaded.
const CYCLES: u32 = 10_000;

#[test]
fn loaded_run_killed_and_unloaded_again_and_again() {
    let mut dice = Dice(0x5eed);
    let mut stage = stage(&mut dice, 12);
    let mut requests = Requests::default();
    // Beside it all one lives on, and is fed.
    let lives_on = Creation {
        restarts: u32::MAX,
        ..instance_at(2)
    };
    requests
        .add(Request::Load(2))
        .create(lives_on)
        .bind(20, Endpoint::File(2), pin(2, 0), 2 * BYTES)
        .bind(21, pin(2, 0), Endpoint::File(2), 2 * BYTES)
        .phase(2, Phase::Running);
    for _ in 0..CYCLES {
        let place = dice.below(2);
        let wanted = Creation {
            restarts: dice.one_of(&[0, 1, u32::MAX]),
            on_death: dice.one_of(&[OnDeath::Bypass, OnDeath::Silence]),
            ..instance_at(place)
        };
        let here = place as usize;
        requests
            .add(Request::Load(place))
            .create(wanted)
            .bind(1, Endpoint::File(0), pin(here, 0), 2 * BYTES)
            .bind(2, pin(here, 0), pin(2, 1), 2 * BYTES)
            .phase(place, Phase::Running);
        for _ in 0..dice.below(3) {
            let tick = requests.tick + dice.below(3);
            let fault = dice.one_of(&[Injected::Jump, Injected::Overrun, Injected::Withdraw]);
            requests.at(tick).add(Request::Inject { place, fault });
        }
        let tick = requests.tick + dice.below(2);
        requests
            .at(tick)
            .add(Request::Unbind(2))
            .add(Request::Delete(place))
            .add(Request::Delete(place))
            .add(Request::Unbind(1))
            .add(Request::Unload(place));
    }
    // At its end nothing is left, not even what `clear` would take away.
    requests
        .add(Request::Delete(2))
        .add(Request::Delete(2))
        .add(Request::Unbind(20))
        .add(Request::Unbind(21))
        .add(Request::Unload(2));
    let before = stage.rig.system.resources();
    let report = stage.perform(&requests.end());
    let loaded = report.all::<Loaded>().len() as u32;
    assert!(loaded > CYCLES, "{loaded}");
    assert!(report.all::<Stopped>().len() as u32 > CYCLES / 2);
    assert_eq!(stage.free_at_last_request, Some(before));
    let unloaded = report.answers().into_iter().rev().nth(1).unwrap();
    assert_eq!(unloaded, Ok(()));
}

/// Half a minute of audio.
const TICKS: u32 = 30_000;

#[test]
fn three_in_a_row_lose_no_sample_while_a_fourth_dies_again_and_again() {
    let mut dice = Dice(0xf001);
    let mut scripts = vec![adder(TICK / 10); 3];
    scripts.push(wild(77, 50));
    let mut stage = Stage::new(scripts);
    let samples: Vec<i32> = (0..2 * TICKS).map(|_| dice.next() as i32 >> 1).collect();
    stage.input(0, &samples);
    stage.input(3, &samples);
    let fourth = Creation {
        restarts: u32::MAX,
        on_death: OnDeath::Bypass,
        budget: TICK / 4,
        ..instance_at(3)
    };
    let mut requests = Requests::default();
    for place in 0..4 {
        requests.add(Request::Load(place));
        if place < 3 {
            requests.create(instance_at(place));
        }
    }
    requests
        .create(fourth)
        .bind(1, Endpoint::File(0), pin(0, 0), 4 * BYTES)
        .bind(2, pin(0, 0), pin(1, 0), 4 * BYTES)
        .bind(3, pin(1, 0), pin(2, 0), 4 * BYTES)
        .bind(4, pin(2, 0), Endpoint::File(0), 4 * BYTES)
        .bind(5, Endpoint::File(3), pin(3, 0), 4 * BYTES)
        .bind(6, pin(3, 0), Endpoint::File(3), 4 * BYTES);
    for place in (0..4).rev() {
        requests.phase(place, Phase::Running);
    }
    while requests.tick < TICKS - 100 {
        let tick = requests.tick + 1 + dice.below(100);
        let fault = dice.one_of(&[Injected::Jump, Injected::Overrun, Injected::Withdraw]);
        requests
            .at(tick)
            .add(Request::Inject { place: 3, fault })
            .phase(3, Phase::Running);
    }
    let report = stage.perform(&requests.at(TICKS).end());
    let stopped = report.all::<Stopped>();
    assert!(stopped.len() > 1_000, "{}", stopped.len());
    assert!(stopped.iter().all(|one| one.place == 3));
    let heard = stage.output(0);
    assert!(heard.len() > samples.len() - 20);
    let differs = |(heard, given): (&i32, &i32)| *heard != given.wrapping_add(3);
    let first = heard.iter().zip(&samples).position(differs);
    assert_eq!(first, None, "a sample of the survivors");
}
