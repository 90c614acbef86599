//! Random steps on a page pool, beside a slow and obvious one.

#[path = "shadow/pages.rs"]
mod shadow;

use proptest::prelude::*;
use shadow::{PAGES, Pool, Step, Tables, run_steps};
use vregion::pages::{PageCount, PageError, PageNumber, Run};

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let count = prop_oneof![4 => 1..12u32, 2 => 12..80u32, 1 => 1000..1100u32, 1 => 0..2u32];
    let boundary = prop_oneof![4 => Just(1024u32), 1 => (0..13u32).prop_map(|shift| 1 << shift)];
    let step = prop_oneof![
        4 => (count.clone(), boundary.clone()).prop_map(|(count, boundary)| Step::Reserve(count, boundary)),
        4 => (count, boundary).prop_map(|(count, boundary)| Step::Alloc(count, boundary)),
        4 => (any::<usize>(), 0..12u32, 0..16u32).prop_map(|(n, at, count)| Step::Commit(n, at, count)),
        2 => (any::<usize>(), 0..12u32, 0..9u32).prop_map(|(n, at, count)| Step::Decommit(n, at, count)),
        2 => any::<usize>().prop_map(Step::Release),
        1 => (0..PAGES + 2, 0..40u32).prop_map(|(first, count)| Step::ReleaseAny(first, count)),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pool_agrees_with_its_shadow(steps in steps()) {
        run_steps(steps);
    }
}

/// Every page taken and given back one by one, in a random order: the notes on failed searches must
/// never hide a page.
#[test]
fn every_page_can_be_had() {
    let mut pool = Box::new(Pool::new());
    let mut tables = Tables::default();
    let one = PageCount(1);
    let mut runs: Vec<Run> = (0..PAGES)
        .map(|_| pool.reserve(one, PageCount(1024)).unwrap())
        .collect();
    assert!(matches!(
        pool.reserve(one, PageCount(1024)),
        Err(PageError::NoPages { .. })
    ));
    let mut seed = 12_345_u32;
    for _ in 0..5_000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let n = seed as usize % runs.len();
        let run = runs[n];
        pool.release(run, &mut tables).unwrap();
        assert!(matches!(
            pool.reserve(PageCount(2), PageCount(1024)),
            Err(PageError::NoPages { .. })
        ));
        assert_eq!(pool.reserve(one, PageCount(1024)), Ok(run));
    }
    for n in (0..runs.len()).rev().step_by(2) {
        pool.release(runs.swap_remove(n), &mut tables).unwrap();
    }
    assert!(matches!(
        pool.reserve(PageCount(2), PageCount(1024)),
        Err(PageError::Scattered { .. })
    ));
    pool.check().unwrap();
    while let Some(run) = runs.pop() {
        pool.release(run, &mut tables).unwrap();
        pool.check().unwrap();
    }
    assert_eq!(
        pool.reserve(PageCount(1024), PageCount(1024))
            .unwrap()
            .first,
        PageNumber(0)
    );
}
