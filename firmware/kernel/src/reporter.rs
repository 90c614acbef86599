//! Writing records for the host.

use domains::Cause;
use mmu::{PAGE_BYTES, PageCount, Rights, VirtAddr};
use syscalls::{AuditEntry, Incident, Tenant};
use zerocopy::{FromZeros, IntoBytes};

use crate::config::PLATFORM;
use crate::estate::{Part, Purpose};
use crate::host_files::{FileHandle, HostFiles};
use crate::instance::Instance;
use crate::report::{Audited, Called, Ending, Loaded, Mapped, Record, RecordHead, Stopped};
use crate::turns::Kill;

/// The report being written.
#[derive(Debug)]
pub struct Reporter {
    file: FileHandle,
}

impl Reporter {
    /// Into that file.
    #[must_use]
    pub const fn new(file: FileHandle) -> Reporter {
        Reporter { file }
    }

    /// Writes a record. A report that cannot be written ends early, which the host sees.
    pub fn put<R: Record>(&self, host: &mut impl HostFiles, record: &R) {
        self.write(host, R::KIND, record.as_bytes());
    }

    fn write(&self, host: &mut impl HostFiles, kind: u32, body: &[u8]) {
        let head = RecordHead {
            kind,
            bytes: body.len() as u32,
        };
        host.write(self.file, head.as_bytes());
        host.write(self.file, body);
    }
}

/// The record of a loaded module.
#[must_use]
pub fn loaded(
    place: usize,
    restarts: u32,
    asid: u32,
    table_bytes: u32,
    instance: &Instance,
) -> Loaded {
    Loaded {
        place: place as u32,
        restarts,
        asid,
        pages: instance.estate.pages().0,
        table_bytes,
        version: instance.header.version,
        uuid: instance.header.uuid,
        name: instance.header.name,
    }
}

/// The record of a part of it.
#[must_use]
pub fn mapped(place: usize, instance: &Instance, part: &Part) -> Mapped {
    let start = instance.start_of(part);
    mapped_at(place, part.purpose, part.rights, start, part.pages)
}

/// The record of its side of a buffer.
#[must_use]
pub fn mapped_buffer(place: usize, purpose: Purpose, start: VirtAddr, pages: PageCount) -> Mapped {
    let rights = match purpose {
        Purpose::Output => Rights::DATA,
        _ => Rights::READ,
    };
    mapped_at(place, purpose, rights, start, pages)
}

fn mapped_at(
    place: usize,
    purpose: Purpose,
    rights: Rights,
    start: VirtAddr,
    pages: PageCount,
) -> Mapped {
    Mapped {
        place: place as u32,
        purpose: purpose as u32,
        rights: u32::from(rights.bits()),
        cached: start.0,
        uncached: PLATFORM.uncached(start).map_or(0, |twin| twin.0),
        bytes: pages.0 * PAGE_BYTES,
    }
}

/// The record of one of its system calls, by number; behind the last, of all that do not exist.
/// `None` where it was never made.
#[must_use]
pub fn called(place: usize, tenant: &Tenant, index: usize) -> Option<Called> {
    let place = place as u32;
    let record = match tenant.calls.get(index) {
        Some(count) => Called {
            place,
            call: index as u32,
            made: count.made,
            refused: count.refused,
        },
        None => Called {
            place,
            call: u32::MAX,
            made: tenant.unknown_calls,
            refused: tenant.unknown_calls,
        },
    };
    (record.made > 0).then_some(record)
}

/// The record of a module whose entry point returned an error, but for what only the session
/// knows.
#[must_use]
pub fn failed(place: usize, result: i32) -> Stopped {
    Stopped {
        ending: Ending::Failed as u32,
        cause: result.cast_unsigned(),
        ..blank(place)
    }
}

/// The record of an entry of the audit trail.
#[must_use]
pub fn audited(entry: &AuditEntry) -> Audited {
    let record = Audited {
        place: entry.tenant,
        ticks: entry.ticks,
        ..Audited::new_zeroed()
    };
    match entry.incident {
        Incident::Refused(refusal) => Audited {
            kind: Ending::Refused as u32,
            cause: refusal.call,
            reason: refusal.reason as u32,
            address: refusal.address,
            ..record
        },
        Incident::Faulted(fault) => Audited {
            kind: Ending::Fault as u32,
            cause: fault.cause.0,
            address: fault.address.0,
            pc: fault.pc.0,
            ..record
        },
        Incident::Overran(pc) => Audited {
            kind: Ending::Overrun as u32,
            pc: pc.0,
            ..record
        },
    }
}

fn blank(place: usize) -> Stopped {
    Stopped {
        place: place as u32,
        ..Stopped::new_zeroed()
    }
}

/// The record of a module that was stopped, but for what only the session knows.
#[must_use]
pub fn stopped(place: usize, kill: Kill) -> Stopped {
    let mut record = blank(place);
    match kill {
        Kill::Fault(fault) | Kill::WindowFault(fault) => {
            let Cause(cause) = fault.cause;
            record.cause = cause;
            record.address = if fault.cause.has_address() {
                fault.address.0
            } else {
                0
            };
            record.pc = fault.pc.0;
        }
        Kill::Refused(refusal) => {
            record.cause = refusal.call;
            record.address = refusal.address;
            record.reason = refusal.reason as u32;
        }
        Kill::Overrun(pc) => record.pc = pc.0,
        Kill::Withdrawn => {}
    }
    record.ending = match kill {
        Kill::Fault(_) => Ending::Fault,
        Kill::WindowFault(_) => Ending::WindowFault,
        Kill::Refused(_) => Ending::Refused,
        Kill::Overrun(_) => Ending::Overrun,
        Kill::Withdrawn => Ending::Withdrawn,
    } as u32;
    record
}
