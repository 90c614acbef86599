//! Page-table entries and tables.

use mmu::model::ModelMachine;
use mmu::{
    CacheMode, DC233C, PAGE_BYTES, PhysAddr, Pte, Rights, Ring, SLOT_PAGES, Table, VirtAddr,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_entry_gives_back_what_went_in_and_no_more(
        frame in 0..0x10_0000u32,
        rights in 0..8u8,
        bypass in any::<bool>(),
    ) {
        let rights = Rights::from_bits_truncate(rights);
        let frame = PhysAddr(frame * PAGE_BYTES);
        let cache = if bypass { CacheMode::Bypass } else { CacheMode::WriteBack };
        let pte = Pte::module(frame, rights, cache);
        prop_assert_eq!(pte.frame(), frame);
        prop_assert_eq!(pte.ring(), Ring::Module);
        prop_assert_eq!(pte.rights(), Some(rights | Rights::READ));
        prop_assert_eq!(Pte::from_bits(pte.bits()), pte);
    }

    #[test]
    fn no_word_reads_as_rights_that_its_attribute_does_not_give(bits in any::<u32>()) {
        let pte = Pte::from_bits(bits);
        prop_assert_eq!(pte.is_valid(), bits & 0xf < 12);
        if let Some(rights) = pte.rights() {
            prop_assert_eq!(rights.contains(Rights::EXECUTE), bits & 1 != 0);
            prop_assert_eq!(rights.contains(Rights::WRITE), bits & 2 != 0);
        }
    }
}

#[test]
fn a_new_table_gives_nothing_whatever_its_frame_held() {
    let mut machine = ModelMachine::new(DC233C);
    let table = Table::new(&mut machine, DC233C.table_frames.start);
    for page in 0..SLOT_PAGES {
        let entry = table.entry(&machine, VirtAddr(page * PAGE_BYTES));
        assert_eq!(entry, Pte::INVALID);
    }
}

#[test]
fn an_entry_changes_no_other() {
    let mut machine = ModelMachine::new(DC233C);
    let table = Table::new(&mut machine, DC233C.table_frames.start);
    let pte = Pte::module(PhysAddr(0x40_0000), Rights::DATA, CacheMode::Bypass);
    for page in [0, 1, SLOT_PAGES - 1] {
        table.set_entry(&mut machine, VirtAddr(page * PAGE_BYTES + 5), pte);
    }
    let set = (0..SLOT_PAGES)
        .filter(|page| table.entry(&machine, VirtAddr(page * PAGE_BYTES)) == pte)
        .collect::<Vec<_>>();
    assert_eq!(set, [0, 1, SLOT_PAGES - 1]);
}

#[test]
fn lawful_is_readable_and_not_both() {
    let lawful: Vec<Rights> = (0..=u8::MAX)
        .map(Rights::from_bits_retain)
        .filter(|rights| rights.is_lawful())
        .collect();
    assert_eq!(lawful, [Rights::READ, Rights::TEXT, Rights::DATA]);
    assert_eq!(
        Rights::TEXT.to_string() + &Rights::DATA.to_string(),
        "r-xrw-"
    );
}
