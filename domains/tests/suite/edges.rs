//! Every public function with every argument at its edges: no panic, the error that says which, and
//! no change.

use domains::{DomainError, DomainHandle, Domains, Partition, Tenure, ThreadId};
use mmu::model::ModelMachine;
use mmu::{Access, Alias, PageCount, PhysAddr, PhysRange, Rights, VirtAddr, VirtRange};

use crate::rig::{ACCESSES, BOARD, Rig, core, frame, own, page, place, runs};
use crate::rules;

pub const WORDS: [u32; 16] = [
    0,
    1,
    2,
    4095,
    4096,
    4097,
    0x3fff_ffff,
    0x4000_0000,
    0x5fff_ffff,
    0x7fff_ffff,
    0x8000_0000,
    0xa000_0000,
    0xbfff_f000,
    0xc000_0000,
    0xffff_f000,
    u32::MAX,
];

/// Handles that name nothing: of a dead domain, and of other domains.
fn stale(rig: &mut Rig) -> Vec<DomainHandle> {
    let mut machine = ModelMachine::new(crate::rig::board(40, 1));
    let mut others = Domains::<20, 1, 1>::new(&crate::rig::board(40, 1), &mut machine);
    let foreign: Vec<_> = (0..20).map(|_| others.create(0).unwrap()).collect();
    let dead = rig.domains.create(0).unwrap();
    rig.destroy(dead).unwrap();
    vec![foreign[3], foreign[19], dead]
}

/// A domain with everything, and handles that name nothing.
fn furnished() -> (Rig, DomainHandle, Vec<DomainHandle>) {
    let mut rig = Rig::new();
    let stale = stale(&mut rig);
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0, 1], Rights::DATA).unwrap();
    rig.grant_as(handle, 1022, &[2, 3], Rights::TEXT, Tenure::Constant)
        .unwrap();
    rig.domains.add_thread(ThreadId(0), handle).unwrap();
    rig.switch(handle);
    rig.access(Access::Write, page(0), 1).unwrap();
    (rig, handle, stale)
}

fn every_rights() -> impl Iterator<Item = Rights> {
    (0..8).map(Rights::from_bits_truncate)
}

const TENURES: [Tenure; 3] = [Tenure::Own, Tenure::Constant, Tenure::Buffer];

#[test]
fn a_handle_that_names_nothing_is_said_to_be_stale() {
    let (mut rig, handle, stale) = furnished();
    let error = DomainError::StaleHandle;
    for none in stale {
        rig.refuses(error, |rig| rig.destroy(none));
        rig.refuses(error, |rig| rig.revoke(none, 0));
        rig.refuses(error, |rig| rig.grant(none, 5, &[5], Rights::DATA));
        rig.refuses(error, |rig| {
            rig.share((none, 1022), (handle, 8), Rights::READ)
        });
        rig.refuses(error, |rig| {
            rig.share((handle, 1022), (none, 8), Rights::READ)
        });
        rig.refuses(error, |rig| rig.inherit(none, handle));
        rig.refuses(error, |rig| rig.inherit(handle, none));
        rig.refuses(error, |rig| rig.domains.enter(none, core(0)).map(|_| ()));
        rig.refuses(error, |rig| rig.domains.add_thread(ThreadId(1), none));
        rig.refuses(error, |rig| rig.domains.asid(none).map(|_| ()));
        rig.refuses(error, |rig| rig.domains.partitions(none).map(|_| ()));
    }
}

#[test]
fn cores_and_threads_that_there_are_not_are_named() {
    let (mut rig, handle, stale) = furnished();
    for number in [3, 4, 30, 31] {
        let core = core(number);
        for handle in [handle, stale[0]] {
            rig.refuses(DomainError::NoCore { core, cores: 3 }, |rig| {
                rig.domains.enter(handle, core).map(|_| ())
            });
        }
    }
    for number in [4, 5, 255, u16::MAX] {
        let (thread, threads) = (ThreadId(number), 4);
        let error = DomainError::NoThread { thread, threads };
        rig.refuses(error, |rig| rig.domains.add_thread(thread, handle));
        rig.refuses(error, |rig| rig.domains.inherit_thread(thread, thread));
    }
}

#[test]
fn slots_and_starts_at_every_edge() {
    let (mut rig, handle, _) = furnished();
    let slots = BOARD.slots();
    for slot in WORDS.into_iter().filter(|slot| *slot >= slots) {
        let error = DomainError::NoSlot { slot, slots };
        rig.refuses(error, |rig| rig.domains.create(slot).map(|_| ()));
        rig.refuses(error, |rig| {
            let list = [(own(0, 1, Rights::DATA), frame(5))];
            rig.domains
                .create_with(&mut rig.machine, slot, &list)
                .map(|_| ())
        });
    }
    for start in WORDS
        .map(VirtAddr)
        .into_iter()
        .filter(|start| *start != page(0))
    {
        let error = DomainError::NotFound(start);
        rig.refuses(error, |rig| {
            rig.domains
                .remove_partition(&mut rig.machine, handle, start)
        });
        rig.refuses(error, |rig| {
            let from = (handle, start);
            let (machine, at) = (&mut rig.machine, page(8));
            rig.domains
                .share_partition(machine, from, handle, at, Rights::READ)
        });
        let shared = |rig: &mut Rig| {
            let from = (handle, page(1022));
            let machine = &mut rig.machine;
            rig.domains
                .share_partition(machine, from, handle, start, Rights::READ)
        };
        let error = match VirtRange::new(start, PageCount(2)) {
            Err(error) => error.into(),
            Ok(_) => DomainError::OutsideSlot(start),
        };
        rig.refuses(error, shared);
    }
}

#[test]
fn partitions_of_every_start_length_rights_and_tenure() {
    let (mut rig, handle, _) = furnished();
    for start in WORDS.map(VirtAddr) {
        for pages in WORDS.map(PageCount) {
            let range = VirtRange::new(start, pages);
            for rights in every_rights() {
                for tenure in TENURES {
                    let made = Partition::new(start, pages, rights, tenure);
                    let expected = match range {
                        Err(error) => Err(error.into()),
                        Ok(_) if !tenure.permits(rights) => {
                            Err(DomainError::Rights { rights, tenure })
                        }
                        Ok(range) => Ok(Partition {
                            range,
                            rights,
                            tenure,
                        }),
                    };
                    assert_eq!(made, expected);
                }
            }
            let Ok(range) = range else { continue };
            let (rights, tenure) = (Rights::READ, Tenure::Own);
            let partition = Partition {
                range,
                rights,
                tenure,
            };
            let error = match (start == page(0), pages.0) {
                (true, 1) | (true, 2) => DomainError::Overlap(page(0)),
                _ => DomainError::OutsideSlot(start),
            };
            rig.refuses(error, |rig| {
                let frames = |_| PhysRange {
                    start: frame(5),
                    frames: 1,
                };
                rig.domains
                    .add_partition(&mut rig.machine, handle, partition, frames)
            });
        }
    }
}

#[test]
fn frames_of_every_start_and_number() {
    let (mut rig, handle, _) = furnished();
    let partition = own(8, 3, Rights::DATA);
    for start in WORDS
        .map(PhysAddr)
        .into_iter()
        .chain([frame(8), PhysAddr(frame(4).0 + 1)])
    {
        for frames in WORDS {
            rig.refuses(DomainError::ForeignFrame(start), |rig| {
                let frames_of = |_| PhysRange { start, frames };
                rig.domains
                    .add_partition(&mut rig.machine, handle, partition, frames_of)
            });
        }
    }
    // A run of no frames is one of one: there is no other sense in it, and it must end.
    for frames in [0, 1] {
        let frames_of = |page| PhysRange {
            start: frame(4 + page),
            frames,
        };
        let (machine, domains) = (&mut rig.machine, &mut rig.domains);
        assert_eq!(
            domains.add_partition(machine, handle, partition, frames_of),
            Ok(())
        );
        rules::all(&rig);
        rig.revoke(handle, 8).unwrap();
    }
    rig.refuses(DomainError::ForeignFrame(frame(8)), |rig| {
        let whole = |page| PhysRange::rest(frame(7), page, PageCount(u32::MAX));
        rig.domains
            .add_partition(&mut rig.machine, handle, partition, whole)
    });
}

#[test]
fn claims_at_every_edge_are_decided_byte_by_byte() {
    let (rig, handle, stale) = furnished();
    let near = [page(0), page(2), page(1022), page(1024)].map(|at| at.0);
    let near = near.into_iter().flat_map(|at| [at - 1, at, at + 1]);
    for start in WORDS.into_iter().chain(near).map(VirtAddr) {
        for bytes in WORDS {
            for access in ACCESSES {
                let decided = rig.domains.may(handle, start, bytes, access);
                let proven = rig.domains.prove(handle, start, bytes, access);
                assert_eq!(proven.map(|proof| proof.bytes()), decided.map(|()| bytes));
                let first = rig.domains.may(handle, start, 1, access);
                assert!(decided.is_err() || first.is_ok());
                let last = u64::from(start.0) + u64::from(bytes.max(1)) - 1;
                assert!(decided.is_err() || last <= u64::from(u32::MAX));
                let gone = rig.domains.may(stale[0], start, bytes, access);
                assert_eq!(gone, Err(domains::Denied::StaleHandle));
            }
        }
    }
    for at in WORDS {
        let owners = u32::from(at == frame(0).0);
        assert_eq!(rig.domains.owners(PhysAddr(at)), owners);
    }
    for at in [frame(0).0 - 4096, frame(0).0 + 4, frame(8).0] {
        assert_eq!(rig.domains.owners(PhysAddr(at)), 0);
    }
}

#[test]
fn a_board_with_as_little_as_can_be() {
    let least = crate::rig::board(1, 0);
    let mut machine = ModelMachine::new(least);
    let mut none = Domains::<0, 0, 0>::new(&least, &mut machine);
    assert_eq!(none.create(0), Err(DomainError::NoDomain(0)));
    assert_eq!(none.check(&machine), Ok(()));
    let mut few = Domains::<3, 0, 0>::new(&least, &mut machine);
    assert_eq!(few.create(0), Err(DomainError::NoDomain(0)));
    let pair = crate::rig::board(2, 0);
    let mut machine = ModelMachine::new(pair);
    let mut one = Domains::<3, 0, 0>::new(&pair, &mut machine);
    let handle = one.create(0).unwrap();
    let granted = one.add_partition(
        &mut machine,
        handle,
        own(0, 1, Rights::DATA),
        runs(&[frame(0)]),
    );
    assert_eq!(granted, Err(DomainError::ForeignFrame(frame(0))));
    let thread = ThreadId(0);
    let error = DomainError::NoThread { thread, threads: 0 };
    assert_eq!(one.add_thread(thread, handle), Err(error));
    assert!(
        one.may(handle, place(0, 0, Alias::Cached), 1, Access::Read)
            .is_err()
    );
    assert_eq!(one.check(&machine), Ok(()));
}
