//! The first core's work, and what the board's assembly wants of an image.

use core::cell::UnsafeCell;
use core::hint::black_box;

use board::target::simulator;
use traces::{Kind, T1, T2, T3, T4};
use xtensa_lx::timer::get_cycle_count;
use zerocopy::IntoBytes;

use super::peers::{Buddy, Rlsf, cleared};
use crate::{
    Buffers, Cost, Figure, Hits, Interim, Lifetime, Many, Measurement, Objects, Pages, REFUSED,
    Refused, Scales, Subject, Who, fits,
};

/// Exit codes of the machine; 0 says that all was done.
const NO_FILE: u32 = 2;
const NO_ROOM: u32 = 3;
const FAULT: u32 = 4;

/// As SOF's interim heap always aligns.
const ALIGN: u32 = 64;
/// Lifetime allocations that are counted.
const LIFETIMES: u32 = 500;

/// All that is too large for a stack. Zero bytes are empty allocators.
struct Ground {
    scales: Scales,
    interim: Interim,
    lifetime: Lifetime,
    pages: Pages<1024>,
    many_pages: Pages<16_384>,
    buffers: Buffers<7, 256>,
    many_buffers: Buffers<128, 2_048>,
    objects: Objects<32>,
    hits: Hits<32>,
}

struct Once<T>(UnsafeCell<T>);

// SAFETY: used once, by the first core.
unsafe impl<T> Sync for Once<T> {}

static GROUND: Once<Ground> = Once(UnsafeCell::new(Ground {
    scales: Scales::new(),
    interim: Interim::new(),
    lifetime: Lifetime::new(),
    pages: Pages::new(),
    many_pages: Pages::new(),
    buffers: Buffers::new(),
    many_buffers: Buffers::new(),
    objects: Objects::new(),
    hits: Hits::new(),
}));

#[unsafe(no_mangle)]
extern "C" fn image_main() -> ! {
    // SAFETY: the only use, by the only core.
    let ground = unsafe { &mut *GROUND.0.get() };
    simulator::exit(perform(ground).err().unwrap_or(0))
}

#[unsafe(no_mangle)]
extern "C" fn image_secondary() -> ! {
    loop {}
}

/// The file of measurements.
struct Out(u32);

impl Out {
    fn put(&self, who: Who, figure: Figure, amount: u32, rounds: u32) {
        let measurement = Measurement {
            figure: figure as u32,
            who: who as u32,
            amount,
            rounds,
        };
        simulator::write(self.0, measurement.as_bytes());
    }

    fn put_cost(&self, who: Who, figure: Figure, cost: Cost) {
        self.put(who, figure, cost.cycles, cost.rounds);
    }
}

impl From<Refused> for ExitCode {
    fn from(_: Refused) -> Self {
        ExitCode(NO_ROOM)
    }
}

/// Why the machine ends.
struct ExitCode(u32);

fn perform(ground: &mut Ground) -> Result<(), u32> {
    let out = Out(simulator::create(c"measurements.bin").ok_or(NO_FILE)?);
    measure(ground, &out).map_err(|code| code.0)
}

fn measure(ground: &mut Ground, out: &Out) -> Result<(), ExitCode> {
    let Ground {
        scales,
        interim,
        lifetime,
        pages,
        many_pages,
        buffers,
        many_buffers,
        objects,
        hits,
    } = ground;
    let ours = Who::Bulkhead;
    heap(scales, out, ours, &mut |bytes, work| {
        interim.open(bytes);
        work(interim)
    })?;
    heap(scales, out, Who::Rlsf, &mut |bytes, work| {
        work(&mut Rlsf::new(bytes))
    })?;
    heap(scales, out, Who::Buddy, &mut |bytes, work| {
        work(&mut Buddy::new(bytes))
    })?;
    out.put(ours, Figure::Metadata, size_of::<Interim>() as u32, 0);

    lifetime.open(T1.heap_bytes);
    out.put_cost(ours, Figure::Lifetime, lifetimes(lifetime)?);

    // SAFETY: the peers' heaps are gone, and zeros are a region without memory.
    let many = unsafe { cleared::<Many<16_384>>() };
    for (figure, slots) in [
        (Figure::Live10, 10),
        (Figure::Live100, 100),
        (Figure::Live1000, 1_000),
        (Figure::Live10000, 10_000),
    ] {
        // Half as much again as is alive on average, and a little for few that are all large.
        many.open(slots * 1_536 + 8_192);
        let cost = scales.weigh(T1.with_slots(slots), ALIGN, get_cycle_count, many)?;
        out.put_cost(ours, figure, cost);
    }

    let cost = scales.weigh(T3, 1, get_cycle_count, pages)?;
    out.put_cost(ours, Figure::PagesT3, cost);
    let worst = scales.worst(T3, 1, get_cycle_count, pages)?;
    out.put(ours, Figure::PagesT3Worst, worst.alloc.max(worst.free), 1);
    out.put(
        ours,
        Figure::PagesMetadata,
        size_of::<Pages<1024>>() as u32,
        0,
    );
    for (figure, slots) in [
        (Figure::PagesLive10, 10),
        (Figure::PagesLive100, 100),
        (Figure::PagesLive1000, 1_000),
        (Figure::PagesLive10000, 10_000),
    ] {
        let mut each_one = OnePage(many_pages);
        let cost = scales.weigh(T3.with_slots(slots), 1, get_cycle_count, &mut each_one)?;
        out.put_cost(ours, figure, cost);
    }
    if black_box(0) != 0 {
        let bytes = black_box(64);
        black_box(interim.rest(bytes) && pages.rest(bytes) && buffers.rest(bytes));
        black_box(objects.rest(bytes) && hits.rest(bytes));
    }
    virtual_heap(scales, out, buffers, many_buffers)?;
    pool(scales, out, objects)?;
    constants(scales, out, hits)
}

/// Bytes of SOF's region for virtual heaps.
const HEAP_BYTES: u32 = 1 << 20;

fn virtual_heap(
    scales: &mut Scales,
    out: &Out,
    buffers: &mut Buffers<7, 256>,
    many: &mut Buffers<128, 2_048>,
) -> Result<(), ExitCode> {
    let ours = Who::Bulkhead;
    buffers.open(HEAP_BYTES);
    let cost = scales.weigh(T4, 1, get_cycle_count, &mut buffers.contiguous())?;
    out.put_cost(ours, Figure::VmhContiguous, cost);
    let worst = scales.worst(T4, 1, get_cycle_count, &mut buffers.contiguous())?;
    let dearest = worst.alloc.max(worst.free);
    out.put(ours, Figure::VmhContiguousWorst, dearest, 1);
    let cost = scales.weigh(T4, 1, get_cycle_count, &mut buffers.single())?;
    out.put_cost(ours, Figure::VmhSingle, cost);
    many.open_one(8 << 20);
    for (figure, slots) in [
        (Figure::VmhLive10, 10),
        (Figure::VmhLive100, 100),
        (Figure::VmhLive1000, 1_000),
        (Figure::VmhLive10000, 10_000),
    ] {
        let kind = T4.with_slots(slots);
        let cost = scales.weigh(kind, 1, get_cycle_count, &mut many.contiguous())?;
        out.put_cost(ours, figure, cost);
    }
    Ok(())
}

fn pool(scales: &mut Scales, out: &Out, objects: &mut Objects<32>) -> Result<(), ExitCode> {
    for (figure, slots) in [
        (Figure::Objects24, 24),
        (Figure::ObjectsLive10, 10),
        (Figure::ObjectsLive100, 100),
        (Figure::ObjectsLive900, 900),
    ] {
        objects.open();
        let mut pool = objects.pool().ok_or(Refused)?;
        let cost = scales.weigh(T1.with_slots(slots), 1, get_cycle_count, &mut pool)?;
        out.put_cost(Who::Bulkhead, figure, cost);
    }
    Ok(())
}

fn constants(scales: &mut Scales, out: &Out, hits: &mut Hits<32>) -> Result<(), ExitCode> {
    hits.open(16);
    let mut table = hits.table().ok_or(Refused)?;
    let cost = scales.weigh(T1.with_slots(16), 1, get_cycle_count, &mut table)?;
    out.put_cost(Who::Bulkhead, Figure::Hit16, cost);
    Ok(())
}

/// Each allocation is one page: 10,000 of them do not fit otherwise.
struct OnePage<'p>(&'p mut Pages<16_384>);

impl Subject for OnePage<'_> {
    #[inline(never)]
    fn alloc(&mut self, _size: u32, align: u32) -> u32 {
        self.0.alloc(1, align)
    }

    #[inline(never)]
    fn free(&mut self, place: u32, _size: u32, align: u32) {
        self.0.free(place, 1, align);
    }
}

/// Makes a heap of so many bytes, and does some work with it.
type WithHeap<'h> = &'h mut dyn FnMut(u32, &mut dyn FnMut(&mut dyn Subject));

fn heap(scales: &mut Scales, out: &Out, who: Who, with_heap: WithHeap<'_>) -> Result<(), ExitCode> {
    let (mut worst_alloc, mut worst_free) = (0, 0);
    for (kind, figure, arena) in [
        (T1, Figure::T1, Figure::ArenaT1),
        (T2, Figure::T2, Figure::ArenaT2),
    ] {
        let mut cost = Err(Refused);
        with_heap(kind.heap_bytes, &mut |subject| {
            cost = scales.weigh(kind, ALIGN, get_cycle_count, subject);
        });
        out.put_cost(who, figure, cost?);
        let mut worst = Err(Refused);
        with_heap(kind.heap_bytes, &mut |subject| {
            worst = scales.worst(kind, ALIGN, get_cycle_count, subject);
        });
        let worst = worst?;
        worst_alloc = worst.alloc.max(worst_alloc);
        worst_free = worst.free.max(worst_free);
        if let Some(bytes) = smallest(scales, kind, with_heap) {
            out.put(who, arena, bytes, 0);
        }
    }
    out.put(who, Figure::WorstAlloc, worst_alloc, 1);
    out.put(who, Figure::WorstFree, worst_free, 1);
    Ok(())
}

fn smallest(scales: &mut Scales, kind: Kind, with_heap: WithHeap<'_>) -> Option<u32> {
    fits(kind, |bytes| {
        let mut passed = Err(Refused);
        with_heap(bytes, &mut |subject| {
            passed = scales.pass(kind, ALIGN, subject);
        });
        passed.is_ok()
    })
}

fn lifetimes(lifetime: &mut Lifetime) -> Result<Cost, Refused> {
    let mut made = true;
    let mut time = |subject: &mut dyn Subject| {
        let start = get_cycle_count();
        for _ in 0..LIFETIMES {
            made &= subject.alloc(64, ALIGN) != REFUSED;
        }
        get_cycle_count().wrapping_sub(start)
    };
    let cycles = time(lifetime);
    let empty = time(&mut crate::Nothing);
    if made {
        Ok(Cost {
            cycles: cycles.wrapping_sub(empty),
            rounds: LIFETIMES,
        })
    } else {
        Err(Refused)
    }
}

board::image_without_calls!("scales", FAULT);
