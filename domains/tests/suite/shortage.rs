//! Each thing that can run out or be in the way, at each place of each call that needs it: the
//! right error, nothing changed, nothing lost; and the call succeeds once the shortage is over.

use domains::{DomainError, DomainHandle, Domains, MAX_PARTITIONS, Partition, Tenure, ThreadId};
use mmu::model::ModelMachine;
use mmu::{AsidError, PAGE_BYTES, PhysAddr, Rights, SLOT_PAGES};

use crate::rig::{DOMAINS, Rig, board, frame, own, page, runs};
use crate::rules;

/// The frames of five runs, pages 8 to 13 are to have them.
const SCATTERED: [u32; 6] = [6, 1, 4, 5, 3, 0];

type Call<'c> = &'c dyn Fn(&mut Rig) -> Result<(), DomainError>;

/// The call is refused without a trace as long as the shortage lasts, and works afterwards.
#[track_caller]
fn short(rig: &mut Rig, error: DomainError, call: Call, relieve: impl Fn(&mut Rig)) {
    rig.refuses(error, call);
    rig.refuses(error, call);
    relieve(rig);
    rules::all(rig);
    assert_eq!(call(rig), Ok(()));
    rules::all(rig);
}

fn create(rig: &mut Rig) -> Result<(), DomainError> {
    let made = rig.domains.create(0)?;
    rig.made.push(made);
    Ok(())
}

fn create_with(rig: &mut Rig, list: &[(Partition, PhysAddr)]) -> Result<DomainHandle, DomainError> {
    let made = rig.domains.create_with(&mut rig.machine, 0, list)?;
    rig.made.push(made);
    Ok(made)
}

#[test]
fn a_place_for_a_domain() {
    let calls: [Call; 2] = [&create, &|rig| {
        create_with(rig, &[(own(0, 2, Rights::DATA), frame(0))]).map(|_| ())
    }];
    for call in calls {
        let mut rig = Rig::new();
        let handles: Vec<_> = (0..DOMAINS).map(|_| rig.create(0)).collect();
        let full = DomainError::NoDomain(DOMAINS);
        short(&mut rig, full, call, |rig| rig.destroy(handles[1]).unwrap());
    }
}

#[test]
fn an_asid() {
    let big = board(600, 1);
    let mut machine = ModelMachine::new(big);
    let mut domains = Box::new(Domains::<300, 1, 1>::new(&big, &mut machine));
    while domains.free_asids() > 1 {
        domains.create(0).unwrap();
    }
    let last = domains.create(0).unwrap();
    let before = (
        domains.alive(),
        domains.free_places(),
        machine.fingerprint(),
    );
    let list = [(own(0, 1, Rights::DATA), big.module_frames.start)];
    for _ in 0..3 {
        let exhausted = Err(DomainError::Asid(AsidError::Exhausted));
        assert_eq!(domains.create(0), exhausted);
        assert_eq!(domains.create_with(&mut machine, 0, &list), exhausted);
    }
    let after = (
        domains.alive(),
        domains.free_places(),
        machine.fingerprint(),
    );
    assert_eq!(after, before);
    domains.destroy(&mut machine, last).unwrap();
    domains.create_with(&mut machine, 0, &list).unwrap();
    assert_eq!(domains.check(&machine), Ok(()));
}

#[test]
fn a_frame_for_each_partition_of_a_new_domain() {
    let list: Vec<_> = (0..4)
        .map(|n| (own(3 * n, 2, Rights::DATA), frame(2 * n)))
        .collect();
    for in_the_way in 0..8 {
        let mut rig = Rig::new();
        let other = rig.create(0);
        rig.grant(other, 0, &[in_the_way], Rights::DATA).unwrap();
        let before = (rig.state(), rig.tables().len());
        for _ in 0..3 {
            let made = create_with(&mut rig, &list);
            assert_eq!(made, Err(DomainError::InUse(frame(in_the_way))));
            assert!((rig.state(), rig.tables().len()) == before);
            rules::all(&rig);
        }
        rig.revoke(other, 0).unwrap();
        create_with(&mut rig, &list).unwrap();
        rules::all(&rig);
    }
}

#[test]
fn an_unlawful_partition_at_each_place_of_a_new_domain() {
    let lawful: Vec<_> = (0..3)
        .map(|n| (own(n, 1, Rights::DATA), frame(n)))
        .collect();
    let mut written = own(5, 1, Rights::READ);
    written.rights = Rights::all();
    let (rights, tenure) = (written.rights, written.tenure);
    let outside = own(SLOT_PAGES, 1, Rights::DATA);
    for at in 0..=3 {
        for (bad, error) in [
            ((written, frame(7)), DomainError::Rights { rights, tenure }),
            (
                (outside, frame(7)),
                DomainError::OutsideSlot(outside.range.start()),
            ),
            (
                (own(5, 1, Rights::DATA), frame(8)),
                DomainError::ForeignFrame(frame(8)),
            ),
            (
                (own(5, 2, Rights::DATA), frame(7)),
                DomainError::ForeignFrame(frame(8)),
            ),
        ] {
            let mut rig = Rig::new();
            let before = rig.state();
            let mut list = lawful.clone();
            list.insert(at, bad);
            assert_eq!(create_with(&mut rig, &list), Err(error));
            assert!(rig.state() == before);
            rules::all(&rig);
            create_with(&mut rig, &lawful).unwrap();
        }
    }
}

#[test]
fn more_partitions_than_a_new_domain_can_have() {
    let constant = |n| {
        let pages = mmu::PageCount(1);
        let partition = Partition::new(page(n), pages, Rights::READ, Tenure::Constant);
        (partition.unwrap(), frame(0))
    };
    let mut list: Vec<_> = (0..=MAX_PARTITIONS as u32).map(constant).collect();
    let mut rig = Rig::new();
    let before = rig.state();
    let full = DomainError::NoPartition(MAX_PARTITIONS);
    assert_eq!(create_with(&mut rig, &list), Err(full));
    assert!(rig.state() == before);
    list.pop();
    create_with(&mut rig, &list).unwrap();
    rules::all(&rig);
}

#[test]
fn a_place_for_a_partition() {
    let constant = Tenure::Constant;
    type Fill = fn(&mut Rig, DomainHandle, DomainHandle) -> Result<(), DomainError>;
    let calls: [Fill; 3] = [
        |rig, full, _| rig.grant(full, 500, &[1], Rights::DATA),
        |rig, full, other| rig.share((other, 600), (full, 500), Rights::READ),
        |rig, full, other| rig.inherit(other, full),
    ];
    for call in calls {
        let mut rig = Rig::new();
        let (full, other) = (rig.create(0), rig.create(0));
        for first in 0..MAX_PARTITIONS as u32 {
            rig.grant_as(full, first, &[0], Rights::READ, constant)
                .unwrap();
        }
        rig.grant_as(other, 600, &[2, 4], Rights::READ, constant)
            .unwrap();
        let error = DomainError::NoPartition(MAX_PARTITIONS);
        let call: Call = &|rig| call(rig, full, other);
        short(&mut rig, error, call, |rig| rig.revoke(full, 3).unwrap());
    }
}

#[test]
fn each_frame_of_each_run_of_a_grant() {
    for in_the_way in SCATTERED {
        for (rights, tenure, error) in [
            (
                Rights::DATA,
                Tenure::Own,
                DomainError::InUse(frame(in_the_way)),
            ),
            (
                Rights::READ,
                Tenure::Constant,
                DomainError::InUse(frame(in_the_way)),
            ),
            (
                Rights::DATA,
                Tenure::Buffer,
                DomainError::SideTaken(frame(in_the_way)),
            ),
            (
                Rights::READ,
                Tenure::Buffer,
                DomainError::SideTaken(frame(in_the_way)),
            ),
        ] {
            let mut rig = Rig::new();
            let (handle, other) = (rig.create(0), rig.create(0));
            let as_constant = tenure == Tenure::Constant;
            let used_as = if as_constant { Tenure::Own } else { tenure };
            rig.grant_as(other, 0, &[in_the_way], rights, used_as)
                .unwrap();
            let call: Call = &|rig| rig.grant_as(handle, 8, &SCATTERED, rights, tenure);
            short(&mut rig, error, call, |rig| rig.revoke(other, 0).unwrap());
        }
    }
}

#[test]
fn each_frame_of_each_run_of_what_is_shared() {
    // The consumer's side of one frame is another's: the whole buffer cannot be shared.
    for (at, taken) in SCATTERED.into_iter().enumerate() {
        let mut rig = Rig::new();
        let (from, to, third) = (rig.create(0), rig.create(0), rig.create(0));
        let buffer = Tenure::Buffer;
        rig.grant_as(from, 8, &SCATTERED, Rights::DATA, buffer)
            .unwrap();
        rig.grant_as(third, 0, &[taken], Rights::READ, buffer)
            .unwrap();
        let call: Call = &|rig| rig.share((from, 8), (to, 30), Rights::READ);
        let error = DomainError::SideTaken(frame(taken));
        short(&mut rig, error, call, |rig| rig.revoke(third, 0).unwrap());
        assert_eq!(rig.domains.owners(frame(SCATTERED[at])), 2);
    }
}

#[test]
fn each_page_of_a_range_that_something_overlaps() {
    for in_the_way in 8..14 {
        let mut rig = Rig::new();
        let handle = rig.create(0);
        rig.grant(handle, in_the_way, &[7], Rights::READ).unwrap();
        let call: Call = &|rig| rig.grant(handle, 8, &SCATTERED, Rights::DATA);
        let error = DomainError::Overlap(page(in_the_way));
        short(&mut rig, error, call, |rig| {
            rig.revoke(handle, in_the_way).unwrap()
        });
    }
}

#[test]
fn the_last_thread_of_a_domain_in_the_way_of_its_end() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.domains.add_thread(ThreadId(3), handle).unwrap();
    let gone = |rig: &mut Rig| rig.domains.remove_thread(ThreadId(3)).unwrap();
    rig.refuses(DomainError::HasThreads(1), |rig| rig.destroy(handle));
    gone(&mut rig);
    rig.destroy(handle).unwrap();
    rules::all(&rig);
}

/// 16,383 pages of constants on one frame: as many as can be counted.
fn worn_out() -> (
    ModelMachine,
    Box<Domains<20, 4, 1>>,
    Vec<DomainHandle>,
    PhysAddr,
) {
    let big = board(40, 4);
    let mut machine = ModelMachine::new(big);
    let mut domains = Box::new(Domains::<20, 4, 1>::new(&big, &mut machine));
    let worn = big.module_frames.start;
    let mut handles = Vec::new();
    for number in 0..16 {
        let pages = if number == 0 {
            SLOT_PAGES - 1
        } else {
            SLOT_PAGES
        };
        let handle = domains.create(0).unwrap();
        let frames = vec![worn; pages as usize];
        let partition = constant(0, pages);
        let granted = domains.add_partition(&mut machine, handle, partition, runs(&frames));
        assert_eq!(granted, Ok(()));
        handles.push(handle);
    }
    assert_eq!(domains.owners(worn), 16_383);
    (machine, domains, handles, worn)
}

fn constant(first: u32, pages: u32) -> Partition {
    let pages = mmu::PageCount(pages);
    Partition::new(page(first), pages, Rights::READ, Tenure::Constant).unwrap()
}

#[test]
fn a_count_of_the_sharers_of_a_frame() {
    let (mut machine, mut domains, handles, worn) = worn_out();
    let next = |n| PhysAddr(worn.0 + n * PAGE_BYTES);
    let last = domains.create(0).unwrap();
    let too_shared = Err(DomainError::TooShared(worn));
    let before = machine.fingerprint();
    // As the first frame of several runs, between others, and as the last.
    for frames in [
        vec![worn, next(2)],
        vec![next(1), next(3), worn, next(2)],
        vec![next(2), next(3), worn],
    ] {
        let partition = constant(0, frames.len() as u32);
        let granted = domains.add_partition(&mut machine, last, partition, runs(&frames));
        assert_eq!(granted, too_shared);
        assert_eq!(machine.fingerprint(), before);
        let owners = [0, 1, 2, 3].map(|n| domains.owners(next(n)));
        assert_eq!(owners, [16_383, 0, 0, 0]);
    }
    let list = [(constant(0, 1), next(1)), (constant(1, 1), worn)];
    assert_eq!(
        domains.create_with(&mut machine, 0, &list).map(|_| ()),
        too_shared
    );
    let from = (handles[1], page(0));
    let shared = domains.share_partition(&mut machine, from, last, page(0), Rights::READ);
    assert_eq!(shared, too_shared);
    assert_eq!(
        domains.inherit_partitions(&mut machine, handles[1], last),
        too_shared
    );
    assert_eq!(domains.owners(next(1)), 0);
    assert_eq!(domains.check(&machine), Ok(()));

    domains.destroy(&mut machine, handles[2]).unwrap();
    assert_eq!(domains.owners(worn), 16_383 - SLOT_PAGES);
    domains
        .inherit_partitions(&mut machine, handles[1], last)
        .unwrap();
    assert_eq!(domains.owners(worn), 16_383);
    assert_eq!(domains.check(&machine), Ok(()));
}
