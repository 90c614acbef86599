//! Modules on two cores: the same samples as on one, caches that nothing keeps alike, and pages that
//! are taken away under a module that the other core runs.

use kernel::report::Noted;
use mmu::model::Answering;
use mmu::{CoreId, VirtAddr};

use super::*;
use crate::rig::{Rig, twin};

const SECOND: u32 = 1;

fn second() -> CoreId {
    CoreId::new(SECOND).unwrap()
}

/// An instance on a core, of the file and in the pipeline of that number.
fn on(place: u32, core: u32) -> Creation {
    Creation {
        core,
        ..instance_at(place)
    }
}

/// Modules of these scripts on two cores.
fn stage(scripts: Vec<Script>, pace: u32) -> Stage {
    let mut stage = Stage::new(scripts);
    stage.cores = 2;
    stage.pace = pace;
    stage
}

/// One module behind the other, all in one pipeline, each on its core.
fn chain(cores: &[u32]) -> Requests {
    let mut requests = Requests::default();
    for (place, core) in (0..).zip(cores) {
        let wanted = Creation {
            pipeline: 0,
            ..on(place, *core)
        };
        requests.add(Request::Load(place)).create(wanted);
    }
    let last = cores.len() - 1;
    requests.bind(0, IN, pin(0, 0), 4 * BYTES);
    for place in 0..last {
        let number = place as u32 + 1;
        requests.bind(number, pin(place, 0), pin(place + 1, 0), 4 * BYTES);
    }
    requests
        .bind(20, pin(last, 0), OUT, 4 * BYTES)
        .phase(0, Phase::Running);
    requests
}

/// A module that never stops reading a word once it has begun: each load is an act.
fn reader(at: impl Fn(&Visit) -> u32 + 'static) -> Script {
    special(EntryPoint::Process, move |cpu, visit| {
        cpu.load(at(visit))?;
        Ok(Act::Run(1))
    })
}

#[test]
fn every_split_over_two_cores_gives_the_samples_of_one() {
    for split in 0..8u32 {
        let cores = [0, 1, 2].map(|place| split >> place & 1);
        for pace in [0, 1, 3] {
            let mut stage = stage((1..4).map(|n| adder(100 * n)).collect(), pace);
            stage.input(0, &ramp(60));
            let report = stage.perform(&chain(&cores).at(30).end());
            report.all_done();
            let heard = stage.output(0);
            assert_eq!(heard[..50], plus(&ramp(60), 3)[..50], "{cores:?} {pace}");
            assert_eq!(stage.slices_away == 0, split == 0);
        }
    }
}

#[test]
fn a_buffer_lies_past_the_cache_where_any_core_but_the_first_is_at_it() {
    for (cores, is_past) in [
        ([0, 0], false),
        ([0, 1], true),
        ([1, 0], true),
        ([1, 1], true),
    ] {
        let told = Rc::new(RefCell::new(Vec::new()));
        let scripts = (0..2).map(|_| {
            let told = told.clone();
            special(EntryPoint::Process, move |cpu, visit| {
                told.borrow_mut().push((visit.place, visit.arguments));
                adds(cpu, visit, 10)
            })
        });
        let mut stage = stage(scripts.collect(), 1);
        stage.input(0, &ramp(20));
        stage.perform(&chain(&cores).at(5).end()).all_done();
        let is_uncached = |address: u32| address < 0x8000_0000;
        let told = told.borrow();
        assert!(!told.is_empty());
        for (place, [source, sink, _]) in &*told {
            let between = if *place == 0 { sink } else { source };
            assert_eq!(is_uncached(*between), is_past, "{cores:?} {place}");
            // The other end is the kernel's, on the first core.
            let outer = if *place == 0 { source } else { sink };
            assert_eq!(is_uncached(*outer), cores[*place] == SECOND);
        }
    }
}

#[test]
fn who_reads_by_the_cached_address_what_another_core_wrote_reads_what_was() {
    // What the address past the cache is good for: without it the model's caches show through.
    let old = Rc::new(RefCell::new(0));
    let seen = old.clone();
    let reads = special(EntryPoint::Process, move |cpu, visit| {
        let [source, _, _] = visit.arguments;
        let (told, cached) = (cpu.load(source)?, cpu.load(source + 0x6000_0000)?);
        *seen.borrow_mut() += u32::from(told != cached);
        adds(cpu, visit, 10)
    });
    let mut stage = stage(vec![adder(10), reads], 1);
    stage.input(0, &ramp(60));
    stage.perform(&chain(&[0, 1]).at(30).end()).all_done();
    assert!(*old.borrow() > 10, "the caches of this model are coherent");
    assert_eq!(stage.output(0)[..50], plus(&ramp(60), 2)[..50]);
}

#[test]
fn a_module_on_the_second_core_is_configured_and_tells() {
    let kept = RefCell::new(0);
    let script = script(move |cpu, visit| {
        match visit.entry {
            EntryPoint::SetConfig => *kept.borrow_mut() = cpu.load(visit.arguments[0] + 16)?,
            EntryPoint::GetConfig => {
                let at = visit.arguments[0];
                cpu.store(at + 12, 4)?;
                cpu.store(at + 16, kept.borrow().wrapping_add(1))?;
            }
            _ => return adds(cpu, visit, 10),
        }
        Ok(Act::Return(0))
    });
    let mut stage = stage(vec![script], 1);
    stage.put("blobs.bin", vec![7, 0, 0, 0, 9, 0, 0, 0]);
    let mut requests = chain(&[SECOND]);
    for (tick, offset) in [(2, 0), (4, 4)] {
        let (place, id, bytes) = (0, 1, 4);
        requests.at(tick).add(Request::SetConfig {
            place,
            id,
            offset,
            bytes,
        });
        requests.add(Request::GetConfig { place, id });
    }
    stage.input(0, &ramp(20));
    let report = stage.perform(&requests.at(6).end());
    report.all_done();
    let told: Vec<u8> = report
        .all::<Answer>()
        .iter()
        .map(|one| one.bytes[0])
        .collect();
    assert_eq!(told, [8, 10]);
}

#[test]
fn who_spins_on_the_second_core_is_stopped_there_and_the_first_misses_nothing() {
    for pace in [0, 1, 5] {
        let spins = special(EntryPoint::Process, |_, _| Ok(Act::Spin));
        let mut stage = stage(vec![adder(100), spins], pace);
        (0..2).for_each(|input| stage.input(input, &ramp(60)));
        let mut requests = Requests::default();
        for place in 0..2 {
            let wanted = Creation {
                restarts: u32::MAX,
                ..on(place, place)
            };
            requests
                .add(Request::Load(place))
                .create(wanted)
                .bind(
                    place,
                    Endpoint::File(place as u16),
                    pin(place as usize, 0),
                    4 * BYTES,
                )
                .bind(
                    10 + place,
                    pin(place as usize, 0),
                    Endpoint::File(place as u16),
                    4 * BYTES,
                )
                .phase(place, Phase::Running);
        }
        let report = stage.perform(&requests.at(30).end());
        report.all_done();
        assert_eq!(stage.output(0)[..50], plus(&ramp(60), 1)[..50]);
        let stopped = report.all::<Stopped>();
        assert!(stopped.len() >= 20, "{}", stopped.len());
        for one in stopped {
            assert_eq!((one.place, one.ending), (1, Ending::Overrun as u32));
            assert!(one.cycles >= TICK && one.cycles <= 2 * TICK, "{one:?}");
        }
        let acted = report.all::<Acted>();
        assert_eq!((acted[0].missed, acted[0].late, acted[0].deaths), (0, 0, 0));
    }
}

#[test]
fn who_dies_on_the_second_core_comes_back_there() {
    let mut stage = stage(vec![adder(10), mortal(7)], 1);
    stage.input(0, &ramp(60));
    let mut requests = Requests::default();
    for place in 0..2 {
        let wanted = Creation {
            pipeline: 0,
            restarts: 1,
            on_death: OnDeath::Bypass,
            ..on(place, place)
        };
        requests.add(Request::Load(place)).create(wanted);
    }
    requests
        .bind(0, IN, pin(0, 0), 4 * BYTES)
        .bind(1, pin(0, 0), pin(1, 0), 4 * BYTES)
        .bind(2, pin(1, 0), OUT, 4 * BYTES)
        .phase(0, Phase::Running);
    let report = stage.perform(&requests.at(30).end());
    report.all_done();
    assert_eq!(stopped_in(&report), [(1, EntryPoint::Process as u32)]);
    assert_eq!(report.all::<Revived>().len(), 1);
    assert_eq!(stage.rig.system.core_of(1), second());
    let heard = stage.output(0);
    let twice = plus(&ramp(60), 2);
    // One period went by it, or came back with it.
    let others = (0..50).filter(|at| heard[*at] != twice[*at]).count();
    assert!(others <= 4, "{others}");
}

/// A script that takes so many acts for an entry point, a hundred in a tick.
fn slow_to(entry: EntryPoint, acts: u32) -> Script {
    special(entry, move |_, visit| {
        Ok(match visit.act {
            done if done < acts => Act::Run(TICK / 100),
            _ => Act::Return(0),
        })
    })
}

/// A module on the first core whose configuration takes its time, and one on the second that reads
/// for ever; the second is taken away as soon as the first is configured.
fn withdrawn() -> (Vec<Script>, Vec<RequestRecord>) {
    let scripts = vec![
        slow_to(EntryPoint::SetConfig, 40),
        reader(|visit| visit.arguments[0]),
    ];
    let mut requests = Requests::default();
    for place in 0..2 {
        let wanted = Creation {
            budget: 100 * TICK,
            ..on(place, place)
        };
        requests
            .add(Request::Load(place))
            .create(wanted)
            .bind(
                place,
                Endpoint::File(place as u16),
                pin(place as usize, 0),
                4 * BYTES,
            )
            .bind(
                10 + place,
                pin(place as usize, 0),
                Endpoint::File(place as u16),
                4 * BYTES,
            );
    }
    requests
        .phase(1, Phase::Running)
        .at(3)
        .add(Request::SetConfig {
            place: 0,
            id: 1,
            offset: 0,
            bytes: 0,
        })
        .add(inject(1, Injected::Withdraw))
        .add(Request::Unload(1));
    (scripts, requests.at(6).end())
}

#[test]
fn who_is_taken_away_in_mid_flight_is_waited_for_and_leaves_nothing() {
    let (scripts, requests) = withdrawn();
    let mut stage = stage(scripts, 1);
    (0..2).for_each(|input| stage.input(input, &ramp(60)));
    let report = stage.perform(&requests);
    report.all_done();
    let stopped = report.all::<Stopped>();
    assert_eq!(stopped.len(), 1);
    assert_eq!(stopped[0].entry, EntryPoint::Process as u32);
    assert!(
        stopped[0].ending == Ending::Withdrawn as u32 && stopped[0].cycles > 0,
        "it was not under way: {stopped:?}"
    );
    let answered = |rig: &Rig| rig.machine.0.borrow().counts(second()).shootdowns_answered;
    assert!(answered(&stage.rig) >= 1);
    assert_eq!(stage.rig.asids_remembered(), []);
}

#[test]
fn a_page_that_is_taken_away_is_gone_at_once_for_who_spins_on_it_on_the_second_core() {
    // The buffer between them goes when both know; the second core is told first, and goes on with
    // its other source while the first still takes its time.
    // Buffer 2 is the kernel's third; module 1 has slot 1.
    let page = kernel::config::FIRST_BUFFER_PAGE + 2 * kernel::config::BUFFER_PAGES;
    let start = 0xa000_0000 + mmu::SLOT_BYTES + page * PAGE_BYTES;
    let reads = reader(move |_| twin(start));
    let mut stage = stage(vec![slow_to(EntryPoint::Unbind, 300), reads], 1);
    (0..2).for_each(|input| stage.input(input, &ramp(60)));
    let mut requests = Requests::default();
    for place in 0..2 {
        // It spins for as long as the other takes.
        let wanted = Creation {
            budget: 100 * TICK,
            ..on(place, place)
        };
        requests.add(Request::Load(place)).create(wanted).bind(
            place,
            Endpoint::File(place as u16),
            pin(place as usize, 0),
            4 * BYTES,
        );
    }
    requests
        .phase(1, Phase::Running)
        .bind(2, pin(0, 0), pin(1, 1), 4 * BYTES)
        .at(3)
        .add(Request::Unbind(2));
    let report = stage.perform(&requests.at(8).end());
    report.all_done();
    let stopped = report.all::<Stopped>();
    assert_eq!(stopped.len(), 1, "{stopped:?}");
    assert_eq!(
        (stopped[0].place, stopped[0].ending, stopped[0].address),
        (1, Ending::Fault as u32, twin(start))
    );
}

#[test]
fn what_a_silent_core_may_still_reach_is_given_up_and_nothing_panics() {
    let (scripts, requests) = withdrawn();
    let mut stage = stage(scripts, 1);
    stage
        .rig
        .machine
        .0
        .borrow_mut()
        .answering(second(), Answering::Never);
    (0..2).for_each(|input| stage.input(input, &ramp(60)));
    let report = stage.attempt(&requests);
    // Its file stays in use, its frames are nobody's, and the session says so.
    let in_use = RequestError::Install(InstallError::InUse(1));
    assert!(
        report.answers().contains(&Err(in_use)),
        "{:?}",
        report.answers()
    );
    let summary = &report.all::<Summary>()[0];
    assert_eq!(summary.why.read(), Some(Failed::Leak));
    assert!(stage.rig.system.is_sound());
}

#[test]
fn a_core_that_there_is_not_is_refused() {
    for (cores, core, refused) in [(1, 0, false), (1, 1, true), (2, 1, false), (2, 2, true)] {
        let mut stage = Stage::new(vec![adder(10)]);
        stage.cores = cores;
        let requests = Requests::default()
            .add(Request::Load(0))
            .create(on(0, core))
            .end();
        let answer = stage.perform(&requests).answers()[1];
        let expected = if refused {
            Err(RequestError::Core(core))
        } else {
            Ok(())
        };
        assert_eq!(answer, expected, "{cores} {core}");
    }
    for cores in [3, u32::MAX] {
        let mut stage = Stage::new(vec![]);
        stage.cores = cores;
        let report = stage.attempt(&Requests::default().end());
        let summary = &report.all::<Summary>()[0];
        assert_eq!(summary.why.read(), Some(Failed::Cores(cores)));
    }
}

#[test]
fn a_place_with_buffers_keeps_its_core() {
    let mut stage = stage(vec![adder(10)], 1);
    stage.input(0, &ramp(20));
    let mut requests = chain(&[SECOND]);
    requests
        .at(3)
        .phase(0, Phase::Reset)
        .add(Request::Delete(0))
        .create(on(0, 0))
        .create(on(0, SECOND));
    let answers = stage.perform(&requests.at(5).end()).answers();
    let create = answers.len() - 3;
    assert_eq!(
        answers[create..],
        [Err(RequestError::Core(0)), Ok(()), Ok(())]
    );
}

#[test]
fn what_the_second_core_remembered_from_before_a_grant_is_forgotten_there() {
    let mut rig = Rig::new();
    rig.system.pin_to(0, second());
    let file = module(0).bytes();
    rig.system.install(0, &file).unwrap();
    let on_second = |rig: &mut Rig, act: &mut dyn FnMut(&mut Rig) -> Result<u8, u32>| {
        rig.machine.0.borrow_mut().run_on(second());
        rig.switch(0);
        let outcome = act(rig);
        rig.machine.0.borrow_mut().run_on(CoreId::BOOT);
        outcome
    };
    let page = 0xa000_0000 + kernel::config::FIRST_BUFFER_PAGE * PAGE_BYTES;
    let mut load = |rig: &mut Rig| rig.access(mmu::Access::Read, page);
    let cause = on_second(&mut rig, &mut load).unwrap_err();
    let consumer = kernel::audio::Pin { place: 0, pin: 0 };
    rig.system.connect(64, None, Some(consumer)).unwrap();
    assert_eq!(on_second(&mut rig, &mut load), Err(cause), "it remembers");
    let fault = domains::Fault {
        cause: domains::Cause(cause),
        address: VirtAddr(page),
        pc: VirtAddr(rig.start(0, Purpose::Text)),
    };
    assert!(rig.system.resumes(0, fault));
    assert_eq!(on_second(&mut rig, &mut load), Ok(0));
    // A core that does not forget keeps the module from going on.
    rig.machine
        .0
        .borrow_mut()
        .answering(second(), Answering::Never);
    assert!(!rig.system.resumes(0, fault));
}

#[test]
fn records_are_taken_only_from_who_is_not_running_elsewhere() {
    let left = Rc::new(RefCell::new(0u32));
    let count = left.clone();
    // A record in each act, all of one period in one ring.
    let traces = special(EntryPoint::Process, move |cpu, visit| {
        if visit.act < 20 {
            let at = cpu.part(Purpose::Data);
            cpu.store(at, *count.borrow())?;
            cpu.call(Call::Trace, [at, 0, 0])?;
            *count.borrow_mut() += 1;
            return Ok(Act::Run(1));
        }
        Ok(Act::Return(0))
    });
    let mut stage = stage(vec![adder(10), traces], 3);
    stage.input(0, &ramp(60));
    let report = stage.perform(&chain(&[0, 1]).at(10).end());
    let noted: Vec<u32> = report
        .all::<Noted>()
        .iter()
        .map(|one| one.words[0])
        .collect();
    assert_eq!(noted, (0..*left.borrow()).collect::<Vec<_>>());

    let mut rig = Rig::new();
    rig.system.install(0, &module(0).bytes()).unwrap();
    let at = rig.start(0, Purpose::Data);
    let record = [at, 0, 0, 0, 0];
    assert_eq!(rig.system.call(0, Call::Trace.number(), record, 0), Some(0));
    let mut taken = 0;
    rig.system.set_away(0, true);
    rig.system.take_traces(0, |_| taken += 1);
    assert_eq!(taken, 0);
    rig.system.set_away(0, false);
    rig.system.take_traces(0, |_| taken += 1);
    assert_eq!(taken, 1);
}

#[test]
fn two_that_end_at_once_are_both_heard_of() {
    let mut rig = Rig::new();
    for place in 0..2 {
        rig.system.install(place, &module(place).bytes()).unwrap();
        let done = [5 + place as u32, 0, 0, 0, 0];
        assert_eq!(rig.system.call(place, Call::Done.number(), done, 0), None);
    }
    for place in 0..2 {
        let ended = syscalls::Outcome::Done(5 + place as u32);
        assert_eq!(rig.system.end_turn(place), Some(ended));
        assert_eq!(rig.system.end_turn(place), None);
    }
    assert_eq!(rig.system.end_turn(usize::MAX), None);
}
