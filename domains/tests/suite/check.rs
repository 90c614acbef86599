//! [`domains::Domains::check`] itself: it finds what is put into the tables behind its back.

use domains::{Broken, DomainHandle};
use mmu::{CacheMode, PhysAddr, Pte, Rights, Table, VirtAddr};

use crate::rig::{Rig, frame, page, place};

/// A domain in slot 3 with data at page 4, in a place whose tables are known.
fn furnished() -> (Rig, DomainHandle, [Table; 2]) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 4, &[0, 1], Rights::DATA).unwrap();
    let image = rig.image(handle);
    let tables = [image.cached[0], image.uncached[0]];
    let tables = tables.map(|word| Table::at(PhysAddr(word & !0xfff)));
    assert_eq!(rig.domains.check(&rig.machine), Ok(()));
    (rig, handle, tables)
}

fn data(number: u32) -> Pte {
    Pte::module(frame(number), Rights::DATA, CacheMode::WriteBack)
}

fn finds(rig: &Rig, at: VirtAddr) {
    let broken = rig.domains.check(&rig.machine);
    assert_eq!(broken, Err(Broken::Entry(at)));
}

#[test]
fn a_page_too_many_in_either_table_is_found() {
    for alias in 0..2 {
        for number in [0, 3, 6, 1023] {
            let (mut rig, _, tables) = furnished();
            tables[alias].set_entry(&mut rig.machine, page(number), data(2));
            finds(&rig, page(number));
        }
    }
}

#[test]
fn a_page_too_few_in_either_table_is_found() {
    for alias in 0..2 {
        for number in [4, 5] {
            let (mut rig, _, tables) = furnished();
            tables[alias].set_entry(&mut rig.machine, page(number), Pte::INVALID);
            finds(&rig, page(number));
        }
    }
}

#[test]
fn other_rights_than_the_partitions_are_found() {
    for alias in 0..2 {
        for rights in [Rights::READ, Rights::TEXT] {
            let (mut rig, _, tables) = furnished();
            let pte = Pte::module(frame(1), rights, CacheMode::Bypass);
            tables[alias].set_entry(&mut rig.machine, page(5), pte);
            finds(&rig, page(5));
        }
    }
}

#[test]
fn another_frame_behind_one_alias_or_both_is_found() {
    for alias in 0..2 {
        let (mut rig, _, tables) = furnished();
        tables[alias].set_entry(&mut rig.machine, page(5), data(3));
        finds(&rig, page(5));
    }
    // Of a frame that is another's, or nobody's, or no module's at all.
    for (number, at) in [(0, 0), (3, 1), (9, 9)] {
        let (mut rig, _, tables) = furnished();
        for table in tables {
            table.set_entry(&mut rig.machine, page(5), data(number));
        }
        let broken = rig.domains.check(&rig.machine);
        assert_eq!(broken, Err(Broken::Ledger(frame(at))));
    }
}

#[test]
fn a_page_left_in_the_table_of_an_empty_place_is_found() {
    for alias in 0..2 {
        for number in [0, 500, 1023] {
            let (mut rig, handle, tables) = furnished();
            rig.destroy(handle).unwrap();
            assert_eq!(rig.domains.check(&rig.machine), Ok(()));
            let at = place(3, number, crate::rig::ALIASES[0]);
            tables[alias].set_entry(&mut rig.machine, at, data(1));
            let left = Broken::Leftover {
                place: 0,
                page: number,
            };
            assert_eq!(rig.domains.check(&rig.machine), Err(left));
        }
    }
}
