//! A pool of objects beside a list of those that are alive.

use std::collections::BTreeMap;

use fuzz_targets::Bytes;
use vregion::object_pool::{ChunkMemory, FreeError, ObjectHandle, ObjectPool};

#[test]
fn object_pool() {
    bolero::check!()
        .with_iterations(500)
        .with_generator(bolero::produce::<Vec<u8>>().with().len(0..2_048_usize))
        .for_each(|input| {
            let mut bytes = Bytes::new(input);
            if let Some((size, shift)) = bytes.below(100).zip(bytes.below(8)) {
                run(size, 1 << shift, bytes.steps(400, step));
            }
        });
}

enum Step {
    Alloc { refuse: bool },
    Free(usize),
    FreeAgain(usize),
    FreeAny(u32),
    Prune,
}

fn step(bytes: &mut Bytes<'_>) -> Option<Step> {
    Some(match bytes.below(16)? {
        0..8 => Step::Alloc {
            refuse: bytes.below(8)? == 0,
        },
        8..13 => Step::Free(bytes.pick()?),
        13 => Step::FreeAgain(bytes.pick()?),
        14 => Step::FreeAny(bytes.below(30_000)?),
        _ => Step::Prune,
    })
}

/// Chunks one after the other, with gaps where some were given back.
#[derive(Default)]
struct Chunks {
    refuse: bool,
    taken: BTreeMap<u32, u32>,
}

impl ChunkMemory for Chunks {
    type Error = ();

    fn take(&mut self, bytes: u32, align: u32) -> Result<u32, ()> {
        if self.refuse {
            return Err(());
        }
        let end = self.taken.iter().next_back();
        let offset = end
            .map_or(64, |(at, bytes)| at + bytes)
            .next_multiple_of(align);
        self.taken.insert(offset, bytes);
        Ok(offset)
    }

    fn give(&mut self, offset: u32, bytes: u32) {
        assert_eq!(self.taken.remove(&offset), Some(bytes));
    }

    fn zero(&mut self, offset: u32, bytes: u32) {
        let chunk = self.taken.range(..=offset).next_back().unwrap();
        assert!(
            offset + bytes <= chunk.0 + chunk.1,
            "zeroed beyond its chunk"
        );
    }
}

fn run(size: u32, align: u32, steps: Vec<Step>) {
    let Ok(mut pool) = ObjectPool::<6>::new(size, align) else {
        assert_eq!(size, 0);
        return;
    };
    let mut chunks = Chunks::default();
    let mut alive: Vec<(u32, ObjectHandle)> = Vec::new();
    let mut freed = Vec::new();
    for step in steps {
        match step {
            Step::Alloc { refuse } => {
                chunks.refuse = refuse;
                let Ok(made) = pool.alloc(&mut chunks) else {
                    let most: u32 = chunks
                        .taken
                        .values()
                        .map(|bytes| bytes / pool.stride())
                        .sum();
                    assert_eq!(alive.len() as u32, most, "refused though an object is free");
                    continue;
                };
                assert_eq!(made.offset % align, 0);
                let apart = |(at, _): &(u32, _)| at.abs_diff(made.offset) >= pool.stride();
                assert!(alive.iter().all(apart), "two objects overlap");
                alive.push((made.offset, made.handle));
            }
            Step::Free(n) if !alive.is_empty() => {
                let (_, handle) = alive.swap_remove(n % alive.len());
                assert_eq!(pool.free(handle), Ok(()));
                freed.push(handle);
            }
            Step::FreeAgain(n) if !freed.is_empty() => {
                let handle = freed[n % freed.len()];
                // After 256 lives a name comes again.
                if !alive.iter().any(|(_, other)| *other == handle) {
                    pool.free(handle).unwrap_err();
                }
            }
            Step::FreeAny(offset) => {
                let at = alive.iter().position(|(at, _)| *at == offset);
                let result: Result<(), FreeError> = pool.free_at(offset);
                assert_eq!(result.is_ok(), at.is_some());
                if let Some(at) = at {
                    freed.push(alive.swap_remove(at).1);
                }
            }
            Step::Prune => {
                let before: u32 = chunks.taken.values().sum();
                let pruned = pool.prune(&mut chunks);
                assert_eq!(before - chunks.taken.values().sum::<u32>(), pruned);
                assert!(!alive.is_empty() || chunks.taken.is_empty());
            }
            Step::Free(_) | Step::FreeAgain(_) => {}
        }
        pool.check().unwrap();
    }
}
