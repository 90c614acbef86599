//! Going through the objects in use.

use super::{CHUNK_OBJECTS, Object, ObjectHandle, ObjectPool, split};

/// What becomes of an object that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// It stays; go on.
    Keep,
    /// Free it and go on.
    Free,
    /// It stays, and the search ends with it.
    Stop,
}

impl<const CHUNKS: usize> ObjectPool<CHUNKS> {
    /// Looks at each object in use, in the order of chunks; the visitor may free the one it looks
    /// at. Returns the one that it stopped at.
    ///
    /// O(objects in use + `CHUNKS`).
    pub fn for_each(&mut self, mut visit: impl FnMut(Object) -> Visit) -> Option<Object> {
        let mut after = None;
        while let Some(object) = self.next(after) {
            match visit(object) {
                Visit::Keep => {}
                Visit::Stop => return Some(object),
                // It is in use: it was found just now.
                Visit::Free => drop(self.free(object.handle)),
            }
            after = Some(object.handle);
        }
        None
    }

    /// The first object in use after this place, freed or not; `None` begins with the first. Any
    /// object may be freed between two calls. O(`CHUNKS`).
    #[must_use]
    pub fn next(&self, after: Option<ObjectHandle>) -> Option<Object> {
        let (mut number, mut from) = match after {
            None => (0, 0),
            Some(handle) => {
                let (number, index) = split(handle.slot);
                (number, index + 1)
            }
        };
        loop {
            let chunk = self.chunks.get(number as usize)?;
            let count = u32::from(chunk.count);
            if from < count {
                let in_use = !chunk.free & (!0 >> (CHUNK_OBJECTS - count)) & (!0 << from);
                if in_use != 0 {
                    let index = in_use.trailing_zeros();
                    return Some(Object {
                        handle: ObjectHandle {
                            slot: (number * CHUNK_OBJECTS + index) as u16,
                            generation: chunk.generations[index as usize],
                        },
                        offset: chunk.offset + index * self.stride,
                    });
                }
            }
            (number, from) = (number + 1, 0);
        }
    }
}
