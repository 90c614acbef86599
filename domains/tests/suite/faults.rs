//! What a fault is called.

use domains::Cause;

#[test]
fn every_cause_with_an_address_has_a_name() {
    let known: Vec<u32> = (0..64)
        .filter(|cause| Cause(*cause).has_address())
        .collect();
    assert_eq!(known, [2, 3, 9, 16, 17, 18, 20, 24, 25, 26, 28, 29]);
    for cause in known {
        assert_ne!(Cause(cause).name(), "unknown cause");
    }
    assert_eq!(Cause::BREAK.name(), "breakpoint");
    assert_eq!(Cause(u32::MAX).name(), "unknown cause");
}
