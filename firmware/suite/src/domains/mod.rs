//! Cases on memory domains: what the kernel does is a list of steps, what user code then can do is
//! tried on the machine. Every case begins and ends with nothing.

mod claims;
mod granting;
mod lives;
mod revoking;
mod sharing;

use crate::act::{Act, restore, sound};

/// A case on domains.
#[derive(Clone, Copy, Debug)]
pub struct DomainCase {
    /// Its name, like no other.
    pub name: &'static str,
    /// What it tries, in one line.
    pub what: &'static str,
    /// What is done, and how each step must end.
    acts: fn() -> Vec<Act>,
}

impl DomainCase {
    /// What is done, with the check of the rules before everything is taken away.
    #[must_use]
    pub fn acts(&self) -> Vec<Act> {
        let mut acts = (self.acts)();
        acts.extend([sound(), restore(), sound()]);
        acts
    }
}

/// All of them.
pub fn cases() -> impl Iterator<Item = DomainCase> {
    let single = [granting::CASES, revoking::CASES, sharing::CASES];
    single
        .into_iter()
        .chain(lives::CASES)
        .chain(claims::CASES)
        .flatten()
        .copied()
}

/// A list of cases: name, what it tries, acts.
macro_rules! listed {
    ($($name:literal, $what:literal, [$($act:expr),* $(,)?];)*) => {
        &[$(crate::domains::DomainCase {
            name: $name,
            what: $what,
            acts: || vec![$($act),*],
        },)*]
    };
}

use listed;
