//! Every operation that asks for memory, failed at its first request, its second, and so on until it
//! succeeds. After each failure all is as it was before, and the operation then does what it would
//! have done at once.

mod faults;
mod pages;

use std::fmt::Debug;

use faults::Faults;
use vregion::blob::{BlobHandler, Buffering, Reader};
use vregion::constants::{Constants, Owner, Policy};
use vregion::context::{Context, HeapMemory, Intent, Memory, Reallocated, RegionMemory};
use vregion::grown::{GrownRegion, Rights};
use vregion::object_pool::ObjectPool;
use vregion::range::Range;
use vregion::region::{Geometry, Region, Request};
use vregion::ring::{Block, ComponentBuffer};
use vregion::supply::PageByPage;
use vregion::virtual_heap::{Bundle, Layout, Span, VirtualHeap};

const PAGE: u32 = 4096;
const BASE: u32 = 0xa000_0000;

/// An allocator and the memory below it.
struct World<A> {
    allocator: A,
    faults: Faults,
}

impl<A> World<A> {
    fn new(allocator: A) -> Self {
        World {
            allocator,
            faults: Faults::default(),
        }
    }
}

/// Fails each request of `act` in turn, and all after it; says how many there are. `see` checks the
/// allocator and says all of its state but for what is allowed to change.
fn fail_each<A, T: Debug + PartialEq, E: Debug, S: Debug + PartialEq>(
    make: impl Fn() -> World<A>,
    see: impl Fn(&A) -> S,
    act: impl Fn(&mut A, &mut Faults) -> Result<T, E>,
) -> u32 {
    let seen = |world: &World<A>| (see(&world.allocator), world.faults.held());
    let mut undisturbed = make();
    let expected = act(&mut undisturbed.allocator, &mut undisturbed.faults).unwrap();
    for requests in 0.. {
        let mut world = make();
        let before = seen(&world);
        world.faults.fail_from(requests);
        if let Ok(got) = act(&mut world.allocator, &mut world.faults) {
            assert_eq!(got, expected);
            return requests;
        }
        assert_eq!(seen(&world), before, "after failure {requests}");
        world.faults.fail_no_more();
        let again = act(&mut world.allocator, &mut world.faults);
        assert_eq!(again.unwrap(), expected, "after failure {requests}");
        assert_eq!(seen(&world), seen(&undisturbed));
    }
    unreachable!()
}

type Grown = GrownRegion<32, 2>;

/// A region with a page and a bit allocated for life; sealed, also with a freed allocation whose
/// pages, in the middle, stay mapped.
fn grown(sealed: bool) -> World<Grown> {
    let mut world = World::new(Grown::new());
    let geometry = Geometry {
        bytes: 48 * PAGE,
        line: 64,
        base: BASE,
    };
    let (region, faults) = (&mut world.allocator, &mut PageByPage(&mut world.faults));
    region.open(geometry, PAGE).unwrap();
    region.alloc(Request::plain(5_000), faults).unwrap();
    if sealed {
        region.seal(1).unwrap();
        let low = region.alloc(Request::plain(9 * PAGE), faults).unwrap();
        let middle = region.alloc(Request::plain(3 * PAGE), faults).unwrap();
        region.free(middle.offset).unwrap();
        region.free(low.offset).unwrap();
        region.reset_interim(faults).unwrap();
        let aligned = Request::plain(PAGE).aligned(8 * PAGE);
        let middle = region.alloc(aligned, faults).unwrap();
        region.free(middle.offset).unwrap();
    }
    world
}

fn seen_grown(region: &Grown) -> impl Debug + PartialEq + use<> {
    region.check().unwrap();
    let info = region.info().unwrap();
    let parts: Vec<_> = region.parts().collect();
    let stats = info.stats;
    (info.pages, stats.used, stats.allocations, parts)
}

#[test]
fn a_region_as_it_grows() {
    let act = |region: &mut Grown, faults: &mut Faults| {
        region.alloc(Request::plain(10 * PAGE), &mut PageByPage(faults))
    };
    assert_eq!(fail_each(|| grown(false), seen_grown, act), 10);
    // A page in the middle is there already.
    assert_eq!(fail_each(|| grown(true), seen_grown, act), 9);
}

#[test]
fn an_allocation_of_a_region_with_another_size() {
    let make = || {
        let mut world = grown(true);
        let mut faults = PageByPage(&mut world.faults);
        let small = Request::plain(100);
        world.allocator.alloc(small, &mut faults).unwrap();
        world
    };
    let act = |region: &mut Grown, faults: &mut Faults| {
        // It lies behind the 5,000 bytes, in a page that is there.
        region.resize(5_000, 10 * PAGE, &mut PageByPage(faults))
    };
    assert_eq!(fail_each(make, seen_grown, act), 9);
}

#[test]
fn a_part_of_a_region() {
    let act = |region: &mut Grown, faults: &mut Faults| {
        region.add_part(3 * PAGE + 1, Rights(1), &mut PageByPage(faults))
    };
    assert_eq!(fail_each(|| grown(false), seen_grown, act), 4);
}

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

#[test]
fn chunks_of_an_object_pool() {
    let make = || {
        let mut world = World::new(ObjectPool::<4>::new(48, 16).unwrap());
        for _ in 0..2 {
            world.allocator.alloc(&mut world.faults).unwrap();
        }
        world
    };
    let see = |pool: &ObjectPool<4>| {
        pool.check().unwrap();
        let mut objects = Vec::new();
        let mut after = None;
        while let Some(object) = pool.next(after) {
            objects.push(object);
            after = Some(object.handle);
        }
        format!("{objects:?}")
    };
    let act = |pool: &mut ObjectPool<4>, faults: &mut Faults| pool.alloc(faults);
    assert_eq!(fail_each(make, see, act), 1);
}

#[test]
fn a_copy_of_a_constant() {
    type Copies = Constants<4, 8>;
    let owners = [Owner(1), Owner(2)];
    let make = || {
        let mut world = World::new(Copies::new(Policy::isolated(PAGE, 64)).unwrap());
        for source in [0x5000_0000, 0x5001_0000] {
            world
                .allocator
                .get(owners[0], source, PAGE, &mut world.faults)
                .unwrap();
        }
        world
    };
    let see = |copies: &Copies| {
        copies.check().unwrap();
        let stats = copies.stats();
        (stats.copies, stats.used)
    };
    // New and large: checked, taken, granted. There already: checked, granted. Small: checked, taken.
    for (source, bytes, requests) in [
        (0x5002_0000, PAGE, 3),
        (0x5001_0000, PAGE, 2),
        (0x5003_0000, 64, 2),
    ] {
        let act = |copies: &mut Copies, faults: &mut Faults| {
            copies
                .get(owners[1], source, bytes, faults)
                .map(|got| got.offset)
        };
        assert_eq!(fail_each(make, see, act), requests);
    }
}

#[test]
fn the_next_blob() {
    let make = || {
        let mut world = World::new(BlobHandler::new(Buffering::Double));
        let (blob, faults) = (&mut world.allocator, &mut world.faults);
        blob.begin(100, Reader::Active, faults).unwrap();
        blob.append(0, 100).unwrap();
        blob.commit(|_| Ok::<(), ()>(()), faults).unwrap();
        blob.switch(faults);
        world
    };
    let see = |blob: &BlobHandler| {
        blob.check().unwrap();
        (blob.current(), blob.has_new(), blob.stats().used)
    };
    let act = |blob: &mut BlobHandler, faults: &mut Faults| blob.begin(300, Reader::Active, faults);
    assert_eq!(fail_each(make, see, act), 1);
}

#[test]
fn a_buffer_with_another_size() {
    let make = || {
        let mut faults = Faults::default();
        let allocator = ComponentBuffer::new(1_000, 64, &mut faults).unwrap();
        World { allocator, faults }
    };
    let see = |buffer: &ComponentBuffer| {
        buffer.check().unwrap();
        buffer.block()
    };
    let act =
        |buffer: &mut ComponentBuffer, faults: &mut Faults| buffer.set_size(2_000, 64, faults);
    assert_eq!(fail_each(make, see, act), 1);
    let range = Range {
        minimum: 2_000,
        preferred: 4_000,
        align: 64,
    };
    let act =
        |buffer: &mut ComponentBuffer, faults: &mut Faults| buffer.set_size_range(range, faults);
    assert_eq!(fail_each(make, see, act), 1);
    let made = Block {
        offset: 0,
        bytes: 1_000,
    };
    assert_eq!(make().allocator.block(), made);
}
