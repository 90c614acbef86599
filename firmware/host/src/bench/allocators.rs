//! The figures of the allocators: this repository's, and beside it the best of others on the same
//! traces in the same run.

use std::time::Duration;

use scales::{FILE, Figure as Weighed, Measurement, Who};

use super::figures::{Figure, Limit, Source};
use super::measure::{Values, instructions_of, missing};
use crate::error::Failure;
use crate::run::image::{COUNTED, Runner};

/// How long the scales may take on a slow and busy host.
const PATIENCE: Duration = Duration::from_secs(300);

/// A figure, and what the scales call it.
struct Row {
    figure: Figure,
    weighed: Weighed,
    who: Who,
}

const fn row(
    key: &'static str,
    what: &'static str,
    unit: &'static str,
    weighed: Weighed,
    limit: Option<f64>,
    peer: Option<f64>,
) -> Row {
    let limit = match limit {
        Some(most) => Some(Limit::Most(most)),
        None => None,
    };
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

/// Whose limit is that of ten live allocations.
const FLAT: [(Weighed, &[Weighed]); 2] = [
    (
        Weighed::Live10,
        &[Weighed::Live100, Weighed::Live1000, Weighed::Live10000],
    ),
    (
        Weighed::PagesLive10,
        &[
            Weighed::PagesLive100,
            Weighed::PagesLive1000,
            Weighed::PagesLive10000,
        ],
    ),
];

#[rustfmt::skip]
const ROWS: [Row; 43] = [
    row("interim.t1_a64", "a free and an alloc of trace T1, aligned to 64 bytes", "instructions", Weighed::T1, Some(300.0), Some(738.0)),
    other("interim.t1_a64.rlsf", "the same with rlsf", Weighed::T1, Who::Rlsf),
    other("interim.t1_a64.talc", "the same with talc", Weighed::T1, Who::Talc),
    other("interim.t1_a64.buddy", "the same with buddy_system_allocator", Weighed::T1, Who::Buddy),
    row("interim.t2_a64", "a free and an alloc of trace T2, aligned to 64 bytes", "instructions", Weighed::T2, Some(300.0), Some(722.0)),
    other("interim.t2_a64.rlsf", "the same with rlsf", Weighed::T2, Who::Rlsf),
    other("interim.t2_a64.talc", "the same with talc", Weighed::T2, Who::Talc),
    other("interim.t2_a64.buddy", "the same with buddy_system_allocator", Weighed::T2, Who::Buddy),
    row("interim.worst_alloc", "the dearest alloc of T1 and T2", "instructions", Weighed::WorstAlloc, Some(250.0), Some(464.0)),
    other("interim.worst_alloc.rlsf", "the same with rlsf", Weighed::WorstAlloc, Who::Rlsf),
    other("interim.worst_alloc.talc", "the same with talc", Weighed::WorstAlloc, Who::Talc),
    other("interim.worst_alloc.buddy", "the same with buddy_system_allocator", Weighed::WorstAlloc, Who::Buddy),
    row("interim.worst_free", "the dearest free of T1 and T2", "instructions", Weighed::WorstFree, Some(200.0), Some(367.0)),
    other("interim.worst_free.rlsf", "the same with rlsf", Weighed::WorstFree, Who::Rlsf),
    other("interim.worst_free.talc", "the same with talc", Weighed::WorstFree, Who::Talc),
    other("interim.worst_free.buddy", "the same with buddy_system_allocator", Weighed::WorstFree, Who::Buddy),
    row("interim.arena_t1", "the smallest heap in which T1 passes, without what is kept outside", "bytes", Weighed::ArenaT1, Some(262_144.0), Some(280_576.0)),
    other("interim.arena_t1.rlsf", "the same with rlsf", Weighed::ArenaT1, Who::Rlsf),
    other("interim.arena_t1.talc", "the same with talc", Weighed::ArenaT1, Who::Talc),
    other("interim.arena_t1.buddy", "the same with buddy_system_allocator", Weighed::ArenaT1, Who::Buddy),
    row("interim.arena_t2", "the smallest heap in which T2 passes, without what is kept outside", "bytes", Weighed::ArenaT2, Some(135_168.0), Some(141_312.0)),
    other("interim.arena_t2.rlsf", "the same with rlsf", Weighed::ArenaT2, Who::Rlsf),
    other("interim.arena_t2.talc", "the same with talc", Weighed::ArenaT2, Who::Talc),
    other("interim.arena_t2.buddy", "the same with buddy_system_allocator", Weighed::ArenaT2, Who::Buddy),
    row("interim.metadata", "what a region of 512 records keeps outside its memory", "bytes", Weighed::Metadata, None, None),
    row("interim.live_10", "a free and an alloc as in T1, 10 allocations alive", "instructions", Weighed::Live10, None, None),
    row("interim.live_100", "the same with 100", "instructions", Weighed::Live100, None, None),
    row("interim.live_1000", "the same with 1,000", "instructions", Weighed::Live1000, None, None),
    row("interim.live_10000", "the same with 10,000", "instructions", Weighed::Live10000, None, None),
    row("interim.growth", "how many times as much a free and an alloc take with 10,000 allocations as with 10", "times", Weighed::Live10000, Some(1.1), None),
    row("lifetime.64", "a lifetime allocation of 64 bytes", "instructions", Weighed::Lifetime, Some(30.0), Some(30.0)),
    row("pages.t3", "a release and a reservation of trace T3, with its frames", "instructions", Weighed::PagesT3, Some(450.0), Some(9_541.0)),
    row("pages.t3_worst", "the dearest release, or reservation with its frames, of T3", "instructions", Weighed::PagesT3Worst, Some(900.0), Some(29_624.0)),
    row("pages.metadata", "what is kept of 1024 pages and 1024 frames", "bytes", Weighed::PagesMetadata, None, None),
    row("pages.live_10", "a page freed and allocated, 10 alive", "instructions", Weighed::PagesLive10, None, None),
    row("pages.live_100", "the same with 100", "instructions", Weighed::PagesLive100, None, None),
    row("pages.live_1000", "the same with 1,000", "instructions", Weighed::PagesLive1000, None, None),
    row("pages.live_10000", "the same with 10,000", "instructions", Weighed::PagesLive10000, None, None),
    row("pages.growth", "how many times as much a page takes with 10,000 alive as with 10", "times", Weighed::PagesLive10000, Some(1.1), None),
];
