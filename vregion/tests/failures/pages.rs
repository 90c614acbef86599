//! A pool of pages over tables that are made as they are needed: frames run out, and so do tables.

use std::collections::{BTreeMap, BTreeSet};

use vregion::pages::{
    Backing, CommitError, FrameNumber, Mapping, PageCount, PageError, PagePool, Run,
};
use vregion::region::Geometry;
use vregion::region::Request;
use vregion::supply::PoolRun;
use vregion::{grown::GrownRegion, virtual_heap};

/// Pages that one table maps.
const TABLE_PAGES: u32 = 8;
const PAGES: u32 = 256;
type Pool = PagePool<256, 64>;

/// No table was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NoTable;

/// Tables, each there as long as it maps a page.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tables {
    /// How many more may be made, if not any number.
    left: Option<u32>,
    mapped: BTreeMap<u32, u32>,
}

impl Tables {
    fn tables(&self) -> BTreeSet<u32> {
        self.mapped.keys().map(|page| page / TABLE_PAGES).collect()
    }
}

impl Backing for Tables {
    type Error = NoTable;

    fn zero(&mut self, _frame: FrameNumber) {}

    fn map(&mut self, mapping: &Mapping<'_>) -> Result<(), NoTable> {
        let before = self.mapped.clone();
        for (page, frame) in mapping.iter() {
            if !self.tables().contains(&(page.0 / TABLE_PAGES))
                && let Some(left) = &mut self.left
            {
                let Some(fewer) = left.checked_sub(1) else {
                    self.mapped = before;
                    return Err(NoTable);
                };
                *left = fewer;
            }
            assert_eq!(self.mapped.insert(page.0, frame.0), None, "mapped twice");
        }
        Ok(())
    }

    fn unmap(&mut self, mapping: &Mapping<'_>) {
        for (page, frame) in mapping.iter() {
            assert_eq!(self.mapped.remove(&page.0), Some(frame.0), "not mapped");
        }
    }
}

/// Twenty pages in use with gaps between them, and frames that came back in another order.
fn pool() -> (Box<Pool>, Tables) {
    let (mut pool, mut tables) = (Box::new(Pool::new()), Tables::default());
    let runs: Vec<Run> = (1..=8)
        .map(|count| {
            pool.alloc(PageCount(count), PageCount(PAGES), &mut tables)
                .unwrap()
        })
        .collect();
    for run in [runs[6], runs[0], runs[4], runs[2]] {
        pool.release(run, &mut tables).unwrap();
    }
    (pool, tables)
}

fn seen(pool: &Pool) -> (u32, u32, u32) {
    pool.check().unwrap();
    let stats = pool.stats();
    (stats.free_pages, stats.free_frames, stats.reservations)
}

fn fail_each_table(
    act: impl Fn(&mut Pool, &mut Tables) -> Result<Run, CommitError<NoTable>>,
) -> u32 {
    for failure in 0.. {
        let (mut pool, mut tables) = pool();
        let before = (seen(&pool), tables.mapped.clone());
        tables.left = Some(failure);
        match act(&mut pool, &mut tables) {
            Ok(run) => {
                assert!(run.count.0 > 0 && seen(&pool) != before.0);
                return failure;
            }
            Err(error) => assert!(matches!(error, CommitError::Backing(NoTable)), "{error:?}"),
        }
        assert_eq!((seen(&pool), tables.mapped.clone()), before);
        tables.left = None;
        act(&mut pool, &mut tables).unwrap();
        pool.check().unwrap();
    }
    unreachable!()
}

#[test]
fn pages_without_tables() {
    let alloc = |count| {
        move |pool: &mut Pool, tables: &mut Tables| {
            pool.alloc(PageCount(count), PageCount(PAGES), tables)
        }
    };
    assert_eq!(fail_each_table(alloc(1)), 0);
    // From page 40 on: no table is there.
    assert_eq!(fail_each_table(alloc(20)), 3);
    assert_eq!(fail_each_table(alloc(40)), 5);
}

#[test]
fn a_reservation_that_cannot_be_committed_stays_one() {
    let (mut pool, mut tables) = pool();
    let run = pool.reserve(PageCount(30), PageCount(PAGES)).unwrap();
    let before = seen(&pool);
    let needed = (0..)
        .find(|left| {
            tables.left = Some(*left);
            let kept = tables.mapped.clone();
            let done = pool.commit(run, &mut tables).is_ok();
            if !done {
                assert_eq!((seen(&pool), &tables.mapped), (before, &kept));
            }
            done
        })
        .unwrap();
    assert_eq!(needed, 4);
}

#[test]
fn pages_without_frames() {
    let (mut pool, mut tables) = pool();
    let most = pool.stats().free_frames;
    let before = (seen(&pool), tables.clone());
    let refused = pool.alloc(PageCount(most + 1), PageCount(PAGES), &mut tables);
    assert!(matches!(
        refused,
        Err(CommitError::Pool(PageError::NoFrames { .. }))
    ));
    assert_eq!((seen(&pool), tables.clone()), before);
    pool.alloc(PageCount(most), PageCount(PAGES), &mut tables)
        .unwrap();
}

/// A region and a virtual heap on reservations of one pool: each failure at a table, or at a frame, is
/// seen above as one refused allocation, and below as none.
#[test]
fn what_stands_on_a_pool_that_fails() {
    let geometry = Geometry {
        bytes: 32 * 4096,
        line: 64,
        base: 0xa000_0000,
    };
    for left in 0..3 {
        let (mut pool, mut tables) = pool();
        let run = pool.reserve(PageCount(32), PageCount(PAGES)).unwrap();
        let mut region = GrownRegion::<16, 1>::new();
        region.open(geometry, 4096).unwrap();
        let before = seen(&pool);
        tables.left = Some(left);
        let mut supply = PoolRun {
            pool: &mut pool,
            run,
            backing: &mut tables,
        };
        let made = region.alloc(Request::plain(27 * 4096), &mut supply);
        region.check().unwrap();
        assert!(made.is_err());
        assert_eq!(region.info().unwrap().pages, 0);
        assert_eq!(seen(&pool), before);
    }
    let (mut pool, mut tables) = pool();
    let run = pool.reserve(PageCount(128), PageCount(PAGES)).unwrap();
    let mut heap = virtual_heap::VirtualHeap::<4, 128>::new();
    let layout = virtual_heap::Layout {
        bytes: 128 * 4096,
        page_bytes: 4096,
        base: 0xa000_0000,
    };
    let bundle = virtual_heap::Bundle {
        block_bytes: 4096,
        count: 128,
    };
    heap.open(layout, &[bundle]).unwrap();
    let mut made = 0;
    while heap
        .alloc(
            virtual_heap::Request::contiguous(3 * 4096),
            &mut PoolRun {
                pool: &mut pool,
                run,
                backing: &mut tables,
            },
        )
        .is_ok()
    {
        made += 3;
        heap.check().unwrap();
    }
    // The frames end before the blocks do.
    assert_eq!(heap.stats().pages, made);
    assert!(pool.stats().free_frames < 3);
    heap.check().unwrap();
    pool.check().unwrap();
}
