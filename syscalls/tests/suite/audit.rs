//! Reasons, their consequences, and the trail.

use abi::{Call, Errno};
use syscalls::{AuditEntry, Consequence, Incident, Outcome, Reason, Refusal};

use crate::rig::{AUDIT, CALLS, Rig, region};

#[test]
fn what_would_be_a_fault_stops_and_the_rest_returns() {
    use Consequence::{Return, Stop};
    let expected = [
        (Reason::UnknownCall, Return(Errno::NoSystem)),
        (Reason::ClaimWraps, Stop),
        (Reason::ClaimForeign, Stop),
        (Reason::ClaimProhibited, Stop),
        (Reason::Misaligned, Stop),
        (Reason::NotAllocated, Stop),
        (Reason::BadRequest, Return(Errno::Invalid)),
        (Reason::NoMemory, Return(Errno::NoMemory)),
        (Reason::OverQuota, Return(Errno::Quota)),
        (Reason::BadLine, Return(Errno::Invalid)),
        (Reason::NoPin, Consequence::Return(Errno::Invalid)),
        (Reason::NoData, Consequence::Return(Errno::NoData)),
        (Reason::NoSpace, Consequence::Return(Errno::Quota)),
        (Reason::Got, Consequence::Return(Errno::Busy)),
        (Reason::NotGot, Consequence::Return(Errno::Invalid)),
    ];
    assert_eq!(expected.map(|(reason, _)| reason), Reason::ALL);
    for (number, (reason, consequence)) in (1..).zip(expected) {
        assert_eq!(reason.consequence(), consequence);
        assert_eq!(Reason::from_number(number), Some(reason));
    }
    assert_eq!(Reason::from_number(0), None);
    assert_eq!(Reason::from_number(16), None);
}

#[test]
fn a_number_that_does_not_exist_is_refused_and_counted() {
    let mut rig = Rig::new();
    let calls = rig.tenants[0].calls;
    let before = rig.before();
    let numbers = [CALLS as u32, CALLS as u32 + 1, 256, 0x8000_0000, u32::MAX];
    for number in numbers {
        let outcome = rig.call_by(0, number, [region(); 5]);
        assert_eq!(outcome, Outcome::Return(Errno::NoSystem.to_register()));
        let refusal = Refusal {
            call: number,
            reason: Reason::UnknownCall,
            address: 0,
        };
        let entry = AuditEntry {
            tenant: 0,
            ticks: 77,
            incident: Incident::Refused(refusal),
        };
        assert_eq!(rig.audit.entries().last(), Some(&entry));
    }
    assert_eq!(rig.tenants[0].unknown_calls, numbers.len() as u32);
    assert_eq!(rig.tenants[0].calls, calls);
    assert!(rig.before() == before);
}

#[test]
fn the_trail_names_the_caller() {
    let mut rig = Rig::new();
    for id in [1, 0, 1] {
        rig.call_by(id, u32::MAX, [0; 5]);
    }
    let callers: Vec<u32> = rig.audit.entries().map(|entry| entry.tenant).collect();
    assert_eq!(callers, [1, 0, 1]);
}

#[test]
fn a_flood_is_counted_in_full_and_kept_in_part() {
    let mut rig = Rig::new();
    for _ in 0..3 * AUDIT {
        rig.call(Call::Free, [1, 0, 0]);
    }
    assert_eq!(rig.audit.total(), 3 * AUDIT as u32);
    assert_eq!(rig.audit.entries().count(), AUDIT);
}
