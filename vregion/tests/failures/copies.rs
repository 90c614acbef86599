//! Objects, constants, blobs and buffers.

use vregion::blob::{BlobHandler, Buffering, Reader};
use vregion::constants::{Constants, Owner, Policy};
use vregion::object_pool::ObjectPool;
use vregion::range::Range;
use vregion::ring::{Block, ComponentBuffer};

use super::{PAGE, World, fail_each};
use crate::faults::Faults;

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
