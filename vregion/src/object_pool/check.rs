//! The rules of an object pool.

use super::{CHUNK_OBJECTS, ObjectPool};
use crate::InvariantError;

impl<const CHUNKS: usize> ObjectPool<CHUNKS> {
    /// Walks the pool. O(`CHUNKS`).
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        let (mut used, mut objects) = (0, 0);
        for (number, chunk) in (0_u32..).zip(&self.chunks) {
            let count = u32::from(chunk.count);
            let exist = if count == 0 {
                0
            } else {
                !0 >> (CHUNK_OBJECTS - count)
            };
            if chunk.free & !exist != 0 {
                return Err(InvariantError::Objects(number));
            }
            let (open, present) = (self.open >> number & 1, self.present >> number & 1);
            if (open != 0) != (chunk.free != 0) || (present != 0) != (count != 0) {
                return Err(InvariantError::OpenChunks(number));
            }
            objects += count;
            used += count - chunk.free.count_ones();
        }
        if used != self.used || objects != self.objects {
            return Err(InvariantError::Objects(CHUNKS as u32));
        }
        if self.used > self.peak {
            return Err(InvariantError::Peak);
        }
        Ok(())
    }
}
