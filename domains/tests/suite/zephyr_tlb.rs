//! What Zephyr's TLB maintenance on Xtensa leaves behind, fault by fault, and does not here.

use domains::DomainHandle;
use mmu::model::Counts;
use mmu::{Access, Alias, Machine, PAGE_BYTES, Rights, Stale, VirtAddr};

use crate::busy::Busy;
use crate::rig::{ACCESSES, ALIASES, Rig, core, frame, page, place, prohibited};
use crate::rules;

/// Each access to a page through both aliases; what each comes to.
fn causes(rig: &mut Rig, number: u32) -> Vec<Option<u32>> {
    let both = ALIASES.into_iter();
    let pairs = both.flat_map(|alias| ACCESSES.map(|access| (alias, access)));
    pairs
        .map(|(alias, access)| rig.cause(access, place(0, number, alias)))
        .collect()
}

fn nothing() -> Vec<Option<u32>> {
    let all = ACCESSES.map(|access| Some(prohibited(access)));
    [all, all].concat()
}

fn two() -> (Rig, DomainHandle, DomainHandle) {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    (rig, one, two)
}

#[test]
fn a_revoke_while_another_domain_runs_reaches_the_entries_of_its_own() {
    for rights in [Rights::DATA, Rights::TEXT, Rights::READ] {
        for number in 0..8 {
            let (mut rig, runs, loses) = two();
            rig.grant(loses, number, &[0], rights).unwrap();
            rig.switch(loses);
            causes(&mut rig, number);
            // A probe sees entries of the domain that runs only; that is how they stay behind.
            rig.switch(runs);
            rig.revoke(loses, number).unwrap();
            rules::all(&rig);
            rig.switch(loses);
            assert_eq!(causes(&mut rig, number), nothing());
        }
    }
}

#[test]
fn a_revoke_on_a_core_that_runs_another_domain_reaches_every_core() {
    let (mut rig, runs, loses) = two();
    rig.grant(loses, 3, &[0], Rights::DATA).unwrap();
    for number in 0..3 {
        rig.on(number);
        rig.switch(loses);
        causes(&mut rig, 3);
        rig.switch(runs);
    }
    rig.revoke(loses, 3).unwrap();
    rules::all(&rig);
    for number in 0..3 {
        rig.on(number);
        rig.switch(loses);
        assert_eq!(causes(&mut rig, 3), nothing());
    }
}

#[test]
fn a_revoked_text_is_out_of_the_instruction_tlb_too() {
    for alias in ALIASES {
        for number in 0..4 {
            let (mut rig, handle, _) = two();
            rig.grant(handle, number, &[0], Rights::TEXT).unwrap();
            rig.switch(handle);
            // Fetched only: no entry in the data TLB leads anyone to it.
            assert_eq!(rig.cause(Access::Execute, place(0, number, alias)), None);
            rig.revoke(handle, number).unwrap();
            rules::all(&rig);
            let gone = rig.cause(Access::Execute, place(0, number, alias));
            assert_eq!(gone, Some(20));
        }
    }
}

#[test]
fn a_domain_in_a_place_used_before_sees_only_its_own_through_the_wired_entries_of_the_old_one() {
    let (mut rig, old, _) = two();
    rig.grant(old, 0, &[0], Rights::DATA).unwrap();
    rig.switch(old);
    causes(&mut rig, 0);
    let tables = rig.image(old);
    rig.destroy(old).unwrap();
    // The core still has the old one's tables wired. They are the new one's now: tables never
    // move, so no translation of a table's address can be out of date.
    let new = rig.create(0);
    assert_eq!(rig.image(new).cached, tables.cached);
    assert_eq!(rig.image(new).uncached, tables.uncached);
    rig.grant(new, 1, &[1], Rights::DATA).unwrap();
    rig.switch(new);
    rules::all(&rig);
    assert_eq!(causes(&mut rig, 0), nothing());
    assert_eq!(rig.cause(Access::Write, page(1)), None);
    assert_eq!(rig.cause(Access::Write, page(2)), Some(29));
}

#[test]
fn a_change_of_a_table_is_seen_by_the_next_refill_on_every_core() {
    let (mut rig, handle, _) = two();
    for number in 0..3 {
        rig.on(number);
        rig.switch(handle);
        assert_eq!(causes(&mut rig, 8), nothing());
    }
    for round in 0..4 {
        rig.on(round % 3);
        rig.grant(handle, 4 + round, &[round], Rights::DATA)
            .unwrap();
        for number in 0..3 {
            rig.on(number);
            // Nobody looked at that page before, so nobody remembers that there was nothing.
            assert_eq!(rig.cause(Access::Read, page(4 + round)), None);
        }
        rules::all(&rig);
    }
}

#[test]
fn an_asid_used_again_brings_no_entry_of_its_last_owner() {
    let (mut rig, first, _) = two();
    let asid = rig.domains.asid(first).unwrap();
    rig.grant(first, 0, &[0], Rights::DATA).unwrap();
    for number in 0..3 {
        rig.on(number);
        rig.switch(first);
        (0..4).for_each(|page| _ = causes(&mut rig, page));
    }
    rig.destroy(first).unwrap();
    let again = loop {
        let handle = rig.create(0);
        if rig.domains.asid(handle) == Ok(asid) {
            break handle;
        }
        rig.destroy(handle).unwrap();
    };
    rig.grant(again, 1, &[1], Rights::DATA).unwrap();
    for number in 0..3 {
        rig.on(number);
        rig.switch(again);
        assert_eq!(causes(&mut rig, 0), nothing());
        assert_eq!(
            rig.cause(Access::Read, page(1)),
            None,
            "hidden by an old entry"
        );
    }
    rules::all(&rig);
}

#[test]
fn a_revocation_is_acknowledged_before_the_call_returns() {
    let (mut rig, handle, _) = two();
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.on(1);
    rig.switch(handle);
    rig.access(Access::Write, page(0), 1).unwrap();
    rig.on(0);
    let before = rig.machine.counts(core(1)).shootdowns_answered;
    rig.revoke(handle, 0).unwrap();
    assert_eq!(rig.machine.counts(core(1)).shootdowns_answered, before + 1);
    rig.on(1);
    // Without any interrupt, refill or switch since.
    assert_eq!(causes(&mut rig, 0), nothing());
}

#[test]
fn the_kernel_and_a_module_at_one_page_hit_each_other_never() {
    use mmu::Frames;
    let (mut rig, handle, _) = two();
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.switch(handle);
    for round in 0..9 {
        for alias in ALIASES {
            rig.machine.write(frame(0), &[round]);
            assert_eq!(rig.access(Access::Read, place(0, 0, alias), 0), Ok(round));
            assert_eq!(rig.cause(Access::Write, place(0, 0, alias)), None);
            let mut byte = [round; 1];
            rig.machine.read(frame(0), &mut byte);
            assert_eq!(byte, [0]);
        }
    }
}

/// What a call costs the core that runs.
fn cost(rig: &mut Rig, call: impl FnOnce(&mut Rig)) -> Counts {
    let running = rig.machine.core();
    let before = rig.machine.counts(running);
    call(rig);
    let after = rig.machine.counts(running);
    Counts {
        hits: after.hits - before.hits,
        refills: after.refills - before.refills,
        entry_drops: after.entry_drops - before.entry_drops,
        whole_cache_drops: after.whole_cache_drops - before.whole_cache_drops,
        shootdowns_asked: after.shootdowns_asked - before.shootdowns_asked,
        ..Counts::default()
    }
}

#[test]
fn one_page_more_or_less_costs_no_whole_tlb_and_no_whole_cache() {
    let one_index = Counts {
        entry_drops: 4,
        ..Counts::default()
    };
    let (mut rig, handle, other) = two();
    rig.grant(handle, 1, &[1], Rights::DATA).unwrap();
    rig.grant(other, 2, &[2], Rights::DATA).unwrap();
    rig.switch(other);
    rig.access(Access::Read, page(2), 0).unwrap();
    rig.switch(handle);
    rig.access(Access::Write, page(1), 5).unwrap();
    let granted = cost(&mut rig, |rig| {
        rig.grant(handle, 4, &[0], Rights::DATA).unwrap()
    });
    assert_eq!(granted, one_index);
    rig.access(Access::Write, page(4), 5).unwrap();
    let revoked = cost(&mut rig, |rig| rig.revoke(handle, 4).unwrap());
    assert_eq!(revoked, one_index);
    // What others have in the TLB stays there.
    let kept = Counts {
        hits: 2,
        ..Counts::default()
    };
    let used = cost(&mut rig, |rig| {
        rig.access(Access::Read, page(1), 0).unwrap();
        rig.switch(other);
        rig.access(Access::Read, page(2), 0).unwrap();
    });
    assert_eq!(used, kept);
}

#[test]
fn pages_cost_the_indexes_they_have_and_no_more() {
    let (mut rig, handle, _) = two();
    rig.switch(handle);
    for (pages, indexes) in [(1, 1), (2, 2), (3, 3), (4, 4), (7, 4)] {
        let frames: Vec<u32> = (0..pages).collect();
        for call in [true, false] {
            let Counts { entry_drops, .. } = cost(&mut rig, |rig| {
                if call {
                    rig.grant(handle, 3, &frames, Rights::DATA).unwrap();
                } else {
                    rig.revoke(handle, 3).unwrap();
                }
            });
            assert_eq!(entry_drops, 4 * indexes);
        }
    }
}

#[test]
fn a_switch_drops_nothing() {
    let (mut rig, one, other) = two();
    for handle in [one, other] {
        let switched = cost(&mut rig, |rig| rig.switch(handle));
        assert_eq!(switched, Counts::default());
    }
}

#[test]
fn a_core_that_never_ran_the_domain_is_not_disturbed() {
    let (mut rig, one, other) = two();
    rig.grant(one, 0, &[0], Rights::DATA).unwrap();
    rig.on(1);
    rig.switch(other);
    rig.on(0);
    rig.switch(one);
    let mut busy = Busy::new(&mut rig.machine, |_| unreachable!());
    rig.domains
        .remove_partition(&mut busy, one, page(0))
        .unwrap();
    rig.domains.destroy(&mut busy, one).unwrap();
    assert_eq!(rig.machine.counts(core(1)).shootdowns_answered, 0);
}

#[test]
fn a_letter_names_the_indexes_of_the_range_and_the_lines() {
    let (mut rig, handle, _) = two();
    rig.grant(handle, 5, &[0, 1], Rights::DATA).unwrap();
    rig.on(1);
    rig.switch(handle);
    rig.on(0);
    let mut busy = Busy::new(&mut rig.machine, |_| {});
    rig.domains
        .remove_partition(&mut busy, handle, page(5))
        .unwrap();
    let [(_, stale)] = busy.asked[..] else {
        panic!("asked {:?}", busy.asked);
    };
    assert_eq!(stale, Stale::INDEX_1 | Stale::INDEX_2 | Stale::LINES);
}

#[test]
fn the_last_byte_before_and_the_first_behind_stay_out_of_reach() {
    let (mut rig, handle, _) = two();
    rig.grant(handle, 1, &[0, 1], Rights::DATA).unwrap();
    rig.switch(handle);
    for alias in [Alias::Cached, Alias::Uncached] {
        let start = place(0, 1, alias).0;
        let end = start + 2 * PAGE_BYTES;
        for (address, cause) in [
            (start - 1, Some(29)),
            (start, None),
            (end - 1, None),
            (end, Some(29)),
        ] {
            assert_eq!(rig.cause(Access::Write, VirtAddr(address)), cause);
        }
    }
}
