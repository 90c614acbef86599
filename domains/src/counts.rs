//! How shootdowns went: for a firmware that wants to know what its other cores are asked.

use mmu::{CoreSet, Machine, Stale, Unanswered};

use crate::Domains;

/// Shootdowns since the domains were made, or since they were last counted from nothing. A
/// revocation or an end that concerns one core only is none, and costs nothing here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Revocations and ends of domains that had to ask other cores.
    pub shootdowns: u32,
    /// Cores that were asked, over all shootdowns.
    pub cores_asked: u32,
    /// The most looks in vain for answers in one shootdown. At most
    /// [`mmu::Platform::shootdown_polls`] for each core that was asked.
    pub most_polls: u32,
    /// Shootdowns that a core did not answer; what wanted them was refused.
    pub unanswered: u32,
}

impl Counts {
    /// Nothing yet.
    pub const NONE: Counts = Counts {
        shootdowns: 0,
        cores_asked: 0,
        most_polls: 0,
        unanswered: 0,
    };

    /// [`Machine::shoot_down`], counted.
    #[cold]
    #[inline(never)]
    pub(crate) fn shoot_down(
        &mut self,
        machine: &mut impl Machine,
        cores: CoreSet,
        stale: Stale,
    ) -> Result<(), Unanswered> {
        let outcome = machine.shoot_down(cores, stale);
        self.shootdowns = self.shootdowns.saturating_add(1);
        self.cores_asked = self.cores_asked.saturating_add(cores.len());
        self.most_polls = self.most_polls.max(machine.waited());
        let silent = u32::from(outcome.is_err());
        self.unanswered = self.unanswered.saturating_add(silent);
        outcome
    }
}

impl<const D: usize, const F: usize, const T: usize> Domains<D, F, T> {
    /// How shootdowns went so far. O(1).
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Counts from nothing again; what was counted until now. O(1).
    pub fn take_counts(&mut self) -> Counts {
        core::mem::take(&mut self.counts)
    }
}
