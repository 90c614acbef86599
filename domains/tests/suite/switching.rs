//! Switching between domains, without any flush.

use domains::Tenure;
use mmu::{Access, PAGE_BYTES, Rights, SLOT_BYTES, Side, VirtAddr};

use crate::rig::{ACCESSES, ALIASES, BOARD, Rig, frame, miss, page, place};

#[test]
fn the_same_address_is_another_frame_in_another_domain() {
    use mmu::Frames;
    let mut rig = Rig::new();
    let handles = [rig.create(0), rig.create(0), rig.create(0)];
    for (number, handle) in (0..).zip(handles) {
        rig.grant(handle, 0, &[number], Rights::DATA).unwrap();
        rig.machine.write(frame(number), &[number as u8]);
    }
    for _ in 0..3 {
        for (number, handle) in (0..).zip(handles) {
            rig.switch(handle);
            for alias in ALIASES {
                let address = place(0, 0, alias);
                assert_eq!(rig.access(Access::Read, address, 0), Ok(number));
            }
        }
    }
}

#[test]
fn what_one_domain_may_another_may_not() {
    let mut rig = Rig::new();
    let (rich, poor) = (rig.create(0), rig.create(0));
    let buffer = Tenure::Buffer;
    rig.grant_as(rich, 0, &[0], Rights::DATA, buffer).unwrap();
    rig.grant_as(poor, 0, &[0], Rights::READ, buffer).unwrap();
    for _ in 0..3 {
        rig.switch(rich);
        assert_eq!(rig.cause(Access::Write, page(0)), None);
        rig.switch(poor);
        assert_eq!(rig.cause(Access::Write, page(0)), Some(29));
        assert_eq!(rig.cause(Access::Read, page(0)), None);
    }
}

#[test]
fn outside_its_two_slots_a_domain_finds_no_table() {
    let mut rig = Rig::new();
    let handle = rig.create(5);
    rig.switch(handle);
    for window in [BOARD.cached_window, BOARD.uncached_window] {
        let slot = window.0 + 5 * SLOT_BYTES;
        for address in [slot - 1, slot - PAGE_BYTES, slot + SLOT_BYTES, window.0] {
            for access in ACCESSES {
                assert_eq!(rig.cause(access, VirtAddr(address)), Some(miss(access)));
            }
        }
    }
    for address in [0, 0x30_0000, 0xffff_ffff] {
        for access in ACCESSES {
            assert_eq!(rig.cause(access, VirtAddr(address)), Some(miss(access)));
        }
    }
}

#[test]
fn the_kernels_own_map_is_the_kernels_in_every_domain() {
    let mut rig = Rig::new();
    let handle = rig.create(5);
    rig.switch(handle);
    for entry in BOARD.kernel_map {
        let address = VirtAddr(entry.address.0 + 0x123);
        let (access, cause) = match entry.side {
            Side::Instruction => (Access::Execute, 18),
            Side::Data => (Access::Write, 26),
        };
        assert_eq!(rig.cause(access, address), Some(cause));
    }
}

#[test]
fn its_own_page_tables_are_the_kernels() {
    let mut rig = Rig::new();
    let handle = rig.create(5);
    rig.switch(handle);
    for window in [BOARD.cached_window, BOARD.uncached_window] {
        let entry = BOARD.table_window.0 | (window.0 + 5 * SLOT_BYTES) >> 10;
        for address in [entry, entry + PAGE_BYTES - 1] {
            assert_eq!(rig.cause(Access::Read, VirtAddr(address)), Some(26));
            assert_eq!(rig.cause(Access::Write, VirtAddr(address)), Some(26));
            assert_eq!(rig.cause(Access::Execute, VirtAddr(address)), Some(16));
        }
    }
}

#[test]
fn an_asid_that_comes_round_again_brings_nothing_along() {
    let mut rig = Rig::new();
    let first = rig.create(0);
    let asid = rig.domains.asid(first).unwrap();
    rig.grant(first, 0, &[0], Rights::DATA).unwrap();
    rig.switch(first);
    // Granted pages, and pages whose "no access" a TLB keeps.
    for number in 0..2 {
        let _ = rig.cause(Access::Read, page(number));
    }
    rig.destroy(first).unwrap();
    let again = loop {
        let handle = rig.create(0);
        if rig.domains.asid(handle) == Ok(asid) {
            break handle;
        }
        rig.destroy(handle).unwrap();
    };
    rig.switch(again);
    assert_eq!(rig.cause(Access::Read, page(0)), Some(28));
}
