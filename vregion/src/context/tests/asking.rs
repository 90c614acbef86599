//! Requests, and other sizes.

use super::*;

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
