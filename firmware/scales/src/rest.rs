//! What the traces do not ask for: each other operation once, so that the image has the text of all of
//! them. Nothing here is ever called; `bulkhead bench` counts its bytes.

use core::convert::Infallible;

use vregion::constants::{Constants, CopyId, CopyMemory, Owner};
use vregion::object_pool::{ChunkMemory, ObjectPool, Visit};
use vregion::pages::{Backing, PageCount, PagePool, Run};
use vregion::range::Range;
use vregion::region::{Allocation, Kind, Region, Request};
use vregion::supply::PageSupply;
use vregion::virtual_heap::{self, VirtualHeap};

/// The other operations of a region.
#[inline(never)]
pub fn region(region: &mut Region<256>, request: Request) -> Option<Allocation> {
    let made = region.alloc(request).ok()?;
    region.undo(made.offset).ok()?;
    region.reset_interim();
    region.resize(made.offset, made.bytes).ok()?;
    let range = Range {
        minimum: request.bytes,
        preferred: request.bytes,
        align: request.align,
    };
    vregion::range::alloc_range(region, range, Kind::Coherent, &[request.bytes]).ok()
}

/// Those of a page pool.
#[inline(never)]
pub fn pages<B: Backing<Error = Infallible>>(
    pool: &mut PagePool<1024, 1024>,
    count: PageCount,
    backing: &mut B,
) -> Option<Run> {
    let run = pool.reserve(count, count).ok()?;
    let part = run.part(1, count)?;
    pool.commit(part, backing).ok()?;
    pool.frame_of(part.first)?;
    pool.decommit(part, backing).ok()?;
    Some(run)
}

/// Those of a virtual heap.
#[inline(never)]
pub fn heap<S: PageSupply<Error = Infallible>>(
    heap: &mut VirtualHeap<7, 256>,
    range: Range,
    supply: &mut S,
) -> Option<virtual_heap::Allocation> {
    let made = heap.alloc_range(range, supply).ok()?;
    let bytes = heap.block_bytes_at(made.offset)?;
    heap.resize(made.offset, bytes, supply).ok()?;
    heap.contains(made.offset).then_some(())?;
    heap.close().ok()?;
    Some(made)
}

/// Those of a pool of objects.
#[inline(never)]
pub fn objects<M: ChunkMemory<Error = Infallible>>(
    pool: &mut ObjectPool<32>,
    offset: u32,
    memory: &mut M,
) -> u32 {
    pool.for_each(|_| Visit::Free);
    let freed = pool.free_at(offset);
    pool.prune(memory) + u32::from(freed.is_ok())
}

/// Those of a table of constants.
#[inline(never)]
pub fn constants<M: CopyMemory<Error = Infallible>>(
    table: &mut Constants<32, 32>,
    owner: Owner,
    memory: &mut M,
) -> Option<CopyId> {
    table.put_all(owner, memory);
    table.id_at(owner, owner.0)
}
