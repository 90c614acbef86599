//! The rules of a region.

use super::Region;
use crate::InvariantError;

impl<const RECORDS: usize> Region<RECORDS> {
    /// Walks the region and its heap. O(`RECORDS`).
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        if self.line == 0 {
            // Never opened.
            return Ok(());
        }
        let (mut kept_bytes, mut alive) = (0, 0);
        let mut end = 0;
        for number in 1..=self.kept {
            let kept = self.kept(number);
            let start = kept.start();
            if start < end || kept.end <= start {
                return Err(InvariantError::Lifetime(start));
            }
            if kept.is_coherent() && (start | kept.end) & (self.line - 1) != 0 {
                return Err(InvariantError::SharedLine(start));
            }
            end = kept.end;
            kept_bytes += kept.size();
            alive += u32::from(!kept.is_freed());
        }
        if end != self.lifetime_bytes() || end > self.bytes {
            return Err(InvariantError::Lifetime(end));
        }
        let mut used = 0;
        if self.is_sealed() {
            let stretch = (self.heap_start, self.bytes);
            if self.heap_start != end {
                return Err(InvariantError::Lifetime(end));
            }
            let sum = self.heap.check(stretch, self.kept, self.line)?;
            used = sum.allocated;
            alive += sum.allocations;
        } else if self.heap.alive() != 0 || self.kept as usize >= RECORDS {
            return Err(InvariantError::Records);
        }
        if used != self.used || kept_bytes != self.kept_bytes() {
            return Err(InvariantError::UsedBytes);
        }
        if alive != self.allocations() {
            return Err(InvariantError::Allocations);
        }
        let stats = self.stats();
        if stats.used > stats.peak {
            return Err(InvariantError::Peak);
        }
        Ok(())
    }
}
