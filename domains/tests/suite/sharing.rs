//! Frames in several domains: constants, text, buffers.

use domains::{DomainError, Tenure};
use mmu::{Access, Alias, Rights, VirtAddr};

use crate::rig::{Rig, core, frame, page, place};
use crate::rules;

const CONSTANT: Tenure = Tenure::Constant;
const BUFFER: Tenure = Tenure::Buffer;

#[test]
fn many_domains_read_the_same_constants() {
    let mut rig = Rig::new();
    let all: Vec<_> = (0..3).map(|_| rig.create(0)).collect();
    rig.grant_as(all[0], 0, &[3, 1], Rights::READ, CONSTANT)
        .unwrap();
    for (at, to) in (4..).zip(&all[1..]) {
        rig.share((all[0], 0), (*to, at), Rights::READ).unwrap();
    }
    rules::all(&rig);
    assert_eq!(
        (rig.domains.owners(frame(3)), rig.domains.owners(frame(1))),
        (3, 3)
    );
    assert_eq!(rig.domains.frames_in_use(), 2);
    for (at, handle) in [0, 4, 5].into_iter().zip(&all) {
        rig.switch(*handle);
        assert_eq!(rig.cause(Access::Read, page(at)), None);
        assert_eq!(rig.cause(Access::Write, page(at)), Some(29));
        assert_eq!(rig.cause(Access::Execute, page(at)), Some(20));
    }
}

#[test]
fn instances_run_the_same_text_and_none_can_write_it() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    rig.grant_as(one, 0, &[0], Rights::TEXT, CONSTANT).unwrap();
    rig.share((one, 0), (two, 0), Rights::TEXT).unwrap();
    for handle in [one, two] {
        rig.switch(handle);
        assert_eq!(rig.cause(Access::Execute, page(0)), None);
        assert_eq!(
            rig.cause(Access::Write, place(0, 0, Alias::Uncached)),
            Some(29)
        );
    }
    let rights = Rights::DATA;
    let tenure = CONSTANT;
    rig.refuses(DomainError::Rights { rights, tenure }, |rig| {
        rig.share((one, 0), (two, 1), rights)
    });
    rules::all(&rig);
}

#[test]
fn a_buffer_has_one_producer_and_one_consumer_and_no_third() {
    let mut rig = Rig::new();
    let (producer, consumer, third) = (rig.create(0), rig.create(1), rig.create(2));
    rig.grant_as(producer, 0, &[0, 1], Rights::DATA, BUFFER)
        .unwrap();
    let taken = DomainError::SideTaken(frame(0));
    let share = |rig: &mut Rig, to, slot, rights| {
        let at = place(slot, 2, Alias::Cached);
        let machine = &mut rig.machine;
        rig.domains
            .share_partition(machine, (producer, page(0)), to, at, rights)
    };
    rig.refuses(taken, |rig| share(rig, consumer, 1, Rights::DATA));
    share(&mut rig, consumer, 1, Rights::READ).unwrap();
    rules::all(&rig);
    for rights in [Rights::READ, Rights::DATA] {
        rig.refuses(taken, |rig| share(rig, third, 2, rights));
    }
    let tenure = BUFFER;
    let rights = Rights::TEXT;
    rig.refuses(DomainError::Rights { rights, tenure }, |rig| {
        share(rig, third, 2, rights)
    });
    assert_eq!(rig.domains.owners(frame(0)), 2);

    // What the producer writes the consumer reads, and no more than that.
    let (from, to) = (place(0, 1, Alias::Uncached), place(1, 3, Alias::Uncached));
    rig.switch(producer);
    rig.access(Access::Write, from, 0x5a).unwrap();
    rig.on(1);
    rig.switch(consumer);
    assert_eq!(rig.access(Access::Read, to, 0), Ok(0x5a));
    assert_eq!(rig.cause(Access::Write, to), Some(29));
    assert_eq!(rig.cause(Access::Execute, to), Some(20));
}

#[test]
fn the_death_of_one_side_leaves_the_other_its_access_and_its_side_free() {
    for producer_dies in [true, false] {
        let mut rig = Rig::new();
        let (producer, consumer) = (rig.create(0), rig.create(0));
        rig.grant_as(producer, 0, &[0], Rights::DATA, BUFFER)
            .unwrap();
        rig.share((producer, 0), (consumer, 0), Rights::READ)
            .unwrap();
        let (dies, stays) = match producer_dies {
            true => (producer, consumer),
            false => (consumer, producer),
        };
        rig.switch(stays);
        assert_eq!(rig.cause(Access::Read, page(0)), None);
        rig.destroy(dies).unwrap();
        rules::all(&rig);
        assert_eq!(rig.domains.owners(frame(0)), 1);
        assert_eq!(rig.cause(Access::Read, page(0)), None);
        let next = rig.create(0);
        let (free, taken) = match producer_dies {
            true => (Rights::DATA, Rights::READ),
            false => (Rights::READ, Rights::DATA),
        };
        rig.refuses(DomainError::SideTaken(frame(0)), |rig| {
            rig.share((stays, 0), (next, 0), taken)
        });
        rig.share((stays, 0), (next, 0), free).unwrap();
        rules::all(&rig);
    }
}

#[test]
fn frames_are_free_only_after_the_last_that_has_them() {
    let mut rig = Rig::new();
    let all: Vec<_> = (0..3).map(|_| rig.create(0)).collect();
    rig.grant_as(all[0], 0, &[0, 1], Rights::READ, CONSTANT)
        .unwrap();
    rig.share((all[0], 0), (all[1], 0), Rights::READ).unwrap();
    rig.share((all[1], 0), (all[2], 8), Rights::TEXT).unwrap();
    let in_use = DomainError::InUse(frame(0));
    for (left, end) in [(2, 0), (1, 1)] {
        rig.destroy(all[end]).unwrap();
        assert_eq!(rig.domains.owners(frame(0)), left);
        rig.refuses(in_use, |rig| rig.grant(all[2], 0, &[0], Rights::DATA));
    }
    rig.revoke(all[2], 8).unwrap();
    assert_eq!(rig.domains.frames_in_use(), 0);
    rig.grant(all[2], 0, &[0], Rights::DATA).unwrap();
}

#[test]
fn what_is_a_domains_own_is_shared_with_nobody() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    for (first, rights) in [(0, Rights::DATA), (1, Rights::READ), (2, Rights::TEXT)] {
        rig.grant(one, first, &[first], rights).unwrap();
        for to in [one, two] {
            rig.refuses(DomainError::InUse(frame(first)), |rig| {
                rig.share((one, first), (to, 8), rights)
            });
        }
    }
}

#[test]
fn only_a_whole_partition_is_shared() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    rig.grant_as(one, 2, &[0, 1], Rights::READ, CONSTANT)
        .unwrap();
    for first in [0, 1, 3, 4] {
        rig.refuses(DomainError::NotFound(page(first)), |rig| {
            rig.share((one, first), (two, 0), Rights::READ)
        });
    }
    rig.share((one, 2), (two, 0), Rights::READ).unwrap();
    let at = VirtAddr(page(8).0 + 4);
    let unaligned = mmu::AddressError::Unaligned(at.0);
    rig.refuses(unaligned.into(), |rig| {
        let from = (one, page(2));
        rig.domains
            .share_partition(&mut rig.machine, from, two, at, Rights::READ)
    });
    let at = page(1023);
    rig.refuses(DomainError::OutsideSlot(at), |rig| {
        let from = (one, page(2));
        rig.domains
            .share_partition(&mut rig.machine, from, two, at, Rights::READ)
    });
}

#[test]
fn scattered_frames_are_shared_in_their_order() {
    use mmu::Frames;
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    let frames = [6, 2, 3, 7, 1];
    rig.grant_as(one, 3, &frames, Rights::READ, CONSTANT)
        .unwrap();
    rig.share((one, 3), (two, 9), Rights::READ).unwrap();
    for number in frames {
        rig.machine.write(frame(number), &[number as u8]);
    }
    rig.switch(two);
    for (at, number) in (9..).zip(frames) {
        assert_eq!(rig.access(Access::Read, page(at), 0), Ok(number as u8));
    }
}

#[test]
fn a_side_that_is_revoked_is_revoked_on_every_core() {
    let mut rig = Rig::new();
    let (producer, consumer) = (rig.create(0), rig.create(0));
    rig.grant_as(producer, 0, &[0], Rights::DATA, BUFFER)
        .unwrap();
    rig.share((producer, 0), (consumer, 0), Rights::READ)
        .unwrap();
    rig.on(1);
    rig.switch(consumer);
    rig.access(Access::Read, page(0), 0).unwrap();
    rig.on(2);
    rig.switch(producer);
    rig.access(Access::Write, page(0), 1).unwrap();
    rig.on(0);
    rig.revoke(consumer, 0).unwrap();
    rules::all(&rig);
    rig.on(1);
    assert_eq!(rig.cause(Access::Read, page(0)), Some(28));
    rig.on(2);
    assert_eq!(rig.cause(Access::Write, page(0)), None);
    assert_eq!(rig.machine.lines(core(1)), []);
}
