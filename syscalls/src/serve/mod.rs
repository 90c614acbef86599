//! One verify and one serve per call. A verify turns registers into what the call works on, or
//! refuses; a serve takes only what was verified.

use abi::{AllocFlags, Call, HeapInfo, TraceRecord};
use domains::DomainHandle;
use mmu::Machine;
use vregion::region::{AllocError, Kind, Request};
use zerocopy::IntoBytes;

use crate::claim::{Claim, Kernel};
use crate::ordinary::{allocate, release};
use crate::quota::{LOG_LINE_BYTES, LOG_LINES_PER_ENTRY, ZEROED_BYTES};
use crate::tenant::Tenant;
use crate::{Audit, AuditEntry, Consequence, Reason, Refusal};

/// `a2` to `a6` as the module left them.
pub type Arguments = [u32; 5];

/// Where goes what modules say.
pub trait Sink {
    /// Takes a line, already copied and known to be text.
    fn line(&mut self, tenant: u32, text: &str);

    /// Takes a record and the time; whether there was room for it.
    fn trace(&mut self, tenant: u32, record: TraceRecord, cycles: u32) -> bool;
}

/// What becomes of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on, with this in `a2`.
    Return(u32),
    /// Its entry point has ended with this result.
    Done(u32),
    /// It is stopped.
    Stop(Refusal),
}

/// Serves the call `number` of the module `id`, whose record is `tenant`.
///
/// Every refusal is counted and put on the audit trail. Cost: the null call does nothing beyond
/// the dispatch; a log line costs its bytes; an allocation is O(1) but for zeroing it on request.
pub fn serve<M: Machine, const D: usize, const F: usize, const T: usize, const A: usize>(
    number: u32,
    arguments: Arguments,
    id: u32,
    tenant: &mut Tenant,
    mut kernel: Kernel<'_, M, D, F, T>,
    audit: &mut Audit<A>,
    sink: &mut impl Sink,
) -> Outcome {
    let served = match (Call::from_number(number), tenant.domain) {
        (Some(call), Some(domain)) => {
            tenant.count(call).made_one();
            answer(
                call,
                arguments,
                Caller { id, domain },
                tenant,
                &mut kernel,
                sink,
            )
        }
        // An empty place runs no code; a call from it is of no number that it could have.
        (None, _) | (_, None) => {
            tenant.unknown_calls = tenant.unknown_calls.saturating_add(1);
            Err(Refusal {
                call: number,
                reason: Reason::UnknownCall,
                address: 0,
            })
        }
    };
    let refusal = match served {
        Ok(outcome) => return outcome,
        Err(refusal) => refusal,
    };
    if let (Some(call), Some(_)) = (Call::from_number(number), tenant.domain) {
        let refused = &mut tenant.count(call).refused;
        *refused = refused.saturating_add(1);
    }
    audit.note(AuditEntry {
        tenant: id,
        refusal,
    });
    match refusal.consequence() {
        Consequence::Return(errno) => Outcome::Return(errno.to_register()),
        Consequence::Stop => Outcome::Stop(refusal),
    }
}

/// Who called: known from the running thread.
#[derive(Clone, Copy)]
struct Caller {
    id: u32,
    domain: DomainHandle,
}

fn answer<M: Machine, const D: usize, const F: usize, const T: usize>(
    call: Call,
    arguments: Arguments,
    caller: Caller,
    tenant: &mut Tenant,
    kernel: &mut Kernel<'_, M, D, F, T>,
    sink: &mut impl Sink,
) -> Result<Outcome, Refusal> {
    let [a, b, c, ..] = arguments;
    match call {
        Call::Done => Ok(Outcome::Done(a)),
        Call::Null => Ok(Outcome::Return(0)),
        Call::Alloc => {
            let (request, flags) = verify_alloc(a, b, c)?;
            serve_alloc(caller, tenant, kernel, request, flags).map(Outcome::Return)
        }
        Call::Free => {
            let offset = verify_free(tenant, kernel, a)?;
            serve_free(tenant, offset, a).map(Outcome::Return)
        }
        Call::Log => {
            let claim = verify_log(caller, tenant, kernel, a, b)?;
            serve_log(caller, tenant, kernel, claim, b, sink).map(Outcome::Return)
        }
        Call::HeapInfo => {
            let claim = verify_heap_info(a)?;
            serve_heap_info(caller, tenant, kernel, claim).map(Outcome::Return)
        }
        // The entry code serves these three where it can. Whoever comes here has nobody to yield to.
        Call::Yield => Ok(Outcome::Return(0)),
        Call::Ticks => Ok(Outcome::Return(kernel.clock.ticks)),
        Call::Trace => {
            let claim = verify_trace(a)?;
            serve_trace(caller, kernel, claim, sink).map(Outcome::Return)
        }
    }
}

fn verify_alloc(bytes: u32, align: u32, flags: u32) -> Result<(Request, AllocFlags), Refusal> {
    let flags =
        AllocFlags::from_bits(flags).ok_or(Refusal::new(Call::Alloc, Reason::BadRequest, 0))?;
    if flags.contains(AllocFlags::ZEROED) && bytes > ZEROED_BYTES {
        return Err(Refusal::new(Call::Alloc, Reason::OverQuota, 0));
    }
    let kind = if flags.contains(AllocFlags::COHERENT) {
        Kind::Coherent
    } else {
        Kind::Plain
    };
    Ok((
        Request {
            bytes,
            align: align.max(1),
            kind,
        },
        flags,
    ))
}

#[inline(never)]
fn serve_alloc<M: Machine, const D: usize, const F: usize, const T: usize>(
    caller: Caller,
    tenant: &mut Tenant,
    kernel: &mut Kernel<'_, M, D, F, T>,
    request: Request,
    flags: AllocFlags,
) -> Result<u32, Refusal> {
    let allocation = allocate(&mut tenant.region, request).map_err(|error| {
        let reason = match error {
            AllocError::NoRoom { .. } | AllocError::TooLarge { .. } => Reason::NoMemory,
            AllocError::NoRecord(_) => Reason::OverQuota,
            AllocError::Empty | AllocError::Alignment(_) | AllocError::Wraps(_) => {
                Reason::BadRequest
            }
        };
        Refusal::new(Call::Alloc, reason, 0)
    })?;
    let cached = tenant.region_base.0 + allocation.offset;
    if flags.contains(AllocFlags::ZEROED)
        && let Err(refusal) = zero(caller, kernel, cached, allocation.bytes)
    {
        // It was made just now, and so it can be undone.
        let _ = tenant.region.undo(allocation.offset);
        return Err(refusal);
    }
    let address = if flags.contains(AllocFlags::COHERENT) {
        kernel
            .domains
            .platform()
            .uncached(mmu::VirtAddr(cached))
            .map_or(cached, |twin| twin.0)
    } else {
        cached
    };
    Ok(address)
}

/// Zeros what was just allocated, through the same proof as any other store.
#[inline(never)]
fn zero<M: Machine, const D: usize, const F: usize, const T: usize>(
    caller: Caller,
    kernel: &mut Kernel<'_, M, D, F, T>,
    start: u32,
    bytes: u32,
) -> Result<(), Refusal> {
    const PIECE: usize = 256;
    let mut done = 0;
    while done < bytes {
        let piece = (bytes - done).min(PIECE as u32);
        let zeros = &[0u8; PIECE][..piece as usize];
        Claim::new(start + done, piece).store(Call::Alloc, caller.domain, kernel, zeros)?;
        done += piece;
    }
    Ok(())
}

fn verify_free<M: Machine, const D: usize, const F: usize, const T: usize>(
    tenant: &Tenant,
    kernel: &Kernel<'_, M, D, F, T>,
    pointer: u32,
) -> Result<u32, Refusal> {
    let foreign = Refusal::new(Call::Free, Reason::NotAllocated, pointer);
    let cached = kernel
        .domains
        .platform()
        .cached(mmu::VirtAddr(pointer))
        .ok_or(foreign)?;
    cached.0.checked_sub(tenant.region_base.0).ok_or(foreign)
}

#[inline(never)]
fn serve_free(tenant: &mut Tenant, offset: u32, pointer: u32) -> Result<u32, Refusal> {
    match release(&mut tenant.region, offset) {
        true => Ok(0),
        false => Err(Refusal::new(Call::Free, Reason::NotAllocated, pointer)),
    }
}

#[inline(never)]
fn verify_log<M: Machine, const D: usize, const F: usize, const T: usize>(
    caller: Caller,
    tenant: &Tenant,
    kernel: &Kernel<'_, M, D, F, T>,
    start: u32,
    bytes: u32,
) -> Result<Claim, Refusal> {
    let claim = Claim::new(start, bytes);
    // Before its length is judged: a long claim to foreign memory is still a claim to it.
    claim.is_readable(Call::Log, caller.domain, kernel)?;
    if bytes as usize > LOG_LINE_BYTES {
        return Err(Refusal::new(Call::Log, Reason::BadLine, start));
    }
    if tenant.lines >= LOG_LINES_PER_ENTRY {
        return Err(Refusal::new(Call::Log, Reason::OverQuota, start));
    }
    Ok(claim)
}

#[inline(never)]
fn serve_log<M: Machine, const D: usize, const F: usize, const T: usize>(
    caller: Caller,
    tenant: &mut Tenant,
    kernel: &mut Kernel<'_, M, D, F, T>,
    claim: Claim,
    bytes: u32,
    sink: &mut impl Sink,
) -> Result<u32, Refusal> {
    let mut line = [0; LOG_LINE_BYTES];
    let line = &mut line[..(bytes as usize).min(LOG_LINE_BYTES)];
    claim.fetch(Call::Log, caller.domain, kernel, line)?;
    let text = core::str::from_utf8(line)
        .map_err(|_| Refusal::new(Call::Log, Reason::BadLine, claim.start()))?;
    tenant.lines += 1;
    sink.line(caller.id, text);
    Ok(bytes)
}

fn verify_heap_info(record: u32) -> Result<Claim, Refusal> {
    if !record.is_multiple_of(4) {
        return Err(Refusal::new(Call::HeapInfo, Reason::Misaligned, record));
    }
    Ok(Claim::new(record, size_of::<HeapInfo>() as u32))
}

#[inline(never)]
fn serve_heap_info<M: Machine, const D: usize, const F: usize, const T: usize>(
    caller: Caller,
    tenant: &Tenant,
    kernel: &mut Kernel<'_, M, D, F, T>,
    claim: Claim,
) -> Result<u32, Refusal> {
    let stats = tenant.region.stats();
    let info = HeapInfo {
        total: stats.bytes,
        used: stats.used,
        peak: stats.peak,
        allocations: stats.allocations,
    };
    claim.store(Call::HeapInfo, caller.domain, kernel, info.as_bytes())?;
    Ok(0)
}

fn verify_trace(record: u32) -> Result<Claim, Refusal> {
    if !record.is_multiple_of(align_of::<TraceRecord>() as u32) {
        return Err(Refusal::new(Call::Trace, Reason::Misaligned, record));
    }
    Ok(Claim::new(record, size_of::<TraceRecord>() as u32))
}

#[inline(never)]
fn serve_trace<M: Machine, const D: usize, const F: usize, const T: usize>(
    caller: Caller,
    kernel: &mut Kernel<'_, M, D, F, T>,
    claim: Claim,
    sink: &mut impl Sink,
) -> Result<u32, Refusal> {
    let mut record = TraceRecord::default();
    claim.fetch(Call::Trace, caller.domain, kernel, record.as_mut_bytes())?;
    if sink.trace(caller.id, record, kernel.clock.cycles) {
        Ok(0)
    } else {
        Err(Refusal::new(Call::Trace, Reason::OverQuota, claim.start()))
    }
}
