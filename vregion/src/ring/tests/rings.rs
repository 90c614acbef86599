//! Positions in a ring.

use super::*;

#[test]
fn a_full_ring_is_not_an_empty_one() {
    let mut ring = Ring::new(10).unwrap();
    ring.get_space(10).unwrap();
    ring.commit_space(10).unwrap();
    assert_eq!((ring.available(), ring.free()), (10, 0));
    assert_eq!(
        ring.get_space(1),
        Err(RingError::NoSpace { wanted: 1, free: 0 })
    );
    ring.get_data(10).unwrap();
    ring.commit_data(10).unwrap();
    assert_eq!((ring.available(), ring.free()), (0, 10));
    assert_eq!(
        ring.get_data(1),
        Err(RingError::NoData {
            wanted: 1,
            available: 0
        })
    );
    ring.check().unwrap();
}

#[test]
fn no_more_is_committed_than_got() {
    let mut ring = Ring::new(10).unwrap();
    assert_eq!(
        ring.commit_space(1),
        Err(RingError::NotGot { wanted: 1, got: 0 })
    );
    ring.get_space(6).unwrap();
    assert_eq!(ring.get_space(1), Err(RingError::Got(6)));
    assert_eq!(
        ring.commit_space(7),
        Err(RingError::NotGot { wanted: 7, got: 6 })
    );
    ring.commit_space(4).unwrap();
    assert_eq!(
        ring.commit_space(1),
        Err(RingError::NotGot { wanted: 1, got: 0 })
    );
    ring.get_data(4).unwrap();
    assert_eq!(ring.get_data(0), Err(RingError::Got(4)));
    assert_eq!(
        ring.commit_data(u32::MAX),
        Err(RingError::NotGot {
            wanted: u32::MAX,
            got: 4
        })
    );
    ring.commit_data(1).unwrap();
    assert_eq!((ring.available(), ring.stats().failures), (3, 6));
    ring.check().unwrap();
    ring.reset();
    assert_eq!((ring.available(), ring.stats()), (0, RingStats::default()));
}
