//! A domain that takes over what another shares.

use domains::{DomainError, DomainHandle, MAX_PARTITIONS, Tenure};
use mmu::{Access, Alias, Rights};

use crate::rig::{Rig, frame, page, place};
use crate::rules;

const CONSTANT: Tenure = Tenure::Constant;

/// Text on two pages, constants on one of the same frames, constants on another.
fn furnished() -> (Rig, DomainHandle, DomainHandle) {
    let mut rig = Rig::new();
    let (from, to) = (rig.create(0), rig.create(0));
    rig.grant_as(from, 0, &[0, 4], Rights::TEXT, CONSTANT)
        .unwrap();
    rig.grant_as(from, 5, &[0], Rights::READ, CONSTANT).unwrap();
    rig.grant_as(from, 9, &[2], Rights::READ, CONSTANT).unwrap();
    (rig, from, to)
}

#[test]
fn every_partition_comes_along_at_its_address_with_its_rights() {
    let (mut rig, from, to) = furnished();
    rig.grant(to, 7, &[7], Rights::DATA).unwrap();
    rig.inherit(from, to).unwrap();
    rules::all(&rig);
    let mut expected = rig.domains.partitions(from).unwrap().to_vec();
    expected.insert(2, crate::rig::own(7, 1, Rights::DATA));
    assert_eq!(rig.domains.partitions(to).unwrap(), expected);
    assert_eq!(rig.domains.owners(frame(0)), 4);
    rig.switch(to);
    assert_eq!(rig.cause(Access::Execute, page(1)), None);
    assert_eq!(rig.cause(Access::Execute, page(5)), Some(20));
    assert_eq!(rig.cause(Access::Read, place(0, 9, Alias::Uncached)), None);
    // Each has them for itself.
    rig.revoke(from, 0).unwrap();
    assert_eq!(rig.cause(Access::Execute, page(1)), None);
    rig.destroy(from).unwrap();
    rules::all(&rig);
    assert_eq!(rig.domains.owners(frame(0)), 2);
}

#[test]
fn nothing_is_inherited_from_a_domain_that_has_nothing() {
    let mut rig = Rig::new();
    let (from, to) = (rig.create(0), rig.create(0));
    let before = rig.state();
    rig.inherit(from, to).unwrap();
    rig.inherit(from, from).unwrap();
    assert_eq!(rig.state(), before);
}

#[test]
fn a_domain_overlaps_itself_and_inherits_nothing_from_itself() {
    let (mut rig, from, _) = furnished();
    rig.refuses(DomainError::Overlap(page(0)), |rig| rig.inherit(from, from));
}

#[test]
fn a_domain_in_another_slot_inherits_nothing() {
    let (mut rig, from, _) = furnished();
    let elsewhere = rig.create(1);
    rig.refuses(DomainError::OutsideSlot(page(0)), |rig| {
        rig.inherit(from, elsewhere)
    });
}

#[test]
fn one_that_does_not_fit_keeps_all_from_coming() {
    // In the way of the first, the second and the third.
    for (first, error) in [(1, 1), (5, 5), (9, 9)] {
        let (mut rig, from, to) = furnished();
        rig.grant(to, first, &[7], Rights::DATA).unwrap();
        rig.refuses(DomainError::Overlap(page(error)), |rig| {
            rig.inherit(from, to)
        });
        rig.revoke(to, first).unwrap();
        rig.inherit(from, to).unwrap();
        rules::all(&rig);
    }
}

#[test]
fn what_is_not_to_be_shared_keeps_all_from_coming() {
    for (tenure, error) in [
        (Tenure::Own, DomainError::InUse(frame(6))),
        (Tenure::Buffer, DomainError::SideTaken(frame(6))),
    ] {
        // Before all others, between them, behind them.
        for first in [3, 7, 12] {
            let (mut rig, from, to) = furnished();
            rig.grant_as(from, first, &[6], Rights::DATA, tenure)
                .unwrap();
            rig.refuses(error, |rig| rig.inherit(from, to));
            rig.revoke(from, first).unwrap();
            rig.inherit(from, to).unwrap();
            rules::all(&rig);
        }
    }
}

#[test]
fn more_than_fit_are_refused_before_any_is_looked_at() {
    let (mut rig, from, to) = furnished();
    let full = DomainError::NoPartition(MAX_PARTITIONS);
    let many = MAX_PARTITIONS as u32;
    for first in 0..many - 2 {
        rig.grant_as(to, 20 + first, &[3], Rights::READ, CONSTANT)
            .unwrap();
    }
    rig.refuses(full, |rig| rig.inherit(from, to));
    rig.revoke(to, 20).unwrap();
    rig.inherit(from, to).unwrap();
    rules::all(&rig);
    assert_eq!(rig.domains.partitions(to).unwrap().len(), MAX_PARTITIONS);
}
