//! `objpool_*`: objects of one size.

use vregion::object_pool::{ChunkMemory, ObjectHandle, ObjectPool, Visit};

use crate::alloc::SYSTEM_TOKEN;
use crate::config::{POOL_CHUNKS, POOLS};
use crate::ffi::SOF_MEM_FLAG_COHERENT;
use crate::refusal::{ChunkError, Refusal};
use crate::state::{State, Store};
use crate::token::{Kind, Token};

/// The least alignment of an object: a pointer's, where SOF has 4 bytes on every host.
const ALIGN: u32 = size_of::<usize>() as u32;
/// Bytes that SOF takes for the head of a chunk, when it says what is too large.
const HEAD: usize = 16;

/// Where the chunks of a pool come from. Taken from the head when the pool is made, and not read
/// from there again.
#[derive(Clone, Copy)]
struct Source {
    /// A region's token, or 0.
    region: usize,
    flags: u32,
}

struct Slot {
    generation: u16,
    bytes: usize,
    source: Source,
    pool: Option<ObjectPool<POOL_CHUNKS>>,
}

/// All object pools.
pub struct Pools {
    slots: [Slot; POOLS],
}

/// An object, for going on behind it.
pub struct Found {
    pub handle: ObjectHandle,
    pub address: usize,
}

impl Pools {
    pub const fn new() -> Pools {
        Pools {
            slots: [const {
                Slot {
                    generation: 0,
                    bytes: 0,
                    source: Source {
                        region: 0,
                        flags: 0,
                    },
                    pool: None,
                }
            }; POOLS],
        }
    }

    pub fn in_use(&self) -> u32 {
        let open = self.slots.iter().filter(|slot| slot.pool.is_some());
        open.count() as u32
    }

    fn find(&mut self, token: usize) -> Result<&mut Slot, Refusal> {
        let (index, generation) = Token::read(Kind::Pool, token).ok_or(Refusal::NotThePool)?;
        self.slots
            .get_mut(index)
            .filter(|slot| slot.pool.is_some() && slot.generation == generation)
            .ok_or(Refusal::NotThePool)
    }
}

/// The memory of a pool's chunks. Offsets are those of the window.
struct Memory<'a, 's> {
    store: &'a mut Store<'s>,
    source: Source,
}

impl Memory<'_, '_> {
    const fn is_coherent(&self) -> bool {
        self.source.flags & SOF_MEM_FLAG_COHERENT != 0
    }
}

impl ChunkMemory for Memory<'_, '_> {
    type Error = ChunkError;

    fn take(&mut self, bytes: u32, align: u32) -> Result<u32, ChunkError> {
        let (bytes, align) = (bytes as usize, align as usize);
        let context = (0, self.source.region);
        let address = self
            .store
            .ctx_alloc(context, self.source.flags, bytes, align)
            .map_err(|refusal| match refusal {
                Refusal::Region(error) => ChunkError::Region(error),
                _ => ChunkError::NoRegion,
            })?;
        let offset = self.store.machine.window.offset_of(address);
        offset.ok_or(ChunkError::NoRegion)
    }

    fn give(&mut self, offset: u32, _bytes: u32) {
        let address = self.store.machine.window.address(offset, false);
        // A region that has ended took its memory along.
        let _ = self.store.ctx_free((0, self.source.region), address);
    }

    fn zero(&mut self, offset: u32, bytes: u32) {
        let coherent = self.is_coherent();
        self.store.machine.zero(offset, bytes, coherent);
    }
}

impl State<'_> {
    /// An object of the pool of this token; with 0 of a new one, from a heap or a region. The
    /// address, and the token from now on.
    pub fn pool_alloc(
        &mut self,
        token: usize,
        (heap, region): (usize, usize),
        bytes: usize,
        flags: u32,
    ) -> Result<(usize, u32), Refusal> {
        if bytes == 0 {
            return Err(Refusal::Empty);
        }
        if bytes > (u32::MAX >> 5) as usize - HEAD {
            return Err(Refusal::TooLarge(bytes));
        }
        if token == 0 {
            return self.pool_create((heap, region), bytes, flags);
        }
        let slot = self.pools.find(token)?;
        let source = slot.source;
        if slot.bytes != bytes || source.flags != flags {
            return Err(Refusal::NotThePool);
        }
        let Some(pool) = &mut slot.pool else {
            return Err(Refusal::NotThePool);
        };
        if source.region != 0 {
            self.store.region_info(source.region)?;
        }
        let mut memory = Memory {
            store: &mut self.store,
            source,
        };
        let coherent = memory.is_coherent();
        let object = pool.alloc(&mut memory)?;
        let address = self.store.machine.window.address(object.offset, coherent);
        Ok((address, token as u32))
    }

    fn pool_create(
        &mut self,
        (heap, region): (usize, usize),
        bytes: usize,
        flags: u32,
    ) -> Result<(usize, u32), Refusal> {
        if heap != 0 && heap != SYSTEM_TOKEN as usize {
            return Err(Refusal::NoArea(heap));
        }
        let vacant = |slot: &Slot| slot.pool.is_none();
        let index = self.pools.slots.iter().position(vacant);
        let index = index.ok_or(Refusal::NoPoolPlace(POOLS))?;
        let slot = &mut self.pools.slots[index];
        slot.pool = Some(ObjectPool::new(bytes as u32, ALIGN)?);
        slot.bytes = bytes;
        slot.source = Source { region, flags };
        let token = Token {
            kind: Kind::Pool,
            index,
            generation: slot.generation,
        };
        let result = self.pool_alloc(token.number() as usize, (heap, region), bytes, flags);
        if result.is_err() {
            // It has no chunk: nobody has heard of it.
            self.pools.slots[index].pool = None;
        }
        result
    }

    pub fn pool_free(&mut self, token: usize, address: usize) -> Result<(), Refusal> {
        let slot = self.pools.find(token)?;
        let offset = self.store.machine.window.offset_of(address);
        let offset = offset.ok_or(Refusal::Foreign(address))?;
        if let Some(pool) = &mut slot.pool {
            pool.free_at(offset)?;
        }
        Ok(())
    }

    /// Ends a pool, whatever is in use of it.
    pub fn pool_prune(&mut self, token: usize) -> Result<(), Refusal> {
        let slot = self.pools.find(token)?;
        let source = slot.source;
        let pool = slot.pool.take();
        slot.generation = slot.generation.wrapping_add(1);
        if let Some(mut pool) = pool {
            pool.for_each(|_| Visit::Free);
            let mut memory = Memory {
                store: &mut self.store,
                source,
            };
            pool.prune(&mut memory);
        }
        Ok(())
    }

    /// The next object in use behind one, or the first.
    pub fn pool_next(
        &mut self,
        token: usize,
        after: Option<ObjectHandle>,
    ) -> Result<Found, Refusal> {
        let slot = self.pools.find(token)?;
        let coherent = slot.source.flags & SOF_MEM_FLAG_COHERENT != 0;
        let object = slot.pool.as_ref().and_then(|pool| pool.next(after));
        let object = object.ok_or(Refusal::NoMatch)?;
        Ok(Found {
            handle: object.handle,
            address: self.store.machine.window.address(object.offset, coherent),
        })
    }
}
