//! The trail of refusals, kept by the kernel.

use heapless::Deque;

use crate::Refusal;

/// A refused call and who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The caller's place among the modules.
    pub tenant: u32,
    /// What was refused, and why.
    pub refusal: Refusal,
}

/// The last `N` refusals. A module that floods it pushes out old entries but is counted in full.
#[derive(Debug, Default)]
pub struct Audit<const N: usize> {
    entries: Deque<AuditEntry, N>,
    total: u32,
}

impl<const N: usize> Audit<N> {
    /// Empty.
    #[must_use]
    pub const fn new() -> Self {
        Audit {
            entries: Deque::new(),
            total: 0,
        }
    }

    /// Notes a refusal. O(1).
    pub fn note(&mut self, entry: AuditEntry) {
        if self.entries.is_full() {
            let _ = self.entries.pop_front();
        }
        let _ = self.entries.push_back(entry);
        self.total = self.total.saturating_add(1);
    }

    /// The kept refusals, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &AuditEntry> {
        self.entries.iter()
    }

    /// How many there were in all.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    #[test]
    fn a_flood_pushes_out_the_oldest_and_is_counted() {
        let mut audit = Audit::<4>::new();
        for number in 0..10 {
            let refusal = Refusal {
                call: number,
                reason: Reason::UnknownCall,
                address: 0,
            };
            audit.note(AuditEntry { tenant: 1, refusal });
        }
        assert_eq!(audit.total(), 10);
        let kept: std::vec::Vec<u32> = audit.entries().map(|entry| entry.refusal.call).collect();
        assert_eq!(kept, [6, 7, 8, 9]);
    }
}
