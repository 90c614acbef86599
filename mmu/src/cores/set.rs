//! Cores by number.

use core::fmt;

/// A core, by the number that it reads in PRID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct CoreId(u8);

impl CoreId {
    /// The core that boots.
    pub const BOOT: CoreId = CoreId(0);
    /// Cores that can be told apart.
    pub const MOST: usize = 32;

    /// The core of that number, or `None` from 32 on.
    #[must_use]
    pub const fn new(number: u32) -> Option<CoreId> {
        if number < Self::MOST as u32 {
            Some(CoreId(number as u8))
        } else {
            None
        }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for CoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Any number of cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct CoreSet(u32);

impl CoreSet {
    /// None.
    pub const EMPTY: CoreSet = CoreSet(0);

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the core is one of them.
    #[must_use]
    pub const fn contains(self, core: CoreId) -> bool {
        self.0 & 1 << core.0 != 0
    }

    /// With the core.
    #[must_use]
    pub const fn with(self, core: CoreId) -> CoreSet {
        CoreSet(self.0 | 1 << core.0)
    }

    /// Without the core.
    #[must_use]
    pub const fn without(self, core: CoreId) -> CoreSet {
        CoreSet(self.0 & !(1 << core.0))
    }

    /// Whether there is none but this core.
    #[must_use]
    pub const fn has_no_other_than(self, core: CoreId) -> bool {
        self.0 | 1 << core.0 == 1 << core.0
    }

    /// How many.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Each of them, from the lowest number on.
    pub fn iter(self) -> impl Iterator<Item = CoreId> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            (rest != 0).then(|| {
                let core = CoreId(rest.trailing_zeros() as u8);
                rest &= rest - 1;
                core
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn cores_go_in_and_out() {
        let numbers = [0, 4, 31];
        let cores = numbers.map(|number| CoreId::new(number).unwrap());
        let all = cores.into_iter().fold(CoreSet::EMPTY, CoreSet::with);
        assert_eq!(all.iter().collect::<Vec<_>>(), cores);
        assert_eq!(all.len(), 3);
        let two = all.without(cores[1]);
        assert!(!two.contains(cores[1]) && two.contains(cores[0]) && two.contains(cores[2]));
        assert!(two.without(cores[0]).without(cores[2]).is_empty());
        assert!(!two.has_no_other_than(cores[0]) && !two.has_no_other_than(cores[1]));
        assert!(two.without(cores[0]).has_no_other_than(cores[2]));
        assert!(CoreSet::EMPTY.has_no_other_than(cores[1]));
    }

    #[test]
    fn there_are_32_at_most() {
        assert_eq!(CoreId::new(31).map(CoreId::number), Some(31));
        assert_eq!(CoreId::new(32), None);
        assert_eq!(CoreId::new(u32::MAX), None);
    }
}
