//! The two calls that need nothing.

use abi::Call;
use syscalls::Outcome;

use crate::rig::Rig;

#[test]
fn done_hands_its_result_on_whatever_it_is() {
    let mut rig = Rig::new();
    for result in [0, 1, u32::MAX, 0x8000_0000] {
        assert_eq!(rig.call(Call::Done, [result, 7, 7]), Outcome::Done(result));
    }
    assert_eq!(rig.counts(Call::Done).made, 4);
}

#[test]
fn null_does_nothing_and_returns_zero() {
    let mut rig = Rig::new();
    let before = rig.before();
    assert_eq!(rig.returns(Call::Null, [u32::MAX; 3]), 0);
    assert!(rig.before() == before);
    assert_eq!(rig.counts(Call::Null).made, 1);
}
