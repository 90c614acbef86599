//! Reservations.

use super::*;

/// The order in which SOF's boot test takes and frees pages, then the order that loses a record
/// there (F23): a, b, free a, c, free b.
#[test]
fn pages_come_back_in_any_order() {
    let mut pool = PagePool::<64, 8>::new();
    let mut log = Log::default();
    let take = |pool: &mut PagePool<64, 8>, log: &mut Log, count| {
        let run = pool.reserve(PageCount(count), SLOT).unwrap();
        pool.commit(run, log).unwrap();
        pool.check().unwrap();
        run
    };
    let one = take(&mut pool, &mut log, 1);
    let two = take(&mut pool, &mut log, 2);
    pool.release(one, &mut log).unwrap();
    pool.release(two, &mut log).unwrap();
    let again = take(&mut pool, &mut log, 2);
    pool.release(again, &mut log).unwrap();
    assert_eq!((pool.free_pages(), pool.free_frames()), (64, 8));

    let a = take(&mut pool, &mut log, 1);
    let b = take(&mut pool, &mut log, 2);
    pool.release(a, &mut log).unwrap();
    let c = take(&mut pool, &mut log, 1);
    pool.release(b, &mut log).unwrap();
    assert_eq!((pool.free_pages(), pool.free_frames()), (63, 7));
    pool.release(c, &mut log).unwrap();
    assert_eq!((pool.free_pages(), pool.free_frames()), (64, 8));
    assert!(log.mapped.is_empty());
    pool.check().unwrap();
}

#[test]
fn a_reservation_takes_no_frame() {
    let mut pool = PagePool::<64, 4>::new();
    let run = pool.reserve(PageCount(60), SLOT).unwrap();
    assert_eq!((pool.free_pages(), pool.free_frames()), (4, 4));
    assert_eq!(pool.frame_of(run.first), None);
    assert_eq!(
        pool.stats(),
        PageStats {
            pages: 64,
            free_pages: 4,
            peak_pages: 60,
            frames: 4,
            free_frames: 4,
            peak_frames: 0,
            reservations: 1,
        }
    );
}

#[test]
fn reserve_refuses() {
    let mut pool = PagePool::<64, 4>::new();
    let mut reserve = |count, boundary| pool.reserve(PageCount(count), PageCount(boundary));
    assert_eq!(reserve(0, 1024), Err(PageError::Empty));
    assert_eq!(reserve(1, 0), Err(PageError::Boundary(PageCount(0))));
    assert_eq!(reserve(1, 96), Err(PageError::Boundary(PageCount(96))));
    let (count, boundary) = (PageCount(1025), SLOT);
    assert_eq!(
        reserve(1025, 1024),
        Err(PageError::TooLong { count, boundary })
    );
    let (wanted, free) = (PageCount(65), PageCount(64));
    assert_eq!(
        reserve(65, 1 << 31),
        Err(PageError::NoPages { wanted, free })
    );
    reserve(1, 64).unwrap();
    let (wanted, free) = (PageCount(32), PageCount(63));
    reserve(16, 16).unwrap();
    reserve(17, 64).unwrap();
    let free_now = PageCount(free.0 - 33);
    assert_eq!(
        reserve(32, 1024),
        Err(PageError::NoPages {
            wanted,
            free: free_now
        })
    );
    reserve(2, 64).unwrap();
    let (wanted, free) = (PageCount(16), PageCount(28));
    assert_eq!(reserve(16, 32), Err(PageError::Scattered { wanted, free }));
    pool.check().unwrap();
}

#[test]
fn a_run_crosses_no_boundary() {
    let mut pool = PagePool::<4096, 1>::new();
    assert_eq!(pool.reserve(PageCount(1000), SLOT).unwrap(), run(0, 1000));
    assert_eq!(pool.reserve(PageCount(25), SLOT).unwrap(), run(1024, 25));
    assert_eq!(pool.reserve(PageCount(24), SLOT).unwrap(), run(1000, 24));
    assert_eq!(
        pool.reserve(PageCount(1024), SLOT).unwrap(),
        run(2048, 1024)
    );
    assert_eq!(
        pool.reserve(PageCount(3), PageCount(4)).unwrap(),
        run(1049, 3)
    );
    assert_eq!(
        pool.reserve(PageCount(4), PageCount(4)).unwrap(),
        run(1052, 4)
    );
    pool.check().unwrap();
}
