//! Random steps on a page pool, beside a slow and obvious one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vregion::pages::{
    Backing, CommitError, FrameNumber, Mapping, PageCount, PageError, PageNumber, PagePool, Run,
};

const PAGES: u32 = 2080;
const FRAMES: u32 = 48;
type Pool = PagePool<{ PAGES as usize }, { FRAMES as usize }>;

/// Page tables that remember what a user could see.
#[derive(Default)]
struct Tables {
    refuse: bool,
    mapped: BTreeMap<u32, u32>,
    dirty: BTreeSet<u32>,
}

impl Backing for Tables {
    type Error = ();

    fn zero(&mut self, frame: FrameNumber) {
        assert!(
            !self.mapped.values().any(|mapped| *mapped == frame.0),
            "zeroed while in use"
        );
        self.dirty.remove(&frame.0);
    }

    fn map(&mut self, mapping: &Mapping<'_>) -> Result<(), ()> {
        for (page, frame) in mapping.iter() {
            assert!(mapping.run().contains(page));
            assert!(!self.dirty.contains(&frame.0), "mapped with old bytes");
            assert!(!self.mapped.contains_key(&page.0), "mapped twice");
            assert!(
                !self.mapped.values().any(|mapped| *mapped == frame.0),
                "two owners"
            );
        }
        assert_eq!(mapping.iter().count(), mapping.run().count.0 as usize);
        if self.refuse {
            return Err(());
        }
        for (page, frame) in mapping.iter() {
            self.mapped.insert(page.0, frame.0);
            self.dirty.insert(frame.0);
        }
        Ok(())
    }

    fn unmap(&mut self, mapping: &Mapping<'_>) {
        for (page, frame) in mapping.iter() {
            assert_eq!(
                self.mapped.remove(&page.0),
                Some(frame.0),
                "unmapped what is not mapped"
            );
        }
    }
}

/// For every page the first page of its reservation.
struct Shadow {
    owner: Vec<Option<u32>>,
}

impl Shadow {
    fn lowest(&self, count: u32, boundary: u32) -> Option<u32> {
        (0..=PAGES.checked_sub(count)?).find(|first| {
            let last = first + count - 1;
            first / boundary == last / boundary
                && (*first..=last).all(|page| self.owner[page as usize].is_none())
        })
    }

    fn reservations(&self) -> Vec<Run> {
        let firsts = (0..PAGES).filter(|page| self.owner[*page as usize] == Some(*page));
        firsts
            .map(|first| Run {
                first: PageNumber(first),
                count: PageCount(self.owner.iter().filter(|o| **o == Some(first)).count() as u32),
            })
            .collect()
    }

    fn within_one(&self, run: Run) -> bool {
        let pages = run.first.0 as usize..run.first.0 as usize + run.count.0 as usize;
        match self.owner.get(pages) {
            Some([first, rest @ ..]) => first.is_some() && rest.iter().all(|page| page == first),
            _ => false,
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Reserve(u32, u32),
    Alloc(u32, u32),
    Commit(usize, u32, u32),
    Decommit(usize, u32, u32),
    Release(usize),
    ReleaseAny(u32, u32),
}

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

/// Everything that can be seen of the pool from outside.
fn picture(pool: &Pool) -> (vregion::pages::PageStats, Vec<Option<FrameNumber>>) {
    let frames = (0..PAGES + 2).map(|page| pool.frame_of(PageNumber(page)));
    (pool.stats(), frames.collect())
}

fn run_steps(steps: Vec<Step>) {
    let mut pool = Box::new(Pool::new());
    let mut tables = Tables::default();
    let mut shadow = Shadow {
        owner: vec![None; PAGES as usize],
    };
    for step in steps {
        let reservations = shadow.reservations();
        let pick = |n: usize, at: u32, count: u32| {
            let whole = reservations.get(n % reservations.len().max(1))?;
            // Often a bit too far, to reach into the neighbour.
            Some(Run {
                first: PageNumber(whole.first.0 + at),
                count: PageCount(count),
            })
        };
        match step {
            Step::Reserve(count, boundary) => {
                let result = pool.reserve(PageCount(count), PageCount(boundary));
                if count == 0 {
                    assert_eq!(result, Err(PageError::Empty));
                } else if count > boundary {
                    assert!(matches!(result, Err(PageError::TooLong { .. })));
                } else {
                    let lowest = shadow.lowest(count, boundary);
                    assert_eq!(result.ok().map(|run| run.first.0), lowest);
                    if let Some(first) = lowest {
                        shadow.owner[first as usize..(first + count) as usize].fill(Some(first));
                    }
                }
            }
            Step::Alloc(count, boundary) => {
                let free = |pool: &Pool| (pool.free_pages(), pool.free_frames());
                let before = free(&pool);
                tables.refuse = true;
                let refused = pool.alloc(PageCount(count), PageCount(boundary), &mut tables);
                tables.refuse = false;
                assert_eq!(free(&pool), before, "a failed alloc left a trace");
                pool.check().unwrap();
                let fits = count > 0
                    && count <= boundary
                    && shadow.lowest(count, boundary).is_some()
                    && count <= pool.free_frames();
                if !fits {
                    assert!(matches!(refused, Err(CommitError::Pool(_))));
                    continue;
                }
                assert_eq!(refused, Err(CommitError::Backing(())));
                let run = pool
                    .alloc(PageCount(count), PageCount(boundary), &mut tables)
                    .unwrap();
                let (first, last) = (run.first.0, run.first.0 + count - 1);
                assert_eq!((run.count.0, first / boundary), (count, last / boundary));
                for owner in &mut shadow.owner[first as usize..=last as usize] {
                    assert_eq!(owner.replace(first), None, "a page of somebody else");
                }
            }
            Step::Commit(n, at, count) => {
                let Some(part) = pick(n, at, count) else {
                    continue;
                };
                let before = picture(&pool);
                tables.refuse = true;
                let refused = pool.commit(part, &mut tables);
                tables.refuse = false;
                assert_eq!(picture(&pool), before, "a failed commit left a trace");
                pool.check().unwrap();
                let free = tables
                    .mapped
                    .keys()
                    .all(|page| !part.contains(PageNumber(*page)));
                let frames = part.count.0 <= FRAMES - tables.mapped.len() as u32;
                if part.count.0 > 0 && shadow.within_one(part) && free && frames {
                    assert_eq!(refused, Err(CommitError::Backing(())));
                    pool.commit(part, &mut tables).unwrap();
                } else {
                    assert!(matches!(refused, Err(CommitError::Pool(_))));
                    assert_eq!(pool.commit(part, &mut tables), refused);
                }
            }
            Step::Decommit(n, at, count) => {
                let Some(part) = pick(n, at, count) else {
                    continue;
                };
                let pages = part.first.0..part.first.0 + part.count.0;
                let committed = pages.clone().all(|page| tables.mapped.contains_key(&page));
                let good = count > 0 && shadow.within_one(part) && committed;
                assert_eq!(pool.decommit(part, &mut tables).is_ok(), good);
            }
            Step::Release(n) => {
                let Some(whole) = reservations.get(n % reservations.len().max(1)) else {
                    continue;
                };
                pool.release(*whole, &mut tables).unwrap();
                let again = pool.release(*whole, &mut tables);
                assert_eq!(again, Err(PageError::NotReserved(whole.first)));
                for owner in &mut shadow.owner {
                    owner.take_if(|first| *first == whole.first.0);
                }
            }
            Step::ReleaseAny(first, count) => {
                let run = Run {
                    first: PageNumber(first),
                    count: PageCount(count),
                };
                let result = pool.release(run, &mut tables);
                assert_eq!(result.is_ok(), reservations.contains(&run));
                if result.is_ok() {
                    shadow.owner[first as usize..(first + count) as usize].fill(None);
                }
            }
        }
        pool.check().unwrap();
        for page in 0..PAGES {
            let frame = pool.frame_of(PageNumber(page)).map(|frame| frame.0);
            assert_eq!(frame, tables.mapped.get(&page).copied());
        }
        let reserved = shadow.owner.iter().filter(|owner| owner.is_some()).count();
        assert_eq!(pool.free_pages(), PAGES - reserved as u32);
        assert_eq!(pool.free_frames(), FRAMES - tables.mapped.len() as u32);
    }
    for run in shadow.reservations() {
        pool.release(run, &mut tables).unwrap();
    }
    assert!(tables.mapped.is_empty());
    assert_eq!((pool.free_pages(), pool.free_frames()), (PAGES, FRAMES));
    pool.check().unwrap();
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
