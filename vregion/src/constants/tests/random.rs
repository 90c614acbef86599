//! Random steps.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_agrees_with_its_shadow(
        steps in prop::collection::vec((0..8_u8, 1..4_u32, 0..12_u32, 0..3_usize, 0..6_u32), 1..150),
        share_small: bool,
    ) {
        let policy = Policy { share_small, ..Policy::isolated(PAGE, 64) };
        let mut table = Constants::<8, 12>::new(policy).unwrap();
        let mut memory = Memory::default();
        // Each get that was not put: owner, id, source and bytes, whether shared.
        let mut live: Vec<(Owner, Constant, u32, bool)> = Vec::new();
        for (what, owner, source, size, fail) in steps {
            let (owner, source) = (Owner(owner), CONSTANTS + source * 0x1_0000);
            let bytes = [100, 2049, 9000][size];
            match what {
                0..=4 => {
                    memory.fail_in = (what == 4).then_some(fail);
                    let before = (memory.taken.clone(), memory.grants.clone());
                    match table.get(owner, source, bytes, &mut memory) {
                        Ok(copy) => {
                            prop_assert_eq!(memory.copied[&copy.offset], (source, bytes));
                            let shared = bytes > 2048 || share_small;
                            if shared {
                                let same = live.iter().find(|(_, other, at, shared)| *shared && *at == source && other.bytes == bytes);
                                prop_assert!(same.is_none_or(|(_, other, ..)| *other == copy));
                            }
                            live.push((owner, copy, source, shared));
                        }
                        Err(error) => {
                            prop_assert_eq!(before, (memory.taken.clone(), memory.grants.clone()));
                            if let GetError::Size { have, .. } = error {
                                prop_assert!(live.iter().any(|(other, copy, at, _)| *other == owner && *at == source && copy.bytes == have));
                            }
                        }
                    }
                    memory.fail_in = None;
                }
                5 | 6 if !live.is_empty() => {
                    let (owner, copy, ..) = live.swap_remove(fail as usize % live.len());
                    let put = table.put(owner, copy.id, &mut memory).unwrap();
                    let mine = live.iter().any(|(other, c, ..)| *other == owner && c.id == copy.id);
                    let any = live.iter().any(|(_, c, ..)| c.id == copy.id);
                    prop_assert_eq!(put, if mine { Put::Held } else if any { Put::Left } else { Put::Freed });
                    if !any {
                        prop_assert_eq!(table.put(owner, copy.id, &mut memory), Err(PutError::Stale));
                    }
                }
                7 => {
                    table.put_all(owner, &mut memory);
                    live.retain(|(other, ..)| *other != owner);
                }
                _ => {}
            }
            table.check().unwrap();
            let mut ids: Vec<u32> = live.iter().map(|(_, copy, ..)| copy.offset).collect();
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids.len() as u32, table.stats().copies);
            prop_assert_eq!(memory.taken.keys().copied().collect::<Vec<_>>(), ids);
        }
        (1..4).for_each(|owner| { table.put_all(Owner(owner), &mut memory); });
        prop_assert!(memory.taken.is_empty() && memory.grants.is_empty());
    }
}
