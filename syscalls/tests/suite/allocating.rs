//! Allocations: what is given, and every reason to refuse.

use abi::{AllocFlags, Call};
use mmu::PAGE_BYTES;
use syscalls::{REGION_RECORDS, Reason};

use crate::rig::{REGION, REGION_BYTES, Rig, region, twin};

const PLAIN: AllocFlags = AllocFlags::empty();

#[test]
fn memory_comes_from_the_callers_own_region() {
    let mut rig = Rig::new();
    let first = rig.alloc(1, 0, PLAIN);
    assert_eq!(first, region());
    let second = rig.alloc(8, 1, PLAIN);
    assert_eq!(second, region() + 8);
    assert_eq!(rig.tenants[1].region.stats().allocations, 0);
    let other = rig.call_by(1, Call::Alloc.number(), [1, 0, 0, 0, 0]);
    let start = crate::rig::address(1, REGION, mmu::Alias::Cached);
    assert_eq!(other, syscalls::Outcome::Return(start));
}

#[test]
fn an_alignment_holds_in_the_address_space() {
    let mut rig = Rig::new();
    for align in [1, 2, 8, 64, 1024, 4096] {
        assert!(rig.alloc(1, align, PLAIN).is_multiple_of(align));
    }
}

#[test]
fn coherent_memory_is_uncached_and_has_its_lines_to_itself() {
    let mut rig = Rig::new();
    rig.alloc(8, 0, PLAIN);
    let coherent = rig.alloc(8, 0, AllocFlags::COHERENT);
    assert_eq!(coherent, twin(region() + 64));
    assert_eq!(rig.alloc(8, 0, PLAIN), region() + 128);
}

#[test]
fn zeroed_memory_is_zero_to_its_last_byte_and_its_neighbours_stay() {
    for flags in [AllocFlags::ZEROED, AllocFlags::all()] {
        for bytes in [1, 255, 256, 257, PAGE_BYTES + 100] {
            let mut rig = Rig::new();
            for page in REGION..REGION + 3 {
                rig.poke(0, page, 0, &[0xee; PAGE_BYTES as usize]);
            }
            rig.alloc(128, 64, PLAIN);
            rig.alloc(bytes, 64, flags);
            let seen: Vec<u8> = (REGION..REGION + 3)
                .flat_map(|page| rig.peek(0, page, 0, PAGE_BYTES as usize))
                .collect();
            let line = if flags.contains(AllocFlags::COHERENT) {
                64
            } else {
                8
            };
            let next = 128 + (bytes as usize).next_multiple_of(line);
            assert!(seen[..128].iter().all(|byte| *byte == 0xee));
            assert!(seen[128..next].iter().all(|byte| *byte == 0));
            assert!(seen[next..].iter().all(|byte| *byte == 0xee));
        }
    }
}

#[test]
fn memory_that_is_not_to_be_zeroed_is_not_touched() {
    let mut rig = Rig::new();
    rig.poke(0, REGION, 0, &[0xee; 64]);
    let before = rig.frames();
    rig.alloc(64, 0, PLAIN);
    assert!(rig.frames() == before);
}

#[test]
fn all_of_the_region_can_be_had_and_not_a_byte_more() {
    let mut rig = Rig::new();
    rig.refused(Call::Alloc, [REGION_BYTES + 1, 0, 0], Reason::NoMemory, 0);
    assert_eq!(rig.alloc(REGION_BYTES, 0, PLAIN), region());
    rig.refused(Call::Alloc, [1, 0, 0], Reason::NoMemory, 0);
}

#[test]
fn a_size_beyond_reason_is_refused() {
    let mut rig = Rig::new();
    rig.refused(Call::Alloc, [0, 0, 0], Reason::BadRequest, 0);
    rig.refused(Call::Alloc, [u32::MAX, 0, 0], Reason::BadRequest, 0);
    let coherent = AllocFlags::COHERENT.bits();
    rig.refused(
        Call::Alloc,
        [u32::MAX - 62, 0, coherent],
        Reason::BadRequest,
        0,
    );
    rig.refused(Call::Alloc, [0xffff_f000, 0, 0], Reason::NoMemory, 0);
    rig.refused(Call::Alloc, [0x8000_0000, 0, coherent], Reason::NoMemory, 0);
}

#[test]
fn an_alignment_that_is_no_power_of_two_is_refused() {
    let mut rig = Rig::new();
    for align in [3, 96, u32::MAX, 0x8000_0001] {
        rig.refused(Call::Alloc, [8, align, 0], Reason::BadRequest, 0);
    }
    rig.alloc(8, 0, PLAIN);
    rig.refused(Call::Alloc, [8, 1 << 31, 0], Reason::NoMemory, 0);
}

#[test]
fn unknown_flags_are_refused() {
    let mut rig = Rig::new();
    for flags in [8, 9, 1 << 31, u32::MAX] {
        rig.refused(Call::Alloc, [8, 0, flags], Reason::BadRequest, 0);
    }
}

#[test]
fn records_run_out_as_a_quota() {
    let mut rig = Rig::new();
    for _ in 0..REGION_RECORDS - 1 {
        rig.alloc(8, 0, PLAIN);
    }
    rig.refused(Call::Alloc, [8, 0, 0], Reason::OverQuota, 0);
}

#[test]
fn an_allocation_that_cannot_be_zeroed_is_not_made() {
    let mut rig = Rig::new();
    let start = mmu::VirtAddr(region());
    rig.domains
        .remove_partition(&mut rig.machine, rig.handles[0], start)
        .unwrap();
    let zeroed = AllocFlags::ZEROED.bits();
    rig.refused(Call::Alloc, [8, 0, zeroed], Reason::ClaimForeign, region());
}

#[test]
fn one_call_zeroes_no_more_than_its_bound() {
    let mut rig = Rig::new();
    let zeroed = AllocFlags::ZEROED.bits();
    let beyond = syscalls::ZEROED_BYTES + 1;
    rig.refused(Call::Alloc, [beyond, 0, zeroed], Reason::OverQuota, 0);
}
