//! Copies of constants, the end of all allocations, and the time.

use abi::{AllocFlags, Call, Time};
use mmu::{Alias, PAGE_BYTES};
use syscalls::{CONSTANT_COPIES, COPIED_BYTES, PINS, Reason};
use vregion::region::Geometry;
use zerocopy::FromBytes;

use crate::rig::{CLOCK, CONSTANTS, REGION, REGION_BYTES, Rig, TEXT, address, region, twin};

/// The first bytes of the constants.
fn source() -> u32 {
    address(0, CONSTANTS, Alias::Cached)
}

/// A rig whose constants are not all alike.
fn filled() -> Rig {
    let mut rig = Rig::new();
    let bytes: Vec<u8> = (0..PAGE_BYTES)
        .map(|byte| (byte * 7 + byte / 256) as u8)
        .collect();
    rig.poke(0, CONSTANTS, 0, &bytes);
    rig
}

#[test]
fn a_copy_is_what_its_source_is_and_is_found_again() {
    let mut rig = filled();
    let copy = rig.returns(Call::FastGet, [source() + 3, 1000, 0]);
    let expected = rig.peek(0, CONSTANTS, 3, 1000);
    assert_eq!(rig.peek(0, REGION, copy - region(), 1000), expected);
    assert_eq!(copy % 64, 0);
    assert_eq!(rig.returns(Call::FastGet, [source() + 3, 1000, 0]), copy);
    assert_ne!(rig.returns(Call::FastGet, [source() + 4, 1000, 0]), copy);
    // As often as it was got.
    rig.returns(Call::FastPut, [copy, 0, 0]);
    rig.returns(Call::FastPut, [copy, 0, 0]);
    rig.refused(Call::FastPut, [copy, 0, 0], Reason::NotAllocated, copy);
}

#[test]
fn a_copy_is_freed_as_it_is_put() {
    let mut rig = filled();
    for tenant in &mut rig.tenants {
        tenant.region.seal(0).unwrap();
    }
    let before = rig.tenants[0].region.stats();
    let copy = rig.returns(Call::FastGet, [source(), 64, 0]);
    rig.returns(Call::Free, [twin(copy), 0, 0]);
    let after = rig.tenants[0].region.stats();
    assert_eq!(
        (after.used, after.allocations),
        (before.used, before.allocations)
    );
    rig.refused(Call::FastPut, [copy, 0, 0], Reason::NotAllocated, copy);
    rig.refused(Call::Free, [copy, 0, 0], Reason::NotAllocated, copy);
}

#[test]
fn what_is_no_copy_cannot_be_put() {
    let mut rig = filled();
    let allocated = rig.alloc(64, 0, AllocFlags::empty());
    let copy = rig.returns(Call::FastGet, [source(), 64, 0]);
    for at in [allocated, copy + 64, copy + 1, 0, source(), u32::MAX] {
        rig.refused(Call::FastPut, [at, 0, 0], Reason::NotAllocated, at);
    }
}

#[test]
fn a_source_is_proven_before_its_length_is_judged() {
    let mut rig = filled();
    let foreign = address(1, CONSTANTS, Alias::Cached);
    rig.refused(
        Call::FastGet,
        [foreign, 64, 0],
        Reason::ClaimForeign,
        foreign,
    );
    rig.refused(
        Call::FastGet,
        [foreign, 0, 0],
        Reason::ClaimForeign,
        foreign,
    );
    let end = source() + PAGE_BYTES;
    rig.refused(
        Call::FastGet,
        [source(), PAGE_BYTES + 1, 0],
        Reason::ClaimForeign,
        end,
    );
    rig.refused(
        Call::FastGet,
        [source(), u32::MAX, 0],
        Reason::ClaimWraps,
        source(),
    );
    rig.refused(
        Call::FastGet,
        [source(), 0, 0],
        Reason::BadRequest,
        source(),
    );
    assert_eq!(rig.tenants[0].constants.stats().copies, 0);
}

#[test]
fn another_size_of_the_same_source_is_refused() {
    let mut rig = filled();
    rig.returns(Call::FastGet, [source(), 64, 0]);
    rig.refused(
        Call::FastGet,
        [source(), 63, 0],
        Reason::BadRequest,
        source(),
    );
}

#[test]
fn copies_are_counted_and_bounded() {
    let mut rig = filled();
    for copy in 0..CONSTANT_COPIES as u32 {
        rig.returns(Call::FastGet, [source() + copy, 16, 0]);
    }
    let one_more = source() + 100;
    rig.refused(
        Call::FastGet,
        [one_more, 16, 0],
        Reason::OverQuota,
        one_more,
    );
    let mut rig = filled();
    rig.returns(Call::FastGet, [source(), PAGE_BYTES, 0]);
    rig.returns(Call::FastGet, [source() + 1, PAGE_BYTES - 1, 0]);
    rig.returns(Call::FastGet, [source() + 2, PAGE_BYTES - 2, 0]);
    let four = source() + 3;
    rig.refused(
        Call::FastGet,
        [four, PAGE_BYTES - 3, 0],
        Reason::NoMemory,
        four,
    );
}

#[test]
fn a_copy_is_freed_by_either_alias() {
    let mut rig = filled();
    let before = rig.tenants[0].region.stats().used;
    let copy = rig.returns(Call::FastGet, [source(), 64, 0]);
    rig.returns(Call::FastGet, [source(), 64, 0]);
    // Got twice: one free leaves the copy where it is.
    rig.returns(Call::Free, [copy, 0, 0]);
    assert_eq!(
        rig.peek(0, REGION, copy - region(), 64),
        rig.peek(0, CONSTANTS, 0, 64)
    );
    assert_eq!(rig.tenants[0].constants.stats().copies, 1);
    rig.returns(Call::FastPut, [copy, 0, 0]);
    assert_eq!(rig.tenants[0].constants.stats().copies, 0);
    assert!(rig.tenants[0].region.stats().used >= before);
}

#[test]
fn the_longest_copy_is_bounded() {
    let mut rig = filled();
    let one_more = COPIED_BYTES + 1;
    const { assert!(COPIED_BYTES + 1 < REGION_BYTES) };
    rig.refused(
        Call::FastGet,
        [region(), one_more, 0],
        Reason::OverQuota,
        region(),
    );
    rig.returns(Call::FastGet, [region(), COPIED_BYTES, 0]);
}

#[test]
fn a_new_tenant_has_no_copies_and_no_pins() {
    let mut rig = filled();
    rig.returns(Call::FastGet, [source(), 64, 0]);
    rig.tenants[0].sources[1] = Some(0);
    rig.tenants[0].sinks[1] = Some(0);
    let domain = rig.tenants[0].move_out().unwrap();
    let geometry = Geometry {
        bytes: REGION_BYTES,
        line: 64,
        base: region(),
    };
    rig.tenants[0].move_in(domain, geometry).unwrap();
    assert_eq!(rig.tenants[0].constants.stats().copies, 0);
    assert_eq!(rig.tenants[0].sources, [None; PINS]);
    assert_eq!(rig.tenants[0].sinks, [None; PINS]);
}

#[test]
fn all_that_was_allocated_after_prepare_ends_at_once() {
    let mut rig = filled();
    let lasting = rig.alloc(100, 0, AllocFlags::empty());
    for tenant in &mut rig.tenants {
        tenant.region.seal(0).unwrap();
    }
    let before = rig.tenants[0].region.stats();
    let gone = rig.alloc(100, 0, AllocFlags::COHERENT);
    let copy = rig.returns(Call::FastGet, [source(), 64, 0]);
    assert_eq!(rig.returns(Call::FreeAll, [0; 3]), 0);
    let after = rig.tenants[0].region.stats();
    assert_eq!(
        (after.used, after.allocations),
        (before.used, before.allocations)
    );
    assert_eq!(rig.tenants[0].constants.stats().copies, 0);
    for at in [gone, copy] {
        rig.refused(Call::Free, [at, 0, 0], Reason::NotAllocated, at);
    }
    rig.returns(Call::Free, [lasting, 0, 0]);
    rig.tenants[0].region.check().unwrap();
}

#[test]
fn a_buffer_shares_no_line_with_anything() {
    let mut rig = Rig::new();
    for seal in [false, true] {
        if seal {
            rig.tenants[0].region.seal(0).unwrap();
        }
        let before = rig.alloc(8, 0, AllocFlags::empty());
        let buffer = rig.alloc(100, 0, AllocFlags::BUFFER);
        let after = rig.alloc(8, 0, AllocFlags::empty());
        assert_eq!(buffer % 64, 0);
        for at in [before, after] {
            assert!(
                at + 8 <= buffer || at >= buffer + 128,
                "{at:#x} {buffer:#x}"
            );
        }
    }
    rig.refused(Call::Alloc, [u32::MAX, 0, 4], Reason::BadRequest, 0);
}

#[test]
fn the_time_is_written_where_the_caller_may_write() {
    let mut rig = Rig::new();
    rig.returns(Call::Time, [region(), 0, 0]);
    let time = Time::read_from_bytes(&rig.peek(0, REGION, 0, size_of::<Time>())).unwrap();
    assert_eq!((time.ticks, time.cycles), (CLOCK.ticks, CLOCK.cycles));
    rig.refused(
        Call::Time,
        [region() + 4, 0, 0],
        Reason::Misaligned,
        region() + 4,
    );
    let text = address(0, TEXT, Alias::Cached);
    rig.refused(Call::Time, [text, 0, 0], Reason::ClaimProhibited, text);
    rig.refused(Call::Time, [0; 3], Reason::ClaimForeign, 0);
}
