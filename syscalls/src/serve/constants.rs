//! Copies of constants in the caller's region (SOF's `fast_get` and `fast_put`).

use mmu::Access;
use vregion::constants::{CopyMemory, GetError, Owner};
use vregion::region::{AllocError, Kind, Region, Request};

use super::memory::no_allocation;
use crate::claim::{Caller, Claim, Memory};
use crate::ordinary::{allocate, release};
use crate::quota::{COPIED_BYTES, REGION_RECORDS};
use crate::tenant::{ConstantCopies, Tenant};
use crate::{Reason, Refusal};

/// Each module has a table of its own, and so is its only owner.
pub(crate) const OWNER: Owner = Owner(0);

pub(super) fn verify_get(
    caller: Caller,
    memory: &impl Memory,
    source: u32,
    bytes: u32,
) -> Result<Claim, Refusal> {
    let claim = Claim::new(source, bytes);
    claim.is_for(caller, memory, Access::Read)?;
    if bytes > COPIED_BYTES {
        return Err(Refusal::new(caller.call, Reason::OverQuota, source));
    }
    Ok(claim)
}

#[inline(never)]
pub(super) fn serve_get(
    caller: Caller,
    tenant: &mut Tenant,
    memory: &mut impl Memory,
    claim: Claim,
) -> Result<u32, Refusal> {
    let base = tenant.region_base.0;
    let (constants, mut copying) = Copying::of(caller, tenant, memory);
    let got = constants.get(OWNER, claim.start(), claim.bytes(), &mut copying);
    let constant = got.map_err(|error| {
        let reason = match error {
            GetError::Memory(error) => no_allocation(&error),
            GetError::Empty | GetError::Size { .. } => Reason::BadRequest,
            GetError::Wraps { .. } => Reason::ClaimWraps,
            GetError::TooMany
            | GetError::NoCopy(_)
            | GetError::NoLink(_)
            // Neither is refused by `Copying`.
            | GetError::Source(_)
            | GetError::Grant(_) => Reason::OverQuota,
        };
        Refusal::new(caller.call, reason, claim.start())
    })?;
    Ok(base + constant.offset)
}

#[inline(never)]
pub(super) fn serve_put(
    caller: Caller,
    tenant: &mut Tenant,
    memory: &mut impl Memory,
    offset: u32,
    pointer: u32,
) -> Result<u32, Refusal> {
    let (constants, mut copying) = Copying::of(caller, tenant, memory);
    let copy = constants.id_at(OWNER, offset);
    match copy.map(|copy| constants.put(OWNER, copy, &mut copying)) {
        Some(Ok(_)) => Ok(0),
        Some(Err(_)) | None => Err(Refusal::new(caller.call, Reason::NotAllocated, pointer)),
    }
}

/// Where copies are made: in the caller's region, of memory that was shown to be the caller's.
pub(super) struct Copying<'a, K> {
    caller: Caller,
    region: &'a mut Region<REGION_RECORDS>,
    base: u32,
    memory: &'a mut K,
}

impl<'a, K: Memory> Copying<'a, K> {
    /// The caller's table, and where it has its copies.
    pub(super) fn of(
        caller: Caller,
        tenant: &'a mut Tenant,
        memory: &'a mut K,
    ) -> (&'a mut ConstantCopies, Copying<'a, K>) {
        let copying = Copying {
            caller,
            region: &mut tenant.region,
            base: tenant.region_base.0,
            memory,
        };
        (&mut tenant.constants, copying)
    }
}

impl<K: Memory> CopyMemory for Copying<'_, K> {
    type Error = AllocError;

    fn check_source(&mut self, _: Owner, _: u32, _: u32) -> Result<(), AllocError> {
        // `verify_get` has.
        Ok(())
    }

    fn take(&mut self, _: Option<Owner>, bytes: u32, align: u32) -> Result<u32, AllocError> {
        let request = Request {
            bytes,
            align,
            kind: Kind::Plain,
        };
        allocate(self.region, request).map(|allocation| allocation.offset)
    }

    fn give(&mut self, _: Option<Owner>, offset: u32, _: u32) {
        release(self.region, offset);
    }

    fn copy(&mut self, source: u32, bytes: u32, offset: u32) {
        const PIECE: u32 = 256;
        let mut piece = [0; PIECE as usize];
        let mut done = 0;
        while done < bytes {
            let count = (bytes - done).min(PIECE);
            let piece = &mut piece[..count as usize];
            let from = Claim::new(source + done, count);
            let to = Claim::new(self.base + offset + done, count);
            // The source was shown to be the caller's to read, and its region is its to write.
            let copied = from
                .fetch(self.caller, self.memory, piece)
                .and_then(|()| to.store(self.caller, self.memory, piece));
            debug_assert!(copied.is_ok());
            done += count;
        }
    }

    fn zero(&mut self, _: u32, _: u32) {}

    fn grant(&mut self, _: Owner, _: u32, _: u32) -> Result<(), AllocError> {
        Ok(())
    }

    fn revoke(&mut self, _: Owner, _: u32, _: u32) {}
}
