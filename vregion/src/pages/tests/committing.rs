//! Frames behind pages.

use super::*;

#[test]
fn commit_refuses_and_changes_nothing() {
    let mut pool = PagePool::<64, 8>::new();
    let mut log = Log::default();
    let a = pool.reserve(PageCount(4), SLOT).unwrap();
    let b = pool.reserve(PageCount(10), SLOT).unwrap();
    assert_eq!((a, b), (run(0, 4), run(4, 10)));
    pool.commit(run(1, 2), &mut log).unwrap();
    let mut refused = |part: Run, why: PageError| {
        let before = (pool.stats(), log.mapped.clone(), log.zeroed.len());
        assert_eq!(pool.commit(part, &mut log), Err(CommitError::Pool(why)));
        assert_eq!((pool.stats(), log.mapped.clone(), log.zeroed.len()), before);
        pool.check().unwrap();
    };
    refused(run(0, 0), PageError::Empty);
    refused(run(0, 2), PageError::Committed(PageNumber(1)));
    refused(run(3, 2), PageError::TwoReservations(PageNumber(4)));
    refused(run(12, 3), PageError::NotReserved(PageNumber(14)));
    refused(run(63, 2), PageError::Foreign(run(63, 2)));
    refused(run(u32::MAX, 2), PageError::Foreign(run(u32::MAX, 2)));
    refused(
        run(u32::MAX, u32::MAX),
        PageError::Foreign(run(u32::MAX, u32::MAX)),
    );
    let (wanted, free) = (PageCount(7), PageCount(6));
    refused(run(4, 7), PageError::NoFrames { wanted, free });
    pool.commit(run(4, 6), &mut log).unwrap();
    assert_eq!(pool.free_frames(), 0);
}

#[test]
fn a_backing_that_refuses_leaves_no_trace() {
    let mut pool = PagePool::<64, 8>::new();
    let mut log = Log::default();
    let a = pool.reserve(PageCount(4), SLOT).unwrap();
    pool.commit(a, &mut log).unwrap();
    let b = pool.reserve(PageCount(4), SLOT).unwrap();
    // The frames that b will get come partly from the stack, partly fresh.
    pool.decommit(run(1, 2), &mut log).unwrap();
    let before = pool.stats();
    log.refuse = true;
    for _ in 0..3 {
        assert_eq!(pool.commit(b, &mut log), Err(CommitError::Backing(7)));
        assert_eq!(pool.stats(), before);
        pool.check().unwrap();
    }
    log.refuse = false;
    pool.commit(b, &mut log).unwrap();
    let frames: Vec<u32> = b_frames(&pool, b);
    assert_eq!(frames, [1, 2, 4, 5]);
    pool.check().unwrap();
}

fn b_frames(pool: &PagePool<64, 8>, run: Run) -> Vec<u32> {
    let pages = run.first.0..run.first.0 + run.count.0;
    pages
        .filter_map(|page| Some(pool.frame_of(PageNumber(page))?.0))
        .collect()
}

#[test]
fn decommit_refuses() {
    let mut pool = PagePool::<64, 8>::new();
    let mut log = Log::default();
    let a = pool.reserve(PageCount(4), SLOT).unwrap();
    pool.reserve(PageCount(2), SLOT).unwrap();
    pool.commit(run(1, 2), &mut log).unwrap();
    assert_eq!(
        pool.decommit(a, &mut log),
        Err(PageError::NotCommitted(PageNumber(0)))
    );
    assert_eq!(
        pool.decommit(run(2, 2), &mut log),
        Err(PageError::NotCommitted(PageNumber(3)))
    );
    let two = PageError::TwoReservations(PageNumber(4));
    assert_eq!(pool.decommit(run(2, 3), &mut log), Err(two));
    pool.decommit(run(2, 1), &mut log).unwrap();
    assert_eq!(log.mapped, [(1, 0)]);
    pool.check().unwrap();
}

#[test]
fn release_takes_exactly_one_reservation() {
    let mut pool = PagePool::<64, 8>::new();
    let mut log = Log::default();
    let a = pool.reserve(PageCount(4), SLOT).unwrap();
    let b = pool.reserve(PageCount(60), SLOT).unwrap();
    pool.commit(run(0, 1), &mut log).unwrap();
    pool.commit(run(2, 2), &mut log).unwrap();
    let mut release = |run| pool.release(run, &mut log);
    assert_eq!(
        release(run(0, 3)),
        Err(PageError::Unfinished(PageNumber(0)))
    );
    assert_eq!(
        release(run(0, 5)),
        Err(PageError::TwoReservations(PageNumber(4)))
    );
    assert_eq!(release(run(1, 3)), Err(PageError::Interior(PageNumber(1))));
    assert_eq!(
        release(run(4, 59)),
        Err(PageError::Unfinished(PageNumber(4)))
    );
    assert_eq!(release(run(4, 61)), Err(PageError::Foreign(run(4, 61))));
    assert_eq!(release(run(0, 0)), Err(PageError::Empty));
    release(b).unwrap();
    assert_eq!(release(b), Err(PageError::NotReserved(PageNumber(4))));
    release(a).unwrap();
    assert_eq!(release(a), Err(PageError::NotReserved(PageNumber(0))));
    assert!(log.mapped.is_empty());
    assert_eq!((pool.free_pages(), pool.free_frames()), (64, 8));
    pool.check().unwrap();
}

#[test]
fn alloc_does_both_or_neither() {
    let mut pool = PagePool::<64, 8>::new();
    let mut log = Log::default();
    let one = pool.alloc(PageCount(3), SLOT, &mut log).unwrap();
    let before = pool.stats();
    log.refuse = true;
    let refused = pool.alloc(PageCount(2), SLOT, &mut log);
    assert_eq!(refused, Err(CommitError::Backing(7)));
    log.refuse = false;
    let (wanted, free) = (PageCount(6), PageCount(5));
    let refused = pool.alloc(wanted, SLOT, &mut log);
    assert_eq!(refused, Err(PageError::NoFrames { wanted, free }.into()));
    let refused = pool.alloc(PageCount(0), SLOT, &mut log);
    assert_eq!(refused, Err(PageError::Empty.into()));
    assert_eq!(pool.stats(), before);
    pool.check().unwrap();
    let two = pool.alloc(free, SLOT, &mut log).unwrap();
    assert_eq!((two, log.mapped.len()), (run(3, 5), 8));
    pool.release(one, &mut log).unwrap();
    pool.release(two, &mut log).unwrap();
    pool.check().unwrap();
    assert!(log.mapped.is_empty());
}

/// A run is told to nobody before it is mapped, whichever of several calls fails (SOF's F24 publishes
/// first, and frees twice).
#[test]
fn f24_what_cannot_be_mapped_is_never_published() {
    for fails in 0..6 {
        let mut pool = PagePool::<64, 64>::new();
        let mut log = Log::default();
        // Frames that came back, so that both ways of taking them are tried.
        let whole = pool.alloc(PageCount(20), SLOT, &mut log).unwrap();
        pool.release(whole, &mut log).unwrap();
        let mut runs = Vec::new();
        for number in 0..6 {
            let before = (
                pool.stats().free_pages,
                pool.free_frames(),
                log.mapped.len(),
            );
            log.refuse = number == fails;
            match pool.alloc(PageCount(5 + number), SLOT, &mut log) {
                Ok(run) => runs.push(run),
                Err(error) => {
                    assert_eq!((number, error), (fails, CommitError::Backing(7)));
                    let after = (
                        pool.stats().free_pages,
                        pool.free_frames(),
                        log.mapped.len(),
                    );
                    assert_eq!(after, before);
                }
            }
            pool.check().unwrap();
        }
        assert_eq!(runs.len(), 5);
        runs.into_iter()
            .for_each(|run| pool.release(run, &mut log).unwrap());
        assert_eq!((pool.free_pages(), pool.free_frames()), (64, 64));
        assert!(log.mapped.is_empty());
    }
}

/// What a search learns of a word must be forgotten when a page comes back behind its last one.
#[test]
fn a_run_over_two_words_is_found_again() {
    let mut pool = PagePool::<64, 1>::new();
    let mut log = Log::default();
    let mut take = |pages| pool.reserve(PageCount(pages), SLOT).unwrap();
    let (_low, last, first, _high) = (take(30), take(2), take(2), (take(29), take(1)));
    pool.release(last, &mut log).unwrap();
    let three = PageCount(3);
    // Three free pages, one of them elsewhere: the search learns that no three begin in a word.
    pool.release(run(63, 1), &mut log).unwrap();
    assert!(pool.reserve(three, SLOT).is_err());
    pool.release(first, &mut log).unwrap();
    pool.check().unwrap();
    assert_eq!(pool.reserve(three, SLOT), Ok(run(30, 3)));
    pool.check().unwrap();
}

#[test]
fn a_page_is_committed_once() {
    let mut pool = PagePool::<64, 8>::new();
    let mut log = Log::default();
    let one = pool.alloc(PageCount(2), SLOT, &mut log).unwrap();
    let mapped = log.mapped.clone();
    for (page, count) in [(0, 1), (1, 1), (0, 2)] {
        let refused = pool.commit(run(page, count), &mut log);
        assert_eq!(refused, Err(PageError::Committed(PageNumber(page)).into()));
        pool.check().unwrap();
    }
    assert_eq!(log.mapped, mapped);
    // Half of it: the other half stays, and so does the start.
    pool.decommit(run(0, 1), &mut log).unwrap();
    assert!(pool.commit(one, &mut log).is_err());
    pool.check().unwrap();
    pool.release(one, &mut log).unwrap();
    assert!(log.mapped.is_empty());
    pool.check().unwrap();
}
