//! Pipelines on the model machine: who runs when, what becomes of requests, and what death leaves.

use std::cell::RefCell;
use std::rc::Rc;

use abi::{Call, Command, EntryPoint, MESSAGE_BODY_BYTES, Message};
use kernel::audio::ConnectError;
use kernel::config::{BUFFERS, MODULES};
use kernel::estate::Purpose;
use kernel::install::InstallError;
use kernel::pipeline::REQUEST_TICKS;
use kernel::pipeline::request::{
    Creation, Endpoint, Injected, MOST_CONFIG_BYTES, OnDeath, Phase, Request, RequestError,
    RequestRecord,
};
use kernel::report::{
    Acted, Answer, Ending, Flowed, Loaded, Replied, Revived, Said, Stopped, Summary,
};
use kernel::session::Failed;
use mmu::PAGE_BYTES;

use crate::stage::{
    Act, BYTES, Cpu, Halt, Report, Requests, Script, Stage, TICK, Visit, adder, adds, instance_at,
    module, pin,
};

/// An address that is no module's.
const NOWHERE: u32 = 0x100;
const IN: Endpoint = Endpoint::File(0);
const OUT: Endpoint = Endpoint::File(0);

fn ramp(frames: i32) -> Vec<i32> {
    (1..=frames).map(|frame| frame * 1000).collect()
}

fn plus(samples: &[i32], more: i32) -> Vec<i32> {
    samples.iter().map(|sample| sample + more).collect()
}

fn script(act: impl Fn(&mut Cpu<'_>, &Visit) -> Result<Act, Halt> + 'static) -> Script {
    Rc::new(act)
}

/// A script that does in one entry point what `act` says, and otherwise adds.
fn special(
    entry: EntryPoint,
    act: impl Fn(&mut Cpu<'_>, &Visit) -> Result<Act, Halt> + 'static,
) -> Script {
    script(move |cpu, visit| match visit.entry == entry {
        true => act(cpu, visit),
        false => adds(cpu, visit, 100),
    })
}

/// One module between input and output 0, running from tick 0.
fn alone(wanted: Creation) -> Requests {
    let mut requests = Requests::default();
    (requests.add(Request::Load(wanted.file)).create(wanted))
        .bind(1, IN, pin(wanted.place as usize, 0), 4 * BYTES)
        .bind(2, pin(wanted.place as usize, 0), OUT, 4 * BYTES)
        .phase(wanted.pipeline, Phase::Running);
    requests
}

fn inject(place: u32, fault: Injected) -> Request {
    Request::Inject { place, fault }
}

fn stopped_in(report: &Report) -> Vec<(u32, u32)> {
    let all = report.all::<Stopped>().into_iter();
    all.map(|one| (one.place, one.entry)).collect()
}

// Who runs when.

#[test]
fn one_feeds_the_other() {
    let mut stage = Stage::new(vec![adder(100), adder(100)]);
    stage.input(0, &ramp(40));
    let requests = Requests::default()
        .add(Request::Load(0))
        .add(Request::Load(1))
        .create(instance_at(0))
        .create(instance_at(1))
        .bind(1, IN, pin(0, 0), 2 * BYTES)
        .bind(2, pin(0, 0), pin(1, 0), 2 * BYTES)
        .bind(3, pin(1, 0), OUT, 2 * BYTES)
        .phase(1, Phase::Running)
        .phase(0, Phase::Running)
        .at(30)
        .end();
    stage.perform(&requests).all_done();
    assert_eq!(stage.output(0)[..40], plus(&ramp(40), 2)[..]);
    use EntryPoint::{Bind, Init, Prepare, Process, Trigger};
    assert_eq!(
        stage.entries(0)[..6],
        [Init, Bind, Bind, Prepare, Trigger, Process]
    );
}

#[test]
fn long_periods_do_not_delay_a_short_one() {
    let long = adder(3 * TICK);
    let mut stage = Stage::new(vec![long.clone(), long, adder(TICK / 5)]);
    let samples = ramp(400);
    (0..3).for_each(|input| stage.input(input, &samples));
    let mut requests = Requests::default();
    for (place, period_us) in [(0, 10_000), (1, 10_000), (2, 1_000)] {
        let wanted = Creation {
            period_us,
            budget: 10 * TICK,
            ..instance_at(place)
        };
        let (file, here) = (Endpoint::File(place as u16), place as usize);
        requests
            .add(Request::Load(place))
            .create(wanted)
            .bind(place, file, pin(here, 0), 20 * BYTES)
            .bind(10 + place, pin(here, 0), file, 20 * BYTES)
            .phase(place, Phase::Running);
    }
    let report = stage.perform(&requests.at(150).end());
    report.all_done();
    for one in report.all::<Acted>() {
        assert_eq!((one.late, one.missed), (0, 0), "{one:?}");
    }
    for output in 0..3 {
        assert_eq!(stage.output(output)[..250], plus(&samples, 1)[..250]);
    }
}

#[test]
fn a_yield_passes_to_the_next_earliest_deadline() {
    let yields = special(EntryPoint::Process, |_, visit| {
        Ok(match visit.act {
            0 => Act::Yield,
            1 => Act::Run(10),
            _ => Act::Return(0),
        })
    });
    let mut stage = Stage::new(vec![yields.clone(), yields.clone(), yields]);
    let mut requests = Requests::default();
    for (place, period_us) in [(0, 4000), (1, 2000), (2, 1000)] {
        stage.input(place, &[0; 8]);
        let wanted = Creation {
            period_us,
            ..instance_at(place)
        };
        let source = pin(place as usize, 0);
        requests
            .add(Request::Load(place))
            .create(wanted)
            .bind(place, Endpoint::File(place as u16), source, 4 * BYTES)
            .phase(place, Phase::Running);
    }
    // All three have begun in tick 0, and from tick 1 on frames come: in tick 4 all have a period.
    stage.perform(&requests.at(5).end()).all_done();
    let process = |visit: &&Visit| visit.entry == EntryPoint::Process && visit.tick == 4;
    let order: Vec<usize> = (stage.begun.iter().filter(process))
        .map(|visit| visit.place)
        .collect();
    assert_eq!(order, [2, 1, 0]);
    // Each yields to the earliest of the others; where there is none, it goes on.
    assert!(stage.ran.ends_with(&[2, 1, 2, 1, 0, 0, 2, 2]));
}

#[test]
fn modules_that_take_no_time_end_the_tick_all_the_same() {
    let free = script(|_, _| Ok(Act::Return(0)));
    let mut stage = Stage::new(vec![free.clone(), free]);
    let mut requests = Requests::default();
    for place in 0..2 {
        requests
            .add(Request::Load(place))
            .create(instance_at(place));
    }
    // One never lacks space, the other never a period.
    let requests = requests
        .bind(1, pin(0, 0), pin(1, 0), 4 * BYTES)
        .phase(0, Phase::Running)
        .phase(1, Phase::Running)
        .at(3)
        .end();
    stage.perform(&requests).all_done();
    assert!(stage.begun.iter().any(|visit| visit.tick == 2));
}

#[test]
fn a_module_that_dies_at_once_comes_back_once_in_a_tick_and_stays_loaded_meanwhile() {
    let fails = special(EntryPoint::Init, |_, visit| {
        Ok(match visit.act {
            0 => Act::Run(TICK / 20),
            _ => Act::Return(-1),
        })
    });
    // The first dies while the other is asked.
    let slow = special(EntryPoint::GetConfig, |_, visit| {
        Ok(match visit.act {
            0 => Act::Yield,
            1 => Act::Run(TICK / 2),
            _ => Act::Return(0),
        })
    });
    let mut stage = Stage::new(vec![fails, slow]);
    let wanted = Creation {
        restarts: u32::MAX,
        ..instance_at(0)
    };
    let requests = Requests::default()
        .add(Request::Load(0))
        .add(Request::Load(1))
        .create(instance_at(1))
        .create(wanted)
        .at(10)
        .add(Request::GetConfig { place: 1, id: 0 })
        .add(Request::Unload(0))
        .add(Request::Delete(0))
        .add(Request::Unload(0))
        .at(20)
        .end();
    let report = stage.perform(&requests);
    let lives = stage.entries(0).len();
    assert!((10..=13).contains(&lives), "{lives}");
    let answers = report.answers();
    assert_eq!(answers[4], Ok(()), "another's death is not its answer");
    assert_eq!(
        answers[5],
        Err(RequestError::Install(InstallError::InUse(1)))
    );
    assert_eq!(answers[6..], [Ok(()); 3]);
}

#[test]
fn modules_that_yield_to_each_other_make_no_tick_longer() {
    // Each runs nearly a tick at a time, and is given it by another in the same one.
    let yields = special(EntryPoint::Process, |_, visit| {
        Ok(match visit.act % 2 {
            _ if visit.act > 100 => Act::Return(0),
            0 => Act::Run(TICK / 10 * 9),
            _ => Act::Yield,
        })
    });
    let mut stage = Stage::new(vec![yields; 4]);
    let mut requests = Requests::default();
    for place in 0..4 {
        stage.input(place, &ramp(1));
        let wanted = Creation {
            budget: u32::MAX,
            ..instance_at(place)
        };
        let (file, here) = (Endpoint::File(place as u16), place as usize);
        requests
            .add(Request::Load(place))
            .create(wanted)
            .bind(place, file, pin(here, 0), 4 * BYTES)
            .phase(place, Phase::Running);
    }
    stage.perform(&requests.at(100).end()).all_done();
    let ticks = stage.clock / TICK;
    assert!((95..=102).contains(&ticks), "{ticks}");
}

#[test]
fn who_says_much_silences_nobody() {
    let says = script(|cpu, visit| {
        if visit.entry != EntryPoint::Process {
            return Ok(Act::Return(0));
        }
        let text = cpu.part(Purpose::Data) + 256;
        cpu.store(text, u32::from_le_bytes(*b"here"))?;
        let lines = if visit.place == 0 { 100 } else { 1 };
        for _ in 0..lines {
            cpu.call(Call::Log, [text, 4, 0])?;
        }
        Ok(Act::Run(10))
    });
    let says = script(move |cpu, visit| match visit.act {
        0 => says(cpu, visit),
        _ => Ok(Act::Return(0)),
    });
    let mut stage = Stage::new(vec![says.clone(), says]);
    let requests = Requests::default()
        .add(Request::Load(0))
        .add(Request::Load(1))
        .create(instance_at(0))
        .create(instance_at(1))
        .bind(1, pin(0, 0), pin(1, 0), 4 * BYTES)
        .phase(0, Phase::Running)
        .phase(1, Phase::Running)
        .at(3)
        .end();
    let report = stage.perform(&requests);
    report.all_done();
    let quiet = |visit: &&Visit| (visit.place, visit.entry) == (1, EntryPoint::Process);
    let heard = report
        .all::<Said>()
        .iter()
        .filter(|one| one.place == 1)
        .count();
    assert_eq!(heard, stage.begun.iter().filter(quiet).count());
    assert!(heard > 100);
}

// Time limits.

#[test]
fn a_request_has_100_ms_and_the_next_is_not_answered_by_the_old_one() {
    let spins = special(EntryPoint::SetConfig, |cpu, visit| {
        let id = cpu.load(visit.arguments[0])?;
        Ok(if id == 1 { Act::Spin } else { Act::Return(0) })
    });
    let mut stage = Stage::new(vec![spins]);
    stage.put("blobs.bin", vec![0; 8]);
    let set = |id| Request::SetConfig {
        place: 0,
        id,
        offset: 0,
        bytes: 8,
    };
    let wanted = Creation {
        restarts: u32::MAX,
        ..instance_at(0)
    };
    let requests = Requests::default()
        .add(Request::Load(0))
        .create(wanted)
        .at(10)
        .add(set(1))
        .add(set(2))
        .add(set(1))
        .add(set(3))
        .end();
    let report = stage.perform(&requests);
    let stopped = Err(RequestError::Stopped(EntryPoint::SetConfig));
    assert_eq!(
        report.answers()[2..],
        [stopped, Ok(()), stopped, Ok(()), Ok(())]
    );
    let ticks: Vec<u32> = report.all::<Replied>()[2..6]
        .iter()
        .map(|one| one.tick)
        .collect();
    let [first, second] = [10 + REQUEST_TICKS, 10 + 2 * REQUEST_TICKS];
    assert_eq!(ticks, [first, first, second, second]);
}

#[test]
fn an_init_that_spins_is_stopped_and_its_lives_are_counted() {
    let spins = special(EntryPoint::Init, |_, _| Ok(Act::Spin));
    let mut stage = Stage::new(vec![spins]);
    let wanted = Creation {
        restarts: 2,
        ..instance_at(0)
    };
    let requests = Requests::default()
        .add(Request::Load(0))
        .create(wanted)
        .at(3 * REQUEST_TICKS + 10)
        .add(Request::GetConfig { place: 0, id: 0 })
        .end();
    let report = stage.perform(&requests);
    assert_eq!(
        report.answers()[1..3],
        [
            Err(RequestError::Stopped(EntryPoint::Init)),
            Err(RequestError::NoInstance(0))
        ]
    );
    assert_eq!(stopped_in(&report), [(0, 0); 3]);
    let replied = report.all::<Replied>();
    assert_eq!(replied[1].tick, REQUEST_TICKS);
}

#[test]
fn a_process_has_its_budget_and_not_a_cycle_more() {
    for (budget, dies) in [(4_000, true), (5_000, true), (5_001, false)] {
        let mut stage = Stage::new(vec![adder(5_000)]);
        stage.input(0, &ramp(20));
        let wanted = Creation {
            budget,
            ..instance_at(0)
        };
        let report = stage.perform(&alone(wanted).at(10).end());
        let stopped = report.all::<Stopped>();
        assert_eq!(stopped.len(), usize::from(dies), "{budget}");
        for one in stopped {
            assert_eq!(
                (one.ending, one.cycles, one.entry),
                (Ending::Overrun as u32, budget, EntryPoint::Process as u32)
            );
        }
    }
}

#[test]
fn who_is_late_takes_neither_the_periods_nor_the_requests_of_others() {
    let spins = special(EntryPoint::Process, |_, _| Ok(Act::Spin));
    let takes = special(EntryPoint::Process, |cpu, visit| {
        cpu.load(visit.arguments[0])?;
        Ok(Act::Return(0))
    });
    let mut stage = Stage::new(vec![spins, takes]);
    stage.input(0, &ramp(20));
    stage.input(1, &ramp(2_000));
    let hog = Creation {
        budget: u32::MAX,
        restarts: u32::MAX,
        ..instance_at(0)
    };
    let requests = alone(hog)
        .at(10)
        .add(Request::Load(1))
        .create(instance_at(1))
        .bind(3, Endpoint::File(1), pin(1, 0), 4 * BYTES)
        .phase(1, Phase::Running)
        .at(600)
        .end();
    stage.perform(&requests).all_done();
    let periods = |visit: &&Visit| (visit.place, visit.entry) == (1, EntryPoint::Process);
    let periods = stage.begun.iter().filter(periods).count();
    assert!(periods > 150, "{periods}");
}

// Configuration.

/// What a module heard of its configurations: the messages, and all bytes behind them.
type Heard = Rc<RefCell<(Vec<Message>, Vec<u8>)>>;

fn listener() -> (Script, Heard) {
    let heard = Heard::default();
    let told = heard.clone();
    let script = special(EntryPoint::SetConfig, move |cpu, visit| {
        let at = visit.arguments[0];
        let mut words = [0; 4];
        for (index, word) in words.iter_mut().enumerate() {
            *word = cpu.load(at + 4 * index as u32)?;
        }
        let [id, offset, total, bytes] = words;
        let mut heard = told.borrow_mut();
        heard.0.push(Message {
            id,
            offset,
            total,
            bytes,
        });
        for index in 0..bytes.div_ceil(4) {
            let word = cpu.load(at + 16 + 4 * index)?.to_le_bytes();
            let count = (bytes - 4 * index).min(4) as usize;
            heard.1.extend(&word[..count]);
        }
        Ok(Act::Return(0))
    });
    (script, heard)
}

#[test]
fn a_configuration_comes_in_parts_of_a_page_each_where_it_belongs() {
    const BODY: u32 = MESSAGE_BODY_BYTES;
    let blob: Vec<u8> = (0..70_000u32)
        .map(|at| (at.wrapping_mul(at) >> 7) as u8)
        .collect();
    for (offset, total) in [
        (0, 0),
        (0, 1),
        (3, BODY - 1),
        (0, BODY),
        (1, BODY + 1),
        (0, 2 * BODY),
        (77, 10_000),
        (70_000 - MOST_CONFIG_BYTES, MOST_CONFIG_BYTES),
    ] {
        let (script, heard) = listener();
        let mut stage = Stage::new(vec![script]);
        stage.put("blobs.bin", blob.clone());
        let requests = Requests::default()
            .add(Request::Load(0))
            .create(instance_at(0))
            .add(Request::SetConfig {
                place: 0,
                id: 9,
                offset,
                bytes: total,
            })
            .end();
        stage.perform(&requests).all_done();
        let (messages, bytes) = &*heard.borrow();
        let wanted: Vec<Message> = (0..total.div_ceil(BODY).max(1))
            .map(|part| Message {
                id: 9,
                offset: part * BODY,
                total,
                bytes: (total - part * BODY).min(BODY),
            })
            .collect();
        assert_eq!(*messages, wanted);
        assert!(bytes[..] == blob[offset as usize..][..total as usize]);
    }
}

/// What a listener heard that dies in a process of its first life: number and total of each message.
fn heard_twice(configs: &[(u32, u32)]) -> (Vec<(u32, u32)>, Report) {
    let (listens, heard) = listener();
    let dies = mortal(3);
    let script: Script = script(move |cpu, visit| match visit.entry {
        EntryPoint::Process => dies(cpu, visit),
        _ => listens(cpu, visit),
    });
    let mut stage = Stage::new(vec![script]);
    stage.input(0, &ramp(40));
    stage.put("blobs.bin", vec![7; 10_000]);
    let wanted = Creation {
        restarts: 1,
        ..instance_at(0)
    };
    let mut requests = Requests::default();
    requests
        .add(Request::Load(0))
        .create(wanted)
        .bind(0, Endpoint::File(0), pin(0, 0), 4 * BYTES)
        .bind(1, pin(0, 0), Endpoint::File(0), 4 * BYTES);
    for (id, bytes) in configs {
        requests.add(Request::SetConfig {
            place: 0,
            id: *id,
            offset: 0,
            bytes: *bytes,
        });
    }
    let report = stage.perform(&requests.phase(0, Phase::Running).at(30).end());
    let heard = heard
        .borrow()
        .0
        .iter()
        .map(|message| (message.id, message.total))
        .collect();
    (heard, report)
}

#[test]
fn configurations_outlive_a_death_the_last_of_each_number() {
    let (heard, report) = heard_twice(&[(1, 8), (2, 16), (1, 24)]);
    assert_eq!(report.all::<Stopped>().len(), 1);
    assert_eq!(heard, [(1, 8), (2, 16), (1, 24), (2, 16), (1, 24)]);
    // One in parts comes whole again.
    let (heard, _) = heard_twice(&[(5, 9_000)]);
    assert_eq!(heard, [(5, 9_000); 6]);
    // Of too many the oldest are forgotten.
    let many: Vec<_> = (0..10).map(|id| (id, 4)).collect();
    let (heard, _) = heard_twice(&many);
    assert_eq!(heard[10..], many[2..]);
}

#[test]
fn a_configuration_that_waits_while_a_module_dies_of_something_else_is_not_to_blame() {
    let (listens, heard) = listener();
    let life = RefCell::new(0);
    let dies = script(move |cpu, visit| match (visit.entry, visit.act) {
        (EntryPoint::Init, _) => {
            *life.borrow_mut() += 1;
            Ok(Act::Return(0))
        }
        (EntryPoint::Process, 0) => Ok(Act::Run(TICK / 2 * 3)),
        (EntryPoint::Process, _) if visit.tick > 10 && *life.borrow() == 1 => {
            cpu.store(NOWHERE, 1)?;
            Ok(Act::Return(0))
        }
        (EntryPoint::Process, _) => Ok(Act::Return(0)),
        _ => listens(cpu, visit),
    });
    let mut stage = Stage::new(vec![dies]);
    stage.input(0, &ramp(60));
    stage.put("blobs.bin", vec![7; 64]);
    let set = |bytes| Request::SetConfig {
        place: 0,
        id: 1,
        offset: 0,
        bytes,
    };
    let wanted = Creation {
        restarts: 1,
        period_us: 2_000,
        budget: 2 * TICK,
        ..instance_at(0)
    };
    let requests = alone(wanted).add(set(8)).at(11).add(set(16)).at(30).end();
    let report = stage.perform(&requests);
    let died = RequestError::Stopped(EntryPoint::Process);
    assert_eq!(report.answers()[6], Err(died));
    let totals: Vec<u32> = heard.borrow().0.iter().map(|one| one.total).collect();
    assert_eq!(totals, [8, 8]);
}

#[test]
fn what_a_module_died_of_it_is_not_given_again() {
    let dies = special(EntryPoint::SetConfig, |cpu, _| {
        cpu.store(NOWHERE, 1)?;
        Ok(Act::Return(0))
    });
    let mut stage = Stage::new(vec![dies]);
    stage.input(0, &ramp(40));
    stage.put("blobs.bin", vec![7; 8]);
    let wanted = Creation {
        restarts: u32::MAX,
        ..instance_at(0)
    };
    let requests = alone(wanted)
        .add(Request::SetConfig {
            place: 0,
            id: 1,
            offset: 0,
            bytes: 8,
        })
        .at(30)
        .end();
    let report = stage.perform(&requests);
    assert_eq!(report.all::<Stopped>().len(), 1);
}

#[test]
fn a_configuration_that_is_too_long_or_not_there_is_refused_and_nobody_hears_of_it() {
    let (script, heard) = listener();
    for blob in [Some(vec![1; 100_000]), Some(vec![1; 100]), None] {
        let mut stage = Stage::new(vec![script.clone()]);
        let length = blob.as_ref().map_or(0, |blob| blob.len() as u32);
        if let Some(blob) = blob {
            stage.put("blobs.bin", blob);
        }
        let mut requests = Requests::default();
        requests.add(Request::Load(0)).create(instance_at(0));
        for (offset, bytes) in [
            (0, MOST_CONFIG_BYTES + 1),
            (0, u32::MAX),
            (u32::MAX, 1),
            (u32::MAX - 1, 2),
            (u32::MAX - 4096, 4096),
            (length, 1),
            (length.saturating_sub(50), 51),
        ] {
            requests.add(Request::SetConfig {
                place: 0,
                id: 0,
                offset,
                bytes,
            });
        }
        let report = stage.perform(&requests.end());
        let answers = report.answers();
        for (index, answer) in answers[2..9].iter().enumerate() {
            assert!(answer.is_err(), "{index} of {length}");
        }
        assert_eq!(
            answers[2],
            Err(RequestError::TooLong(MOST_CONFIG_BYTES + 1))
        );
    }
    assert_eq!(heard.borrow().0.len(), 0);
}

#[test]
fn of_a_configuration_that_a_module_tells_only_its_page_leaves() {
    for claimed in [
        0,
        3,
        256,
        257,
        MESSAGE_BODY_BYTES,
        MESSAGE_BODY_BYTES + 1,
        u32::MAX,
    ] {
        let tells = special(EntryPoint::GetConfig, move |cpu, visit| {
            let at = visit.arguments[0];
            assert_eq!((cpu.load(at)?, cpu.load(at + 12)?), (5, MESSAGE_BODY_BYTES));
            for offset in (16..PAGE_BYTES).step_by(4) {
                cpu.store(at + offset, offset)?;
            }
            cpu.store(at + 12, claimed)?;
            Ok(Act::Return(0))
        });
        let mut stage = Stage::new(vec![tells]);
        let requests = Requests::default()
            .add(Request::Load(0))
            .create(instance_at(0))
            .add(Request::GetConfig { place: 0, id: 5 })
            .end();
        let report = stage.perform(&requests);
        report.all_done();
        let total = claimed.min(MESSAGE_BODY_BYTES);
        let mut bytes = Vec::<u8>::new();
        for part in report.all::<Answer>() {
            assert_eq!((part.place, part.request, part.total), (0, 3, total));
            assert_eq!(part.offset as usize, bytes.len());
            let count = (total - part.offset).min(256) as usize;
            bytes.extend(&part.bytes[..count]);
            assert!(part.bytes[count..].iter().all(|byte| *byte == 0));
        }
        let wanted = (16..PAGE_BYTES).step_by(4).flat_map(u32::to_le_bytes);
        let wanted: Vec<u8> = wanted.take(total as usize).collect();
        assert!(bytes == wanted, "{claimed}");
    }
}

#[test]
fn a_module_may_refuse_a_configuration_and_lives_on() {
    let refuses = special(EntryPoint::SetConfig, |_, _| Ok(Act::Return(-22)));
    let mut stage = Stage::new(vec![refuses]);
    stage.put("blobs.bin", vec![0; 10_000]);
    stage.input(0, &ramp(20));
    let requests = alone(instance_at(0))
        .at(3)
        .add(Request::SetConfig {
            place: 0,
            id: 0,
            offset: 0,
            bytes: 10_000,
        })
        .at(8)
        .end();
    let report = stage.perform(&requests);
    let returned = RequestError::Returned {
        entry: EntryPoint::SetConfig,
        result: -22,
    };
    assert_eq!(report.answers()[5], Err(returned));
    let configured = |entry: &&EntryPoint| **entry == EntryPoint::SetConfig;
    assert_eq!(stage.entries(0).iter().filter(configured).count(), 1);
    assert_eq!(stopped_in(&report), []);
    assert_eq!(stage.output(0)[..10], plus(&ramp(20), 1)[..10]);
}

// What cannot be done.

#[test]
fn what_is_not_there_is_refused() {
    let mut stage = Stage::new(vec![adder(1)]);
    let mut requests = Requests::default();
    let all = |requests: &mut Requests, place: u32| {
        requests
            .add(Request::SetConfig {
                place,
                id: 0,
                offset: 0,
                bytes: 0,
            })
            .add(Request::GetConfig { place, id: 0 })
            .add(inject(place, Injected::Withdraw))
            .add(inject(place, Injected::Jump));
    };
    all(&mut requests, 0);
    all(&mut requests, u32::MAX);
    requests
        .add(Request::Unload(0))
        .add(Request::Unload(u32::MAX))
        .create(instance_at(0))
        .add(Request::Load(MODULES as u32))
        .add(Request::Load(7))
        .add(Request::Delete(0))
        .add(Request::Delete(u32::MAX))
        .add(Request::Unbind(1))
        .bind(1, IN, pin(0, 0), BYTES)
        .add(Request::Load(0))
        .add(Request::Load(0))
        .create(Creation {
            place: 8,
            file: 0,
            ..instance_at(0)
        })
        .create(Creation {
            period_us: 99,
            ..instance_at(0)
        })
        .create(instance_at(0))
        .create(instance_at(0))
        .add(Request::Unload(0))
        .bind(1, IN, pin(0, 0), BYTES)
        .bind(2, IN, pin(0, 1), BYTES)
        .add(inject(0, Injected::Withdraw));
    all(&mut requests, 0);
    let report = stage.perform(&requests.end());
    let none = Err(RequestError::NoInstance(0));
    let far = Err(RequestError::NoInstance(u32::MAX));
    let answers = report.answers();
    assert_eq!(answers[..8], [none, none, none, none, far, far, far, far]);
    assert_eq!(
        answers[8..],
        [
            Err(RequestError::NotLoaded(0)),
            Err(RequestError::NotLoaded(u32::MAX)),
            Err(RequestError::NotLoaded(0)),
            Err(RequestError::NotLoaded(MODULES as u32)),
            Err(RequestError::File(7)),
            none,
            far,
            Err(RequestError::Buffer(1)),
            none,
            Ok(()),
            Err(RequestError::NotLoaded(0)),
            Err(RequestError::Place(8)),
            Err(RequestError::Period(99)),
            Ok(()),
            Err(RequestError::Place(0)),
            Err(RequestError::Install(InstallError::InUse(1))),
            Err(RequestError::File(0)),
            Err(RequestError::File(0)),
            Ok(()),
            none,
            none,
            none,
            none,
            Ok(()),
        ]
    );
}

#[test]
fn what_has_no_number_is_refused() {
    let mut stage = Stage::new(vec![]);
    let records: Vec<RequestRecord> = [0, 12, u32::MAX]
        .map(|kind| RequestRecord {
            kind,
            ..RequestRecord::default()
        })
        .into();
    let report = stage.perform(&records);
    assert_eq!(
        report.answers(),
        [0, 12, u32::MAX].map(|kind| Err(RequestError::Unknown(kind)))
    );
}

#[test]
fn a_module_without_an_entry_point_is_not_asked_and_cannot_be_configured() {
    let mut stage = Stage::new(vec![adder(1)]);
    let mut file = module(0);
    file.header.entry[5..].fill(0);
    stage.put("module-0", file.bytes());
    stage.input(0, &ramp(20));
    let requests = alone(instance_at(0))
        .add(Request::GetConfig { place: 0, id: 0 })
        .at(10)
        .add(Request::Unbind(1))
        .add(Request::Delete(0))
        .end();
    let report = stage.perform(&requests);
    let mut answers = report.answers();
    assert_eq!(
        answers.remove(5),
        Err(RequestError::NoEntry(EntryPoint::GetConfig))
    );
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(stage.output(0)[..10], plus(&ramp(20), 1)[..10]);
}

#[test]
fn a_prepare_after_which_lifetime_memory_cannot_end_is_a_request_that_failed() {
    // It takes all of its interim memory while it prepares.
    let takes = special(EntryPoint::Prepare, |cpu, _| {
        while cpu.call(Call::Alloc, [1024, 0, 0])? < 0xffff_0000 {}
        Ok(Act::Return(0))
    });
    let mut stage = Stage::new(vec![takes]);
    let requests = Requests::default()
        .add(Request::Load(0))
        .create(instance_at(0))
        .phase(0, Phase::Ready)
        .end();
    let report = stage.perform(&requests);
    assert!(
        matches!(report.answers()[2], Err(RequestError::Seal(_))),
        "{:?}",
        report.answers()
    );
    assert_eq!(stopped_in(&report).len(), 1);
}

// Death.

/// A module that dies in the process of that number.
fn mortal(in_process: u32) -> Script {
    let begun = RefCell::new(0);
    special(EntryPoint::Process, move |cpu, visit| {
        if visit.act == 0 {
            *begun.borrow_mut() += 1;
        }
        if visit.act == 1 && *begun.borrow() == in_process {
            cpu.store(NOWHERE, 1)?;
        }
        adds(cpu, visit, 100)
    })
}

#[test]
fn after_its_death_comes_the_input_itself_or_silence_to_the_sample() {
    for on_death in [OnDeath::Bypass, OnDeath::Silence] {
        for life in [1, 2, 7] {
            let mut stage = Stage::new(vec![mortal(life)]);
            stage.input(0, &ramp(60));
            let wanted = Creation {
                on_death,
                ..instance_at(0)
            };
            let report = stage.perform(&alone(wanted).at(30).end());
            assert_eq!(report.all::<Stopped>().len(), 1);
            let alive = 2 * (life as usize - 1);
            let mut wanted = plus(&ramp(60), 1);
            for (index, sample) in wanted.iter_mut().enumerate().skip(alive) {
                *sample = match on_death {
                    OnDeath::Bypass => ramp(60)[index],
                    OnDeath::Silence => 0,
                };
            }
            let heard = stage.output(0);
            assert!(heard.len() >= 50);
            assert_eq!(heard[..50], wanted[..50], "{on_death:?} {life}");
            assert!(report.all::<Acted>()[0].missed >= 20);
        }
    }
}

#[test]
fn it_is_brought_back_as_often_as_it_may_and_told_how_often_it_was() {
    for (restarts, lives) in [(0, 1), (2, 3), (u32::MAX, 8)] {
        let dies = special(EntryPoint::Process, |cpu, _| {
            cpu.store(NOWHERE, 1)?;
            Ok(Act::Return(0))
        });
        let mut stage = Stage::new(vec![dies]);
        stage.input(0, &ramp(20));
        let wanted = Creation {
            restarts,
            ..instance_at(0)
        };
        let report = stage.perform(&alone(wanted).at(10).end());
        let told: Vec<u32> = (stage.begun.iter())
            .filter(|visit| visit.entry == EntryPoint::Init)
            .map(|visit| visit.arguments[0])
            .collect();
        assert!(told.len() >= lives && (restarts == u32::MAX || told.len() == lives));
        assert_eq!(told[..lives], (0..lives as u32).collect::<Vec<_>>());
        let revived = report.all::<Revived>();
        assert!((1..=2).contains(&(told.len() - revived.len())));
        for one in revived {
            assert!(one.ticks < 5, "{one:?}");
        }
    }
}

#[test]
fn it_runs_again_within_5_ms_and_loses_no_sample() {
    let begun = RefCell::new(0);
    let slow = script(move |cpu, visit| match (visit.entry, visit.act) {
        (EntryPoint::Init | EntryPoint::Prepare, 0) => Ok(Act::Run(TICK / 5)),
        (EntryPoint::Process, 0) => {
            *begun.borrow_mut() += 1;
            if *begun.borrow() % 5 == 0 {
                cpu.load(NOWHERE)?;
            }
            adds(cpu, visit, 100)
        }
        _ => Ok(Act::Return(0)),
    });
    let mut stage = Stage::new(vec![slow]);
    stage.input(0, &ramp(80));
    let wanted = Creation {
        restarts: u32::MAX,
        ..instance_at(0)
    };
    let report = stage.perform(&alone(wanted).at(40).end());
    report.all_done();
    let revived = report.all::<Revived>();
    assert!(revived.len() >= 5);
    assert!(revived.iter().all(|one| one.ticks < 5 && one.cycles != 0));
    // It is back within the tick, before a period goes by without it.
    assert_eq!(stage.output(0)[..70], plus(&ramp(80), 1)[..70]);
}

#[test]
fn a_life_finds_nothing_of_the_one_before() {
    const PARTS: [Purpose; 4] = [
        Purpose::Data,
        Purpose::Stack,
        Purpose::Region,
        Purpose::Message,
    ];
    let first = Rc::new(RefCell::new(Vec::new()));
    let seen = first.clone();
    let marks = script(move |cpu, visit| match visit.entry {
        EntryPoint::Init => {
            let mut found = Vec::new();
            for part in PARTS {
                let start = cpu.part(part);
                for address in (start..start + PAGE_BYTES).step_by(4) {
                    found.push(cpu.load(address)?);
                    cpu.store(address, 0xbad0_bad0)?;
                }
            }
            seen.borrow_mut().push(found);
            Ok(Act::Return(0))
        }
        EntryPoint::Process => {
            cpu.store(visit.arguments[1], 0xbad0_bad0)?;
            cpu.store(NOWHERE, 0)?;
            Ok(Act::Return(0))
        }
        _ => Ok(Act::Return(0)),
    });
    let mut stage = Stage::new(vec![marks]);
    stage.input(0, &ramp(20));
    let wanted = Creation {
        restarts: 3,
        ..instance_at(0)
    };
    stage.perform(&alone(wanted).at(10).end());
    let lives = first.borrow();
    assert_eq!(lives.len(), 4);
    assert!(lives.iter().all(|life| *life == lives[0]));
    let words = PAGE_BYTES as usize / 4;
    assert!(lives[0][words..].iter().all(|word| *word == 0));
    // Nor does anybody hear what it began to write.
    assert_eq!(stage.output(0)[..4], [0; 4]);
    let mark = std::array::from_fn(|at| 0xbad0_bad0_u32.to_le_bytes()[at % 4]);
    assert_eq!(stage.rig.frames_with(mark), 0);
}

#[test]
fn two_instances_of_a_module_have_data_of_their_own() {
    let marks = script(|cpu, visit| match visit.entry {
        EntryPoint::Init => {
            let data = cpu.part(Purpose::Data);
            cpu.store(data + 64, visit.place as u32)?;
            Ok(Act::Return(0))
        }
        EntryPoint::Process => {
            let data = cpu.part(Purpose::Data);
            let mark = cpu.load(data + 64)?;
            assert_eq!(mark, visit.place as u32);
            adds(cpu, visit, 50)
        }
        _ => Ok(Act::Return(0)),
    });
    let mut stage = Stage::new(vec![marks]);
    stage.input(0, &ramp(20));
    stage.input(1, &ramp(20));
    let twin = Creation {
        place: 1,
        ..instance_at(0)
    };
    let requests = alone(instance_at(0))
        .create(twin)
        .bind(3, Endpoint::File(1), pin(1, 0), BYTES)
        .bind(4, pin(1, 0), Endpoint::File(1), BYTES)
        .phase(0, Phase::Ready)
        .phase(0, Phase::Running)
        .at(12)
        .end();
    let report = stage.perform(&requests);
    let answers = report.answers();
    // The first runs already and has no way to be ready.
    assert_eq!(answers[8], Err(RequestError::State(0)));
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
    for output in 0..2 {
        assert_eq!(stage.output(output)[..10], plus(&ramp(20), 1)[..10]);
    }
    assert_eq!(report.all::<Loaded>().len(), 2);
}

/// A module that does everything by calls, in this many acts, and dies after so many of them.
fn caller(dies_after: u32, how: u32) -> Script {
    let processes = RefCell::new(0);
    special(EntryPoint::Process, move |cpu, visit| {
        let [input, output] = [256, 272].map(|offset| cpu.part(Purpose::Data) + offset);
        if visit.act == 0 {
            *processes.borrow_mut() += 1;
        }
        if visit.act == dies_after && *processes.borrow() == 3 {
            match how {
                0 => cpu.store(NOWHERE, 0)?,
                1 => drop(cpu.call(Call::Free, [4, 0, 0])?),
                2 => drop(cpu.call(Call::SourceGet, [0, 0, NOWHERE])?),
                3 => return Ok(Act::Return(-5)),
                _ => return Ok(Act::Spin),
            }
        }
        Ok(match visit.act {
            0 => {
                assert_eq!(cpu.call(Call::SourceGet, [0, BYTES, input])?, 0);
                Act::Run(10)
            }
            1 => {
                assert_eq!(cpu.call(Call::SinkGet, [0, BYTES, output])?, 0);
                Act::Yield
            }
            2 => {
                let address = cpu.call(Call::Alloc, [64, 0, 0])?;
                cpu.store(address, 1)?;
                Act::Run(1)
            }
            3 | 4 => {
                let offset = 4 * (visit.act - 3);
                let [from, first] = [cpu.load(input)?, cpu.load(input + 4)?];
                assert_eq!(first, BYTES, "in one piece");
                let sample = cpu.load(from + offset)?;
                let to = cpu.load(output)?;
                cpu.store(to + offset, sample + 1)?;
                Act::Run(10)
            }
            5 => {
                cpu.call(Call::SinkCommit, [0, 4, 0])?;
                Act::Run(1)
            }
            6 => {
                cpu.call(Call::SourceRelease, [0, BYTES, 0])?;
                Act::Yield
            }
            7 => {
                assert_eq!(cpu.call(Call::SinkGet, [0, 4, output])?, 0);
                let to = cpu.load(output)?;
                let before = cpu.load(to - 4)?;
                cpu.store(to, before + 1000)?;
                Act::Run(1)
            }
            8 => {
                cpu.call(Call::SinkCommit, [0, 4, 0])?;
                cpu.call(Call::FreeAll, [0; 3])?;
                Act::Run(1)
            }
            _ => Act::Return(0),
        })
    })
}

#[test]
fn death_at_any_moment_leaves_nothing_and_changes_no_sample_of_others() {
    let mut stages = 0;
    for how in 0..5 {
        for after in 0..10 {
            let mut stage = Stage::new(vec![caller(after, how), adder(50), adder(50)]);
            for input in 0..2 {
                stage.input(input, &ramp(60));
            }
            let wanted = Creation {
                restarts: u32::MAX,
                on_death: OnDeath::Bypass,
                ..instance_at(0)
            };
            // The one that dies feeds another; a third has nothing to do with either.
            let requests = Requests::default()
                .add(Request::Load(0))
                .add(Request::Load(1))
                .add(Request::Load(2))
                .create(wanted)
                .create(instance_at(1))
                .create(instance_at(2))
                .bind(1, IN, pin(0, 0), 4 * BYTES)
                .bind(2, pin(0, 0), pin(1, 0), 4 * BYTES)
                .bind(3, pin(1, 0), OUT, 4 * BYTES)
                .bind(4, Endpoint::File(1), pin(2, 0), 4 * BYTES)
                .bind(5, pin(2, 0), Endpoint::File(1), 4 * BYTES)
                .phase(1, Phase::Running)
                .phase(2, Phase::Running)
                .phase(0, Phase::Running)
                .at(25)
                .end();
            let report = stage.perform(&requests);
            report.all_done();
            stages += 1;
            let stopped = report.all::<Stopped>();
            assert_eq!(stopped.len(), 1, "{how} {after}");
            assert_eq!(stopped[0].place, 0);
            assert_eq!(stage.output(1)[..40], plus(&ramp(60), 1)[..40]);
            // Downstream every sample is the one of its frame, or silence; and the frames after the
            // death stand where they belong in their periods.
            let heard = stage.output(0);
            assert_eq!(heard[..4], plus(&ramp(4), 2)[..]);
            for period in heard.chunks_exact(2).take(20) {
                assert!(
                    period[1] - period[0] == 1000 || period.iter().any(|one| *one <= 1),
                    "{how} {after}: {heard:?}"
                );
                assert!(
                    period[0] % 2000 == 1002 || period[0] <= 1,
                    "{how} {after}: {heard:?}"
                );
            }
        }
    }
    assert_eq!(stages, 50);
}

#[test]
fn taken_away_at_any_tick_whatever_it_does() {
    // It is long in every entry point, so that each tick finds it somewhere else.
    let long = script(|_, visit| {
        Ok(match visit.act {
            0 => Act::Run(TICK / 2 * 3),
            _ => Act::Return(0),
        })
    });
    for tick in 1..16 {
        let mut stage = Stage::new(vec![long.clone()]);
        stage.input(0, &ramp(60));
        let wanted = Creation {
            restarts: 1,
            period_us: 2_000,
            budget: 2 * TICK,
            ..instance_at(0)
        };
        let mut requests = Requests::default();
        requests
            .add(Request::Load(0))
            .create(wanted)
            .bind(1, IN, pin(0, 0), 2 * BYTES)
            .bind(2, pin(0, 0), OUT, 2 * BYTES)
            .phase(0, Phase::Running);
        let requests = requests
            .at(tick)
            .add(inject(0, Injected::Withdraw))
            .at(60)
            .end();
        let report = stage.perform(&requests);
        report.all_done();
        let stopped = report.all::<Stopped>();
        assert_eq!(stopped.len(), 1);
        assert_eq!(stopped[0].ending, Ending::Withdrawn as u32);
        let last = stage.begun.last().unwrap();
        assert_eq!(last.entry, EntryPoint::Process, "{tick}");
    }
}

#[test]
fn faults_that_are_asked_for_are_met_by_the_next_process() {
    let mut stage = Stage::new(vec![adder(100)]);
    stage.input(0, &ramp(60));
    let wanted = Creation {
        restarts: u32::MAX,
        ..instance_at(0)
    };
    let requests = alone(wanted)
        .at(5)
        .add(inject(0, Injected::Jump))
        .at(10)
        .add(inject(0, Injected::Overrun))
        .at(30)
        .end();
    let report = stage.perform(&requests);
    report.all_done();
    let endings: Vec<u32> = (report.all::<Stopped>().iter())
        .map(|one| one.ending)
        .collect();
    assert_eq!(endings, [Ending::Fault as u32, Ending::Overrun as u32]);
    assert_eq!(stage.output(0)[..50], plus(&ramp(60), 1)[..50]);
}

#[test]
fn an_output_that_takes_nothing_ends_the_session_and_nothing_is_left() {
    let mut stage = Stage::new(vec![adder(TICK / 2)]);
    stage.input(0, &ramp(60));
    stage.is_full = true;
    let before = stage.rig.system.resources();
    let report = stage.attempt(&alone(instance_at(0)).at(30).end());
    let summary = &report.all::<Summary>()[0];
    assert_eq!(
        summary.why.read(),
        Some(Failed::File(kernel::job::HostFile::Output))
    );
    assert_eq!(stage.rig.system.resources(), before);
    assert_eq!(report.all::<Flowed>().len(), 2);
}

// States.

#[test]
fn who_dies_paused_comes_back_paused() {
    let mut stage = Stage::new(vec![adder(100)]);
    stage.input(0, &ramp(60));
    let wanted = Creation {
        restarts: 1,
        ..instance_at(0)
    };
    let requests = alone(wanted)
        .at(5)
        .phase(0, Phase::Paused)
        .at(10)
        .add(inject(0, Injected::Withdraw))
        .at(20)
        .phase(0, Phase::Paused)
        .phase(0, Phase::Running)
        .at(30)
        .end();
    let report = stage.perform(&requests);
    report.all_done();
    let commands: Vec<u32> = (stage.begun.iter())
        .filter(|visit| visit.entry == EntryPoint::Trigger)
        .map(|visit| visit.arguments[0])
        .collect();
    let [start, pause, release] =
        [Command::Start, Command::Pause, Command::Release].map(|one| one as u32);
    assert_eq!(commands, [start, pause, start, pause, release]);
    let processed = |from, to| {
        let inside =
            |visit: &&Visit| visit.entry == EntryPoint::Process && (from..to).contains(&visit.tick);
        stage.begun.iter().filter(inside).count()
    };
    assert_eq!(processed(6, 20), 0);
    assert!(processed(20, 30) >= 9);
    assert!(report.all::<Revived>().iter().all(|one| one.ticks < 5));
}

#[test]
fn who_dies_at_rest_is_back_at_rest_and_does_not_wait_for_audio_to_be_so() {
    let mut stage = Stage::new(vec![adder(100)]);
    stage.input(0, &ramp(60));
    let wanted = Creation {
        restarts: 1,
        ..instance_at(0)
    };
    let requests = alone(wanted)
        .at(5)
        .phase(0, Phase::Reset)
        .at(10)
        .add(inject(0, Injected::Withdraw))
        .at(40)
        .phase(0, Phase::Running)
        .at(50)
        .end();
    let report = stage.perform(&requests);
    report.all_done();
    let revived = report.all::<Revived>();
    assert_eq!(revived.len(), 1);
    assert!(revived[0].ticks < 5, "{revived:?}");
}

#[test]
fn a_state_that_is_asked_for_during_a_revival_is_reached_from_where_it_ends() {
    for phase in [Phase::Paused, Phase::Reset] {
        let slow = special(EntryPoint::Init, |_, visit| {
            Ok(match visit.act {
                0 => Act::Run(3 * TICK),
                _ => Act::Return(0),
            })
        });
        let mut stage = Stage::new(vec![slow]);
        stage.input(0, &ramp(60));
        let wanted = Creation {
            restarts: 1,
            ..instance_at(0)
        };
        let requests = alone(wanted)
            .at(10)
            .add(inject(0, Injected::Withdraw))
            .at(11)
            .phase(0, phase)
            .at(20)
            .phase(0, Phase::Running)
            .at(30)
            .add(inject(0, Injected::Withdraw))
            .end();
        let report = stage.perform(&requests);
        report.all_done();
        use EntryPoint::{Bind, Init, Prepare, Process, Reset, Trigger};
        let entries = stage.entries(0);
        let again = entries.iter().rposition(|entry| *entry == Init).unwrap();
        let way: &[EntryPoint] = match phase {
            Phase::Paused => &[Trigger, Trigger, Process],
            _ => &[Trigger, Reset, Prepare, Trigger, Process],
        };
        let mut wanted = vec![Init, Bind, Bind, Prepare, Trigger];
        wanted.extend(way);
        assert_eq!(entries[again..][..wanted.len()], wanted);
    }
}

#[test]
fn who_is_taken_away_during_its_revival_is_stopped_before_it_is_freed() {
    let slow = special(EntryPoint::Init, |_, visit| {
        Ok(match visit.act {
            0 => Act::Run(3 * TICK),
            _ => Act::Return(0),
        })
    });
    let mut stage = Stage::new(vec![slow]);
    stage.input(0, &ramp(60));
    let wanted = Creation {
        restarts: 1,
        ..instance_at(0)
    };
    let requests = alone(wanted)
        .at(10)
        .add(inject(0, Injected::Withdraw))
        .at(11)
        .add(Request::Delete(0))
        .add(Request::Unload(0))
        .end();
    stage.perform(&requests).all_done();
    use EntryPoint::{Free, Reset, Trigger};
    assert!(stage.entries(0).ends_with(&[Trigger, Trigger, Reset, Free]));
}

// Taking away.

#[test]
fn what_runs_can_be_deleted_and_unloaded_and_another_takes_its_place() {
    let mut stage = Stage::new(vec![adder(100), adder(200)]);
    stage.input(0, &ramp(90));
    let other = Creation {
        place: 0,
        ..instance_at(1)
    };
    let requests = alone(instance_at(0))
        .at(10)
        .add(Request::Delete(0))
        .add(Request::Unload(0))
        .add(Request::Load(1))
        .create(other)
        .phase(1, Phase::Running)
        .at(20)
        .end();
    let report = stage.perform(&requests);
    report.all_done();
    use EntryPoint::{Bind, Free, Init, Prepare, Process, Reset, Trigger};
    let entries = stage.entries(0);
    let end = entries.iter().position(|entry| *entry == Free).unwrap();
    assert_eq!(entries[end - 2..=end], [Trigger, Reset, Free]);
    // It is told of the buffers that it finds.
    assert_eq!(
        entries[end + 1..][..6],
        [Init, Bind, Bind, Prepare, Trigger, Process]
    );
    assert_eq!(stage.output(0)[..36], plus(&ramp(90), 1)[..36]);
}

#[test]
fn what_cannot_take_the_periods_of_its_places_buffers_is_refused() {
    let mut stage = Stage::new(vec![adder(100)]);
    stage.input(0, &ramp(90));
    let mut requests = alone(instance_at(0));
    requests.at(5).add(Request::Delete(0));
    let periods = [100, 3_000, 8_000, 1_000];
    for period_us in periods {
        requests.create(Creation {
            period_us,
            ..instance_at(0)
        });
    }
    let report = stage.perform(&requests.at(10).end());
    let refused = |period_us| Err(RequestError::Period(period_us));
    assert_eq!(
        report.answers()[6..10],
        [refused(100), refused(3_000), refused(8_000), Ok(())]
    );
}

#[test]
fn a_free_that_fails_leaves_the_place_free() {
    for spins in [false, true] {
        let fails = special(EntryPoint::Free, move |_, _| {
            Ok(if spins { Act::Spin } else { Act::Return(-1) })
        });
        let mut stage = Stage::new(vec![fails]);
        stage.input(0, &ramp(20));
        let requests = alone(instance_at(0))
            .at(3)
            .add(Request::Delete(0))
            .add(Request::Unload(0))
            .add(Request::Load(0))
            .create(instance_at(0))
            .end();
        let report = stage.perform(&requests);
        let answers = report.answers();
        assert!(answers[5].is_err());
        assert!(answers[6..].iter().all(Result::is_ok), "{answers:?}");
    }
}

#[test]
fn who_is_in_the_middle_of_process_keeps_its_buffers_until_it_has_ended() {
    let long = special(EntryPoint::Process, |cpu, visit| match visit.act {
        0 => Ok(Act::Run(TICK / 2 * 3)),
        1 => {
            let [input, output, _] = visit.arguments;
            if input != 0 {
                cpu.load(input)?;
            }
            if output != 0 {
                cpu.store(output, 1)?;
            }
            Ok(Act::Run(1))
        }
        _ => Ok(Act::Return(0)),
    });
    for buffer in [1, 2] {
        let mut stage = Stage::new(vec![long.clone()]);
        stage.input(0, &ramp(90));
        let wanted = Creation {
            period_us: 2_000,
            budget: 2 * TICK,
            ..instance_at(0)
        };
        let requests = alone(wanted)
            .at(5)
            .add(Request::Unbind(buffer))
            .at(20)
            .add(Request::Unbind(3 - buffer))
            .end();
        let report = stage.perform(&requests);
        report.all_done();
        assert_eq!(stopped_in(&report), [], "of {buffer}");
        assert_eq!(report.all::<Flowed>().len(), 2);
    }
}

#[test]
fn an_unbind_that_spins_ends_with_its_module_and_the_buffer_is_gone() {
    let spins = special(EntryPoint::Unbind, |_, _| Ok(Act::Spin));
    let takes = script(|_, _| Ok(Act::Return(0)));
    let mut stage = Stage::new(vec![spins, takes]);
    stage.input(0, &ramp(20));
    let wanted = Creation {
        restarts: u32::MAX,
        ..instance_at(0)
    };
    let requests = Requests::default()
        .add(Request::Load(0))
        .add(Request::Load(1))
        .create(wanted)
        .create(instance_at(1))
        .bind(1, IN, pin(0, 0), BYTES)
        .bind(2, pin(0, 0), pin(1, 0), BYTES)
        .phase(0, Phase::Running)
        .phase(1, Phase::Running)
        .at(5)
        .add(Request::Unbind(2))
        .add(Request::Unbind(2))
        .bind(2, pin(0, 0), pin(1, 0), BYTES)
        .end();
    let report = stage.perform(&requests);
    let answers = report.answers();
    assert_eq!(
        answers[8..],
        [
            Err(RequestError::Stopped(EntryPoint::Unbind)),
            Err(RequestError::Buffer(2)),
            Ok(()),
            Ok(())
        ]
    );
    assert_eq!(stopped_in(&report), [(0, EntryPoint::Unbind as u32)]);
}

// Formats.

#[test]
fn frames_of_any_number_of_samples_are_counted_and_none_is_lost() {
    for channels in 1..=8 {
        let passes = script(move |cpu, visit| {
            if visit.entry == EntryPoint::Process {
                let [input, output, frames] = visit.arguments;
                for offset in (0..frames * channels * 4).step_by(4) {
                    let sample = cpu.load(input + offset)?;
                    cpu.store(output + offset, sample)?;
                }
            }
            Ok(Act::Return(0))
        });
        let mut stage = Stage::new(vec![passes]);
        let samples = ramp(48 * 12 * channels as i32);
        stage.input(0, &samples);
        let bind = |buffer, from, to| Request::Bind {
            buffer,
            from,
            to,
            bytes: 2 * 48 * 4 * channels,
            rate: 48_000,
            channels,
        };
        let requests = Requests::default()
            .add(Request::Load(0))
            .create(instance_at(0))
            .add(bind(1, IN, pin(0, 0)))
            .add(bind(2, pin(0, 0), OUT))
            .phase(0, Phase::Running)
            .at(10)
            .end();
        let report = stage.perform(&requests);
        report.all_done();
        let heard = stage.output(0);
        assert_eq!(heard[..], samples[..heard.len()], "{channels}");
        for flow in report.all::<Flowed>() {
            let bytes = match flow.buffer {
                1 => flow.written,
                _ => heard.len() as u32 * 4,
            };
            assert_eq!(flow.frames, bytes / 4 / channels, "{channels} {flow:?}");
            assert!(flow.frames >= 48 * 8 && flow.silence == 0);
        }
    }
}

#[test]
fn a_period_that_is_no_whole_number_of_frames_is_refused() {
    let mut stage = Stage::new(vec![adder(1)]);
    stage.input(0, &ramp(4));
    let bind = |rate, channels| Request::Bind {
        buffer: 1,
        from: IN,
        to: pin(0, 0),
        bytes: 44 * 48 * 4,
        rate,
        channels,
    };
    let requests = Requests::default()
        .add(Request::Load(0))
        .create(instance_at(0))
        .add(bind(44_100, 1))
        .add(bind(999, 1))
        .add(bind(0, 1))
        .add(bind(384_001, 1))
        .add(bind(48_000, 9))
        .add(bind(44_000, 1))
        .end();
    let report = stage.perform(&requests);
    let period = Err(RequestError::Period(1_000));
    let format = |rate, channels| Err(RequestError::Format { rate, channels });
    assert_eq!(
        report.answers()[2..8],
        [
            period,
            period,
            format(0, 1),
            format(384_001, 1),
            format(48_000, 9),
            Ok(())
        ]
    );
}

#[test]
fn a_source_that_nobody_empties_for_minutes_waits() {
    let mut stage = Stage::new(vec![adder(1)]);
    stage.input(0, &ramp(60));
    let bind = |buffer, from, to| Request::Bind {
        buffer,
        from,
        to,
        bytes: 384 * 32,
        rate: 384_000,
        channels: 8,
    };
    let never = Creation {
        file: 0,
        ..instance_at(1)
    };
    let requests = Requests::default()
        .add(Request::Load(0))
        .create(instance_at(0))
        .create(never)
        .add(bind(1, IN, pin(0, 0)))
        .add(bind(2, pin(0, 0), pin(1, 0)))
        .phase(0, Phase::Running)
        .at(360_000)
        .end();
    let report = stage.perform(&requests);
    report.all_done();
    let frames: Vec<u32> = (report.all::<Flowed>().iter())
        .map(|flow| flow.frames)
        .collect();
    assert_eq!(frames, [2 * 384, 0]);
}

#[test]
fn as_many_buffers_as_there_are_come_back_with_a_module_and_the_next_is_refused() {
    let mut stage = Stage::new(vec![adder(1)]);
    for number in 0..16 {
        stage.input(number, &ramp(4));
    }
    let wanted = Creation {
        restarts: u32::MAX,
        ..instance_at(0)
    };
    let mut requests = Requests::default();
    requests.add(Request::Load(0)).create(wanted);
    requests.create(Creation {
        file: 0,
        ..instance_at(1)
    });
    for number in 0..8 {
        // A domain has room for ten of them beside what a module brings.
        let place = usize::from(number >= 5);
        let file = Endpoint::File(number.into());
        requests.bind(number.into(), file, pin(place, number), BYTES);
        requests.bind(100 + u32::from(number), pin(place, number), file, BYTES);
        if number == 4 {
            requests.bind(98, IN, pin(0, 7), BYTES);
        }
    }
    requests
        .bind(99, IN, pin(0, 7), BYTES)
        .phase(0, Phase::Running)
        .phase(0, Phase::Paused)
        .add(inject(0, Injected::Withdraw))
        .phase(0, Phase::Reset)
        .at(1)
        .add(inject(0, Injected::Withdraw))
        .add(Request::Delete(0));
    let report = stage.perform(&requests.end());
    let mut answers = report.answers();
    assert_eq!(BUFFERS, 16);
    assert_eq!(answers.remove(20), Err(RequestError::Buffer(99)));
    assert_eq!(
        answers.remove(13),
        Err(RequestError::Connect(ConnectError::Domain))
    );
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let binds = |entry: &&EntryPoint| **entry == EntryPoint::Bind;
    assert_eq!(stage.entries(0).iter().filter(binds).count(), 3 * 10);
    assert!(stage.entries(0).ends_with(&[EntryPoint::Free]));
}
