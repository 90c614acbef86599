//! Objects of one size, in chunks that are added as they are needed.
//!
//! Chunks have 2, 4, 8, 16, 32, 32, ... objects, as SOF's `objpool` has them (`src/lib/objpool.c`).
//! The pool keeps one bit and a generation for each object, none of it in the objects' memory, and
//! takes the first free object without a search.
//!
//! ```
//! use vregion::object_pool::{ChunkMemory, ObjectPool, Visit};
//!
//! struct Bump(u32);
//! impl ChunkMemory for Bump {
//!     type Error = &'static str;
//!     fn take(&mut self, bytes: u32, _align: u32) -> Result<u32, Self::Error> {
//!         self.0 += bytes;
//!         Ok(self.0 - bytes)
//!     }
//!     fn give(&mut self, _offset: u32, _bytes: u32) {}
//!     fn zero(&mut self, _offset: u32, _bytes: u32) {}
//! }
//!
//! let mut memory = Bump(0x1000);
//! let mut pool = ObjectPool::<8>::new(20, 8).unwrap();
//! let one = pool.alloc(&mut memory).unwrap();
//! let two = pool.alloc(&mut memory).unwrap();
//! assert_eq!((one.offset, two.offset), (0x1000, 0x1018));
//! pool.free(one.handle).unwrap();
//! assert_eq!(pool.stats().used, 1);
//! pool.for_each(|_| Visit::Free);
//! assert_eq!(pool.prune(&mut memory), 2 * 24);
//! ```

mod check;
mod error;
#[cfg(test)]
mod tests;
mod walk;

pub use error::{AllocError, FreeError, PoolError};
pub use walk::Visit;

/// The most objects of a chunk.
pub const CHUNK_OBJECTS: u32 = 32;

/// Where chunks come from.
pub trait ChunkMemory {
    /// Why there is none.
    type Error;

    /// Memory for a chunk, as an offset that is a multiple of `align`.
    ///
    /// # Errors
    /// Nothing was taken.
    fn take(&mut self, bytes: u32, align: u32) -> Result<u32, Self::Error>;

    /// Takes the memory of a chunk back.
    fn give(&mut self, offset: u32, bytes: u32);

    /// Fills an object with zeros; called for every one that is handed out, new or used before.
    fn zero(&mut self, offset: u32, bytes: u32);
}

/// Names one object for as long as it lives; a later object in the same place has another handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectHandle {
    pub(crate) slot: u16,
    pub(crate) generation: u8,
}

impl ObjectHandle {
    /// The name as a number, for callers that pass it on as one.
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        (self.generation as u32) << u16::BITS | self.slot as u32
    }

    /// The name that has this number. Any number is some name, and most name nothing.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        ObjectHandle {
            slot: bits as u16,
            generation: (bits >> u16::BITS) as u8,
        }
    }
}

/// An object in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name.
    pub handle: ObjectHandle,
    /// Where its memory is, as [`ChunkMemory::take`] counts.
    pub offset: u32,
}

/// How a pool is used, in objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Objects in use.
    pub used: u32,
    /// The most objects ever in use at once.
    pub peak: u32,
    /// Objects that the chunks have.
    pub objects: u32,
    /// Chunks.
    pub chunks: u32,
    /// Requests refused.
    pub failures: u32,
}

#[derive(Clone, Copy)]
struct Chunk {
    offset: u32,
    /// Set iff the object exists and is free.
    free: u32,
    /// Objects; 0 where there is no chunk.
    count: u8,
    generations: [u8; CHUNK_OBJECTS as usize],
}

/// Objects of one size. At most `CHUNKS` chunks, 1 to 32: 5 make 62 objects, 32 make 926.
///
/// The numbers lie first: an offset of up to 1 KiB is part of an instruction.
#[repr(C)]
pub struct ObjectPool<const CHUNKS: usize> {
    /// Set iff the chunk has a free object.
    open: u32,
    /// Set iff there is such a chunk.
    present: u32,
    stride: u32,
    align: u32,
    used: u32,
    peak: u32,
    objects: u32,
    failures: u32,
    chunks: [Chunk; CHUNKS],
}

impl<const CHUNKS: usize> ObjectPool<CHUNKS> {
    const ALL: u32 = {
        assert!(CHUNKS >= 1 && CHUNKS <= 32, "a pool has 1 to 32 chunks");
        !0 >> (32 - CHUNKS)
    };

    /// A pool without chunks, for objects of `bytes` bytes at multiples of `align`: a power of two,
    /// to which the size is rounded up.
    ///
    /// # Errors
    /// [`PoolError`].
    pub const fn new(bytes: u32, align: u32) -> Result<Self, PoolError> {
        if bytes == 0 {
            return Err(PoolError::Empty);
        }
        if !align.is_power_of_two() {
            return Err(PoolError::Alignment(align));
        }
        let Some(stride) = bytes.checked_next_multiple_of(align) else {
            return Err(PoolError::TooLarge(bytes));
        };
        if stride.checked_mul(CHUNK_OBJECTS).is_none() {
            return Err(PoolError::TooLarge(bytes));
        }
        let chunk = Chunk {
            offset: 0,
            free: 0,
            count: 0,
            generations: [0; CHUNK_OBJECTS as usize],
        };
        Ok(ObjectPool {
            chunks: [chunk; CHUNKS],
            open: 0,
            present: 0,
            stride,
            align,
            used: 0,
            peak: 0,
            objects: 0,
            failures: 0,
        })
    }

    /// An object that is all zero. O(1), and the memory's work: a chunk where all are full, and the
    /// zeroing.
    ///
    /// # Errors
    /// [`AllocError`]; nothing has changed but the number of failures.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn alloc<M: ChunkMemory>(
        &mut self,
        memory: &mut M,
    ) -> Result<Object, AllocError<M::Error>> {
        if self.open == 0
            && let Err(error) = self.grow(memory)
        {
            self.failures = self.failures.saturating_add(1);
            return Err(error);
        }
        let number = self.open.trailing_zeros();
        let Some(chunk) = self.chunks.get_mut(number as usize) else {
            return Err(AllocError::NoChunk(CHUNKS as u32));
        };
        let index = chunk.free.trailing_zeros();
        chunk.free &= chunk.free.wrapping_sub(1);
        if chunk.free == 0 {
            self.open &= self.open.wrapping_sub(1);
        }
        let offset = chunk.offset + index * self.stride;
        let handle = ObjectHandle {
            slot: (number * CHUNK_OBJECTS + index) as u16,
            generation: chunk.generations[index as usize % CHUNK_OBJECTS as usize],
        };
        self.used += 1;
        self.peak = self.peak.max(self.used);
        memory.zero(offset, self.stride);
        Ok(Object { handle, offset })
    }

    #[cold]
    fn grow<M: ChunkMemory>(&mut self, memory: &mut M) -> Result<(), AllocError<M::Error>> {
        let number = (!self.present & Self::ALL).trailing_zeros();
        let Some(chunk) = self.chunks.get_mut(number as usize) else {
            return Err(AllocError::NoChunk(CHUNKS as u32));
        };
        let count = if number < 4 {
            2 << number
        } else {
            CHUNK_OBJECTS
        };
        let bytes = count * self.stride;
        let offset = memory.take(bytes, self.align).map_err(AllocError::Memory)?;
        if !offset.is_multiple_of(self.align) || offset.checked_add(bytes).is_none() {
            memory.give(offset, bytes);
            return Err(AllocError::Misplaced(offset));
        }
        chunk.offset = offset;
        chunk.count = count as u8;
        chunk.free = !0 >> (CHUNK_OBJECTS - count);
        self.open |= 1 << number;
        self.present |= 1 << number;
        self.objects += count;
        Ok(())
    }

    /// Frees an object by its name. O(1).
    ///
    /// # Errors
    /// [`FreeError::Stale`]; a handle is told from later ones in its place over 255 of them.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn free(&mut self, handle: ObjectHandle) -> Result<(), FreeError> {
        let (number, index) = split(handle.slot);
        let chunk = self
            .chunks
            .get_mut(number as usize)
            .ok_or(FreeError::Stale)?;
        let bit = 1 << index;
        let generation = &mut chunk.generations[index as usize];
        if *generation != handle.generation
            || index >= u32::from(chunk.count)
            || chunk.free & bit != 0
        {
            return Err(FreeError::Stale);
        }
        *generation = generation.wrapping_add(1);
        chunk.free |= bit;
        self.open |= 1 << number;
        self.used -= 1;
        Ok(())
    }

    /// Frees the object that begins at `offset`. O(`CHUNKS`).
    ///
    /// # Errors
    /// [`FreeError::Foreign`], [`FreeError::Interior`], [`FreeError::NotAllocated`].
    pub fn free_at(&mut self, offset: u32) -> Result<(), FreeError> {
        let handle = self.handle_at(offset)?;
        self.free(handle)
    }

    /// The name of the object that begins at `offset`. O(`CHUNKS`).
    ///
    /// # Errors
    /// [`FreeError::Foreign`], [`FreeError::Interior`], [`FreeError::NotAllocated`].
    pub fn handle_at(&self, offset: u32) -> Result<ObjectHandle, FreeError> {
        for (number, chunk) in (0..).zip(&self.chunks) {
            let into = offset.wrapping_sub(chunk.offset);
            if into >= u32::from(chunk.count) * self.stride {
                continue;
            }
            let index = into / self.stride;
            let start = chunk.offset + index * self.stride;
            if start != offset {
                return Err(FreeError::Interior { offset, start });
            }
            if chunk.free >> index & 1 != 0 {
                return Err(FreeError::NotAllocated(offset));
            }
            return Ok(ObjectHandle {
                slot: number * CHUNK_OBJECTS as u16 + index as u16,
                generation: chunk.generations[index as usize],
            });
        }
        Err(FreeError::Foreign(offset))
    }

    /// Gives the chunks back in which no object is in use; returns their bytes. O(`CHUNKS`).
    pub fn prune<M: ChunkMemory>(&mut self, memory: &mut M) -> u32 {
        let mut bytes = 0;
        for (number, chunk) in (0_u32..).zip(&mut self.chunks) {
            let count = u32::from(chunk.count);
            if count == 0 || chunk.free.count_ones() != count {
                continue;
            }
            memory.give(chunk.offset, count * self.stride);
            bytes += count * self.stride;
            // The generations stay: an old handle does not fit the next chunk in this place.
            chunk.count = 0;
            chunk.free = 0;
            self.open &= !(1 << number);
            self.present &= !(1 << number);
            self.objects -= count;
        }
        bytes
    }

    /// How the pool is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> PoolStats {
        PoolStats {
            used: self.used,
            peak: self.peak,
            objects: self.objects,
            chunks: self.present.count_ones(),
            failures: self.failures,
        }
    }

    /// Bytes from one object of a chunk to the next: what each of them has.
    #[must_use]
    pub const fn stride(&self) -> u32 {
        self.stride
    }
}

/// The chunk and the place in it.
const fn split(slot: u16) -> (u32, u32) {
    let slot = slot as u32;
    (slot / CHUNK_OBJECTS, slot % CHUNK_OBJECTS)
}
