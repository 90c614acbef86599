//! The rules of a region.

use super::Region;
use crate::InvariantError;
use crate::heap::GRANULE_SHIFT;

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
        let (mut used, mut alive) = (0, 0);
        let mut position = self.base;
        for index in 1..=self.kept {
            let record = self.heap.records.at(index);
            let offset = record.start.wrapping_sub(self.base) << GRANULE_SHIFT;
            if record.start < position || record.end <= record.start {
                return Err(InvariantError::Lifetime(offset));
            }
            if record.is_coherent() && (record.start | record.end) & (self.line - 1) != 0 {
                return Err(InvariantError::SharedLine(offset));
            }
            position = record.end;
            used += record.size();
            alive += u32::from(!record.is_freed());
        }
        if position != self.lifetime_end || position > self.end {
            return Err(InvariantError::Lifetime(
                position.wrapping_sub(self.base) << GRANULE_SHIFT,
            ));
        }
        if self.sealed {
            let (kept, stretch) = (u32::from(self.kept), (self.lifetime_end, self.end));
            let sum = self.heap.check(stretch, kept, self.base, self.line)?;
            used += sum.allocated;
            alive += sum.allocations;
        } else if self.heap.alive() != 0 || usize::from(self.kept) >= RECORDS {
            return Err(InvariantError::Records);
        }
        if used != self.used {
            return Err(InvariantError::UsedBytes);
        }
        if alive != self.allocations() {
            return Err(InvariantError::Allocations);
        }
        if self.used > self.peak_now() {
            return Err(InvariantError::Peak);
        }
        Ok(())
    }
}
