//! Random steps on a virtual heap, beside a slow and obvious one.

#[path = "shadow/virtual_heap.rs"]
mod shadow;

use std::collections::BTreeSet;
use std::ops::Range as Pages;

use proptest::prelude::*;
use shadow::{Step, run};
use vregion::supply::PageSupply;
use vregion::virtual_heap::{Bundle, Layout, Request, VirtualHeap};

const PAGE: u32 = 4096;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bytes = || prop_oneof![6 => 1..1200u32, 3 => 1200..20_000u32, 1 => 0..70_000u32];
    let step = prop_oneof![
        6 => (bytes(), 0..13u32, any::<bool>()).prop_map(|(bytes, shift, span)| Step::Alloc(bytes, 1 << shift.saturating_sub(6), span)),
        1 => (bytes(), bytes()).prop_map(|(minimum, more)| Step::Range(minimum, more)),
        5 => any::<usize>().prop_map(Step::Free),
        1 => (0..256 * PAGE).prop_map(Step::FreeAny),
        1 => (any::<usize>(), bytes()).prop_map(|(n, bytes)| Step::Refuse(n, bytes)),
        2 => (any::<usize>(), bytes()).prop_map(|(n, bytes)| Step::Resize(n, bytes)),
    ];
    prop::collection::vec(step, 1..120)
}

fn layouts() -> impl Strategy<Value = Vec<Bundle>> {
    let sizes = prop_oneof![
        Just(64u32),
        Just(96),
        8..300u32,
        Just(4096),
        4000..9000u32,
        Just(65_536)
    ];
    prop::collection::vec((sizes, 1..80u32), 1..5).prop_map(|mut sizes| {
        sizes.sort_unstable();
        let bundles = sizes.into_iter().map(|(block_bytes, count)| Bundle {
            block_bytes,
            count: count.min(200_000 / block_bytes),
        });
        bundles.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_heap_agrees_with_its_shadow(bundles in layouts(), steps in steps()) {
        run(&bundles, steps);
    }
}

/// The trace T4 of the measurements, over SOF's five default bundles, contiguous and single.
#[test]
fn default_bundles() {
    for contiguous in [true, false] {
        let mut seed = 12_345_u32;
        let mut random = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 16
        };
        let mut heap = Box::new(VirtualHeap::<8, 256>::new());
        let layout = Layout {
            bytes: 1 << 20,
            page_bytes: PAGE,
            base: 0xa000_0000,
        };
        let bundles = [64, 128, 256, 512, 1024].map(|block_bytes| Bundle {
            block_bytes,
            count: (((1 << 20) / 5) & !(PAGE - 1)) / block_bytes,
        });
        heap.open(layout, &bundles).unwrap();
        let mut mapped = BTreeSet::new();
        struct All<'a>(&'a mut BTreeSet<u32>);
        impl PageSupply for All<'_> {
            type Error = ();
            fn map(&mut self, pages: Pages<u32>) -> Result<(), ()> {
                self.0.extend(pages);
                Ok(())
            }
            fn unmap(&mut self, pages: Pages<u32>) -> Result<(), ()> {
                pages.for_each(|page| assert!(self.0.remove(&page)));
                Ok(())
            }
        }
        let mut hash = 0_u64;
        let mut mix = |number: u32| hash = hash.wrapping_mul(31).wrapping_add(u64::from(number));
        let alloc = |heap: &mut VirtualHeap<8, 256>, bytes, mapped: &mut BTreeSet<u32>| {
            let request = if contiguous {
                Request::contiguous(bytes)
            } else {
                Request::single(bytes)
            };
            heap.alloc(request, &mut All(mapped)).unwrap().offset
        };
        let mut live: Vec<u32> = Vec::new();
        for _ in 0..200 {
            let bytes = 64 + random() % 961;
            mix(bytes);
            live.push(alloc(&mut heap, bytes, &mut mapped));
        }
        for step in 0..10_000 {
            let slot = (random() % 200) as usize;
            let bytes = 64 + random() % 961;
            mix(slot as u32);
            mix(bytes);
            heap.free(live[slot], &mut All(&mut mapped)).unwrap();
            live[slot] = alloc(&mut heap, bytes, &mut mapped);
            if step % 100 == 0 {
                heap.check().unwrap();
            }
        }
        assert_eq!(hash, 0xa0cc_55d3_facc_2902);
    }
}
