//! How a module ended, in words.

use abi::{Call, Errno};
use domains::Cause;
use kernel::report::{Ending, Resources, Stopped};
use syscalls::Reason;

use super::story::entry_name;

/// How it was stopped, without the address: equal for attacks that were stopped alike.
pub fn manner(stopped: &Stopped) -> String {
    match ending(stopped) {
        Some(Ending::Fault) => Cause(stopped.cause).name().to_owned(),
        Some(Ending::WindowFault) => {
            format!("{}, in a window vector", Cause(stopped.cause).name())
        }
        Some(Ending::Refused) => format!("refused {}", call_name(stopped.cause)),
        Some(Ending::Overrun) => String::from("out of time"),
        Some(Ending::Withdrawn) => String::from("taken away"),
        Some(Ending::Failed) => match Errno::from_result(stopped.cause) {
            Some(error) => format!("returned {error:?}"),
            None => format!("returned {}", stopped.cause.cast_signed()),
        },
        None => format!("unknown ending {}", stopped.ending),
    }
}

/// The same with address, reason and entry point.
pub fn whole(stopped: &Stopped) -> String {
    let entry = entry_name(stopped.entry);
    let manner = manner(stopped);
    match ending(stopped) {
        Some(Ending::Refused) => {
            let reason = Reason::from_number(stopped.reason)
                .map_or_else(|| String::from("no reason given"), |why| why.to_string());
            let address = stopped.address;
            format!("{manner} in {entry}: {reason} ({address:#010x})")
        }
        Some(Ending::Overrun) => format!("{manner} in {entry}, at {:#010x}", stopped.pc),
        Some(Ending::Failed | Ending::Withdrawn) | None => format!("{manner} in {entry}"),
        Some(Ending::Fault | Ending::WindowFault) => {
            let place = if Cause(stopped.cause).has_address() {
                format!(" at {:#010x}", stopped.address)
            } else {
                String::new()
            };
            format!("{manner}{place} in {entry}, by {:#010x}", stopped.pc)
        }
    }
}

/// What the record says of the address, for a table.
pub fn address(stopped: &Stopped) -> String {
    let has_address = match ending(stopped) {
        Some(Ending::Fault | Ending::WindowFault) => Cause(stopped.cause).has_address(),
        Some(Ending::Refused) => true,
        _ => false,
    };
    if has_address {
        format!("{:#010x}", stopped.address)
    } else {
        String::from("-")
    }
}

/// The kind of end.
pub fn ending(stopped: &Stopped) -> Option<Ending> {
    [
        Ending::Fault,
        Ending::WindowFault,
        Ending::Refused,
        Ending::Overrun,
        Ending::Failed,
        Ending::Withdrawn,
    ]
    .into_iter()
    .find(|ending| *ending as u32 == stopped.ending)
}

/// A system call by its number.
pub fn call_name(number: u32) -> String {
    Call::from_number(number).map_or_else(
        || String::from("(no such call)"),
        |call| call.name().to_owned(),
    )
}

/// What did not come back, as "frames 10 -> 9".
pub fn difference(before: &Resources, after: &Resources) -> Option<String> {
    let fields = [
        ("frames", before.frames, after.frames),
        ("tables", before.tables, after.tables),
        ("ASIDs", before.asids, after.asids),
        ("places", before.places, after.places),
        ("slots", before.slots, after.slots),
        ("buffers", before.buffers, after.buffers),
    ];
    let changed: Vec<String> = fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| format!("{name} {before} -> {after}"))
        .collect();
    (!changed.is_empty()).then(|| changed.join(", "))
}

/// Reading an entry point's result.
trait FromResult: Sized {
    fn from_result(result: u32) -> Option<Self>;
}

impl FromResult for Errno {
    fn from_result(result: u32) -> Option<Errno> {
        [
            Errno::Perm,
            Errno::NoMemory,
            Errno::Fault,
            Errno::Invalid,
            Errno::Quota,
            Errno::NoSystem,
        ]
        .into_iter()
        .find(|error| error.to_register() == result)
    }
}

#[cfg(test)]
mod tests {
    use super::super::story::tests::stopped;
    use super::*;

    #[test]
    fn every_ending_has_its_sentence() {
        let mut record = stopped(1, 0);
        assert_eq!(
            whole(&record),
            "load/store TLB miss at 0x00001000 in process, by 0xa0001000"
        );
        record.ending = 3;
        record.cause = 3;
        record.reason = 3;
        assert_eq!(
            whole(&record),
            "refused free in process: the claimed range is not the module's (0x00001000)"
        );
        record.ending = 4;
        assert_eq!(whole(&record), "out of time in process, at 0xa0001000");
        record.ending = 5;
        record.cause = Errno::Perm.to_register();
        assert_eq!(whole(&record), "returned Perm in process");
        record.cause = (-99i32).cast_unsigned();
        assert_eq!(whole(&record), "returned -99 in process");
        record.ending = 77;
        record.entry = 77;
        assert_eq!(
            whole(&record),
            "unknown ending 77 in an unknown entry point"
        );
    }

    #[test]
    fn what_did_not_come_back_is_named() {
        let record = stopped(1, 0);
        assert_eq!(difference(&record.before, &record.after), None);
        let mut after = record.after;
        after.frames -= 1;
        after.asids -= 2;
        assert_eq!(
            difference(&record.before, &after).as_deref(),
            Some("frames 10 -> 9, ASIDs 3 -> 1")
        );
    }
}
