//! TLBs remember until they are told to forget, and then forget just that.

use mmu::{Alias, Machine, PAGE_BYTES, PageCount, Pte, Rights, Stale, VirtAddr, VirtRange};

use super::rig::{Rig, at, core, entry, rig};

fn page(number: u32) -> VirtAddr {
    at(Alias::Cached, number)
}

fn pages(first: u32, count: u32) -> VirtRange {
    VirtRange::new(page(first), PageCount(count)).unwrap()
}

fn forget(rig: &mut Rig, range: VirtRange) {
    Stale::entries_of(range).drop_entries(&mut rig.machine);
}

#[test]
fn a_page_is_forgotten_in_every_way_by_every_domain_and_through_both_aliases() {
    // The first refill goes into another way each time.
    for earlier in 0..4 {
        let mut rig = rig();
        for number in 0..earlier {
            let _ = rig.load(page(5 + 4 * number));
        }
        for domain in 0..2 {
            rig.run(0, domain);
            for alias in [Alias::Cached, Alias::Uncached] {
                rig.set(domain, alias, 0, entry(0, Rights::TEXT, alias));
                assert!(rig.load(at(alias, 0)).is_ok());
            }
            assert!(rig.fetch(page(0)).is_ok());
            for alias in [Alias::Cached, Alias::Uncached] {
                rig.set(domain, alias, 0, Pte::INVALID);
            }
        }
        assert!(
            rig.load(page(0)).is_ok(),
            "the entry must be remembered until then"
        );
        forget(&mut rig, pages(0, 1));
        for domain in 0..2 {
            rig.run(0, domain);
            assert_eq!(rig.load(page(0)), Err(28));
            assert_eq!(rig.load(at(Alias::Uncached, 0)), Err(28));
            assert_eq!(rig.fetch(page(0)), Err(20));
        }
    }
}

#[test]
fn pages_of_another_index_are_remembered() {
    for gone in 0..4 {
        let mut rig = rig();
        for number in 0..4 {
            rig.map(number, Rights::DATA);
            assert!(rig.load(page(number)).is_ok());
            rig.set(0, Alias::Cached, number, Pte::INVALID);
        }
        forget(&mut rig, pages(gone, 1));
        for number in 0..4 {
            assert_eq!(rig.load(page(number)).is_ok(), number != gone);
        }
    }
}

#[test]
fn no_access_is_remembered_too() {
    let mut rig = rig();
    assert_eq!(rig.load(page(0)), Err(28));
    rig.map(0, Rights::DATA);
    assert_eq!(rig.load(page(0)), Err(28));
    forget(&mut rig, pages(0, 1));
    assert_eq!(rig.load(page(0)), Ok(0));
}

#[test]
fn forgetting_goes_by_index_whatever_the_page_and_spares_what_is_wired() {
    let mut rig = rig();
    rig.map(4, Rights::DATA);
    rig.load(page(4)).unwrap();
    let wired = |rig: &Rig| {
        let mut entries = rig.machine.entries(core(0));
        entries.retain(|entry| !entry.is_refilled());
        entries
    };
    let before = wired(&rig);
    forget(&mut rig, pages(0, 4));
    assert_eq!(wired(&rig), before);
    assert_eq!(rig.machine.asids_remembered(), []);
}

#[test]
fn one_page_costs_one_index_of_each_way_and_no_cache() {
    let mut rig = rig();
    rig.map(6, Rights::DATA);
    rig.store(page(6), 1).unwrap();
    let before = rig.machine.counts(core(0));
    forget(&mut rig, pages(6, 1));
    let after = rig.machine.counts(core(0));
    assert_eq!(after.entry_drops - before.entry_drops, 4);
    assert_eq!(after.entries_dropped - before.entries_dropped, 1);
    assert_eq!(after.lines_dropped, before.lines_dropped);
    assert_eq!(after.whole_cache_drops, 0);
}

#[test]
fn a_letter_about_lines_drops_both_caches_and_one_about_entries_drops_none() {
    let mut rig = rig();
    rig.map(0, Rights::TEXT | Rights::DATA);
    rig.fetch(page(0)).unwrap();
    rig.store(page(0), 9).unwrap();
    Stale::ENTRIES.drop_all(&mut rig.machine);
    assert_eq!(rig.machine.lines(core(0)).len(), 2);
    assert_eq!(rig.machine.counts(core(0)).entry_drops, 16);
    (Stale::LINES | Stale::INDEX_1).drop_all(&mut rig.machine);
    assert_eq!(rig.machine.lines(core(0)), []);
    let counts = rig.machine.counts(core(0));
    assert_eq!((counts.entry_drops, counts.whole_cache_drops), (20, 1));
    let mut word = [0; 4];
    rig.machine.load(super::rig::frame(0), &mut word);
    assert_eq!(word, [9, 0, 0, 0]);
}

#[test]
fn an_address_anywhere_in_the_page_drops_it() {
    let mut rig = rig();
    rig.map(3, Rights::DATA);
    rig.load(page(3)).unwrap();
    rig.machine
        .drop_autorefill(VirtAddr(7 * PAGE_BYTES + 0xfff), 1);
    assert_eq!(rig.machine.asids_remembered(), []);
}
