//! Rings and ASIDs: which entries a domain sees, and as whose.

use mmu::{Alias, Asid, CoreId, Pte, Rights, VirtAddr};

use super::rig::{Rig, at, core, entry, frame, rig};

fn page(number: u32) -> VirtAddr {
    at(Alias::Cached, number)
}

fn of_ring(ring: u32) -> Pte {
    Pte::from_bits(frame(0).0 | ring << 4 | 7)
}

fn refills(rig: &Rig) -> u64 {
    rig.machine.counts(CoreId::BOOT).refills
}

#[test]
fn inner_rings_are_out_of_reach() {
    let mut rig = rig();
    for ring in 0..4 {
        rig.set(0, Alias::Cached, ring, of_ring(ring));
        let outcomes = [
            rig.load(page(ring)),
            rig.store(page(ring), 1),
            rig.fetch(page(ring)),
        ];
        let causes = outcomes.map(Result::err);
        if ring < 2 {
            assert_eq!(causes, [Some(26), Some(26), Some(18)], "ring {ring}");
        } else {
            assert_eq!(causes, [None; 3], "ring {ring}");
        }
        // The same when the entry stands there already.
        assert_eq!(rig.load(page(ring)).err(), causes[0]);
    }
}

#[test]
fn an_entry_serves_its_own_asid_only() {
    let mut rig = rig();
    rig.map(0, Rights::DATA);
    rig.set(1, Alias::Cached, 0, entry(1, Rights::DATA, Alias::Cached));
    rig.store(page(0), 7).unwrap();
    assert_eq!(refills(&rig), 1);
    rig.run(0, 1);
    rig.store(page(0), 8).unwrap();
    assert_eq!(refills(&rig), 2);
    rig.run(0, 0);
    assert_eq!(rig.load(page(0)), Ok(7));
    rig.run(0, 1);
    assert_eq!(rig.load(page(0)), Ok(8));
    assert_eq!(refills(&rig), 2, "a switch flushes nothing");
    assert_eq!(rig.machine.asids_remembered(), rig.asids.map(Asid::number));
}

#[test]
fn the_outer_ring_is_shared_by_all_domains() {
    let mut rig = rig();
    rig.set(0, Alias::Cached, 0, of_ring(3));
    rig.store(page(0), 7).unwrap();
    rig.run(0, 1);
    assert_eq!(
        rig.load(page(0)),
        Ok(7),
        "the other domain's table does not map it"
    );
    assert_eq!(refills(&rig), 1);
    assert_eq!(rig.machine.asids_remembered(), [4]);
}

#[test]
fn an_unused_entry_of_ring_zero_would_hide_the_other_domains_page() {
    for loaded_before in [false, true] {
        let mut rig = rig();
        rig.map(0, Rights::DATA);
        if loaded_before {
            rig.load(page(0)).unwrap();
        }
        rig.run(0, 1);
        rig.set(1, Alias::Cached, 0, Pte::from_bits(0x0c));
        assert_eq!(rig.load(page(0)), Err(26));
        rig.run(0, 0);
        let seen = rig.load(page(0)).err();
        assert_eq!(seen, Some(if loaded_before { 25 } else { 26 }));
    }
}

#[test]
fn the_unused_entry_that_is_used_hides_nothing() {
    let mut rig = rig();
    rig.map(0, Rights::DATA);
    rig.run(0, 1);
    assert_eq!(rig.load(page(0)), Err(28));
    rig.run(0, 0);
    assert!(rig.load(page(0)).is_ok());
}

#[test]
fn rings_have_the_numbers_of_a_reset_until_a_domain_runs() {
    let rig = rig();
    assert_eq!(rig.machine.rasid(core(1)), [1, 2, 3, 4]);
    let module = rig.asids[0].number();
    assert_eq!(rig.machine.rasid(core(0)), [1, 2, module, 4]);
}
