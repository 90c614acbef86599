//! Time.

use abi::Time;
use zerocopy::IntoBytes;

use super::Clock;
use crate::claim::{Caller, Claim, Memory};
use crate::{Reason, Refusal};

pub(super) fn verify_time(caller: Caller, record: u32) -> Result<Claim, Refusal> {
    if !record.is_multiple_of(align_of::<Time>() as u32) {
        return Err(Refusal::new(caller.call, Reason::Misaligned, record));
    }
    Ok(Claim::new(record, size_of::<Time>() as u32))
}

pub(super) fn serve_time(
    caller: Caller,
    memory: &mut impl Memory,
    claim: Claim,
    clock: Clock,
) -> Result<u32, Refusal> {
    let Clock { ticks, cycles } = clock;
    claim.store(caller, memory, Time { ticks, cycles }.as_bytes())?;
    Ok(0)
}
