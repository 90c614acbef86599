//! Cases by hand and random steps.

use std::vec::Vec;

use proptest::prelude::*;

use super::*;

/// Hands out chunks one after the other and remembers them; refuses when told to.
#[derive(Default)]
struct Memory {
    next: u32,
    refuse: bool,
    chunks: Vec<(u32, u32)>,
    zeroed: Vec<(u32, u32)>,
}

impl ChunkMemory for Memory {
    type Error = u8;

    fn take(&mut self, bytes: u32, align: u32) -> Result<u32, u8> {
        if self.refuse {
            return Err(9);
        }
        let offset = self.next.next_multiple_of(align);
        // A gap, so that chunks are not each other's neighbours.
        self.next = offset + bytes + 64;
        self.chunks.push((offset, bytes));
        Ok(offset)
    }

    fn give(&mut self, offset: u32, bytes: u32) {
        let at = self
            .chunks
            .iter()
            .position(|chunk| *chunk == (offset, bytes));
        self.chunks
            .swap_remove(at.expect("gave back what it does not have"));
    }

    fn zero(&mut self, offset: u32, bytes: u32) {
        self.zeroed.push((offset, bytes));
    }
}

/// SOF's own test: 62 objects of 5 bytes are chunks of 2, 4, 8, 16 and 32, each without gaps.
#[test]
fn sixty_two_objects_are_five_chunks() {
    let mut memory = Memory::default();
    let mut pool = ObjectPool::<5>::new(5, 8).unwrap();
    let offsets: Vec<u32> = (0..62)
        .map(|_| pool.alloc(&mut memory).unwrap().offset)
        .collect();
    let counts: Vec<u32> = memory.chunks.iter().map(|(_, bytes)| bytes / 8).collect();
    assert_eq!(counts, [2, 4, 8, 16, 32]);
    let mut from = 0;
    for ((chunk, _), count) in memory.chunks.iter().zip(counts) {
        for index in 0..count {
            assert_eq!(offsets[from + index as usize], chunk + 8 * index);
        }
        from += count as usize;
    }
    assert_eq!(pool.alloc(&mut memory), Err(AllocError::NoChunk(5)));
    assert_eq!(pool.stats().failures, 1);
    pool.check().unwrap();
}

#[test]
fn pools_that_cannot_be() {
    let new = |bytes, align| ObjectPool::<2>::new(bytes, align).err();
    assert_eq!(new(0, 8), Some(PoolError::Empty));
    assert_eq!(new(8, 0), Some(PoolError::Alignment(0)));
    assert_eq!(new(8, 12), Some(PoolError::Alignment(12)));
    assert_eq!(new(8, 8), None);
}

/// SOF rounds a size near 4 GiB up to 0 and hands out objects without bytes.
#[test]
fn f39_a_size_that_wraps_is_refused() {
    for bytes in [u32::MAX, u32::MAX - 1, u32::MAX / 32 + 1] {
        assert_eq!(
            ObjectPool::<2>::new(bytes, 4).err(),
            Some(PoolError::TooLarge(bytes))
        );
    }
    assert!(ObjectPool::<2>::new(u32::MAX / 32, 1).is_ok());
}

#[test]
fn f39_a_recycled_object_is_zeroed_and_has_another_handle() {
    let mut memory = Memory::default();
    let mut pool = ObjectPool::<2>::new(12, 4).unwrap();
    let first = pool.alloc(&mut memory).unwrap();
    pool.free(first.handle).unwrap();
    let again = pool.alloc(&mut memory).unwrap();
    assert_eq!(again.offset, first.offset);
    assert_ne!(again.handle, first.handle);
    assert_eq!(memory.zeroed, [(first.offset, 12), (first.offset, 12)]);
    assert_eq!(pool.free(first.handle), Err(FreeError::Stale));
    assert_eq!(pool.stats().used, 1);
}

#[test]
fn f39_a_double_free_is_refused() {
    let mut memory = Memory::default();
    let mut pool = ObjectPool::<2>::new(12, 4).unwrap();
    let one = pool.alloc(&mut memory).unwrap();
    let two = pool.alloc(&mut memory).unwrap();
    pool.free(one.handle).unwrap();
    assert_eq!(pool.free(one.handle), Err(FreeError::Stale));
    assert_eq!(
        pool.free_at(one.offset),
        Err(FreeError::NotAllocated(one.offset))
    );
    let interior = FreeError::Interior {
        offset: two.offset + 1,
        start: two.offset,
    };
    assert_eq!(pool.free_at(two.offset + 1), Err(interior));
    assert_eq!(
        pool.free_at(two.offset + 12),
        Err(FreeError::Foreign(two.offset + 12))
    );
    pool.free_at(two.offset).unwrap();
    pool.check().unwrap();
}

/// The alignment is the caller's, not always four bytes.
#[test]
fn f39_objects_are_aligned_as_asked_for() {
    let mut memory = Memory {
        next: 4,
        ..Memory::default()
    };
    let mut pool = ObjectPool::<4>::new(20, 16).unwrap();
    for _ in 0..20 {
        assert_eq!(pool.alloc(&mut memory).unwrap().offset % 16, 0);
    }
    assert_eq!(pool.stride(), 32);
}

#[test]
fn a_chunk_that_cannot_be_had_leaves_nothing() {
    let mut memory = Memory::default();
    let mut pool = ObjectPool::<3>::new(8, 8).unwrap();
    for full in [0, 2, 6] {
        memory.refuse = true;
        assert_eq!(pool.alloc(&mut memory), Err(AllocError::Memory(9)));
        pool.check().unwrap();
        assert_eq!((pool.stats().used, pool.stats().objects), (full, full));
        memory.refuse = false;
        while pool.stats().used < 2 * full + 2 {
            pool.alloc(&mut memory).unwrap();
        }
    }
    assert_eq!(pool.stats().failures, 3);
}

#[test]
fn misplaced_memory_is_given_back() {
    struct Broken(u32);
    impl ChunkMemory for Broken {
        type Error = ();
        fn take(&mut self, _bytes: u32, _align: u32) -> Result<u32, ()> {
            Ok(self.0)
        }
        fn give(&mut self, _offset: u32, _bytes: u32) {
            self.0 = 0;
        }
        fn zero(&mut self, _offset: u32, _bytes: u32) {}
    }
    for offset in [4, u32::MAX - 7] {
        let mut memory = Broken(offset);
        let mut pool = ObjectPool::<3>::new(8, 8).unwrap();
        assert_eq!(pool.alloc(&mut memory), Err(AllocError::Misplaced(offset)));
        assert_eq!((memory.0, pool.stats().chunks), (0, 0));
    }
}

#[test]
fn a_visitor_may_free_what_it_looks_at_and_stop() {
    let mut memory = Memory::default();
    let mut pool = ObjectPool::<4>::new(8, 8).unwrap();
    let offsets: Vec<u32> = (0..20)
        .map(|_| pool.alloc(&mut memory).unwrap().offset)
        .collect();
    let mut seen = Vec::new();
    let stopped = pool.for_each(|object| {
        seen.push(object.offset);
        match seen.len() {
            10 => Visit::Stop,
            count if count % 2 == 0 => Visit::Free,
            _ => Visit::Keep,
        }
    });
    assert_eq!(seen, offsets[..10]);
    assert_eq!(stopped.map(|object| object.offset), Some(offsets[9]));
    assert_eq!(pool.stats().used, 16);
    assert_eq!(pool.for_each(|_| Visit::Free), None);
    assert_eq!(pool.stats().used, 0);
    pool.check().unwrap();
    // Pruned in the middle, chunks come back in their places.
    assert_eq!(pool.prune(&mut memory), 30 * 8);
    assert!(memory.chunks.is_empty());
    assert_eq!(pool.next(None), None);
}

#[test]
fn a_handle_does_not_outlive_its_chunk() {
    let mut memory = Memory::default();
    let mut pool = ObjectPool::<4>::new(8, 8).unwrap();
    let old = pool.alloc(&mut memory).unwrap();
    pool.free(old.handle).unwrap();
    pool.prune(&mut memory);
    assert_eq!(pool.free(old.handle), Err(FreeError::Stale));
    let new = pool.alloc(&mut memory).unwrap();
    assert_eq!(pool.free(old.handle), Err(FreeError::Stale));
    pool.free(new.handle).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pool_agrees_with_its_shadow(steps in prop::collection::vec((0..8_u8, any::<u16>()), 1..200)) {
        let mut memory = Memory::default();
        let mut pool = ObjectPool::<6>::new(12, 8).unwrap();
        let mut live: Vec<Object> = Vec::new();
        let mut dead: Vec<Object> = Vec::new();
        let mut peak = 0;
        for (what, which) in steps {
            let at = usize::from(which) % live.len().max(1);
            match what {
                0..=3 => {
                    memory.refuse = what == 3;
                    match pool.alloc(&mut memory) {
                        Ok(object) => {
                            let inside = memory.chunks.iter().any(|(start, bytes)| {
                                object.offset >= *start && object.offset + 16 <= start + bytes
                            });
                            prop_assert!(inside && object.offset % 8 == 0);
                            prop_assert!(live.iter().all(|other| other.offset.abs_diff(object.offset) >= 16));
                            prop_assert_eq!(memory.zeroed.last(), Some(&(object.offset, 16)));
                            live.push(object);
                        }
                        Err(error) => {
                            prop_assert_eq!(pool.stats().used, pool.stats().objects);
                            prop_assert!(what == 3 || error == AllocError::NoChunk(6));
                        }
                    }
                }
                4 if !live.is_empty() => {
                    let object = live.swap_remove(at);
                    pool.free(object.handle).unwrap();
                    dead.push(object);
                }
                5 if !live.is_empty() => {
                    let object = live.swap_remove(at);
                    pool.free_at(object.offset).unwrap();
                    dead.push(object);
                }
                6 if !dead.is_empty() => {
                    let object = dead[usize::from(which) % dead.len()];
                    prop_assert_eq!(pool.free(object.handle), Err(FreeError::Stale));
                }
                7 => {
                    pool.prune(&mut memory);
                }
                _ => {}
            }
            pool.check().unwrap();
            peak = peak.max(live.len() as u32);
            let stats = pool.stats();
            prop_assert_eq!((stats.used, stats.peak), (live.len() as u32, peak));
            prop_assert_eq!(stats.chunks as usize, memory.chunks.len());
            let bytes: u32 = memory.chunks.iter().map(|(_, bytes)| bytes).sum();
            prop_assert_eq!(stats.objects * 16, bytes);
            let mut walked = Vec::new();
            pool.for_each(|object| { walked.push(object.offset); Visit::Keep });
            walked.sort_unstable();
            let mut expected: Vec<u32> = live.iter().map(|object| object.offset).collect();
            expected.sort_unstable();
            prop_assert_eq!(walked, expected);
        }
        live.iter().for_each(|object| pool.free(object.handle).unwrap());
        pool.prune(&mut memory);
        prop_assert!(memory.chunks.is_empty());
    }
}
