//! No frame is writable anywhere while it is executable anywhere.

use domains::DomainError;
use mmu::Rights;

use crate::rig::{Rig, frame};

#[test]
fn it_holds_over_domains_in_either_order() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(1));
    let two_slot = |rig: &mut Rig, number, rights| {
        let start = crate::rig::place(1, 0, mmu::Alias::Cached);
        let pages = mmu::PageCount(1);
        rig.domains
            .add_partition(&mut rig.machine, two, start, pages, rights, |_| {
                frame(number)
            })
    };
    rig.grant(one, 0, &[0], Rights::DATA).unwrap();
    assert_eq!(
        two_slot(&mut rig, 0, Rights::TEXT),
        Err(DomainError::Writable(frame(0)))
    );
    rig.grant(one, 1, &[1], Rights::TEXT).unwrap();
    assert_eq!(
        two_slot(&mut rig, 1, Rights::DATA),
        Err(DomainError::Executable(frame(1)))
    );
}

#[test]
fn it_holds_inside_one_domain() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    assert_eq!(
        rig.grant(handle, 1, &[0], Rights::TEXT),
        Err(DomainError::Writable(frame(0)))
    );
}

#[test]
fn reading_goes_with_either_and_text_and_data_can_be_shared() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    for (page, number, rights) in [
        (0, 0, Rights::DATA),
        (1, 1, Rights::TEXT),
        (2, 0, Rights::READ),
        (3, 1, Rights::READ),
    ] {
        rig.grant(one, page, &[number], rights).unwrap();
        rig.grant(two, page, &[number], rights).unwrap();
    }
    assert_eq!(rig.domains.mappings(frame(0)), 4);
    assert_eq!(rig.domains.frames_mapped(), 2);
}

#[test]
fn a_frame_can_change_sides_only_when_its_last_mapping_is_gone() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    rig.grant(one, 0, &[0, 0], Rights::DATA).unwrap();
    rig.grant(two, 0, &[0], Rights::DATA).unwrap();
    let refused = Err(DomainError::Writable(frame(0)));
    assert_eq!(rig.grant(one, 4, &[0], Rights::TEXT), refused);
    rig.revoke(one, 0).unwrap();
    assert_eq!(rig.grant(one, 4, &[0], Rights::TEXT), refused);
    rig.destroy(two).unwrap();
    rig.grant(one, 4, &[0], Rights::TEXT).unwrap();
    let refused = Err(DomainError::Executable(frame(0)));
    assert_eq!(rig.grant(one, 0, &[0], Rights::DATA), refused);
}
