//! Several cores: who is asked, who waits, what is left where.

use mmu::model::Answering;
use mmu::{Access, Alias, CoreSet, Frames, Rights, Stale};

use crate::busy::Busy;
use crate::rig::{ACCESSES, ALIASES, CORES, Rig, core, frame, page, place};
use crate::rules;

fn set(cores: impl IntoIterator<Item = u32>) -> CoreSet {
    cores
        .into_iter()
        .map(core)
        .fold(CoreSet::EMPTY, CoreSet::with)
}

/// A domain with data at page 0, text at page 1, and constants at page 2.
fn furnished(rig: &mut Rig) -> domains::DomainHandle {
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.grant(handle, 1, &[1], Rights::TEXT).unwrap();
    rig.grant(handle, 2, &[2], Rights::READ).unwrap();
    handle
}

#[test]
fn a_revoke_asks_exactly_the_other_cores_that_the_domain_was_entered_on() {
    for entered in 0..1 << CORES {
        for acting in 0..CORES {
            let mut rig = Rig::new();
            let handle = furnished(&mut rig);
            let cores: Vec<u32> = (0..CORES).filter(|core| entered & 1 << core != 0).collect();
            for core in &cores {
                rig.on(*core);
                rig.switch(handle);
            }
            rig.on(acting);
            let others = set(cores.iter().copied().filter(|core| *core != acting));
            let mut busy = Busy::new(&mut rig.machine, |_| {});
            rig.domains
                .remove_partition(&mut busy, handle, page(2))
                .unwrap();
            rig.domains.destroy(&mut busy, handle).unwrap();
            let asked = [
                (others, Stale::INDEX_2 | Stale::LINES),
                (others, Stale::all()),
            ];
            let expected = if others.is_empty() { &[] } else { &asked[..] };
            assert_eq!(busy.asked, expected);
        }
    }
}

#[test]
fn a_domain_made_after_another_died_was_seen_by_nobody() {
    let mut rig = Rig::new();
    let handle = furnished(&mut rig);
    for number in 0..CORES {
        rig.on(number);
        rig.switch(handle);
    }
    rig.destroy(handle).unwrap();
    let handle = furnished(&mut rig);
    let mut busy = Busy::new(&mut rig.machine, |_| {});
    rig.domains
        .remove_partition(&mut busy, handle, page(0))
        .unwrap();
    assert_eq!(busy.asked, []);
}

#[test]
fn grants_and_threads_wait_for_nobody() {
    let mut rig = Rig::new();
    let (handle, other) = (rig.create(0), rig.create(0));
    for number in 0..CORES {
        rig.on(number);
        rig.switch(handle);
        rig.switch(other);
        rig.machine.answering(core(number), Answering::Never);
    }
    let constant = domains::Tenure::Constant;
    rig.grant_as(handle, 0, &[0, 3], Rights::READ, constant)
        .unwrap();
    rig.share((handle, 0), (other, 4), Rights::READ).unwrap();
    rig.revoke(other, 4).unwrap_err();
    rig.inherit(handle, other).unwrap();
    rig.domains
        .add_thread(domains::ThreadId(0), handle)
        .unwrap();
    rules::all(&rig);
}

#[test]
fn a_revoked_page_is_out_of_reach_on_every_core_when_the_call_returns() {
    for acting in 0..CORES {
        for (number, access) in [(0, Access::Write), (1, Access::Execute), (2, Access::Read)] {
            let mut rig = Rig::new();
            let handle = furnished(&mut rig);
            for core in 0..CORES {
                rig.on(core);
                rig.switch(handle);
                for alias in ALIASES {
                    assert_eq!(rig.cause(access, place(0, number, alias)), None);
                }
            }
            rig.on(acting);
            rig.revoke(handle, number).unwrap();
            rules::all(&rig);
            for core in 0..CORES {
                rig.on(core);
                for alias in ALIASES {
                    for access in ACCESSES {
                        let cause = rig.cause(access, place(0, number, alias));
                        assert_eq!(cause, Some(crate::rig::prohibited(access)));
                    }
                }
            }
        }
    }
}

#[test]
fn a_core_in_user_code_before_its_answer_keeps_nothing_of_what_it_did() {
    let mut rig = Rig::new();
    let handle = furnished(&mut rig);
    for number in 0..CORES {
        rig.on(number);
        rig.switch(handle);
        rig.access(Access::Write, page(0), 7).unwrap();
    }
    rig.on(0);
    let before = rig.machine.counts(core(1)).hits;
    let mut busy = Busy::new(&mut rig.machine, |machine| {
        for number in 1..CORES {
            machine.run_on(core(number));
            // Its entry is still there, and it may still use it; and it dirties a line again.
            machine.user_store(page(0), 9).unwrap();
            // What it asks for now it does not get.
            let uncached = place(0, 0, Alias::Uncached);
            assert!(machine.user_load(uncached).is_err());
        }
    });
    rig.domains
        .remove_partition(&mut busy, handle, page(0))
        .unwrap();
    assert!(
        rig.machine.counts(core(1)).hits > before,
        "it did use its entry"
    );
    rules::all(&rig);
    for number in 1..CORES {
        rig.on(number);
        assert_eq!(
            rig.machine.lines(core(number)),
            [],
            "core {number} kept a line"
        );
        assert_eq!(rig.cause(Access::Read, page(0)), Some(28));
    }
    rig.on(0);
    // The frame is zeroed for its next owner by the core that took it, and stays so.
    rig.machine.zero_frame(frame(0));
    (0..CORES).for_each(|number| rig.machine.evict_all(core(number)));
    let mut byte = [1];
    rig.machine.read(frame(0), &mut byte);
    assert_eq!(byte, [0]);
}

#[test]
fn no_core_has_a_line_of_what_was_revoked_or_destroyed() {
    for acting in 0..CORES {
        for destroy in [false, true] {
            let mut rig = Rig::new();
            let handle = furnished(&mut rig);
            for number in 0..CORES {
                rig.on(number);
                rig.switch(handle);
                rig.access(Access::Write, page(0), number as u8).unwrap();
                rig.access(Access::Execute, page(1), 0).unwrap();
                rig.access(Access::Read, page(2), 0).unwrap();
            }
            rig.on(acting);
            if destroy {
                rig.destroy(handle).unwrap();
            } else {
                rig.revoke(handle, 1).unwrap();
                rig.revoke(handle, 0).unwrap();
            }
            for number in 0..CORES {
                let lines = rig.machine.lines(core(number));
                let kept = lines.iter().filter(|line| line.at >= frame(2));
                // What was not revoked may stay in the cache of the core that asked.
                let expected = usize::from(number == acting && !destroy);
                assert_eq!((lines.len(), kept.count()), (expected, expected));
            }
        }
    }
}

#[test]
fn no_core_has_a_line_of_any_frame_of_a_run() {
    for destroy in [false, true] {
        let mut rig = Rig::new();
        let handle = rig.create(0);
        rig.grant(handle, 0, &[0, 1, 2, 5, 6], Rights::DATA)
            .unwrap();
        rig.switch(handle);
        for number in 0..5 {
            rig.access(Access::Write, page(number), 1).unwrap();
        }
        if destroy {
            rig.destroy(handle).unwrap();
        } else {
            rig.revoke(handle, 0).unwrap();
        }
        rules::all(&rig);
        assert_eq!(rig.machine.lines(core(0)), []);
    }
}

#[test]
fn a_line_of_a_side_that_died_is_not_written_over_the_frames_next_owner() {
    for destroy in [false, true] {
        let mut rig = Rig::new();
        let (producer, consumer) = (rig.create(0), rig.create(0));
        let buffer = domains::Tenure::Buffer;
        rig.grant_as(producer, 0, &[0], Rights::DATA, buffer)
            .unwrap();
        rig.share((producer, 0), (consumer, 0), Rights::READ)
            .unwrap();
        rig.on(1);
        rig.switch(producer);
        rig.access(Access::Write, page(0), 0xee).unwrap();
        // Core 1 ends it, and nobody zeroes the frame: the other side still has it.
        if destroy {
            rig.destroy(producer).unwrap();
        } else {
            rig.revoke(producer, 0).unwrap();
        }
        rig.on(0);
        rig.destroy(consumer).unwrap();
        assert_eq!(rig.domains.owners(frame(0)), 0);
        rig.machine.zero_frame(frame(0));
        rig.machine.evict_all(core(1));
        let mut byte = [1];
        rig.machine.read(frame(0), &mut byte);
        assert_eq!(byte, [0]);
    }
}

#[test]
fn what_was_written_on_one_core_is_read_on_another_after_a_revoke() {
    let mut rig = Rig::new();
    let handle = furnished(&mut rig);
    rig.on(1);
    rig.switch(handle);
    rig.access(Access::Write, page(0), 0x77).unwrap();
    rig.on(0);
    let mut byte = [0];
    rig.machine.read(frame(0), &mut byte);
    assert_ne!(byte, [0x77], "the byte is in core 1's cache only");
    rig.revoke(handle, 0).unwrap();
    rig.machine.read(frame(0), &mut byte);
    assert_eq!(byte, [0x77]);
}

#[test]
fn a_late_answer_is_waited_for() {
    for polls in 0..8 {
        let mut rig = Rig::new();
        let handle = furnished(&mut rig);
        rig.on(2);
        rig.switch(handle);
        rig.access(Access::Write, page(0), 1).unwrap();
        rig.machine.answering(core(2), Answering::AfterPolls(polls));
        rig.on(0);
        rig.revoke(handle, 0).unwrap();
        rules::all(&rig);
        rig.on(2);
        assert_eq!(rig.cause(Access::Write, page(0)), Some(29));
    }
}

#[test]
fn each_core_is_in_the_domain_it_entered() {
    let mut rig = Rig::new();
    let handles = [rig.create(0), rig.create(0), rig.create(0)];
    for (number, handle) in (0..).zip(handles) {
        rig.grant(handle, 0, &[number], Rights::DATA).unwrap();
        rig.machine.write(frame(number), &[number as u8]);
        rig.on(number);
        rig.switch(handle);
    }
    for _ in 0..2 {
        for number in 0..CORES {
            rig.on(number);
            for alias in ALIASES {
                let byte = rig.access(Access::Read, place(0, 0, alias), 0);
                assert_eq!(byte, Ok(number as u8));
            }
        }
    }
    rules::all(&rig);
}
