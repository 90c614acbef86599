//! Ranges and windows, against the same in 64 bits.

use mmu::{ACE30, Alias, DC233C, PAGE_BYTES, PageCount, SLOT_BYTES, VirtAddr, VirtRange};
use proptest::prelude::*;

fn any_address() -> impl Strategy<Value = u32> {
    prop_oneof![
        any::<u32>(),
        (0..0x10_0000u32).prop_map(|page| page * PAGE_BYTES),
        (0xffff_0000u32..=0xffff_ffff),
        (0xf_fff0..0x10_0000u32).prop_map(|page| page * PAGE_BYTES),
        (0..6u32, -5000..5000i64)
            .prop_map(|(window, offset)| (i64::from(window * 0x2000_0000) + offset) as u32),
    ]
}

fn any_pages() -> impl Strategy<Value = u32> {
    prop_oneof![0..5u32, 0xf_fff0..0x10_0010u32, any::<u32>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_range_is_whole_pages_that_end_before_the_address_space(
        start in any_address(),
        pages in any_pages(),
        at in any_address(),
    ) {
        let end = u64::from(start) + u64::from(pages) * u64::from(PAGE_BYTES);
        let lawful = start % PAGE_BYTES == 0 && pages > 0 && end < 1 << 32;
        let range = VirtRange::new(VirtAddr(start), PageCount(pages));
        prop_assert_eq!(range.is_ok(), lawful);
        if let Ok(range) = range {
            prop_assert_eq!((range.start().0, u64::from(range.end().0)), (start, end));
            prop_assert_eq!(range.bytes() / PAGE_BYTES, range.pages().0);
            let inside = at >= start && u64::from(at) < end;
            prop_assert_eq!(range.contains(VirtAddr(at)), inside);
        }
    }

    #[test]
    fn an_address_lies_in_at_most_one_window(at in any_address()) {
        for platform in [DC233C, ACE30] {
            let at = VirtAddr(at);
            let windows = [
                (Alias::Cached, platform.cached_window),
                (Alias::Uncached, platform.uncached_window),
            ];
            let inside = windows.into_iter().find(|(_, window)| {
                at >= *window
                    && u64::from(at.0) < u64::from(window.0) + u64::from(platform.window_bytes)
            });
            let expected = inside.map(|(alias, window)| (at.0 - window.0, alias));
            prop_assert_eq!(platform.offset_of(at), expected);
            if let Some((offset, alias)) = expected {
                prop_assert_eq!(platform.address_of(offset, alias), at);
                let cached = platform.cached(at).unwrap();
                let uncached = platform.uncached(at).unwrap();
                prop_assert_eq!(cached.0 - platform.cached_window.0, offset);
                prop_assert_eq!(uncached.0 - platform.uncached_window.0, offset);
            } else {
                prop_assert_eq!(platform.cached(at), None);
                prop_assert_eq!(platform.uncached(at), None);
            }
        }
    }
}

#[test]
fn no_range_holds_the_last_page() {
    let last = VirtRange::new(VirtAddr(0xffff_f000), PageCount(1));
    assert!(last.is_err());
    let before = VirtRange::new(VirtAddr(0xffff_e000), PageCount(1)).unwrap();
    assert_eq!(before.end(), VirtAddr(0xffff_f000));
}

#[test]
fn each_page_comes_once_and_in_order() {
    let range = VirtRange::new(VirtAddr(0xffff_c000), PageCount(3)).unwrap();
    let pages: Vec<u32> = range.each_page().map(|page| page.0).collect();
    assert_eq!(pages, [0xffff_c000, 0xffff_d000, 0xffff_e000]);
}

#[test]
fn slots_fill_the_windows() {
    for platform in [DC233C, ACE30] {
        assert_eq!(platform.slots() * SLOT_BYTES, platform.window_bytes);
    }
}
