//! The figures of the allocators: this repository's, and beside it the best of others on the same
//! traces in the same run.

use std::path::Path;
use std::time::Duration;

use scales::{FILE, Figure as Weighed, Measurement, Who};

use super::figures::{Figure, Limit, Source};
use super::measure::{Values, instructions_of, missing};
use super::text;
use crate::error::Failure;
use crate::run::image::{COUNTED, Runner};

/// How long the scales may take on a slow and busy host.
const PATIENCE: Duration = Duration::from_secs(300);

/// A figure, and what the scales call it.
pub struct Row {
    /// The figure.
    pub figure: Figure,
    /// What it is of.
    pub weighed: Weighed,
    /// Whose it is.
    pub who: Who,
}

/// Says how often a figure is as large as another: a ratio of two rows has this unit.
const TIMES: &str = "times";

/// A row of this repository's.
pub const fn row(
    key: &'static str,
    what: &'static str,
    unit: &'static str,
    weighed: Weighed,
    limit: Option<Limit>,
    peer: Option<f64>,
) -> Row {
    Row {
        figure: Figure {
            key,
            what,
            unit,
            source: Source::Allocators,
            limit,
            peer,
        },
        weighed,
        who: Who::Bulkhead,
    }
}

/// Another allocator's row.
const fn other(key: &'static str, what: &'static str, weighed: Weighed, who: Who) -> Row {
    let unit = match weighed {
        Weighed::ArenaT1 | Weighed::ArenaT2 => "bytes",
        _ => "instructions",
    };
    Row {
        who,
        ..row(key, what, unit, weighed, None, None)
    }
}

const fn most(most: f64) -> Option<Limit> {
    Some(Limit::Most(most))
}

/// What the figure should be, and what it may be until it is: docs/decisions/0012.
const fn goal(aim: f64, most: f64) -> Option<Limit> {
    Some(Limit::Goal { aim, most })
}

#[rustfmt::skip]
const ROWS: [Row; 55] = [
    row("interim.t1_a64", "a free and an alloc of trace T1, aligned to 64 bytes", "instructions", Weighed::T1, most(300.0), Some(738.0)),
    other("interim.t1_a64.rlsf", "the same with rlsf", Weighed::T1, Who::Rlsf),
    other("interim.t1_a64.buddy", "the same with buddy_system_allocator", Weighed::T1, Who::Buddy),
    other("interim.t1_a64.talc", "the same with talc", Weighed::T1, Who::Talc),
    row("interim.t2_a64", "a free and an alloc of trace T2, aligned to 64 bytes", "instructions", Weighed::T2, most(300.0), Some(722.0)),
    other("interim.t2_a64.rlsf", "the same with rlsf", Weighed::T2, Who::Rlsf),
    other("interim.t2_a64.buddy", "the same with buddy_system_allocator", Weighed::T2, Who::Buddy),
    other("interim.t2_a64.talc", "the same with talc", Weighed::T2, Who::Talc),
    row("interim.worst_alloc", "the dearest alloc of T1 and T2", "instructions", Weighed::WorstAlloc, most(250.0), Some(464.0)),
    other("interim.worst_alloc.rlsf", "the same with rlsf", Weighed::WorstAlloc, Who::Rlsf),
    other("interim.worst_alloc.buddy", "the same with buddy_system_allocator", Weighed::WorstAlloc, Who::Buddy),
    other("interim.worst_alloc.talc", "the same with talc", Weighed::WorstAlloc, Who::Talc),
    row("interim.worst_free", "the dearest free of T1 and T2", "instructions", Weighed::WorstFree, most(200.0), Some(367.0)),
    other("interim.worst_free.rlsf", "the same with rlsf", Weighed::WorstFree, Who::Rlsf),
    other("interim.worst_free.buddy", "the same with buddy_system_allocator", Weighed::WorstFree, Who::Buddy),
    other("interim.worst_free.talc", "the same with talc", Weighed::WorstFree, Who::Talc),
    row("interim.arena_t1", "the smallest heap in which T1 passes, without what is kept outside", "bytes", Weighed::ArenaT1, most(262_144.0), Some(280_576.0)),
    other("interim.arena_t1.rlsf", "the same with rlsf", Weighed::ArenaT1, Who::Rlsf),
    other("interim.arena_t1.buddy", "the same with buddy_system_allocator", Weighed::ArenaT1, Who::Buddy),
    other("interim.arena_t1.talc", "the same with talc", Weighed::ArenaT1, Who::Talc),
    row("interim.arena_t2", "the smallest heap in which T2 passes, without what is kept outside", "bytes", Weighed::ArenaT2, most(135_168.0), Some(141_312.0)),
    other("interim.arena_t2.rlsf", "the same with rlsf", Weighed::ArenaT2, Who::Rlsf),
    other("interim.arena_t2.buddy", "the same with buddy_system_allocator", Weighed::ArenaT2, Who::Buddy),
    other("interim.arena_t2.talc", "the same with talc", Weighed::ArenaT2, Who::Talc),
    row("interim.metadata", "what a region of 256 records keeps outside its memory", "bytes", Weighed::Metadata, None, None),
    row("interim.live_10", "a free and an alloc as in T1, 10 allocations alive", "instructions", Weighed::Live10, None, None),
    row("interim.live_100", "the same with 100", "instructions", Weighed::Live100, None, None),
    row("interim.live_1000", "the same with 1,000", "instructions", Weighed::Live1000, None, None),
    row("interim.live_10000", "the same with 10,000", "instructions", Weighed::Live10000, None, None),
    row("interim.growth", "how many times as much a free and an alloc take with 10,000 allocations as with 10", TIMES, Weighed::Live10000, most(1.1), None),
    row("lifetime.64", "a lifetime allocation of 64 bytes", "instructions", Weighed::Lifetime, most(30.0), Some(30.0)),
    row("pages.t3", "a release and a reservation of trace T3, with its frames", "instructions", Weighed::PagesT3, most(450.0), Some(9_541.0)),
    row("pages.t3_worst", "the dearest release, or reservation with its frames, of T3", "instructions", Weighed::PagesT3Worst, most(900.0), Some(29_624.0)),
    row("pages.metadata", "what is kept of 1024 pages and 1024 frames", "bytes", Weighed::PagesMetadata, None, None),
    row("pages.live_10", "a page freed and allocated, 10 alive", "instructions", Weighed::PagesLive10, None, None),
    row("pages.live_100", "the same with 100", "instructions", Weighed::PagesLive100, None, None),
    row("pages.live_1000", "the same with 1,000", "instructions", Weighed::PagesLive1000, None, None),
    row("pages.live_10000", "the same with 10,000", "instructions", Weighed::PagesLive10000, None, None),
    row("pages.growth", "how many times as much a page takes with 10,000 alive as with 10", TIMES, Weighed::PagesLive10000, most(1.1), None),
    row("vmh.t4_contiguous", "a free and an alloc of trace T4 from a virtual heap, in blocks side by side", "instructions", Weighed::VmhContiguous, most(600.0), Some(31_780.0)),
    row("vmh.t4_contiguous_worst", "the dearest free or alloc of it", "instructions", Weighed::VmhContiguousWorst, most(1_200.0), Some(94_333.0)),
    row("vmh.t4_single", "a free and an alloc of trace T4 from a virtual heap, in one block", "instructions", Weighed::VmhSingle, most(400.0), Some(737.0)),
    row("vmh.live_10", "as in vmh.t4_contiguous, of one bundle, 10 allocations alive", "instructions", Weighed::VmhLive10, None, None),
    row("vmh.live_100", "the same with 100", "instructions", Weighed::VmhLive100, None, None),
    row("vmh.live_1000", "the same with 1,000", "instructions", Weighed::VmhLive1000, None, None),
    row("vmh.live_10000", "the same with 10,000", "instructions", Weighed::VmhLive10000, None, None),
    row("vmh.growth", "how many times as much a free and an alloc take with 10,000 allocations as with 10", TIMES, Weighed::VmhLive10000, most(1.1), None),
    row("objpool.24", "an object freed and one allocated, 24 alive", "instructions", Weighed::Objects24, most(90.0), Some(158.0)),
    row("objpool.live_10", "the same with 10", "instructions", Weighed::ObjectsLive10, None, None),
    row("objpool.live_100", "the same with 100", "instructions", Weighed::ObjectsLive100, None, None),
    row("objpool.live_900", "the same with 900; a pool has at most 926", "instructions", Weighed::ObjectsLive900, None, None),
    row("objpool.growth", "how many times as much an object takes with 900 alive as with 10", TIMES, Weighed::ObjectsLive900, most(1.1), None),
    row(text::TEXT, "all functions of pages, regions, their heap, virtual heap, objects and constants, all of it made small", "bytes", Weighed::Metadata, goal(12_000.0, 14_700.0), Some(12_084.0)),
    row(text::SPEED_TEXT, "the same as it is measured, its hot paths made fast", "bytes", Weighed::Metadata, most(20_800.0), None),
    row("fastget.hit16", "a copy of a constant put and one got that its owner has already, of 16", "instructions", Weighed::Hit16, most(250.0), Some(900.0)),
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

/// Weighs all allocators. `small` is the image in which everything is made small.
pub fn measure(scales: &Runner<'_>, small: &Path, values: &mut Values) -> Result<(), Failure> {
    let measurements: Vec<Measurement> = scales.run(&[], &COUNTED, FILE, PATIENCE)?;
    values.insert(text::TEXT, text::measure(small)?);
    values.insert(text::SPEED_TEXT, text::measure(scales.image)?);
    let is_text = |row: &&Row| [text::TEXT, text::SPEED_TEXT].contains(&row.figure.key);
    take(
        ROWS.iter().filter(|row| !is_text(row)),
        &measurements,
        values,
    )
}

/// Takes the values of some rows.
pub fn take<'r>(
    rows: impl Iterator<Item = &'r Row>,
    measurements: &[Measurement],
    values: &mut Values,
) -> Result<(), Failure> {
    for row in rows {
        let value = value_of(row, measurements);
        let value = value.ok_or_else(|| missing("a measurement of allocators"))?;
        values.insert(row.figure.key, value);
    }
    Ok(())
}

fn value_of(row: &Row, measurements: &[Measurement]) -> Option<f64> {
    let amount = |figure: Weighed| {
        let is_it = |measurement: &&Measurement| {
            measurement.figure == figure as u32 && measurement.who == row.who as u32
        };
        let measurement = measurements.iter().find(is_it)?;
        Some(match measurement.rounds {
            0 => f64::from(measurement.amount),
            // Callgrind's clock counts instructions.
            rounds if row.figure.source == Source::Host => {
                f64::from(measurement.amount) / f64::from(rounds)
            }
            rounds => instructions_of(measurement.amount, 0, rounds),
        })
    };
    let value = amount(row.weighed)?;
    if row.figure.unit != TIMES {
        return Some(value);
    }
    let few = match row.weighed {
        Weighed::Live10000 => Weighed::Live10,
        Weighed::PagesLive10000 => Weighed::PagesLive10,
        Weighed::VmhLive10000 => Weighed::VmhLive10,
        Weighed::ObjectsLive900 => Weighed::ObjectsLive10,
        _ => return None,
    };
    Some(value / amount(few)?)
}
