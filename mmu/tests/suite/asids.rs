//! ASIDs, against a set.

use std::collections::BTreeSet;

use mmu::{Asid, AsidError, AsidPool};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_number_has_one_owner(steps in prop::collection::vec(any::<Option<u8>>(), 1..600)) {
        let mut pool = AsidPool::new();
        let mut owned: Vec<Asid> = Vec::new();
        for step in steps {
            match step {
                Some(which) if !owned.is_empty() => {
                    let asid = owned.swap_remove(usize::from(which) % owned.len());
                    prop_assert_eq!(pool.give_back(asid), Ok(()));
                    let again = pool.give_back(asid);
                    prop_assert_eq!(again, Err(AsidError::NotInUse(asid.number())));
                }
                _ => match pool.take() {
                    Ok(asid) => owned.push(asid),
                    Err(error) => {
                        prop_assert_eq!(error, AsidError::Exhausted);
                        prop_assert_eq!(owned.len(), 251);
                    }
                },
            }
            let distinct: BTreeSet<u8> = owned.iter().map(|asid| asid.number()).collect();
            prop_assert_eq!(distinct.len(), owned.len());
            prop_assert!(distinct.first().is_none_or(|least| *least >= 5));
            prop_assert_eq!(pool.free() as usize, 251 - owned.len());
        }
    }
}

#[test]
fn a_number_is_the_last_to_come_back() {
    let mut pool = AsidPool::new();
    let first = pool.take().unwrap();
    pool.give_back(first).unwrap();
    for _ in 0..250 {
        let asid = pool.take().unwrap();
        assert_ne!(asid, first);
        pool.give_back(asid).unwrap();
    }
    assert_eq!(pool.take(), Ok(first));
}
