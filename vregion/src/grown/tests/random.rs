//! Random steps.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_allocation_has_its_memory(
        seal_at in 0..12_usize,
        steps in prop::collection::vec((0..10_u8, 1..20_000_u32, 0..14_u32, any::<u16>()), 1..100),
    ) {
        let (mut region, mut mapped) = open(40);
        let mut live: Vec<Allocation> = Vec::new();
        let mut interim: Vec<Allocation> = Vec::new();
        for (step, (what, bytes, shift, pick)) in steps.into_iter().enumerate() {
            if step == seal_at {
                region.seal(0).unwrap();
            }
            match what {
                0..=5 => {
                    mapped.bad = (what == 5).then_some(u32::from(pick) % 40);
                    let (before, info) = (mapped.pages.clone(), region.info().unwrap());
                    let bytes = if pick % 2 == 0 { bytes } else { bytes % 600 + 1 };
                    match region.alloc(Request::plain(bytes).aligned(1 << shift), &mut mapped) {
                        Ok(allocation) => {
                            prop_assert!(region.is_mapped(allocation));
                            if step >= seal_at { interim.push(allocation) } else { live.push(allocation) }
                        }
                        Err(_) => {
                            prop_assert_eq!(&mapped.pages, &before);
                            let now = region.info().unwrap();
                            prop_assert_eq!((now.stats.used, now.pages), (info.stats.used, info.pages));
                        }
                    }
                    mapped.bad = None;
                }
                6 if step < seal_at && step % 3 == 0 => {
                    if let Ok(part) = region.add_part(bytes % 5000 + 1, Rights(7), &mut mapped) {
                        live.push(Allocation { offset: part.offset, bytes: part.bytes });
                    }
                }
                7 | 8 if !interim.is_empty() => {
                    let allocation = interim.swap_remove(usize::from(pick) % interim.len());
                    region.free(allocation.offset).unwrap();
                }
                9 if pick % 4 == 0 => {
                    prop_assert_eq!(region.reset_interim(&mut mapped), Ok(interim.len() as u32));
                    interim.clear();
                    let kept = region.info().unwrap().stats.lifetime_bytes.div_ceil(PAGE);
                    if step >= seal_at {
                        prop_assert!(mapped.pages.iter().all(|page| *page < kept));
                    }
                }
                _ => {}
            }
            region.check().unwrap();
            prop_assert!(live.iter().chain(&interim).all(|allocation| region.is_mapped(*allocation)));
            prop_assert_eq!(region.info().unwrap().pages as usize, mapped.pages.len());
            for page in 0..40 {
                prop_assert_eq!(region.has(page), mapped.pages.contains(&page));
            }
        }
        prop_assert_eq!(region.put(&mut mapped), Ok(Put::Closed));
        prop_assert!(mapped.pages.is_empty());
    }
}
