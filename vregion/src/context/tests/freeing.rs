//! Frees, and names.

use super::*;

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
