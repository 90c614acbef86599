//! A tenant's record: its counts, and its place when nobody is in.

use abi::{Call, Errno};
use syscalls::{CallCount, Outcome, Tenant};
use vregion::region::Geometry;

use crate::rig::{Rig, region};

#[test]
fn a_call_from_an_empty_place_does_nothing() {
    let mut rig = Rig::new();
    assert_eq!(rig.tenants[0].move_out(), Some(rig.handles[0]));
    assert_eq!(rig.tenants[0].move_out(), None);
    let before = rig.before();
    for call in Call::ALL {
        // An allocation that would succeed if somebody were there.
        let outcome = rig.call(call, [8, 8, 0]);
        assert_eq!(outcome, Outcome::Return(Errno::NoSystem.to_register()));
    }
    assert!(rig.before() == before);
    assert_eq!(rig.tenants[0].unknown_calls, Call::ALL.len() as u32);
}

#[test]
fn no_more_calls_are_refused_than_made() {
    let mut rig = Rig::new();
    rig.tenants[0].move_out();
    for call in Call::ALL {
        rig.call(call, [region(), 8, 0]);
        let count = rig.counts(call);
        assert!(count.refused <= count.made, "{call:?}: {count:?}");
    }
}

#[test]
fn ordinary_calls_are_counted_once_each() {
    let mut rig = Rig::new();
    for times in 1..4 {
        let Outcome::Return(at) = rig.call(Call::Alloc, [64, 0, 0]) else {
            panic!("an allocation returns");
        };
        assert!(!Errno::is_error(at));
        assert_eq!(rig.call(Call::Free, [at, 0, 0]), Outcome::Return(0));
        let once = CallCount {
            made: times,
            refused: 0,
        };
        assert_eq!(
            [Call::Alloc, Call::Free].map(|call| rig.counts(call)),
            [once; 2]
        );
    }
}

#[test]
fn counts_stop_at_their_largest_value() {
    let mut rig = Rig::new();
    let full = CallCount {
        made: u32::MAX,
        refused: u32::MAX,
    };
    rig.tenants[0].calls = [full; Call::ALL.len()];
    rig.tenants[0].unknown_calls = u32::MAX;
    rig.call(Call::Null, [0; 3]);
    rig.call(Call::Free, [0; 3]);
    rig.call_by(0, u32::MAX, [0; 5]);
    assert_eq!(rig.counts(Call::Null).made, u32::MAX);
    assert_eq!(rig.counts(Call::Free), full);
    assert_eq!(rig.tenants[0].unknown_calls, u32::MAX);
}

#[test]
fn a_new_tenant_begins_with_nothing_of_the_last() {
    let mut rig = Rig::new();
    rig.returns(Call::Alloc, [64, 0, 0]);
    rig.returns(Call::Log, [region(), 0, 0]);
    rig.call_by(0, u32::MAX, [0; 5]);
    rig.tenants[0].lines = 5;
    let geometry = Geometry {
        bytes: 64,
        line: 64,
        base: region() + 64,
    };
    rig.tenants[0].move_in(rig.handles[0], geometry).unwrap();
    let tenant = &rig.tenants[0];
    assert_eq!(tenant.calls, [CallCount::default(); Call::ALL.len()]);
    assert_eq!((tenant.unknown_calls, tenant.lines), (0, 0));
    assert_eq!(tenant.region.stats().allocations, 0);
    assert_eq!(tenant.region_base.0, region() + 64);
}

#[test]
fn a_region_that_cannot_be_leaves_the_place_empty() {
    let rig = Rig::new();
    let mut tenant = Tenant::new();
    for (bytes, base) in [(0, region()), (9, region()), (64, region() + 8)] {
        let geometry = Geometry {
            bytes,
            line: 64,
            base,
        };
        assert!(tenant.move_in(rig.handles[0], geometry).is_err());
        assert_eq!(tenant.domain, None);
    }
}
