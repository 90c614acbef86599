//! Virtual heaps, and contexts on them.

use std::fmt::Debug;

use vregion::context::{Context, HeapMemory, Intent, Memory, Reallocated, RegionMemory};
use vregion::range::Range;
use vregion::region::{Geometry, Region};
use vregion::supply::PageByPage;
use vregion::virtual_heap::{Bundle, Layout, Span, VirtualHeap};

use super::{BASE, PAGE, World, fail_each};
use crate::faults::Faults;

type Heap = VirtualHeap<4, 64>;

/// Bundles of small blocks, of page-sized ones, and of one large one; two small allocations, and a
/// large one of less than its block.
fn heap() -> World<Heap> {
    let mut world = World::new(Heap::new());
    let bundles = [(512, 32), (PAGE, 8), (16 * PAGE, 1), (20 * PAGE, 1)];
    let bundles = bundles.map(|(block_bytes, count)| Bundle { block_bytes, count });
    let layout = Layout {
        bytes: 64 * PAGE,
        page_bytes: PAGE,
        base: BASE,
    };
    let (heap, faults) = (&mut world.allocator, &mut PageByPage(&mut world.faults));
    heap.open(layout, &bundles).unwrap();
    for bytes in [500, 2_000, 18 * PAGE] {
        let span = Span::Contiguous;
        let request = vregion::virtual_heap::Request {
            bytes,
            align: 1,
            span,
        };
        heap.alloc(request, faults).unwrap();
    }
    world
}

fn seen_heap(heap: &Heap) -> impl Debug + PartialEq + use<> {
    heap.check().unwrap();
    let bundles: Vec<_> = heap.bundle_stats().map(|stats| stats.used).collect();
    let stats = heap.stats();
    (stats.used, stats.pages, stats.allocations, bundles)
}

#[test]
fn blocks_of_a_virtual_heap() {
    for (request, pages) in [
        (vregion::virtual_heap::Request::single(100), 0),
        (vregion::virtual_heap::Request::single(600), 1),
        // The first page has its first blocks in use.
        (vregion::virtual_heap::Request::contiguous(9_000), 2),
        (vregion::virtual_heap::Request::contiguous(7 * PAGE), 7),
        (vregion::virtual_heap::Request::single(12 * PAGE), 12),
    ] {
        let act =
            |heap: &mut Heap, faults: &mut Faults| heap.alloc(request, &mut PageByPage(faults));
        assert_eq!(fail_each(heap, seen_heap, act), pages, "{request:?}");
    }
}

#[test]
fn a_range_of_a_virtual_heap() {
    let range = Range {
        minimum: 3 * PAGE,
        preferred: 14 * PAGE,
        align: 64,
    };
    let act = |heap: &mut Heap, faults: &mut Faults| {
        let made = heap.alloc_range(range, &mut PageByPage(faults));
        // With less memory it is a smaller block, and that is no failure.
        made.ok().filter(|made| made.bytes == 14 * PAGE).ok_or(())
    };
    let mut world = heap();
    let made = act(&mut world.allocator, &mut world.faults).unwrap();
    assert_eq!(made.bytes, 14 * PAGE);
    // Where not even the minimum can be had all is as before.
    let scarce =
        |heap: &mut Heap, faults: &mut Faults| heap.alloc_range(range, &mut PageByPage(faults));
    for pages in 0..3 {
        let mut world = heap();
        let before = (seen_heap(&world.allocator), world.faults.held());
        world.faults.fail_from(pages);
        scarce(&mut world.allocator, &mut world.faults).unwrap_err();
        assert_eq!((seen_heap(&world.allocator), world.faults.held()), before);
    }
}

#[test]
fn a_block_with_another_size() {
    let act = |heap: &mut Heap, faults: &mut Faults| {
        let large = (0..64)
            .map(|page| page * PAGE)
            .rfind(|at| heap.block_bytes_at(*at).is_some());
        heap.resize(large.unwrap(), 20 * PAGE, &mut PageByPage(faults))
    };
    assert_eq!(fail_each(heap, seen_heap, act), 2);
}

#[test]
fn an_allocation_of_a_context() {
    type Whole = (Context<8>, Region<32>, Heap);
    let make = || {
        let World { allocator, faults } = heap();
        let mut region = Region::new();
        let geometry = Geometry {
            bytes: 4 * PAGE,
            line: 64,
            base: BASE,
        };
        region.open(geometry).unwrap();
        World {
            allocator: (Context::new(1), region, allocator),
            faults,
        }
    };
    let see = |(context, region, heap): &Whole| {
        context.check().unwrap();
        region.check().unwrap();
        let stats = context.stats();
        (
            seen_heap(heap),
            region.stats(),
            stats.used,
            stats.allocations,
        )
    };
    let with = |whole: &mut Whole,
                faults: &mut Faults,
                act: &dyn Fn(&mut Context<8>, Both<'_, '_>) -> Result<u32, ()>| {
        let (context, region, heap) = whole;
        let mut region = RegionMemory {
            region,
            zero: ignore as fn(u32, u32),
        };
        let mut heap = HeapMemory {
            heap,
            supply: &mut PageByPage(faults),
            zero: ignore as fn(u32, u32),
            span: Span::Contiguous,
            line: 64,
        };
        act(
            context,
            &mut Memory {
                region: &mut region,
                heap: Some(&mut heap),
            },
        )
    };
    let buffer = |bytes| vregion::context::Request {
        bytes,
        align: 64,
        intent: Intent::BUFFER,
    };
    let alloc = |whole: &mut Whole, faults: &mut Faults| {
        with(whole, faults, &|context, memory| {
            let made = context.request(buffer(5 * PAGE), memory).map_err(drop)?;
            Ok(made.offset)
        })
    };
    assert_eq!(fail_each(make, see, alloc), 5);
    let with_buffer = || {
        let mut world = make();
        with(
            &mut world.allocator,
            &mut world.faults,
            &|context, memory| Ok(context.request(buffer(100), memory).map_err(drop)?.offset),
        )
        .unwrap();
        world
    };
    let grow = |whole: &mut Whole, faults: &mut Faults| {
        let id = whole
            .0
            .find(vregion::context::Source::Heap, 2_560)
            .unwrap()
            .id;
        with(
            whole,
            faults,
            &|context, memory| match context.reallocate(id, 3 * PAGE, memory) {
                Ok(Reallocated::Moved { new, .. }) => Ok(new.offset),
                Ok(Reallocated::InPlace(_)) => Ok(0),
                Err(_) => Err(()),
            },
        )
    };
    assert_eq!(fail_each(with_buffer, see, grow), 3);
}

/// Nobody looks at the bytes.
fn ignore(_: u32, _: u32) {}

/// Both allocators of a context.
type Both<'a, 'b> = &'a mut Memory<
    'b,
    RegionMemory<'b, 32, fn(u32, u32)>,
    HeapMemory<'b, 4, 64, PageByPage<&'b mut Faults>, fn(u32, u32)>,
>;
