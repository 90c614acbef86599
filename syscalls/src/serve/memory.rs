//! Allocations in the caller's region.

use abi::{AllocFlags, HeapInfo};
use mmu::VirtAddr;
use vregion::region::{AllocError, Kind, Request};
use zerocopy::IntoBytes;

use super::constants::{self, Copying};
use crate::claim::{Caller, Claim, Memory};
use crate::ordinary::{allocate, release};
use crate::quota::ZEROED_BYTES;
use crate::tenant::Tenant;
use crate::{Reason, Refusal};

pub(super) fn verify_alloc(
    caller: Caller,
    memory: &impl Memory,
    bytes: u32,
    align: u32,
    flags: u32,
) -> Result<(Request, AllocFlags), Refusal> {
    let refused = |reason| Refusal::new(caller.call, reason, 0);
    let flags = AllocFlags::from_bits(flags).ok_or(refused(Reason::BadRequest))?;
    if flags.contains(AllocFlags::ZEROED) && bytes > ZEROED_BYTES {
        return Err(refused(Reason::OverQuota));
    }
    let mut request = Request {
        bytes,
        align: align.max(1),
        kind: Kind::Plain,
    };
    if flags.contains(AllocFlags::COHERENT) {
        request.kind = Kind::Coherent;
    } else if flags.contains(AllocFlags::BUFFER) {
        let line = memory.platform().cache_line;
        let whole = bytes.checked_next_multiple_of(line);
        request.bytes = whole.ok_or(refused(Reason::BadRequest))?;
        request.align = request.align.max(line);
    }
    Ok((request, flags))
}

#[inline(never)]
pub(super) fn serve_alloc(
    caller: Caller,
    tenant: &mut Tenant,
    memory: &mut impl Memory,
    request: Request,
    flags: AllocFlags,
) -> Result<u32, Refusal> {
    let allocation = allocate(&mut tenant.region, request)
        .map_err(|error| Refusal::new(caller.call, no_allocation(&error), 0))?;
    let cached = tenant.region_base.0 + allocation.offset;
    if flags.contains(AllocFlags::ZEROED)
        && let Err(refusal) = zero(caller, memory, cached, allocation.bytes)
    {
        // It was made just now, and so it can be undone.
        let _ = tenant.region.undo(allocation.offset);
        return Err(refusal);
    }
    if !flags.contains(AllocFlags::COHERENT) {
        return Ok(cached);
    }
    let twin = memory.platform().uncached(VirtAddr(cached));
    Ok(twin.map_or(cached, |twin| twin.0))
}

/// Why there is no allocation, as a reason.
pub(super) const fn no_allocation(error: &AllocError) -> Reason {
    match error {
        AllocError::NoRoom { .. } | AllocError::TooLarge { .. } => Reason::NoMemory,
        AllocError::NoRecord(_) => Reason::OverQuota,
        AllocError::Empty | AllocError::Alignment(_) | AllocError::Wraps(_) => Reason::BadRequest,
    }
}

/// Zeros what was just allocated, through the same proof as any other store.
#[inline(never)]
fn zero(caller: Caller, memory: &mut impl Memory, start: u32, bytes: u32) -> Result<(), Refusal> {
    const PIECE: usize = 256;
    let mut done = 0;
    while done < bytes {
        let piece = (bytes - done).min(PIECE as u32);
        let zeros = &[0u8; PIECE][..piece as usize];
        Claim::new(start + done, piece).store(caller, memory, zeros)?;
        done += piece;
    }
    Ok(())
}

/// The offset in the caller's region of an address in either alias.
pub(super) fn verify_offset(
    caller: Caller,
    tenant: &Tenant,
    memory: &impl Memory,
    pointer: u32,
) -> Result<u32, Refusal> {
    let foreign = Refusal::new(caller.call, Reason::NotAllocated, pointer);
    let cached = memory.platform().cached(VirtAddr(pointer)).ok_or(foreign)?;
    cached.0.checked_sub(tenant.region_base.0).ok_or(foreign)
}

#[inline(never)]
pub(super) fn serve_free(
    caller: Caller,
    tenant: &mut Tenant,
    memory: &mut impl Memory,
    offset: u32,
    pointer: u32,
) -> Result<u32, Refusal> {
    if tenant.has_constant(offset) {
        return constants::serve_put(caller, tenant, memory, offset, pointer);
    }
    if release(&mut tenant.region, offset) {
        Ok(0)
    } else {
        Err(Refusal::new(caller.call, Reason::NotAllocated, pointer))
    }
}

#[inline(never)]
pub(super) fn serve_free_all(caller: Caller, tenant: &mut Tenant, memory: &mut impl Memory) -> u32 {
    let (constants, mut copying) = Copying::of(caller, tenant, memory);
    constants.put_all(constants::OWNER, &mut copying);
    tenant.region.reset_interim();
    0
}

pub(super) fn verify_heap_info(caller: Caller, record: u32) -> Result<Claim, Refusal> {
    if !record.is_multiple_of(align_of::<HeapInfo>() as u32) {
        return Err(Refusal::new(caller.call, Reason::Misaligned, record));
    }
    Ok(Claim::new(record, size_of::<HeapInfo>() as u32))
}

#[inline(never)]
pub(super) fn serve_heap_info(
    caller: Caller,
    tenant: &Tenant,
    memory: &mut impl Memory,
    claim: Claim,
) -> Result<u32, Refusal> {
    let stats = tenant.region.stats();
    let info = HeapInfo {
        total: stats.bytes,
        used: stats.used,
        peak: stats.peak,
        allocations: stats.allocations,
    };
    claim.store(caller, memory, info.as_bytes())?;
    Ok(0)
}
