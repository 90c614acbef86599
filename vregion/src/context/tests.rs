//! Cases by hand and random steps, over a real region and a real virtual heap.

use core::ops::Range;
use std::boxed::Box;
use std::collections::BTreeSet;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::region::{Geometry, Region};
use crate::supply::PageSupply;
use crate::virtual_heap::{self, Bundle, Layout, Span, VirtualHeap};

const LINE: u32 = 64;

#[derive(Default)]
struct Mapped {
    pages: BTreeSet<u32>,
    refuse: bool,
}

impl PageSupply for Mapped {
    type Error = u8;

    fn map(&mut self, pages: Range<u32>) -> Result<(), u8> {
        if self.refuse {
            return Err(1);
        }
        pages.for_each(|page| assert!(self.pages.insert(page)));
        Ok(())
    }

    fn unmap(&mut self, pages: Range<u32>) -> Result<(), u8> {
        if self.refuse {
            return Err(2);
        }
        pages.for_each(|page| assert!(self.pages.remove(&page)));
        Ok(())
    }
}

/// A region and a heap that many contexts use.
struct Machine {
    region: Box<Region<64>>,
    heap: Box<VirtualHeap<1, 64>>,
    mapped: Mapped,
    zeroed: Vec<(Source, u32, u32)>,
}

impl Machine {
    fn new() -> Self {
        let mut region = Box::new(Region::new());
        region
            .open(Geometry {
                bytes: 8192,
                line: LINE,
                base: 0xa000_0000,
            })
            .unwrap();
        region.seal(4096).unwrap();
        let mut heap = Box::new(VirtualHeap::new());
        let layout = Layout {
            bytes: 64 * 4096,
            page_bytes: 4096,
            base: 0xa010_0000,
        };
        let bundles = [(96, 8), (256, 16), (16_384, 4)];
        let bundles = bundles.map(|(block_bytes, count)| Bundle { block_bytes, count });
        heap.open(layout, &bundles).unwrap();
        Machine {
            region,
            heap,
            mapped: Mapped::default(),
            zeroed: Vec::new(),
        }
    }

    fn with<T>(&mut self, heap: bool, act: impl FnOnce(&mut Dyn<'_, '_>) -> T) -> T {
        let zeroed = core::cell::RefCell::new(Vec::new());
        let note = |source| {
            let zeroed = &zeroed;
            Box::new(move |offset, bytes| zeroed.borrow_mut().push((source, offset, bytes)))
                as Box<dyn FnMut(u32, u32) + '_>
        };
        let result = {
            let mut region = RegionMemory {
                region: &mut *self.region,
                zero: note(Source::Region),
            };
            let mut memory = HeapMemory {
                heap: &mut *self.heap,
                supply: &mut self.mapped,
                zero: note(Source::Heap),
                span: Span::Single,
                line: LINE,
            };
            let heap = heap.then_some(&mut memory);
            act(&mut Memory {
                region: &mut region,
                heap,
            })
        };
        self.zeroed.extend(zeroed.into_inner());
        result
    }

    fn check(&self) {
        self.region.check().unwrap();
        self.heap.check().unwrap();
    }
}

type Zero<'a> = Box<dyn FnMut(u32, u32) + 'a>;
type Dyn<'m, 'z> =
    Memory<'m, RegionMemory<'z, 64, Zero<'z>>, HeapMemory<'z, 1, 64, Mapped, Zero<'z>>>;

#[test]
fn intent_chooses_the_allocator() {
    let mut machine = Machine::new();
    let mut context = Context::<8>::new(1);
    machine.with(true, |memory| {
        assert_eq!(context.alloc(100, memory).unwrap().source, Source::Region);
        assert_eq!(
            context.alloc_buffer(100, memory).unwrap().source,
            Source::Heap
        );
        let coherent = context.alloc_coherent(100, memory).unwrap();
        assert_eq!(
            (coherent.source, coherent.offset % LINE),
            (Source::Region, 0)
        );
        let intent = Intent::BUFFER | Intent::COHERENT;
        let both = context
            .request(
                Request {
                    bytes: 10,
                    align: 8,
                    intent,
                },
                memory,
            )
            .unwrap();
        // Blocks of 96 bytes do not begin at a line each.
        assert_eq!((both.source, both.offset), (Source::Heap, 4096 + 256));
    });
    // Without a virtual heap the region serves buffers too.
    machine.with(false, |memory| {
        assert_eq!(
            context.alloc_buffer(100, memory).unwrap().source,
            Source::Region
        );
    });
    assert_eq!(
        (context.stats().used, context.stats().allocations),
        (410, 5)
    );
    context.check().unwrap();
}

/// In SOF a buffer from the virtual heap is freed into the region, and lost.
#[test]
fn f7_a_buffer_goes_back_to_where_it_came_from() {
    let mut machine = Machine::new();
    let mut context = Context::<8>::new(1);
    for _ in 0..100 {
        machine.with(true, |memory| {
            let buffer = context.alloc_buffer(16_384, memory).unwrap();
            let plain = context.alloc(1000, memory).unwrap();
            context.free(buffer.id, memory).unwrap();
            context.free(plain.id, memory).unwrap();
        });
    }
    assert_eq!(machine.heap.stats().allocations, 0);
    assert_eq!(machine.region.stats().allocations, 0);
    assert!(machine.mapped.pages.is_empty());
}

#[test]
fn f7_the_end_of_a_module_returns_its_buffers() {
    let mut machine = Machine::new();
    let mut context = Context::<8>::new(1);
    let freed = machine.with(true, |memory| {
        context.alloc_buffer(5000, memory).unwrap();
        context.alloc(100, memory).unwrap();
        context.alloc_buffer(50, memory).unwrap();
        context.free_all(memory)
    });
    assert_eq!(
        freed,
        FreedAll {
            freed: 3,
            refused: 0
        }
    );
    assert!(machine.mapped.pages.is_empty());
    assert_eq!((context.stats().used, context.stats().peak), (0, 5150));
    context.check().unwrap();
}

#[test]
fn f37_a_free_through_another_context_is_refused() {
    let mut machine = Machine::new();
    let (mut one, mut two) = (Context::<8>::new(1), Context::<8>::new(2));
    machine.with(true, |memory| {
        let mine = one.alloc_buffer(100, memory).unwrap();
        two.alloc_buffer(100, memory).unwrap();
        let foreign = FreeError::Foreign {
            owner: 1,
            context: 2,
        };
        assert_eq!(two.free(mine.id, memory), Err(foreign));
        assert_eq!(
            two.reallocate(mine.id, 8, memory),
            Err(ReallocError::Id(foreign))
        );
        assert_eq!(two.get(mine.id), None);
        assert_eq!(one.get(mine.id), Some(mine));
        memory.heap = None;
        assert_eq!(one.free(mine.id, memory), Err(FreeError::NoHeap));
    });
    assert_eq!((one.stats().used, two.stats().used), (100, 100));
}

/// After all is freed, what still has a name does not reach anything.
#[test]
fn f25_a_name_does_not_outlive_its_allocation() {
    let mut machine = Machine::new();
    let mut context = Context::<8>::new(1);
    machine.with(true, |memory| {
        let task = context.alloc(100, memory).unwrap();
        context.free_all(memory);
        assert_eq!(context.free(task.id, memory), Err(FreeError::Stale));
        let next = context.alloc(100, memory).unwrap();
        assert_eq!((next.offset, context.get(task.id)), (task.offset, None));
        assert_eq!(context.free(task.id, memory), Err(FreeError::Stale));
        assert_eq!(context.find(Source::Region, next.offset), Some(next));
        assert_eq!(context.find(Source::Heap, next.offset), None);
        context.free(next.id, memory).unwrap();
    });
    context.check().unwrap();
}

#[test]
fn f17_f18_requests_that_mean_nothing() {
    let mut machine = Machine::new();
    let mut context = Context::<2>::new(1);
    machine.with(true, |memory| {
        assert_eq!(context.alloc(0, memory), Err(AllocError::Empty));
        let request = Request {
            bytes: 16,
            align: 96,
            intent: Intent::BUFFER,
        };
        assert_eq!(
            context.request(request, memory),
            Err(AllocError::Alignment(96))
        );
        context.alloc(8, memory).unwrap();
        assert_eq!(
            context.alloc(u32::MAX, memory),
            Err(AllocError::Wraps(u32::MAX))
        );
        let coherent = Intent::BUFFER | Intent::COHERENT;
        let request = Request {
            bytes: u32::MAX - 8,
            align: 1,
            intent: coherent,
        };
        let wraps = AllocError::Heap(HeapMemoryError::Wraps(u32::MAX - 8));
        assert_eq!(context.request(request, memory), Err(wraps));
        let too_large = virtual_heap::AllocError::TooLarge {
            bytes: 16_385,
            align: 1,
        };
        let refused = AllocError::Heap(HeapMemoryError::Alloc(too_large));
        assert_eq!(context.alloc_buffer(16_385, memory), Err(refused));
        assert!(matches!(
            context.alloc(9000, memory),
            Err(AllocError::Region(_))
        ));
        context.alloc(8, memory).unwrap();
        assert_eq!(context.alloc(8, memory), Err(AllocError::NoRecord(2)));
    });
    assert_eq!((context.stats().used, context.stats().failures), (16, 7));
    machine.check();
}

#[test]
fn f45_zeroed_means_all_of_it() {
    let mut machine = Machine::new();
    let mut context = Context::<4>::new(1);
    machine.with(true, |memory| {
        context.alloc_zeroed(100, memory).unwrap();
        let intent = Intent::BUFFER | Intent::ZEROED;
        let request = Request {
            bytes: 5000,
            align: 64,
            intent,
        };
        let buffer = context.request(request, memory).unwrap();
        let more = context.reallocate(buffer.id, 9000, memory).unwrap();
        assert!(matches!(more, Reallocated::InPlace(_)));
        context.alloc(10, memory).unwrap();
    });
    let at = machine.zeroed[1].1;
    let zeroed = [
        (Source::Region, 0, 100),
        (Source::Heap, at, 5000),
        (Source::Heap, at + 5000, 4000),
    ];
    assert_eq!(machine.zeroed, zeroed);
}

#[test]
fn a_reallocation_moves_only_where_it_must() {
    let mut machine = Machine::new();
    let mut context = Context::<8>::new(1);
    machine.with(true, |memory| {
        let small = context.alloc(9, memory).unwrap();
        let same = Reallocated::InPlace(Allocation { bytes: 16, ..small });
        assert_eq!(context.reallocate(small.id, 16, memory), Ok(same));
        let blocker = context.alloc(8, memory).unwrap();
        let old = context.get(small.id).unwrap();
        let Ok(Reallocated::Moved {
            old: was,
            new,
            copy,
        }) = context.reallocate(small.id, 500, memory)
        else {
            panic!("it cannot grow in place");
        };
        assert_eq!((was, copy, new.bytes), (old, 16, 500));
        // The old one stays until its bytes are copied.
        assert_eq!(context.stats().used, 16 + 8 + 500);
        context.free(was.id, memory).unwrap();
        context.free(blocker.id, memory).unwrap();
        let empty = ReallocError::Alloc(AllocError::Empty);
        assert_eq!(context.reallocate(new.id, 0, memory), Err(empty));
        let wraps = ReallocError::Alloc(AllocError::Wraps(u32::MAX));
        context.alloc(8, memory).unwrap();
        assert_eq!(context.reallocate(new.id, u32::MAX, memory), Err(wraps));
        assert!(context.reallocate(new.id, 9000, memory).is_err());
        assert_eq!(context.get(new.id), Some(new));
        let less = Reallocated::InPlace(Allocation { bytes: 100, ..new });
        assert_eq!(context.reallocate(new.id, 100, memory), Ok(less));
    });
    assert_eq!(context.stats().used, 108);
    context.check().unwrap();
}

#[test]
fn a_buffer_grows_within_its_block() {
    let mut machine = Machine::new();
    let mut context = Context::<8>::new(1);
    let buffer = machine.with(true, |memory| {
        let buffer = context.alloc_buffer(5000, memory).unwrap();
        let more = context.reallocate(buffer.id, 16_384, memory).unwrap();
        assert_eq!(
            more,
            Reallocated::InPlace(Allocation {
                bytes: 16_384,
                ..buffer
            })
        );
        buffer
    });
    assert_eq!(machine.mapped.pages.len(), 4);
    machine.with(true, |memory| {
        assert!(context.reallocate(buffer.id, 4096, memory).is_ok());
    });
    assert_eq!(machine.mapped.pages.len(), 1);
    machine.check();
    // Pages that cannot be mapped: it stays as it is.
    machine.mapped.refuse = true;
    machine.with(true, |memory| {
        assert!(context.reallocate(buffer.id, 8192, memory).is_err());
        assert_eq!(context.get(buffer.id).unwrap().bytes, 4096);
    });
    machine.check();
    context.check().unwrap();
}

#[test]
fn what_an_allocator_does_not_take_back_stays() {
    let mut machine = Machine::new();
    let mut context = Context::<8>::new(1);
    let buffer = machine.with(true, |memory| {
        context.alloc(8, memory).unwrap();
        context.alloc_buffer(5000, memory).unwrap()
    });
    machine.mapped.refuse = true;
    machine.with(true, |memory| {
        assert!(matches!(
            context.free(buffer.id, memory),
            Err(FreeError::Heap(_))
        ));
        assert_eq!(
            context.free_all(memory),
            FreedAll {
                freed: 1,
                refused: 1
            }
        );
    });
    assert_eq!(context.get(buffer.id), Some(buffer));
    machine.mapped.refuse = false;
    machine
        .with(true, |memory| context.free(buffer.id, memory))
        .unwrap();
    context.check().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn contexts_agree_with_their_shadow(
        steps in prop::collection::vec((0..10_u8, 0..2_usize, 0..6000_u32, 0..8_u8, any::<u16>()), 1..120),
    ) {
        let mut machine = Machine::new();
        let mut contexts = [Context::<12>::new(7), Context::<12>::new(8)];
        let mut live: [Vec<Allocation>; 2] = [Vec::new(), Vec::new()];
        let mut peaks = [0, 0];
        for (what, which, bytes, intent, pick) in steps {
            let bytes = if pick % 3 == 0 { bytes } else { bytes % 300 };
            let (context, mine) = (&mut contexts[which], &mut live[which]);
            let at = usize::from(pick) % mine.len().max(1);
            machine.mapped.refuse = what == 9;
            machine.with(true, |memory| match what {
                0..=3 | 9 => {
                    let intent = Intent::from_bits_truncate(intent);
                    let before = context.stats();
                    match context.request(Request { bytes, align: 8, intent }, memory) {
                        Ok(allocation) => mine.push(allocation),
                        Err(_) => assert_eq!(context.stats().used, before.used),
                    }
                }
                4 | 5 if !mine.is_empty() => {
                    let allocation = mine.swap_remove(at);
                    context.free(allocation.id, memory).unwrap();
                    assert_eq!(context.free(allocation.id, memory), Err(FreeError::Stale));
                }
                6 | 7 if !mine.is_empty() => match context.reallocate(mine[at].id, bytes, memory) {
                    Ok(Reallocated::InPlace(allocation)) => mine[at] = allocation,
                    Ok(Reallocated::Moved { old, new, copy }) => {
                        assert_eq!((old, copy), (mine[at], old.bytes.min(bytes)));
                        peaks[which] = peaks[which].max(context.stats().used);
                        context.free(old.id, memory).unwrap();
                        mine[at] = new;
                    }
                    Err(_) => assert_eq!(context.get(mine[at].id), Some(mine[at])),
                },
                8 if pick % 8 == 0 => {
                    context.free_all(memory);
                    mine.clear();
                }
                _ => {}
            });
            machine.check();
            let mut all: Vec<(Source, u32, u32)> = Vec::new();
            for ((context, mine), peak) in contexts.iter().zip(&live).zip(&mut peaks) {
                context.check().unwrap();
                let used = mine.iter().map(|allocation| allocation.bytes).sum::<u32>();
                *peak = used.max(*peak);
                let stats = context.stats();
                prop_assert_eq!((stats.used, stats.peak, stats.allocations as usize), (used, *peak, mine.len()));
                for allocation in mine {
                    prop_assert_eq!(context.get(allocation.id), Some(*allocation));
                    for (source, offset, bytes) in &all {
                        let apart = allocation.offset >= offset + bytes || *offset >= allocation.offset + allocation.bytes;
                        prop_assert!(*source != allocation.source || apart, "two owners");
                    }
                    all.push((allocation.source, allocation.offset, allocation.bytes));
                }
            }
            let heap = all.iter().filter(|(source, ..)| *source == Source::Heap).count();
            prop_assert_eq!(machine.heap.stats().allocations as usize, heap);
            prop_assert_eq!(machine.region.stats().allocations as usize, all.len() - heap);
        }
    }
}
