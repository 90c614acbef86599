//! Formats, periods, and sources that wait.

use super::*;

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
