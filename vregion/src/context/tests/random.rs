//! Random steps.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn contexts_agree_with_their_shadow(
        steps in prop::collection::vec((0..10_u8, 0..2_usize, 0..6000_u32, 0..8_u8, any::<u16>()), 1..120),
    ) {
        let mut machine = Machine::new();
        let mut contexts = [Context::<12>::new(7), Context::<12>::new(8)];
        let mut live: [Vec<Allocation>; 2] = [Vec::new(), Vec::new()];
        let mut peaks = [0, 0];
        for (what, which, bytes, intent, pick) in steps {
            let bytes = if pick % 3 == 0 { bytes } else { bytes % 300 };
            let (context, mine) = (&mut contexts[which], &mut live[which]);
            let at = usize::from(pick) % mine.len().max(1);
            machine.mapped.refuse = what == 9;
            machine.with(true, |memory| match what {
                0..=3 | 9 => {
                    let intent = Intent::from_bits_truncate(intent);
                    let before = context.stats();
                    match context.request(Request { bytes, align: 8, intent }, memory) {
                        Ok(allocation) => mine.push(allocation),
                        Err(_) => assert_eq!(context.stats().used, before.used),
                    }
                }
                4 | 5 if !mine.is_empty() => {
                    let allocation = mine.swap_remove(at);
                    context.free(allocation.id, memory).unwrap();
                    assert_eq!(context.free(allocation.id, memory), Err(FreeError::Stale));
                }
                6 | 7 if !mine.is_empty() => match context.reallocate(mine[at].id, bytes, memory) {
                    Ok(Reallocated::InPlace(allocation)) => mine[at] = allocation,
                    Ok(Reallocated::Moved { old, new, copy }) => {
                        assert_eq!((old, copy), (mine[at], old.bytes.min(bytes)));
                        peaks[which] = peaks[which].max(context.stats().used);
                        context.free(old.id, memory).unwrap();
                        mine[at] = new;
                    }
                    Err(_) => assert_eq!(context.get(mine[at].id), Some(mine[at])),
                },
                8 if pick % 8 == 0 => {
                    context.free_all(memory);
                    mine.clear();
                }
                _ => {}
            });
            machine.check();
            let mut all: Vec<(Source, u32, u32)> = Vec::new();
            for ((context, mine), peak) in contexts.iter().zip(&live).zip(&mut peaks) {
                context.check().unwrap();
                let used = mine.iter().map(|allocation| allocation.bytes).sum::<u32>();
                *peak = used.max(*peak);
                let stats = context.stats();
                prop_assert_eq!((stats.used, stats.peak, stats.allocations as usize), (used, *peak, mine.len()));
                for allocation in mine {
                    prop_assert_eq!(context.get(allocation.id), Some(*allocation));
                    for (source, offset, bytes) in &all {
                        let apart = allocation.offset >= offset + bytes || *offset >= allocation.offset + allocation.bytes;
                        prop_assert!(*source != allocation.source || apart, "two owners");
                    }
                    all.push((allocation.source, allocation.offset, allocation.bytes));
                }
            }
            let heap = all.iter().filter(|(source, ..)| *source == Source::Heap).count();
            prop_assert_eq!(machine.heap.stats().allocations as usize, heap);
            prop_assert_eq!(machine.region.stats().allocations as usize, all.len() - heap);
        }
    }
}
