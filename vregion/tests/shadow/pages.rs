//! A slow and obvious pool of pages.

use std::collections::{BTreeMap, BTreeSet};

use vregion::pages::{
    Backing, CommitError, FrameNumber, Mapping, PageCount, PageError, PageNumber, PagePool, Run,
};

/// Pages of the pool.
pub const PAGES: u32 = 2080;
const FRAMES: u32 = 48;
/// The pool.
pub type Pool = PagePool<{ PAGES as usize }, { FRAMES as usize }>;

/// Page tables that remember what a user could see.
#[derive(Default)]
pub struct Tables {
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

/// What can be done.
#[derive(Clone, Debug)]
pub enum Step {
    Reserve(u32, u32),
    Alloc(u32, u32),
    Commit(usize, u32, u32),
    Decommit(usize, u32, u32),
    Release(usize),
    ReleaseAny(u32, u32),
}

/// Everything that can be seen of the pool from outside.
fn picture(pool: &Pool) -> (vregion::pages::PageStats, Vec<Option<FrameNumber>>) {
    let frames = (0..PAGES + 2).map(|page| pool.frame_of(PageNumber(page)));
    (pool.stats(), frames.collect())
}

/// Does all of it on both, and compares them after each step.
pub fn run_steps(steps: Vec<Step>) {
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
