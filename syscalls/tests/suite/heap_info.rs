//! The one call that writes for the module.

use abi::{AllocFlags, Call, HeapInfo};
use mmu::PAGE_BYTES;
use syscalls::Reason;
use zerocopy::FromBytes;

use crate::rig::{ALIASES, CONSTANTS, REGION, REGION_BYTES, Rig, TEXT, address, region};

const RECORD: u32 = size_of::<HeapInfo>() as u32;

#[test]
fn the_record_tells_the_state_of_the_region() {
    for alias in ALIASES {
        let mut rig = Rig::new();
        rig.tenants[0].region.seal(0).unwrap();
        let kept = rig.alloc(100, 0, AllocFlags::empty());
        let dropped = rig.alloc(50, 0, AllocFlags::empty());
        rig.returns(Call::Free, [dropped, 0, 0]);
        let place = address(0, REGION, alias) + 1024;
        assert_eq!(rig.returns(Call::HeapInfo, [place, 0, 0]), 0);
        let bytes = rig.peek(0, REGION, 1024, RECORD as usize);
        let info = HeapInfo::read_from_bytes(&bytes).unwrap();
        let expected = HeapInfo {
            total: REGION_BYTES,
            used: 104,
            peak: 160,
            allocations: 1,
        };
        assert_eq!((info, kept), (expected, region()));
    }
}

#[test]
fn only_the_record_is_written() {
    let mut rig = Rig::new();
    let before = rig.frames();
    // Over the border of two pages.
    rig.returns(Call::HeapInfo, [region() + PAGE_BYTES - 8, 0, 0]);
    let after = rig.frames();
    let changed: usize = (before.iter().flatten())
        .zip(after.iter().flatten())
        .filter(|(old, new)| old != new)
        .count();
    assert_eq!(changed, RECORD as usize);
    assert_ne!(rig.peek(0, REGION, PAGE_BYTES - 8, 8), [0xa5; 8]);
    assert_ne!(rig.peek(0, REGION + 1, 0, 8), [0xa5; 8]);
}

#[test]
fn a_record_that_is_not_aligned_stops_the_module() {
    let mut rig = Rig::new();
    for place in [region() + 1, region() + 2, region() + 3, u32::MAX] {
        rig.refused(Call::HeapInfo, [place, 0, 0], Reason::Misaligned, place);
    }
}

#[test]
fn a_record_in_memory_that_is_not_to_be_written_stops_the_module() {
    let mut rig = Rig::new();
    for page in [TEXT, CONSTANTS] {
        for alias in ALIASES {
            let place = address(0, page, alias);
            rig.refused(
                Call::HeapInfo,
                [place, 0, 0],
                Reason::ClaimProhibited,
                place,
            );
        }
    }
}

#[test]
fn a_record_that_leaves_the_region_by_a_byte_stops_the_module() {
    let mut rig = Rig::new();
    let end = region() + REGION_BYTES;
    rig.returns(Call::HeapInfo, [end - RECORD, 0, 0]);
    let place = end - RECORD + 4;
    rig.refused(Call::HeapInfo, [place, 0, 0], Reason::ClaimForeign, end);
    let place = region() - 4;
    rig.refused(Call::HeapInfo, [place, 0, 0], Reason::ClaimForeign, place);
}

#[test]
fn a_record_at_the_end_of_the_address_space_stops_the_module() {
    let mut rig = Rig::new();
    let place = u32::MAX - 3;
    rig.refused(Call::HeapInfo, [place, 0, 0], Reason::ClaimWraps, place);
}
