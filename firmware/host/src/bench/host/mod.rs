//! The figures of the allocators on this computer: the same works as on the target, counted by
//! callgrind.

mod clock;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use scales::{
    Bench, Buddy, Figure as Weighed, Measurement, Offsets, Ours, Rlsf, Scales, Talc, Who,
};
use zerocopy::{FromBytes, IntoBytes};

use super::allocators::{Row, row, take};
use super::figures::{Figure, Source};
use super::measure::Values;
use crate::error::Failure;
use crate::process::{self, Scratch};
use crate::setup::Valgrind;

/// How long it may take on a slow and busy host.
const PATIENCE: Duration = Duration::from_secs(900);

/// For how many steps each call is watched: callgrind takes a third of a millisecond for each.
const WATCHED: usize = 1_000;

const fn ours(key: &'static str, weighed: Weighed, peer: Option<f64>, what: &'static str) -> Row {
    let row = row(key, what, "instructions", weighed, None, peer);
    Row {
        figure: Figure {
            source: Source::Host,
            ..row.figure
        },
        ..row
    }
}

const fn other(key: &'static str, weighed: Weighed, who: Who, what: &'static str) -> Row {
    Row {
        who,
        ..ours(key, weighed, None, what)
    }
}

const RLSF: &str = "the same with rlsf";
const TALC: &str = "the same with talc";
const BUDDY: &str = "the same with buddy_system_allocator";
const OFFSET: &str = "the same with offset-allocator, which cannot align";

#[rustfmt::skip]
const ROWS: [Row; 28] = [
    ours("host.interim.t1_a64", Weighed::T1, Some(305.0), "interim.t1_a64 on this computer; Zephyr's by clang -O2"),
    other("host.interim.t1_a64.rlsf", Weighed::T1, Who::Rlsf, RLSF),
    other("host.interim.t1_a64.talc", Weighed::T1, Who::Talc, TALC),
    other("host.interim.t1_a64.buddy", Weighed::T1, Who::Buddy, BUDDY),
    other("host.interim.t1_a64.offset", Weighed::T1, Who::Offset, OFFSET),
    ours("host.interim.t2_a64", Weighed::T2, Some(304.0), "interim.t2_a64 on this computer"),
    other("host.interim.t2_a64.rlsf", Weighed::T2, Who::Rlsf, RLSF),
    other("host.interim.t2_a64.talc", Weighed::T2, Who::Talc, TALC),
    other("host.interim.t2_a64.buddy", Weighed::T2, Who::Buddy, BUDDY),
    other("host.interim.t2_a64.offset", Weighed::T2, Who::Offset, OFFSET),
    ours("host.interim.worst_alloc", Weighed::WorstAlloc, None, "the dearest alloc of the first tenth of T1 and T2"),
    other("host.interim.worst_alloc.rlsf", Weighed::WorstAlloc, Who::Rlsf, RLSF),
    other("host.interim.worst_alloc.talc", Weighed::WorstAlloc, Who::Talc, TALC),
    other("host.interim.worst_alloc.buddy", Weighed::WorstAlloc, Who::Buddy, BUDDY),
    other("host.interim.worst_alloc.offset", Weighed::WorstAlloc, Who::Offset, OFFSET),
    ours("host.interim.worst_free", Weighed::WorstFree, None, "the dearest free of the same"),
    other("host.interim.worst_free.rlsf", Weighed::WorstFree, Who::Rlsf, RLSF),
    other("host.interim.worst_free.talc", Weighed::WorstFree, Who::Talc, TALC),
    other("host.interim.worst_free.buddy", Weighed::WorstFree, Who::Buddy, BUDDY),
    other("host.interim.worst_free.offset", Weighed::WorstFree, Who::Offset, OFFSET),
    ours("host.lifetime.64", Weighed::Lifetime, Some(29.0), "lifetime.64 on this computer"),
    ours("host.pages.t3", Weighed::PagesT3, Some(6_103.0), "pages.t3 on this computer"),
    ours("host.pages.t3_worst", Weighed::PagesT3Worst, None, "the dearest call of its first tenth"),
    ours("host.vmh.t4_contiguous", Weighed::VmhContiguous, Some(20_048.0), "vmh.t4_contiguous on this computer"),
    ours("host.vmh.t4_contiguous_worst", Weighed::VmhContiguousWorst, None, "the dearest call of its first tenth"),
    ours("host.vmh.t4_single", Weighed::VmhSingle, Some(666.0), "vmh.t4_single on this computer"),
    ours("host.objpool.24", Weighed::Objects24, Some(159.0), "objpool.24 on this computer"),
    ours("host.fastget.hit16", Weighed::Hit16, Some(511.0), "fastget.hit16 on this computer"),
];

/// The figures alone.
pub const FIGURES: [Figure; ROWS.len()] = {
    let mut figures = [ROWS[0].figure; ROWS.len()];
    let mut index = 0;
    while index < ROWS.len() {
        figures[index] = ROWS[index].figure;
        index += 1;
    }
    figures
};

/// Weighs all allocators: starts this program again, under callgrind.
pub fn measure(valgrind: &Valgrind, scratch: &Path, values: &mut Values) -> Result<(), Failure> {
    let scratch = Scratch::below(scratch)?;
    let (dumps, records) = (scratch.path().join("dumps"), scratch.path().join("records"));
    let this = std::env::current_exe().map_err(Failure::file("find", Path::new("bulkhead")))?;
    let mut dump_file = std::ffi::OsString::from("--callgrind-out-file=");
    dump_file.push(&dumps);
    let mut command = valgrind.command();
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(dump_file)
        .args(clock::OPTIONS)
        .args([this.as_path(), Path::new("weigh"), &dumps, &records]);
    let start = Instant::now();
    match process::watch(&mut command, || start.elapsed() < PATIENCE)? {
        Some(outcome) if outcome.status.success() => {}
        Some(outcome) => return Err(process::failed(&command, "counting instructions", &outcome)),
        None => {
            let reason = format!("callgrind did not end in {} seconds", PATIENCE.as_secs());
            return Err(Failure::Session { reason });
        }
    }
    let bytes = std::fs::read(&records).map_err(Failure::file("read", &records))?;
    let measurements: Vec<Measurement> = bytes
        .chunks_exact(size_of::<Measurement>())
        .filter_map(|record| Measurement::read_from_bytes(record).ok())
        .collect();
    take(ROWS.iter(), &measurements, values)
}

/// What runs under callgrind, which counts into `dumps`: writes its measurements into `records`.
pub fn weigh(dumps: &Path, records: &PathBuf) -> Result<(), Failure> {
    clock::start(dumps)?;
    let bytes = weighed(clock::scales_clock_now).ok_or_else(|| Failure::Session {
        reason: String::from("an allocator had no room"),
    })?;
    std::fs::write(records, bytes).map_err(Failure::file("write", records))
}

fn weighed(clock: fn() -> u32) -> Option<Vec<u8>> {
    let mut told = Vec::new();
    let mut scales = Box::new(Scales::new());
    let mut bench = Bench {
        scales: &mut scales,
        clock,
        watched: WATCHED,
        out: &mut |measurement| told.extend_from_slice(measurement.as_bytes()),
    };
    let mut done = bench.ours(&mut Box::new(Ours::new()));
    for who in [Who::Rlsf, Who::Buddy, Who::Talc, Who::Offset] {
        done = done.and_then(|()| {
            bench.heap(who, &mut |bytes, work| match who {
                Who::Rlsf => work(&mut Rlsf::new(bytes)),
                Who::Buddy => work(&mut Buddy::new(bytes)),
                Who::Talc => work(&mut Talc::new(bytes)),
                _ => work(&mut Offsets::new(bytes)),
            })
        });
    }
    done.ok().map(|()| told)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a clock that stands still each work ends and each row has its measurement.
    #[test]
    fn every_row_is_measured() {
        let bytes = weighed(|| 0).unwrap();
        let measurements: Vec<Measurement> = bytes
            .chunks_exact(size_of::<Measurement>())
            .map(|record| Measurement::read_from_bytes(record).unwrap())
            .collect();
        let mut values = Values::new();
        take(ROWS.iter(), &measurements, &mut values).unwrap();
        assert_eq!(values.len(), ROWS.len());
        assert!(values.values().all(|value| *value == 0.0));
    }
}
