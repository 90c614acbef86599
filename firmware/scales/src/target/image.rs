//! The first core's work, and what the board's assembly wants of an image.

use core::cell::UnsafeCell;
use core::hint::black_box;

use board::target::simulator;
use traces::{Kind, STEPS, T1, T2, T3, T4};
use xtensa_lx::timer::get_cycle_count;
use zerocopy::IntoBytes;

use crate::peers::cleared;
use crate::{
    Bench, Buddy, Buffers, Figure, Interim, Many, Ours, Pages, Place, Refused, Rlsf, Scales,
    Subject, Talc, Who, WithHeap, fits,
};

/// Exit codes of the machine; 0 says that all was done.
const NO_FILE: u32 = 2;
const NO_ROOM: u32 = 3;
const FAULT: u32 = 4;

/// All that is too large for a stack. Zero bytes are empty allocators.
struct Ground {
    scales: Scales,
    ours: Ours,
    many_pages: Pages<16_384>,
    many_buffers: Buffers<128, 2_048>,
}

struct Once<T>(UnsafeCell<T>);

// SAFETY: used once, by the first core.
unsafe impl<T> Sync for Once<T> {}

static GROUND: Once<Ground> = Once(UnsafeCell::new(Ground {
    scales: Scales::new(),
    ours: Ours::new(),
    many_pages: Pages::new(),
    many_buffers: Buffers::new(),
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

fn perform(ground: &mut Ground) -> Result<(), u32> {
    let file = simulator::create(c"measurements.bin").ok_or(NO_FILE)?;
    let mut bench = Bench {
        scales: &mut ground.scales,
        clock: get_cycle_count,
        watched: STEPS,
        out: &mut |measurement| {
            // A file that is not whole lacks a measurement, and the host says so.
            simulator::write(file, measurement.as_bytes());
        },
    };
    let ours = &mut ground.ours;
    let (pages, buffers) = (&mut ground.many_pages, &mut ground.many_buffers);
    let done = measure(&mut bench, ours).and_then(|()| grow(&mut bench, ours, pages, buffers));
    done.map_err(|Refused| NO_ROOM)
}

/// What the host measures too, and the smallest heaps.
fn measure(bench: &mut Bench<'_>, ours: &mut Ours) -> Result<(), Refused> {
    bench.ours(ours)?;
    let interim = &mut ours.interim;
    arenas(bench, Who::Bulkhead, &mut |bytes, work| {
        interim.open(bytes);
        work(interim);
    });
    heap(bench, Who::Rlsf, &mut |bytes, work| {
        work(&mut Rlsf::new(bytes));
    })?;
    heap(bench, Who::Buddy, &mut |bytes, work| {
        work(&mut Buddy::new(bytes));
    })?;
    heap(bench, Who::Talc, &mut |bytes, work| {
        work(&mut Talc::new(bytes));
    })?;
    let sizes = [
        (Figure::Metadata, size_of::<Interim>()),
        (Figure::PagesMetadata, size_of::<Pages<1024>>()),
    ];
    for (figure, bytes) in sizes {
        bench.put(Who::Bulkhead, figure, bytes as u32, 0);
    }
    if black_box(0) != 0 {
        let bytes = black_box(64);
        black_box(ours.interim.rest(bytes) && ours.pages.rest(bytes) && ours.buffers.rest(bytes));
        black_box(ours.objects.rest(bytes) && ours.hits.rest(bytes));
    }
    Ok(())
}

fn heap(bench: &mut Bench<'_>, who: Who, with_heap: WithHeap<'_>) -> Result<(), Refused> {
    bench.heap(who, with_heap)?;
    arenas(bench, who, with_heap);
    Ok(())
}

/// The smallest heaps in which the traces pass.
fn arenas(bench: &mut Bench<'_>, who: Who, with_heap: WithHeap<'_>) {
    for (kind, figure) in [(T1, Figure::ArenaT1), (T2, Figure::ArenaT2)] {
        if let Some(bytes) = smallest(bench.scales, kind, with_heap) {
            bench.put(who, figure, bytes, 0);
        }
    }
}

fn smallest(scales: &mut Scales, kind: Kind, with_heap: WithHeap<'_>) -> Option<u32> {
    fits(kind, |bytes| {
        let mut passed = Err(Refused);
        with_heap(bytes, &mut |subject| {
            passed = scales.pass(kind, crate::ALIGN, subject);
        });
        passed.is_ok()
    })
}

/// How costs grow with what is alive.
fn grow(
    bench: &mut Bench<'_>,
    ours: &mut Ours,
    pages: &mut Pages<16_384>,
    buffers: &mut Buffers<128, 2_048>,
) -> Result<(), Refused> {
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
        bench.weigh(figure, T1.with_slots(slots), crate::ALIGN, many)?;
    }
    for (figure, slots) in [
        (Figure::PagesLive10, 10),
        (Figure::PagesLive100, 100),
        (Figure::PagesLive1000, 1_000),
        (Figure::PagesLive10000, 10_000),
    ] {
        bench.weigh(figure, T3.with_slots(slots), 1, &mut OnePage(pages))?;
    }
    buffers.open_one(8 << 20);
    for (figure, slots) in [
        (Figure::VmhLive10, 10),
        (Figure::VmhLive100, 100),
        (Figure::VmhLive1000, 1_000),
        (Figure::VmhLive10000, 10_000),
    ] {
        let kind = T4.with_slots(slots);
        bench.weigh(figure, kind, 1, &mut buffers.contiguous())?;
    }
    for (figure, slots) in [
        (Figure::ObjectsLive10, 10),
        (Figure::ObjectsLive100, 100),
        (Figure::ObjectsLive900, 900),
    ] {
        bench.objects(&mut ours.objects, figure, slots)?;
    }
    Ok(())
}

/// Each allocation is one page: 10,000 of them do not fit otherwise.
struct OnePage<'p>(&'p mut Pages<16_384>);

impl Subject for OnePage<'_> {
    #[inline(never)]
    fn alloc(&mut self, _size: u32, align: u32) -> Place {
        self.0.alloc(1, align)
    }

    #[inline(never)]
    fn free(&mut self, place: Place, _size: u32, align: u32) {
        self.0.free(place, 1, align);
    }
}

board::image_without_calls!("scales", FAULT);
