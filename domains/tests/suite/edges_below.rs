//! The types that domains stand on, with every argument at its edges.

use mmu::model::ModelMachine;
use mmu::{
    Alias, Asid, AsidPool, CacheMode, CoreId, CoreSet, Mailbox, PAGE_BYTES, PageCount, PhysAddr,
    PhysRange, Platform, Pte, Rights, SLOT_PAGES, Stale, Table, VirtAddr, VirtRange,
};

use crate::edges::WORDS;
use crate::rig::{ALIASES, BOARD, core};

#[test]
fn addresses_of_the_platform_at_every_edge() {
    for platform in [BOARD, mmu::DC233C, mmu::ACE30] {
        for word in WORDS {
            let address = VirtAddr(word);
            let window = |base: VirtAddr| {
                word.checked_sub(base.0)
                    .filter(|o| *o < platform.window_bytes)
            };
            let cached = window(platform.cached_window).map(|offset| (offset, Alias::Cached));
            let uncached = window(platform.uncached_window).map(|offset| (offset, Alias::Uncached));
            let expected = cached.or(uncached);
            assert_eq!(platform.offset_of(address), expected);
            assert_eq!(platform.cached(address).is_some(), expected.is_some());
            assert_eq!(platform.uncached(address).is_some(), expected.is_some());
            for alias in ALIASES {
                let offset = word % platform.window_bytes;
                let inside = platform.address_of(word, alias);
                assert_eq!(platform.offset_of(inside), Some((offset, alias)));
            }
            frames_at(&platform, word);
        }
    }
}

fn frames_at(platform: &Platform, word: u32) {
    let range = platform.module_frames;
    assert_eq!(range.index_of(range.end()), None);
    assert_eq!(range.index_of(range.start), Some(0));
    assert_eq!(range.frame(range.frames), None);
    let inside = word >= range.start.0 && word < range.end().0 && word.is_multiple_of(4096);
    assert_eq!(range.index_of(PhysAddr(word)).is_some(), inside);
    assert_eq!(range.frame(word).is_some(), word < range.frames);
    for pages in WORDS.map(PageCount) {
        let rest = PhysRange::rest(PhysAddr(word), u32::MAX, pages);
        assert_eq!(rest.frames, pages.0.saturating_sub(u32::MAX));
        assert_eq!(PhysRange::rest(PhysAddr(word), 0, pages).frames, pages.0);
    }
}

#[test]
fn asids_cores_and_letters_at_every_edge() {
    let mut pool = AsidPool::new();
    let taken: Vec<Asid> = std::iter::from_fn(|| pool.take().ok()).collect();
    assert_eq!((taken.len(), pool.free()), (251, 0));
    let mut fresh = AsidPool::new();
    for asid in &taken {
        assert!(fresh.give_back(*asid).is_err(), "it never gave {asid:?}");
        assert_eq!(pool.give_back(*asid), Ok(()));
        assert!(pool.give_back(*asid).is_err());
    }
    assert_eq!((fresh.free(), pool.free()), (251, 251));

    let mailbox = Mailbox::<3>::new();
    for number in WORDS {
        let Some(core) = CoreId::new(number) else {
            assert!(number >= 32);
            continue;
        };
        let set = CoreSet::EMPTY.with(core);
        assert!(set.contains(core) && set.without(core).is_empty() && set.len() == 1);
        for stale in [Stale::empty(), Stale::LINES, Stale::all()] {
            mailbox.ask(core, stale);
            assert!(!mailbox.has_answered(core));
            assert_eq!(
                mailbox.shoot_down(set, stale, 0, || {}).map_err(|e| e.core),
                Err(core)
            );
            assert_eq!(mailbox.answer(core, |_| {}), number < 3);
        }
    }
    let last = core(31);
    mailbox.ask(last, Stale::all());
    assert!(!mailbox.answer(last, |_| {}) && !mailbox.has_answered(last));
    for first in WORDS.map(VirtAddr) {
        for pages in WORDS.map(PageCount) {
            if let Ok(range) = VirtRange::new(first, pages) {
                let stale = Stale::entries_of(range);
                assert!(!stale.is_empty() && Stale::ENTRIES.contains(stale));
                assert!(range.start() < range.end() && !range.contains(range.end()));
                assert_eq!(range.bytes(), range.end().0 - range.start().0);
            }
        }
    }
}

#[test]
fn an_entry_is_found_by_the_bits_inside_the_slot_whatever_the_address() {
    let mut machine = ModelMachine::new(BOARD);
    let table = Table::new(&mut machine, BOARD.table_frames.start);
    let before = machine.fingerprint();
    for word in WORDS {
        let address = VirtAddr(word);
        let pte = Pte::module(BOARD.module_frames.start, Rights::READ, CacheMode::Bypass);
        table.set_entry(&mut machine, address, pte);
        let page = address.page() % SLOT_PAGES;
        for number in 0..SLOT_PAGES {
            let there = table.entry(&machine, VirtAddr(number * PAGE_BYTES));
            assert_eq!(there.is_valid(), number == page);
        }
        assert_eq!(table.entry(&machine, address), pte);
        table.set_entry(&mut machine, address, Pte::INVALID);
        assert_eq!(machine.fingerprint(), before);
        assert_eq!(Pte::without_access(PhysAddr(word)).rights(), None);
        assert_eq!(Pte::without_access(PhysAddr(word)).frame().0, word & !0xfff);
        let _ = (Pte::from_bits(word).rights(), Pte::from_bits(word).ring());
    }
}
