//! Objects of one size, and copies of constants: what is done with their memory costs nothing.

use core::convert::Infallible;

use vregion::constants::{Constants, CopyId, CopyMemory, Owner, Policy};
use vregion::object_pool::{ChunkMemory, ObjectHandle, ObjectPool};

use crate::{Place, REFUSED, Subject};

/// Bytes of an object.
const OBJECT: u32 = 64;

/// A pool of objects, in at most so many chunks.
pub struct Objects<const CHUNKS: usize>(Option<ObjectPool<CHUNKS>>, Chunks);

impl<const CHUNKS: usize> Objects<CHUNKS> {
    /// No pool yet. All zero bytes, but for a mark that there is none.
    #[must_use]
    pub const fn new() -> Self {
        Objects(None, Chunks(0))
    }

    /// Begins anew, without chunks.
    pub fn open(&mut self) {
        // Without a pool everything is refused.
        self.0 = ObjectPool::new(OBJECT, OBJECT).ok();
        self.1 = Chunks(0);
    }

    /// The pool, as something to weigh.
    pub const fn pool(&mut self) -> Option<Pool<'_, CHUNKS>> {
        match &mut self.0 {
            Some(pool) => Some(Pool(pool, &mut self.1)),
            None => None,
        }
    }
}

impl<const CHUNKS: usize> Default for Objects<CHUNKS> {
    fn default() -> Self {
        Self::new()
    }
}

/// See [`Objects::pool`].
pub struct Pool<'p, const CHUNKS: usize>(&'p mut ObjectPool<CHUNKS>, &'p mut Chunks);

impl<const CHUNKS: usize> Subject for Pool<'_, CHUNKS> {
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn alloc(&mut self, _size: u32, _align: u32) -> Place {
        let made = self.0.alloc(self.1);
        made.map_or(REFUSED, |made| made.handle.to_bits() as Place)
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn free(&mut self, place: Place, _size: u32, _align: u32) {
        let _ = self.0.free(ObjectHandle::from_bits(place as u32));
    }
}

/// Where the next chunk goes.
struct Chunks(u32);

impl ChunkMemory for Chunks {
    type Error = Infallible;

    fn take(&mut self, bytes: u32, _align: u32) -> Result<u32, Infallible> {
        let offset = self.0;
        self.0 += bytes;
        Ok(offset)
    }

    fn give(&mut self, _offset: u32, _bytes: u32) {}

    #[inline(always)]
    fn zero(&mut self, _offset: u32, _bytes: u32) {}
}

/// Bytes of a constant: a page, which is shared.
const CONSTANT: u32 = 4096;
/// Where constants begin.
const SOURCES: u32 = 0x5000_0000;
/// Who gets them.
const OWNER: Owner = Owner(7);

/// Copies of constants, each of which its owner has already.
pub struct Hits<const COPIES: usize> {
    table: Option<Constants<COPIES, COPIES>>,
    count: u32,
    next: u32,
}

impl<const COPIES: usize> Hits<COPIES> {
    /// No table yet.
    #[must_use]
    pub const fn new() -> Self {
        Hits {
            table: None,
            count: 0,
            next: 0,
        }
    }

    /// Begins anew with so many copies.
    pub fn open(&mut self, count: u32) {
        self.count = count;
        self.next = 0;
        let table = self.table.insert(
            // The numbers are powers of two.
            match Constants::new(Policy::isolated(4096, 64)) {
                Some(table) => table,
                None => return,
            },
        );
        for index in 0..count {
            let _ = table.get(OWNER, SOURCES + index * CONSTANT, CONSTANT, &mut Copies);
        }
    }

    /// The table, as something to weigh: each get is of the next copy.
    pub const fn table(&mut self) -> Option<Table<'_, COPIES>> {
        match &mut self.table {
            Some(table) => Some(Table {
                table,
                count: self.count,
                next: self.next,
            }),
            None => None,
        }
    }
}

impl<const COPIES: usize> Default for Hits<COPIES> {
    fn default() -> Self {
        Self::new()
    }
}

/// See [`Hits::table`].
pub struct Table<'t, const COPIES: usize> {
    table: &'t mut Constants<COPIES, COPIES>,
    count: u32,
    next: u32,
}

impl<const COPIES: usize> Subject for Table<'_, COPIES> {
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn alloc(&mut self, _size: u32, _align: u32) -> Place {
        let source = SOURCES + self.next * CONSTANT;
        self.next += 1;
        if self.next == self.count {
            self.next = 0;
        }
        let got = self.table.get(OWNER, source, CONSTANT, &mut Copies);
        got.map_or(REFUSED, |got| got.id.to_bits() as Place)
    }

    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    fn free(&mut self, place: Place, _size: u32, _align: u32) {
        let _ = self
            .table
            .put(OWNER, CopyId::from_bits(place as u32), &mut Copies);
    }
}

/// Memory for copies.
struct Copies;

impl CopyMemory for Copies {
    type Error = Infallible;

    #[inline(always)]
    fn check_source(&mut self, _: Owner, _: u32, _: u32) -> Result<(), Infallible> {
        Ok(())
    }

    fn take(&mut self, _: Option<Owner>, _: u32, _: u32) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn give(&mut self, _: Option<Owner>, _: u32, _: u32) {}

    fn copy(&mut self, _: u32, _: u32, _: u32) {}

    fn zero(&mut self, _: u32, _: u32) {}

    fn grant(&mut self, _: Owner, _: u32, _: u32) -> Result<(), Infallible> {
        Ok(())
    }

    fn revoke(&mut self, _: Owner, _: u32, _: u32) {}
}

impl Objects<32> {
    /// Asks for what the traces do not: see [`crate::rest`].
    pub fn rest(&mut self, offset: u32) -> bool {
        let pool = self.0.as_mut();
        pool.is_some_and(|pool| crate::rest::objects(pool, offset, &mut self.1) != 0)
    }
}

impl Hits<32> {
    /// Asks for what the traces do not: see [`crate::rest`].
    pub fn rest(&mut self, owner: u32) -> bool {
        let table = self.table.as_mut();
        table
            .is_some_and(|table| crate::rest::constants(table, Owner(owner), &mut Copies).is_some())
    }
}
