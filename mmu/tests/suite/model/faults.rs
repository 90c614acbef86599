//! Each cause, and which comes first.

use mmu::model::{UserAccess, Width, cause};
use mmu::{Alias, PAGE_BYTES, Pte, Rights, Side, VirtAddr};

use super::rig::{Rig, at, entry, frame, rig};

const BASE: VirtAddr = VirtAddr(0xa000_0000);

fn mapped(rights: Rights) -> Rig {
    let mut rig = rig();
    rig.map(0, rights);
    rig
}

fn word_of(page: u32) -> VirtAddr {
    VirtAddr(at(Alias::Cached, page).0 + 0x7f4)
}

#[test]
fn rights_are_each_checked() {
    let outcomes = |rights| {
        let mut rig = mapped(rights);
        let address = word_of(0);
        [rig.load(address), rig.store(address, 0), rig.fetch(address)]
    };
    let both = Rights::TEXT | Rights::DATA;
    assert_eq!(outcomes(Rights::READ), [Ok(0), Err(29), Err(20)]);
    assert_eq!(outcomes(Rights::DATA), [Ok(0), Ok(0), Err(20)]);
    assert_eq!(outcomes(Rights::TEXT), [Ok(0), Err(29), Ok(0)]);
    assert_eq!(outcomes(both), [Ok(0), Ok(0), Ok(0)]);
}

#[test]
fn every_attribute_gives_what_the_core_gives() {
    for attribute in 0..16 {
        let mut rig = rig();
        let pte = Pte::from_bits(frame(0).0 | 0x20 | attribute);
        rig.set(0, Alias::Cached, 0, pte);
        let readable = attribute < 12 || attribute == 13;
        let writable = attribute < 12 && attribute & 2 != 0 || attribute == 13;
        let executable = attribute < 12 && attribute & 1 != 0;
        let address = word_of(0);
        assert_eq!(rig.store(address, 0).err(), (!writable).then_some(29));
        assert_eq!(rig.load(address).err(), (!readable).then_some(28));
        assert_eq!(rig.fetch(address).err(), (!executable).then_some(20));
    }
}

#[test]
fn no_entry_and_no_table() {
    let mut rig = mapped(Rights::DATA);
    let unmapped = word_of(1);
    assert_eq!(rig.load(unmapped), Err(cause::LOAD_PROHIBITED));
    assert_eq!(rig.store(unmapped, 0), Err(cause::STORE_PROHIBITED));
    assert_eq!(rig.fetch(unmapped), Err(cause::FETCH_PROHIBITED));
    let without_table = word_of(1024);
    assert_eq!(rig.load(without_table), Err(cause::DATA_MISS));
    assert_eq!(rig.store(without_table, 0), Err(cause::DATA_MISS));
    assert_eq!(rig.fetch(without_table), Err(cause::FETCH_MISS));
}

#[test]
fn alignment_comes_before_everything() {
    let mut rig = mapped(Rights::DATA);
    for page in [BASE.0, BASE.0 + PAGE_BYTES, 0, 0x10_0000] {
        for (width, bytes) in [(Width::Byte, 1), (Width::Half, 2), (Width::Word, 4)] {
            for offset in 0..8 {
                let address = VirtAddr(page + offset);
                for access in [UserAccess::Load(width), UserAccess::Store(width, 0)] {
                    let before = rig.machine.fingerprint();
                    let outcome = rig.machine.user(address, access);
                    let unaligned = outcome.is_err_and(|fault| fault.cause == cause::UNALIGNED);
                    assert_eq!(unaligned, offset % bytes != 0, "{access:?} at {address}");
                    if unaligned {
                        assert_eq!(outcome.unwrap_err().address, address);
                        assert_eq!(rig.machine.fingerprint(), before);
                    }
                }
            }
        }
    }
    assert_eq!(rig.machine.user_fetch(VirtAddr(0)).unwrap_err().cause, 16);
    assert_eq!(rig.machine.user_fetch(VirtAddr(1)).unwrap_err().cause, 16);
}

#[test]
fn widths_move_their_bytes_and_no_other() {
    let mut rig = mapped(Rights::DATA);
    let base = word_of(0);
    let mut put = |width, offset, value| {
        let access = UserAccess::Store(width, value);
        let address = VirtAddr(base.0 + offset);
        assert_eq!(rig.machine.user(address, access), Ok(0));
    };
    put(Width::Word, 0, 0x4433_2211);
    put(Width::Half, 2, 0xffff_6655);
    put(Width::Byte, 1, 0xffff_ff77);
    let mut get = |width, offset| {
        let address = VirtAddr(base.0 + offset);
        rig.machine.user(address, UserAccess::Load(width)).unwrap()
    };
    assert_eq!(get(Width::Word, 0), 0x6655_7711);
    assert_eq!(get(Width::Half, 2), 0x6655);
    assert_eq!(get(Width::Half, 0), 0x7711);
    assert_eq!(get(Width::Byte, 3), 0x66);
}

#[test]
fn two_entries_for_one_address_are_a_fault_of_their_own() {
    let mut rig = mapped(Rights::TEXT);
    let address = word_of(0);
    assert!(rig.load(address).is_ok() && rig.fetch(address).is_ok());
    let other = entry(1, Rights::TEXT, Alias::Cached);
    rig.machine.wire(Side::Data, 9, address, other);
    assert_eq!(rig.load(address), Err(cause::DATA_MULTIHIT));
    assert_eq!(rig.store(address, 0), Err(cause::DATA_MULTIHIT));
    assert!(rig.fetch(address).is_ok(), "the TLBs are two");
    rig.machine
        .wire(Side::Instruction, 5, address, Pte::INVALID);
    assert_eq!(rig.fetch(address), Err(cause::FETCH_MULTIHIT));
    rig.machine.unwire(Side::Data, 9, address);
    rig.machine.unwire(Side::Instruction, 5, address);
    assert!(rig.load(address).is_ok() && rig.fetch(address).is_ok());
}

#[test]
fn the_ring_comes_before_the_attribute_and_several_before_the_ring() {
    let mut rig = rig();
    let ring_zero_without_access = Pte::from_bits(0x0c);
    rig.set(0, Alias::Cached, 0, ring_zero_without_access);
    let address = word_of(0);
    assert_eq!(rig.load(address), Err(cause::DATA_PRIVILEGE));
    assert_eq!(rig.fetch(address), Err(cause::FETCH_PRIVILEGE));
    rig.machine
        .wire(Side::Data, 9, address, ring_zero_without_access);
    assert_eq!(rig.load(address), Err(cause::DATA_MULTIHIT));
}

#[test]
fn a_fetch_of_bytes_stops_at_the_page_at_fault() {
    let mut rig = mapped(Rights::TEXT);
    let mut bytes = [0xff; 8];
    let start = VirtAddr(BASE.0 + PAGE_BYTES - 4);
    let fault = rig.machine.user_fetch_bytes(start, &mut bytes).unwrap_err();
    assert_eq!(fault.address, VirtAddr(BASE.0 + PAGE_BYTES));
    assert_eq!(fault.cause, cause::FETCH_PROHIBITED);
    assert_eq!(bytes, [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(rig.machine.user_fetch_bytes(start, &mut bytes[..4]), Ok(()));
    let last = rig.machine.user_fetch_bytes(VirtAddr(u32::MAX), &mut bytes);
    assert_eq!(last.unwrap_err().address, VirtAddr(u32::MAX));
    assert_eq!(rig.machine.user_fetch_bytes(VirtAddr(0), &mut []), Ok(()));
}

#[test]
fn causes_have_the_cores_numbers() {
    let data = [
        cause::DATA_MISS,
        cause::DATA_MULTIHIT,
        cause::DATA_PRIVILEGE,
        cause::LOAD_PROHIBITED,
        cause::STORE_PROHIBITED,
    ];
    assert_eq!(data, [24, 25, 26, 28, 29]);
    let fetch = [
        cause::FETCH_MISS,
        cause::FETCH_MULTIHIT,
        cause::FETCH_PRIVILEGE,
        cause::FETCH_PROHIBITED,
    ];
    assert_eq!(fetch, [16, 17, 18, 20]);
    assert_eq!(cause::UNALIGNED, 9);
}
