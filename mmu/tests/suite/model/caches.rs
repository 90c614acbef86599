//! Caches: what stays in a line until somebody drops it.

use mmu::model::{HeldLine, ModelMachine};
use mmu::{Alias, CacheMode, Frames, Machine, PhysAddr, Pte, Rights, Side, VirtAddr};

use super::rig::{BOARD, Rig, at, core, frame, rig, rig_on};

const LINE: u32 = BOARD.cache_line;

fn cached(offset: u32) -> VirtAddr {
    VirtAddr(at(Alias::Cached, 0).0 + offset)
}

fn uncached(offset: u32) -> VirtAddr {
    VirtAddr(at(Alias::Uncached, 0).0 + offset)
}

/// A page of zeros, through both aliases, on cores 0 and 1.
fn shared(rights: Rights) -> Rig {
    let mut rig = rig();
    rig.map(0, rights);
    rig.run(1, 0);
    rig.machine.run_on(core(0));
    rig
}

fn data_line(offset: u32, dirty: bool) -> HeldLine {
    let at = PhysAddr(frame(0).0 + offset);
    let side = Side::Data;
    HeldLine { side, at, dirty }
}

#[test]
fn a_cached_store_is_not_seen_past_the_cache_until_the_line_goes() {
    let mut rig = shared(Rights::DATA);
    rig.store(cached(8), 1).unwrap();
    assert_eq!(rig.load(cached(8)), Ok(1));
    assert_eq!(rig.load(uncached(8)), Ok(0));
    rig.machine.drop_lines(PhysAddr(frame(0).0 + 8), 4);
    assert_eq!(rig.load(uncached(8)), Ok(1));
    let counts = rig.machine.counts(core(0));
    assert_eq!(
        counts.lines_written_back,
        u64::from(mmu::PAGE_BYTES / LINE) + 1,
        "the zeroed frame, and this one"
    );
}

#[test]
fn a_line_hides_what_is_stored_past_the_cache_until_it_goes() {
    let mut rig = shared(Rights::DATA);
    assert_eq!(rig.load(cached(8)), Ok(0));
    rig.store(uncached(8), 1).unwrap();
    assert_eq!(rig.load(cached(8)), Ok(0));
    rig.machine.drop_lines(frame(0), LINE);
    assert_eq!(
        rig.load(cached(8)),
        Ok(1),
        "a clean line writes nothing back"
    );
}

#[test]
fn a_drop_takes_the_lines_of_its_range_and_no_other() {
    let mut rig = shared(Rights::DATA);
    for line in 0..4 {
        rig.store(cached(line * LINE), line).unwrap();
    }
    rig.machine
        .drop_lines(PhysAddr(frame(0).0 + 2 * LINE - 1), 2);
    let left = [data_line(0, true), data_line(3 * LINE, true)];
    assert_eq!(rig.machine.lines(core(0)), left);
    rig.machine.drop_lines(frame(0), 0);
    assert_eq!(rig.machine.lines(core(0)), left);
}

#[test]
fn cores_do_not_see_each_others_lines() {
    let mut rig = shared(Rights::DATA);
    rig.store(cached(0), 1).unwrap();
    rig.machine.run_on(core(1));
    assert_eq!(rig.load(cached(0)), Ok(0));
    assert!(rig.machine.evict_line(core(0), frame(0)));
    assert_eq!(rig.load(cached(0)), Ok(0), "core 1 has a line of its own");
    rig.machine.drop_lines(frame(0), LINE);
    assert_eq!(rig.load(cached(0)), Ok(1));
}

#[test]
fn a_drop_on_one_core_leaves_the_other_its_lines() {
    let mut rig = shared(Rights::DATA);
    for number in [0, 1] {
        rig.machine.run_on(core(number));
        rig.store(cached(0), number).unwrap();
    }
    rig.machine.drop_caches();
    assert_eq!(rig.machine.lines(core(0)), [data_line(0, true)]);
    assert_eq!(rig.machine.lines(core(1)), []);
}

#[test]
fn a_dirty_line_that_is_evicted_late_overwrites_the_whole_line() {
    let mut rig = shared(Rights::DATA);
    rig.store(cached(0), 1).unwrap();
    rig.machine.store(PhysAddr(frame(0).0 + 4), &[7; 4]);
    assert_eq!(rig.memory(PhysAddr(frame(0).0 + 4)), 0x0707_0707);
    rig.machine.evict_all(core(0));
    assert_eq!(rig.memory(frame(0)), 1);
    assert_eq!(rig.memory(PhysAddr(frame(0).0 + 4)), 0);
    assert!(!rig.machine.evict_line(core(0), frame(0)), "it is gone");
}

#[test]
fn write_through_reaches_memory_at_once_and_allocates_on_loads_only() {
    let mut rig = shared(Rights::DATA);
    let through = Pte::from_bits(frame(0).0 | 0x2a);
    rig.set(0, Alias::Cached, 1, through);
    let address = at(Alias::Cached, 1);
    rig.store(address, 1).unwrap();
    assert_eq!(rig.memory(frame(0)), 1);
    assert_eq!(rig.machine.lines(core(0)), []);
    assert_eq!(rig.load(address), Ok(1));
    rig.store(address, 2).unwrap();
    assert_eq!((rig.memory(frame(0)), rig.load(address)), (2, Ok(2)));
    assert_eq!(rig.machine.lines(core(0)), [data_line(0, false)]);
}

#[test]
fn fetches_hit_stale_lines_until_they_are_dropped() {
    let mut rig = shared(Rights::TEXT);
    assert_eq!(rig.fetch(cached(0)), Ok(0));
    rig.machine.store(frame(0), &[1, 2, 3, 4]);
    assert_eq!(rig.fetch(cached(1)), Ok(0));
    assert_eq!(
        rig.fetch(uncached(1)),
        Ok(2),
        "a page past the cache is fetched past it"
    );
    assert_eq!(rig.fetch(cached(LINE)), Ok(0));
    rig.machine
        .drop_instructions(PhysAddr(frame(0).0 + LINE), LINE);
    assert_eq!(rig.fetch(cached(1)), Ok(0));
    rig.machine.drop_instructions(frame(0), 4);
    assert_eq!(rig.fetch(cached(1)), Ok(2));
}

#[test]
fn code_that_was_not_published_is_not_what_runs() {
    let mut rig = shared(Rights::TEXT);
    assert_eq!(rig.fetch(cached(0)), Ok(0));
    rig.machine
        .fill_words(frame(0), 0x11, 0, 1, CacheMode::WriteBack);
    rig.machine.drop_instructions(frame(0), 4);
    assert_eq!(rig.fetch(cached(0)), Ok(0), "it is in the data cache only");
    rig.machine.drop_lines(frame(0), 4);
    assert_eq!(rig.fetch(cached(0)), Ok(0), "the line is there again");
    rig.machine.publish(frame(0));
    assert_eq!(rig.fetch(cached(0)), Ok(0x11));
}

#[test]
fn the_kernels_words_go_through_its_own_data_cache() {
    let mut rig = shared(Rights::DATA);
    rig.machine.store_word(frame(0), 5);
    assert_eq!(rig.memory(frame(0)), 0);
    assert_eq!(rig.machine.load_entry(frame(0)).bits(), 0);
    assert_eq!(rig.machine.load_word(frame(0)), 5);
    assert_eq!(
        rig.load(cached(0)),
        Ok(5),
        "lines are known by physical address"
    );
    rig.machine.run_on(core(1));
    assert_eq!(rig.machine.load_word(frame(0)), 0);
    rig.machine
        .fill_words(PhysAddr(frame(0).0 + 28), 1, 2, 3, CacheMode::Bypass);
    let words = [24, 28, 32, 36, 40].map(|offset| rig.memory(PhysAddr(frame(0).0 + offset)));
    assert_eq!(words, [0, 1, 3, 5, 0]);
    assert_eq!(
        rig.machine.load_word(PhysAddr(frame(0).0 + 28)),
        0,
        "the line is older"
    );
}

#[test]
fn a_fill_may_span_lines() {
    let mut rig = shared(Rights::DATA);
    let start = PhysAddr(frame(0).0 + LINE - 8);
    rig.machine
        .fill_words(start, 0, 1, LINE / 4 + 4, CacheMode::WriteBack);
    for word in 0..LINE / 4 + 4 {
        assert_eq!(rig.machine.load_word(PhysAddr(start.0 + 4 * word)), word);
    }
    let lines = [0, LINE, 2 * LINE].map(|offset| data_line(offset, true));
    assert_eq!(rig.machine.lines(core(0)), lines);
}

#[test]
fn without_caches_every_store_is_seen_at_once() {
    let mut rig = rig_on(ModelMachine::without_caches(BOARD));
    rig.map(0, Rights::TEXT | Rights::DATA);
    rig.store(cached(0), 1).unwrap();
    assert_eq!(
        (rig.load(uncached(0)), rig.fetch(cached(0))),
        (Ok(1), Ok(1))
    );
    rig.machine.store_word(frame(0), 2);
    assert_eq!((rig.load(cached(0)), rig.fetch(cached(0))), (Ok(2), Ok(2)));
    rig.run(1, 0);
    assert_eq!(rig.load(cached(0)), Ok(2));
    assert!(rig.machine.lines(core(0)).is_empty() && rig.machine.lines(core(1)).is_empty());
}
