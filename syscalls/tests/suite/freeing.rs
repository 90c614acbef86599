//! Freeing: what was allocated, once; anything else stops the module.

use abi::{AllocFlags, Call};
use mmu::Alias;
use syscalls::Reason;

use crate::rig::{CONSTANTS, REGION, REGION_BYTES, Rig, TEXT, address, region, twin};

#[test]
fn what_was_allocated_is_freed_through_either_alias() {
    let mut rig = Rig::new();
    rig.tenants[0].region.seal(0).unwrap();
    for flags in [AllocFlags::empty(), AllocFlags::COHERENT] {
        for uncached in [false, true] {
            rig.alloc(64, 0, flags);
            let pointer = if uncached { twin(region()) } else { region() };
            assert_eq!(rig.returns(Call::Free, [pointer, 0, 0]), 0);
            assert_eq!(rig.tenants[0].region.stats().used, 0);
        }
    }
}

#[test]
fn freeing_twice_stops_the_module_in_both_modes() {
    for sealed in [false, true] {
        let mut rig = Rig::new();
        if sealed {
            rig.tenants[0].region.seal(0).unwrap();
        }
        let pointer = rig.alloc(64, 0, AllocFlags::empty());
        assert_eq!(rig.returns(Call::Free, [pointer, 0, 0]), 0);
        rig.refused(Call::Free, [pointer, 0, 0], Reason::NotAllocated, pointer);
        let other = twin(pointer);
        rig.refused(Call::Free, [other, 0, 0], Reason::NotAllocated, other);
    }
}

#[test]
fn a_pointer_that_is_none_stops_the_module() {
    let mut rig = Rig::new();
    let pointer = rig.alloc(64, 0, AllocFlags::empty());
    let wrong = [
        0,
        u32::MAX,
        pointer + 1,
        pointer + 8,
        pointer - 1,
        pointer + 64,
        region() + REGION_BYTES,
        region() + REGION_BYTES - 1,
        address(0, TEXT, Alias::Cached),
        address(0, CONSTANTS, Alias::Uncached),
        address(1, REGION, Alias::Cached),
        0x8000_0000,
        0xd000_0000,
    ];
    for pointer in wrong {
        rig.refused(Call::Free, [pointer, 0, 0], Reason::NotAllocated, pointer);
    }
}

#[test]
fn what_another_allocated_is_not_freed() {
    let mut rig = Rig::new();
    rig.call_by(1, Call::Alloc.number(), [64, 0, 0, 0, 0]);
    let others = address(1, REGION, Alias::Cached);
    rig.refused(Call::Free, [others, 0, 0], Reason::NotAllocated, others);
    assert_eq!(rig.tenants[1].region.stats().allocations, 1);
}
