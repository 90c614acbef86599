//! Requests that cannot be done.

use super::*;

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
