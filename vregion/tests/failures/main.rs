//! Every operation that asks for memory, failed at its first request, its second, and so on until it
//! succeeds. After each failure all is as it was before, and the operation then does what it would
//! have done at once.

mod copies;
mod faults;
mod heaps;
mod pages;
mod regions;

use std::fmt::Debug;

use faults::Faults;

const PAGE: u32 = 4096;
const BASE: u32 = 0xa000_0000;

/// An allocator and the memory below it.
struct World<A> {
    allocator: A,
    faults: Faults,
}

impl<A> World<A> {
    fn new(allocator: A) -> Self {
        World {
            allocator,
            faults: Faults::default(),
        }
    }
}

/// Fails each request of `act` in turn, and all after it; says how many there are. `see` checks the
/// allocator and says all of its state but for what is allowed to change.
fn fail_each<A, T: Debug + PartialEq, E: Debug, S: Debug + PartialEq>(
    make: impl Fn() -> World<A>,
    see: impl Fn(&A) -> S,
    act: impl Fn(&mut A, &mut Faults) -> Result<T, E>,
) -> u32 {
    let seen = |world: &World<A>| (see(&world.allocator), world.faults.held());
    let mut undisturbed = make();
    let expected = act(&mut undisturbed.allocator, &mut undisturbed.faults).unwrap();
    for requests in 0.. {
        let mut world = make();
        let before = seen(&world);
        world.faults.fail_from(requests);
        if let Ok(got) = act(&mut world.allocator, &mut world.faults) {
            assert_eq!(got, expected);
            return requests;
        }
        assert_eq!(seen(&world), before, "after failure {requests}");
        world.faults.fail_no_more();
        let again = act(&mut world.allocator, &mut world.faults);
        assert_eq!(again.unwrap(), expected, "after failure {requests}");
        assert_eq!(seen(&world), seen(&undisturbed));
    }
    unreachable!()
}
