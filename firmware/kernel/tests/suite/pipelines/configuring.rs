//! Configurations: in parts, told, refused, and given to the next life.

use super::*;

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
