//! Who runs when, and for how long.

use super::*;

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
