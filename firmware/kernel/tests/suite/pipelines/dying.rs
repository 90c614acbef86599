//! What a death leaves, and who comes back.

use super::*;

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
