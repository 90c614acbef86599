//! One verify and one serve per call. A verify turns registers into what the call works on, or
//! refuses; a serve takes only what was verified.

mod audio;
mod constants;
mod memory;
mod said;
mod time;

use abi::{Call, TraceRecord};
pub(crate) use constants::OWNER;

use crate::audio::AudioBuffer;
use crate::claim::{Caller, Memory};
use crate::tenant::Tenant;
use crate::{Audit, AuditEntry, Consequence, Incident, Reason, Refusal};

/// `a2` to `a6` as the module left them.
pub type Arguments = [u32; 5];

/// The time of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Ticks of 1 ms since the kernel began to play, wrapping.
    pub ticks: u32,
    /// The core's cycle counter, wrapping.
    pub cycles: u32,
}

/// What serving a call needs of the kernel besides the caller's own record.
#[derive(Debug)]
pub struct Kernel<'k, K> {
    /// The memory of modules.
    pub memory: K,
    /// What time it is.
    pub clock: Clock,
    /// All audio buffers.
    pub buffers: &'k mut [AudioBuffer],
}

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
pub fn serve<K: Memory, const A: usize>(
    number: u32,
    arguments: Arguments,
    id: u32,
    tenant: &mut Tenant,
    kernel: Kernel<'_, K>,
    audit: &mut Audit<A>,
    sink: &mut impl Sink,
) -> Outcome {
    let ticks = kernel.clock.ticks;
    let served = match (Call::from_number(number), tenant.domain) {
        (Some(call), Some(domain)) => {
            tenant.count(call).made_one();
            let caller = Caller { id, domain, call };
            answer(caller, arguments, tenant, kernel, sink)
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
        ticks,
        incident: Incident::Refused(refusal),
    });
    match refusal.consequence() {
        Consequence::Return(errno) => Outcome::Return(errno.to_register()),
        Consequence::Stop => Outcome::Stop(refusal),
    }
}

fn answer<K: Memory>(
    caller: Caller,
    arguments: Arguments,
    tenant: &mut Tenant,
    kernel: Kernel<'_, K>,
    sink: &mut impl Sink,
) -> Result<Outcome, Refusal> {
    let Kernel {
        mut memory,
        clock,
        buffers,
    } = kernel;
    let memory = &mut memory;
    let [a, b, c, ..] = arguments;
    let value = match caller.call {
        Call::Done => return Ok(Outcome::Done(a)),
        Call::Null => 0,
        Call::Alloc => {
            let (request, flags) = memory::verify_alloc(caller, memory, a, b, c)?;
            memory::serve_alloc(caller, tenant, memory, request, flags)?
        }
        Call::Free => {
            let offset = memory::verify_offset(caller, tenant, memory, a)?;
            memory::serve_free(caller, tenant, memory, offset, a)?
        }
        Call::FreeAll => memory::serve_free_all(caller, tenant, memory),
        Call::HeapInfo => {
            let claim = memory::verify_heap_info(caller, a)?;
            memory::serve_heap_info(caller, tenant, memory, claim)?
        }
        Call::FastGet => {
            let claim = constants::verify_get(caller, memory, a, b)?;
            constants::serve_get(caller, tenant, memory, claim)?
        }
        Call::FastPut => {
            let offset = memory::verify_offset(caller, tenant, memory, a)?;
            constants::serve_put(caller, tenant, memory, offset, a)?
        }
        Call::Log => {
            let claim = said::verify_log(caller, tenant, memory, a, b)?;
            said::serve_log(caller, tenant, memory, claim, sink)?
        }
        // The entry code serves these three where it can. Whoever comes here has nobody to yield to.
        Call::Yield => 0,
        Call::Ticks => clock.ticks,
        Call::Trace => {
            let claim = said::verify_trace(caller, a)?;
            said::serve_trace(caller, memory, claim, clock, sink)?
        }
        Call::Time => {
            let claim = time::verify_time(caller, a)?;
            time::serve_time(caller, memory, claim, clock)?
        }
        Call::SourceGet => {
            let (buffer, claim) =
                audio::verify_get(caller, &tenant.sources, memory, buffers, [a, c])?;
            audio::serve_source_get(caller, memory, buffer, b, claim)?
        }
        Call::SinkGet => {
            let (buffer, claim) =
                audio::verify_get(caller, &tenant.sinks, memory, buffers, [a, c])?;
            audio::serve_sink_get(caller, memory, buffer, b, claim)?
        }
        Call::SourceRelease => {
            let buffer = audio::verify_pin(caller, &tenant.sources, buffers, a)?;
            audio::serve_source_release(caller, buffer, b)?
        }
        Call::SinkCommit => {
            let buffer = audio::verify_pin(caller, &tenant.sinks, buffers, a)?;
            audio::serve_sink_commit(caller, buffer, b)?
        }
        Call::SourceAvailable => audio::verify_pin(caller, &tenant.sources, buffers, a)?
            .ring
            .available(),
        Call::SinkFree => audio::verify_pin(caller, &tenant.sinks, buffers, a)?
            .ring
            .free(),
    };
    Ok(Outcome::Return(value))
}
