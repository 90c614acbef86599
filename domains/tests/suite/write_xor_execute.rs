//! No frame is writable anywhere while it is executable anywhere.

use domains::{DomainError, Tenure};
use mmu::{Alias, Rights};

use crate::rig::{Rig, frame, page};
use crate::rules;

const TENURES: [Tenure; 3] = [Tenure::Own, Tenure::Constant, Tenure::Buffer];

/// Every lawful way to have a frame.
fn uses() -> impl Iterator<Item = (Rights, Tenure)> {
    let rights = [Rights::READ, Rights::DATA, Rights::TEXT];
    let all = rights
        .into_iter()
        .flat_map(|rights| TENURES.map(|tenure| (rights, tenure)));
    all.filter(|(rights, tenure)| tenure.permits(*rights))
}

#[test]
fn it_holds_for_every_pair_of_uses_inside_a_domain_and_over_two() {
    for first in uses() {
        for second in uses() {
            for same_domain in [true, false] {
                let mut rig = Rig::new();
                let one = rig.create(0);
                let two = if same_domain { one } else { rig.create(0) };
                rig.grant_as(one, 0, &[0], first.0, first.1).unwrap();
                let granted = rig.grant_as(two, 1, &[0], second.0, second.1);
                rules::all(&rig);
                let both = first.0 | second.0;
                let agreed = first.1 == second.1 && first.1 != Tenure::Own;
                assert!(granted.is_err() || agreed, "{first:?} and {second:?}");
                assert!(granted.is_err() || both.is_lawful());
                let sides_differ = first.0 != second.0;
                let allowed = agreed && (first.1 == Tenure::Constant || sides_differ);
                assert_eq!(granted.is_ok(), allowed, "{first:?} and {second:?}");
                assert_eq!(rig.domains.owners(frame(0)), 1 + u32::from(allowed));
            }
        }
    }
}

#[test]
fn an_alias_is_no_way_round_it() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::TEXT).unwrap();
    // The uncached twin can be asked for by its address, and is the partition's already.
    let start = crate::rig::place(0, 0, Alias::Uncached);
    let pages = mmu::PageCount(1);
    let twin = domains::Partition::new(start, pages, Rights::DATA, Tenure::Own).unwrap();
    rig.refuses(DomainError::OutsideSlot(start), |rig| {
        let frames = [frame(0)];
        let frames_of = crate::rig::runs(&frames);
        rig.domains
            .add_partition(&mut rig.machine, handle, twin, frames_of)
    });
    rig.switch(handle);
    for alias in crate::rig::ALIASES {
        let address = crate::rig::place(0, 0, alias);
        assert_eq!(rig.cause(mmu::Access::Write, address), Some(29));
        assert_eq!(rig.cause(mmu::Access::Execute, address), None);
    }
}

#[test]
fn a_frame_changes_sides_only_when_the_last_partition_that_has_it_is_gone() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    let constant = Tenure::Constant;
    rig.grant_as(one, 0, &[0, 0], Rights::TEXT, constant)
        .unwrap();
    rig.grant_as(two, 0, &[0], Rights::READ, constant).unwrap();
    let in_use = DomainError::InUse(frame(0));
    rig.refuses(in_use, |rig| rig.grant(one, 4, &[0], Rights::DATA));
    rig.revoke(one, 0).unwrap();
    rig.refuses(in_use, |rig| rig.grant(one, 4, &[0], Rights::DATA));
    rig.destroy(two).unwrap();
    rig.grant(one, 4, &[0], Rights::DATA).unwrap();
    rig.refuses(in_use, |rig| {
        rig.grant_as(one, 0, &[0], Rights::TEXT, constant)
    });
    assert_eq!(rig.domains.owners(frame(0)), 1);
    assert!(rig.domains.may(one, page(4), 1, mmu::Access::Write).is_ok());
}
