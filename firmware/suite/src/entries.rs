//! Attacks in every entry point: the ring and the domain are the module's in each.

use abi::EntryPoint;
use hostile::{ATTACKS, Attack};

/// The attacks that are made in every entry point: a privileged instruction, a load from the
/// kernel, a store to it, a fetch of its own data, an address in a call, and time without end.
const CHOSEN: [&str; 6] = [
    "rsr.ps",
    "load kernel data",
    "store kernel data",
    "execute own data",
    "log kernel data",
    "never return",
];

/// An attack in an entry point that is not `process`, in which all are made.
#[derive(Clone, Copy, Debug)]
pub struct EntryCase {
    /// The attack's number.
    pub number: usize,
    /// The attack.
    pub attack: &'static Attack,
    /// The entry point.
    pub entry: EntryPoint,
}

/// All of them.
pub fn entry_cases() -> impl Iterator<Item = EntryCase> {
    let others = |entry: &EntryPoint| *entry != EntryPoint::Process;
    EntryPoint::ALL
        .into_iter()
        .filter(others)
        .flat_map(|entry| {
            CHOSEN.into_iter().filter_map(move |name| {
                let number = ATTACKS.iter().position(|attack| attack.name == name)?;
                Some(EntryCase {
                    number,
                    attack: ATTACKS.get(number)?,
                    entry,
                })
            })
        })
}

impl EntryCase {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} in {}", self.attack.name, self.entry.name())
    }
}
