//! The trail of refusals and faults, kept by the kernel and taken away by whoever tells the host.

use domains::Fault;
use heapless::Deque;
use mmu::VirtAddr;

use crate::Refusal;

/// What a module did that it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// A call that was refused.
    Refused(Refusal),
    /// An exception.
    Faulted(Fault),
    /// It did not end in time; where it was.
    Overran(VirtAddr),
}

/// An incident, whose it was, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The module's place.
    pub tenant: u32,
    /// The tick of 1 ms.
    pub ticks: u32,
    /// What it was.
    pub incident: Incident,
}

impl AuditEntry {
    /// The refusal, where it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self.incident {
            Incident::Refused(refusal) => Some(refusal),
            Incident::Faulted(_) | Incident::Overran(_) => None,
        }
    }
}

/// The last `N` incidents that nobody has taken away yet. A module that floods it pushes out old
/// entries, but every one is counted.
#[derive(Debug, Default)]
pub struct Audit<const N: usize> {
    entries: Deque<AuditEntry, N>,
    total: u32,
    lost: u32,
}

impl<const N: usize> Audit<N> {
    /// Empty.
    #[must_use]
    pub const fn new() -> Self {
        Audit {
            entries: Deque::new(),
            total: 0,
            lost: 0,
        }
    }

    /// Notes an incident. O(1).
    pub fn note(&mut self, entry: AuditEntry) {
        if self.entries.is_full() {
            let _ = self.entries.pop_front();
            self.lost = self.lost.saturating_add(1);
        }
        let _ = self.entries.push_back(entry);
        self.total = self.total.saturating_add(1);
    }

    /// Takes the oldest entry away. O(1).
    pub fn take(&mut self) -> Option<AuditEntry> {
        self.entries.pop_front()
    }

    /// The kept entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &AuditEntry> {
        self.entries.iter()
    }

    /// How many incidents there were in all.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.total
    }

    /// How many of them were pushed out before anybody took them.
    #[must_use]
    pub const fn lost(&self) -> u32 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    fn entry(call: u32) -> AuditEntry {
        let refusal = Refusal {
            call,
            reason: Reason::UnknownCall,
            address: 0,
        };
        AuditEntry {
            tenant: 1,
            ticks: call,
            incident: Incident::Refused(refusal),
        }
    }

    #[test]
    fn a_flood_pushes_out_the_oldest_and_is_counted() {
        let mut audit = Audit::<4>::new();
        (0..10).for_each(|call| audit.note(entry(call)));
        assert_eq!((audit.total(), audit.lost()), (10, 6));
        let kept: std::vec::Vec<_> = audit.entries().copied().collect();
        assert_eq!(kept, [6, 7, 8, 9].map(entry));
    }

    #[test]
    fn what_is_taken_away_in_time_is_not_lost() {
        let mut audit = Audit::<2>::new();
        for call in 0..5 {
            audit.note(entry(call));
            assert_eq!(audit.take(), Some(entry(call)));
        }
        assert_eq!(audit.take(), None);
        assert_eq!((audit.total(), audit.lost()), (5, 0));
    }
}
