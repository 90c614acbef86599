//! States that are asked for, and instances and buffers that are taken away.

use super::*;

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
