//! Audio: bytes got from buffers and given back. Where they lie is the kernel's to know.

use abi::AudioBytes;
use mmu::{Access, VirtAddr};
use vregion::ring::{Piece, RingError};
use zerocopy::IntoBytes;

use crate::audio::{AudioBuffer, Pins};
use crate::claim::{Caller, Claim, Memory};
use crate::{Reason, Refusal};

/// The buffer that a pin is bound to.
pub(super) fn verify_pin<'b>(
    caller: Caller,
    pins: &Pins,
    buffers: &'b mut [AudioBuffer],
    pin: u32,
) -> Result<&'b mut AudioBuffer, Refusal> {
    let bound = pins.get(pin as usize).copied().flatten();
    bound
        .and_then(|buffer| buffers.get_mut(usize::from(buffer)))
        .ok_or(Refusal::new(caller.call, Reason::NoPin, 0))
}

/// The same, and where the caller wants to be told: proven before anything changes.
pub(super) fn verify_get<'b>(
    caller: Caller,
    pins: &Pins,
    memory: &impl Memory,
    buffers: &'b mut [AudioBuffer],
    [pin, record]: [u32; 2],
) -> Result<(&'b mut AudioBuffer, Claim), Refusal> {
    if !record.is_multiple_of(align_of::<AudioBytes>() as u32) {
        return Err(Refusal::new(caller.call, Reason::Misaligned, record));
    }
    let claim = Claim::new(record, size_of::<AudioBytes>() as u32);
    claim.is_for(caller, memory, Access::Write)?;
    Ok((verify_pin(caller, pins, buffers, pin)?, claim))
}

#[inline(never)]
pub(super) fn serve_source_get(
    caller: Caller,
    memory: &mut impl Memory,
    buffer: &mut AudioBuffer,
    bytes: u32,
    claim: Claim,
) -> Result<u32, Refusal> {
    let pieces = buffer.ring.get_data(bytes);
    let pieces = pieces.map_err(|error| refusal(caller, &error))?;
    tell(caller, memory, claim, buffer.read_at, pieces)
}

#[inline(never)]
pub(super) fn serve_sink_get(
    caller: Caller,
    memory: &mut impl Memory,
    buffer: &mut AudioBuffer,
    bytes: u32,
    claim: Claim,
) -> Result<u32, Refusal> {
    let pieces = buffer.ring.get_space(bytes);
    let pieces = pieces.map_err(|error| refusal(caller, &error))?;
    tell(caller, memory, claim, buffer.written_at, pieces)
}

pub(super) fn serve_source_release(
    caller: Caller,
    buffer: &mut AudioBuffer,
    bytes: u32,
) -> Result<u32, Refusal> {
    let released = buffer.ring.commit_data(bytes);
    released.map_err(|error| refusal(caller, &error))?;
    Ok(0)
}

pub(super) fn serve_sink_commit(
    caller: Caller,
    buffer: &mut AudioBuffer,
    bytes: u32,
) -> Result<u32, Refusal> {
    let committed = buffer.ring.commit_space(bytes);
    committed.map_err(|error| refusal(caller, &error))?;
    Ok(0)
}

/// Writes down where the pieces are, for the caller.
fn tell(
    caller: Caller,
    memory: &mut impl Memory,
    claim: Claim,
    base: VirtAddr,
    [first, second]: [Piece; 2],
) -> Result<u32, Refusal> {
    let told = AudioBytes {
        first: base.0 + first.offset,
        first_bytes: first.bytes,
        second: base.0 + second.offset,
        second_bytes: second.bytes,
    };
    claim.store(caller, memory, told.as_bytes())?;
    Ok(0)
}

fn refusal(caller: Caller, error: &RingError) -> Refusal {
    let reason = match error {
        RingError::NoSpace { .. } => Reason::NoSpace,
        RingError::NoData { .. } => Reason::NoData,
        RingError::Got(_) => Reason::Got,
        RingError::NotGot { .. } => Reason::NotGot,
        // No call makes a ring.
        RingError::Size(_) => Reason::BadRequest,
    };
    Refusal::new(caller.call, reason, 0)
}
