//! Cases by hand.

use super::*;

#[test]
fn large_ones_are_shared_small_ones_are_not() {
    let (mut table, mut memory) = table();
    let large = table.get(A, CONSTANTS, 2049, &mut memory).unwrap();
    assert_eq!(table.get(B, CONSTANTS, 2049, &mut memory), Ok(large));
    assert_eq!(memory.grants, [(A, 0, PAGE), (B, 0, PAGE)]);
    assert_eq!(memory.taken[&0], (None, PAGE));
    let small = table.get(A, CONSTANTS, 2048, &mut memory).unwrap();
    let other = table.get(B, CONSTANTS, 2048, &mut memory).unwrap();
    assert_ne!(small.offset, other.offset);
    assert_eq!(memory.taken[&small.offset], (Some(A), 2048));
    assert_eq!(memory.grants.len(), 2);
    assert_eq!(table.stats().hits, 1);
    table.check().unwrap();
}

#[test]
fn requests_that_mean_nothing() {
    let (mut table, mut memory) = table();
    assert_eq!(
        table.get(A, CONSTANTS, 0, &mut memory),
        Err(GetError::Empty)
    );
    for (source_address, bytes) in [(CONSTANTS, u32::MAX), (u32::MAX, 2), (0, u32::MAX)] {
        let wraps = GetError::Wraps {
            source_address,
            bytes,
        };
        let checked = if source_address == 0 {
            GetError::Source("not a constant")
        } else {
            wraps
        };
        assert_eq!(
            table.get(A, source_address, bytes, &mut memory),
            Err(checked)
        );
    }
    assert!(memory.taken.is_empty());
    assert!(Table::new(Policy::isolated(4095, 64)).is_none());
    assert!(Table::new(Policy::isolated(4096, 0)).is_none());
}

/// In SOF the content may come from the caller's own writable memory.
#[test]
fn f22_the_source_is_checked_before_anything_is_taken() {
    let (mut table, mut memory) = table();
    let refused = table.get(A, 0x4000, 5000, &mut memory);
    assert_eq!(refused, Err(GetError::Source("not a constant")));
    assert_eq!(memory.calls, ["check"]);
    // A hit is checked as well: who may not read the source does not get its copy.
    table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    memory.fail_in = Some(0);
    assert_eq!(
        table.get(B, CONSTANTS, 5000, &mut memory),
        Err(GetError::Source("check"))
    );
    table.check().unwrap();
}

/// In SOF the first caller's size decides for everybody.
#[test]
fn f22_a_wrong_size_spoils_nobody_elses_copy() {
    let (mut table, mut memory) = table();
    table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    let good = table.get(B, CONSTANTS, 6000, &mut memory).unwrap();
    assert_eq!(good.bytes, 6000);
    let size = |have, wanted| Err(GetError::Size { have, wanted });
    assert_eq!(table.get(A, CONSTANTS, 6000, &mut memory), size(5000, 6000));
    assert_eq!(table.get(B, CONSTANTS, 5000, &mut memory), size(6000, 5000));
    assert_eq!(table.get(B, CONSTANTS, 6000, &mut memory), Ok(good));
    table.check().unwrap();
}

/// SOF frees first and removes the partition afterwards.
#[test]
fn f29_a_grant_ends_before_the_memory_is_free() {
    let (mut table, mut memory) = table();
    let copy = table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    assert_eq!(memory.calls, ["check", "take", "copy", "zero", "grant"]);
    memory.calls.clear();
    assert_eq!(table.put(A, copy.id, &mut memory), Ok(Put::Freed));
    assert_eq!(memory.calls, ["revoke", "give"]);
}

/// SOF's first put takes the partition away although the same domain has the copy once more.
#[test]
fn f29_a_grant_stays_until_the_owners_last_put() {
    let (mut table, mut memory) = table();
    let copy = table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    table.get(B, CONSTANTS, 5000, &mut memory).unwrap();
    assert_eq!(memory.grants.len(), 2);
    assert_eq!(table.put(A, copy.id, &mut memory), Ok(Put::Held));
    assert_eq!(memory.grants.len(), 2);
    assert_eq!(table.put(A, copy.id, &mut memory), Ok(Put::Left));
    assert_eq!(memory.grants, [(B, 0, 2 * PAGE)]);
    assert_eq!(table.put(A, copy.id, &mut memory), Err(PutError::NotOwner));
    assert_eq!(table.put(B, copy.id, &mut memory), Ok(Put::Freed));
    assert_eq!(table.put(B, copy.id, &mut memory), Err(PutError::Stale));
}

/// In SOF each cycle of get and put, and each get that fails, costs an entry for ever.
#[test]
fn f31_records_come_back() {
    let (mut table, mut memory) = table();
    for round in 0..200 {
        let bytes = if round % 2 == 0 { 5000 } else { 100 };
        let copy = table.get(A, CONSTANTS + round, bytes, &mut memory).unwrap();
        table.put(A, copy.id, &mut memory).unwrap();
        memory.fail_in = Some(round % 2 + 1);
        let fails = round % 2 == 0 || bytes > 2048;
        assert_eq!(table.get(A, CONSTANTS, bytes, &mut memory).is_err(), fails);
        memory.fail_in = None;
        table.put_all(A, &mut memory);
        table.check().unwrap();
    }
    assert_eq!(table.stats().copies, 0);
    assert!(memory.taken.is_empty() && memory.grants.is_empty());
}

#[test]
fn f31_a_get_that_fails_leaves_nothing() {
    let (mut table, mut memory) = table();
    for step in 0..3 {
        memory.fail_in = Some(step);
        let error = table.get(A, CONSTANTS, 5000, &mut memory).unwrap_err();
        let expected = [
            GetError::Source("check"),
            GetError::Memory("take"),
            GetError::Grant("grant"),
        ];
        assert_eq!(error, expected[step as usize]);
        assert!(memory.taken.is_empty() && memory.grants.is_empty());
        assert_eq!((table.stats().copies, table.stats().used), (0, 0));
        table.check().unwrap();
    }
    assert_eq!(table.stats().failures, 3);
    // A further owner that cannot be granted the copy does not get it either.
    memory.fail_in = None;
    table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    memory.fail_in = Some(1);
    let refused = table.get(B, CONSTANTS, 5000, &mut memory);
    assert_eq!(refused, Err(GetError::Grant("grant")));
    assert_eq!((memory.grants.len(), memory.grants[0].0), (1, A));
    table.check().unwrap();
}

/// SOF holds a spin lock while it allocates and copies.
#[test]
fn f30_a_hit_neither_allocates_nor_copies_nor_grants() {
    let (mut table, mut memory) = table();
    let copy = table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    memory.calls.clear();
    assert_eq!(table.get(A, CONSTANTS, 5000, &mut memory), Ok(copy));
    assert_eq!(memory.calls, ["check"]);
    memory.calls.clear();
    assert_eq!(table.put(A, copy.id, &mut memory), Ok(Put::Held));
    assert!(memory.calls.is_empty());
}

/// In SOF a shared copy lives in the first one's heap and is freed into the last one's.
#[test]
fn f32_a_shared_copy_outlives_its_first_owner() {
    let (mut table, mut memory) = table();
    let copy = table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    table.get(B, CONSTANTS, 5000, &mut memory).unwrap();
    assert_eq!(table.put_all(A, &mut memory), 1);
    assert_eq!(memory.taken[&copy.offset].0, None);
    assert_eq!(table.put(B, copy.id, &mut memory), Ok(Put::Freed));
    assert!(memory.taken.is_empty());
}

#[test]
fn f46_the_rest_of_the_last_page_is_cleared() {
    let (mut table, mut memory) = table();
    table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    assert_eq!(memory.zeroed, [(5000, 2 * PAGE - 5000)]);
    table.get(A, CONSTANTS + PAGE, PAGE, &mut memory).unwrap();
    assert_eq!(memory.zeroed.len(), 1);
}

#[test]
fn counts_do_not_wrap() {
    let (mut table, mut memory) = table();
    for _ in 0..u16::MAX {
        table.get(A, CONSTANTS, 5000, &mut memory).unwrap();
    }
    assert_eq!(
        table.get(A, CONSTANTS, 5000, &mut memory),
        Err(GetError::TooMany)
    );
    let id = table.id_at(A, 0).unwrap();
    assert_eq!(table.put(A, id, &mut memory), Ok(Put::Held));
    assert_eq!(table.id_at(B, 0), None);
    assert_eq!(table.put_all(A, &mut memory), 1);
    table.check().unwrap();
}

#[test]
fn records_run_out_without_harm() {
    let (mut table, mut memory) = table();
    for source in 0..16 {
        table
            .get(A, CONSTANTS + source * 8192, 5000, &mut memory)
            .unwrap();
    }
    assert_eq!(
        table.get(A, CONSTANTS - 1 + (1 << 20), 5000, &mut memory),
        Err(GetError::NoCopy(16))
    );
    for owner in 0..8 {
        table
            .get(Owner(100 + owner), CONSTANTS, 5000, &mut memory)
            .unwrap();
    }
    assert_eq!(
        table.get(B, CONSTANTS, 5000, &mut memory),
        Err(GetError::NoLink(24))
    );
    assert_eq!(memory.taken.len(), 16);
    assert_eq!(memory.grants.len(), 24);
    table.check().unwrap();
}
