//! What modules say: lines and trace records.

use abi::TraceRecord;
use mmu::Access;
use zerocopy::IntoBytes;

use super::{Clock, Sink};
use crate::claim::{Caller, Claim, Memory};
use crate::quota::{LOG_LINE_BYTES, LOG_LINES_PER_ENTRY};
use crate::tenant::Tenant;
use crate::{Reason, Refusal};

pub(super) fn verify_log(
    caller: Caller,
    tenant: &Tenant,
    memory: &impl Memory,
    start: u32,
    bytes: u32,
) -> Result<Claim, Refusal> {
    let claim = Claim::new(start, bytes);
    // Before its length is judged: a long claim to foreign memory is still a claim to it.
    claim.is_for(caller, memory, Access::Read)?;
    if bytes as usize > LOG_LINE_BYTES {
        return Err(Refusal::new(caller.call, Reason::BadLine, start));
    }
    if tenant.lines >= LOG_LINES_PER_ENTRY {
        return Err(Refusal::new(caller.call, Reason::OverQuota, start));
    }
    Ok(claim)
}

#[inline(never)]
pub(super) fn serve_log(
    caller: Caller,
    tenant: &mut Tenant,
    memory: &mut impl Memory,
    claim: Claim,
    sink: &mut impl Sink,
) -> Result<u32, Refusal> {
    let mut line = [0; LOG_LINE_BYTES];
    let line = &mut line[..(claim.bytes() as usize).min(LOG_LINE_BYTES)];
    claim.fetch(caller, memory, line)?;
    let text = core::str::from_utf8(line)
        .map_err(|_| Refusal::new(caller.call, Reason::BadLine, claim.start()))?;
    tenant.lines += 1;
    sink.line(caller.id, text);
    Ok(claim.bytes())
}

pub(super) fn verify_trace(caller: Caller, record: u32) -> Result<Claim, Refusal> {
    if !record.is_multiple_of(align_of::<TraceRecord>() as u32) {
        return Err(Refusal::new(caller.call, Reason::Misaligned, record));
    }
    Ok(Claim::new(record, size_of::<TraceRecord>() as u32))
}

#[inline(never)]
pub(super) fn serve_trace(
    caller: Caller,
    memory: &mut impl Memory,
    claim: Claim,
    clock: Clock,
    sink: &mut impl Sink,
) -> Result<u32, Refusal> {
    let mut record = TraceRecord::default();
    claim.fetch(caller, memory, record.as_mut_bytes())?;
    if sink.trace(caller.id, record, clock.cycles) {
        Ok(0)
    } else {
        Err(Refusal::new(caller.call, Reason::OverQuota, claim.start()))
    }
}
