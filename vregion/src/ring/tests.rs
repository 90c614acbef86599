//! Cases by hand and random steps.

use std::collections::{BTreeMap, VecDeque};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::range::{Range, RangeError};

/// So much memory, of which any part can be had.
struct Memory {
    left: u32,
    next: u32,
    taken: BTreeMap<u32, u32>,
}

impl Memory {
    fn new(left: u32) -> Self {
        Memory {
            left,
            next: 0,
            taken: BTreeMap::new(),
        }
    }
}

impl BufferMemory for Memory {
    type Error = u32;

    fn take(&mut self, bytes: u32, align: u32) -> Result<Block, u32> {
        self.left = self.left.checked_sub(bytes).ok_or(self.left)?;
        let offset = self.next.next_multiple_of(align);
        self.next = offset + bytes;
        self.taken.insert(offset, bytes);
        Ok(Block { offset, bytes })
    }

    fn take_range(&mut self, range: Range) -> Result<Block, u32> {
        self.take(
            range.preferred.min(self.left).max(range.minimum),
            range.align,
        )
    }

    fn give(&mut self, block: Block) {
        assert_eq!(self.taken.remove(&block.offset), Some(block.bytes));
        self.left += block.bytes;
    }
}

fn fill(buffer: &mut ComponentBuffer, bytes: u32) {
    buffer.ring_mut().get_space(bytes).unwrap();
    buffer.ring_mut().commit_space(bytes).unwrap();
}

#[test]
fn a_full_ring_is_not_an_empty_one() {
    let mut ring = Ring::new(10).unwrap();
    ring.get_space(10).unwrap();
    ring.commit_space(10).unwrap();
    assert_eq!((ring.available(), ring.free()), (10, 0));
    assert_eq!(
        ring.get_space(1),
        Err(RingError::NoSpace { wanted: 1, free: 0 })
    );
    ring.get_data(10).unwrap();
    ring.commit_data(10).unwrap();
    assert_eq!((ring.available(), ring.free()), (0, 10));
    assert_eq!(
        ring.get_data(1),
        Err(RingError::NoData {
            wanted: 1,
            available: 0
        })
    );
    ring.check().unwrap();
}

#[test]
fn no_more_is_committed_than_got() {
    let mut ring = Ring::new(10).unwrap();
    assert_eq!(
        ring.commit_space(1),
        Err(RingError::NotGot { wanted: 1, got: 0 })
    );
    ring.get_space(6).unwrap();
    assert_eq!(ring.get_space(1), Err(RingError::Got(6)));
    assert_eq!(
        ring.commit_space(7),
        Err(RingError::NotGot { wanted: 7, got: 6 })
    );
    ring.commit_space(4).unwrap();
    assert_eq!(
        ring.commit_space(1),
        Err(RingError::NotGot { wanted: 1, got: 0 })
    );
    ring.get_data(4).unwrap();
    assert_eq!(ring.get_data(0), Err(RingError::Got(4)));
    assert_eq!(
        ring.commit_data(u32::MAX),
        Err(RingError::NotGot {
            wanted: u32::MAX,
            got: 4
        })
    );
    ring.commit_data(1).unwrap();
    assert_eq!((ring.available(), ring.stats().failures), (3, 6));
    ring.check().unwrap();
    ring.reset();
    assert_eq!((ring.available(), ring.stats()), (0, RingStats::default()));
}

#[test]
fn sizes_that_are_refused() {
    for bytes in [0, MAX_BYTES + 1, u32::MAX] {
        assert_eq!(Ring::new(bytes).err(), Some(RingError::Size(bytes)));
    }
    let mut memory = Memory::new(1000);
    let mut buffer = ComponentBuffer::new(100, 8, &mut memory).unwrap();
    let size = SizeError::Ring(RingError::Size(0));
    assert_eq!(buffer.set_size(0, 8, &mut memory), Err(size));
    assert_eq!(
        buffer.set_size(10, 12, &mut memory),
        Err(SizeError::Alignment(12))
    );
    let mut range = |minimum, preferred, align| {
        buffer.set_size_range(
            Range {
                minimum,
                preferred,
                align,
            },
            &mut memory,
        )
    };
    assert_eq!(range(0, 10, 8), Err(SizeError::Range(RangeError::Empty)));
    let inverted = RangeError::Inverted {
        minimum: 11,
        preferred: 10,
    };
    assert_eq!(range(11, 10, 8), Err(SizeError::Range(inverted)));
    assert_eq!(range(1, 10, 0), Err(SizeError::Alignment(0)));
    buffer.ring_mut().get_space(1).unwrap();
    assert_eq!(buffer.set_size(10, 8, &mut memory), Err(SizeError::InUse));
}

#[test]
fn growing_takes_new_memory_and_shrinking_may_keep_the_old() {
    let mut memory = Memory::new(300);
    let mut buffer = ComponentBuffer::new(100, 8, &mut memory).unwrap();
    fill(&mut buffer, 60);
    assert_eq!(buffer.set_size(100, 8, &mut memory), Ok(Resized::Same));
    assert_eq!(buffer.ring().available(), 60);
    assert_eq!(buffer.set_size(180, 64, &mut memory), Ok(Resized::Moved));
    assert_eq!(
        (buffer.ring().available(), buffer.block().offset % 64),
        (0, 0)
    );
    assert_eq!(memory.left, 120);
    assert_eq!(buffer.set_size(150, 8, &mut memory), Ok(Resized::Kept));
    assert_eq!((buffer.ring().bytes(), buffer.block().bytes), (150, 180));
    buffer.check().unwrap();
    buffer.close(&mut memory);
    assert_eq!((memory.left, memory.taken.len()), (300, 0));
}

#[test]
fn f33_growing_that_fails_keeps_the_old_block() {
    let mut memory = Memory::new(150);
    let mut buffer = ComponentBuffer::new(100, 8, &mut memory).unwrap();
    fill(&mut buffer, 60);
    let block = buffer.block();
    let refused = SizeError::Memory {
        bytes: 200,
        error: 50,
    };
    assert_eq!(buffer.set_size(200, 8, &mut memory), Err(refused));
    assert_eq!((buffer.block(), buffer.ring().available()), (block, 60));
    buffer.check().unwrap();
}

/// In SOF a range of which nothing can be had leaves a buffer of no bytes and reports success.
#[test]
fn f33_a_range_that_cannot_be_had_is_an_error() {
    let mut memory = Memory::new(150);
    let mut buffer = ComponentBuffer::new(100, 8, &mut memory).unwrap();
    fill(&mut buffer, 60);
    let range = |minimum, preferred| Range {
        minimum,
        preferred,
        align: 8,
    };
    let refused = SizeError::Memory {
        bytes: 120,
        error: 50,
    };
    assert_eq!(
        buffer.set_size_range(range(120, 400), &mut memory),
        Err(refused)
    );
    assert_eq!(
        (buffer.ring().bytes(), buffer.ring().available()),
        (100, 60)
    );
    // The old memory has the minimum, and more than can be had besides it.
    assert_eq!(
        buffer.set_size_range(range(80, 400), &mut memory),
        Ok(Resized::Same)
    );
    assert_eq!(
        buffer.set_size_range(range(20, 400), &mut memory),
        Ok(Resized::Same)
    );
    assert_eq!(buffer.ring().available(), 60);
    assert_eq!((memory.left, memory.taken.len()), (50, 1));
    memory.left = 120;
    assert_eq!(
        buffer.set_size_range(range(20, 400), &mut memory),
        Ok(Resized::Moved)
    );
    assert_eq!(buffer.ring().bytes(), 120);
    assert_eq!(
        buffer.set_size_range(range(90, 110), &mut memory),
        Ok(Resized::Kept)
    );
    assert_eq!((buffer.ring().bytes(), buffer.block().bytes), (110, 120));
    buffer.check().unwrap();
}

#[test]
fn a_range_gives_a_buffer_what_there_is() {
    let mut memory = Memory::new(150);
    let range = Range {
        minimum: 100,
        preferred: 400,
        align: 8,
    };
    let buffer = ComponentBuffer::with_range(range, &mut memory).unwrap();
    assert_eq!(buffer.ring().bytes(), 150);
    assert!(ComponentBuffer::with_range(range, &mut memory).is_err());
    buffer.close(&mut memory);
    assert_eq!(memory.left, 150);
}

#[test]
fn memory_that_is_not_what_was_asked_for_is_given_back() {
    struct Broken(Block, bool);
    impl BufferMemory for Broken {
        type Error = ();
        fn take(&mut self, _bytes: u32, _align: u32) -> Result<Block, ()> {
            Ok(self.0)
        }
        fn take_range(&mut self, _range: Range) -> Result<Block, ()> {
            Ok(self.0)
        }
        fn give(&mut self, _block: Block) {
            self.1 = true;
        }
    }
    for block in [
        Block {
            offset: 0,
            bytes: 99,
        },
        Block {
            offset: 4,
            bytes: 100,
        },
    ] {
        let mut memory = Broken(block, false);
        let refused = ComponentBuffer::new(100, 8, &mut memory).err();
        assert_eq!(refused, Some(SizeError::Misplaced(block.bytes)));
        assert!(memory.1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes written come out once each, in order, through the pieces alone.
    #[test]
    fn what_goes_in_comes_out(bytes in 1..50_u32, steps in prop::collection::vec((0..5_u8, 0..60_u32), 1..200)) {
        let mut ring = Ring::new(bytes).unwrap();
        let mut memory = vec![0_u32; bytes as usize];
        let mut queue = VecDeque::new();
        let (mut space, mut data, mut next) = (Vec::new(), Vec::new(), 1);
        let places = |pieces: [Piece; 2]| pieces.iter().flat_map(|piece| piece.offset..piece.offset + piece.bytes).collect::<Vec<u32>>();
        for (what, number) in steps {
            match what {
                0 => match ring.get_space(number) {
                    Ok(pieces) => {
                        space = places(pieces);
                        prop_assert_eq!(space.len() as u32, number);
                    }
                    Err(_) => prop_assert!(!space.is_empty() || number > bytes - queue.len() as u32),
                },
                1 => if ring.commit_space(number).is_ok() {
                    prop_assert!(number as usize <= space.len());
                    for place in space.drain(..).take(number as usize) {
                        memory[place as usize] = next;
                        queue.push_back(next);
                        next += 1;
                    }
                    space.clear();
                } else {
                    prop_assert!(number as usize > space.len());
                },
                2 => match ring.get_data(number) {
                    Ok(pieces) => {
                        data = places(pieces);
                        let seen: Vec<u32> = data.iter().map(|place| memory[*place as usize]).collect();
                        prop_assert!(seen.iter().eq(queue.iter().take(number as usize)));
                    }
                    Err(_) => prop_assert!(!data.is_empty() || number as usize > queue.len()),
                },
                3 => if ring.commit_data(number).is_ok() {
                    queue.drain(..number as usize);
                    data.clear();
                } else {
                    prop_assert!(number as usize > data.len());
                },
                _ if number == 0 => {
                    ring.reset();
                    queue.clear();
                    space.clear();
                    data.clear();
                }
                _ => {}
            }
            ring.check().unwrap();
            prop_assert!(space.iter().all(|place| !data.contains(place)));
            prop_assert_eq!(ring.available() as usize, queue.len());
            prop_assert_eq!(ring.free(), bytes - ring.available());
        }
    }

    #[test]
    fn a_buffer_never_loses_its_memory(left in 50..400_u32, steps in prop::collection::vec((any::<bool>(), 0..300_u32, 0..300_u32, 0..8_u32), 1..60)) {
        let mut memory = Memory::new(left);
        let mut buffer = ComponentBuffer::new(40, 8, &mut memory).unwrap();
        for (ranged, minimum, more, shift) in steps {
            let before = (buffer.block(), buffer.ring().bytes());
            let range = Range { minimum, preferred: minimum + more, align: 1 << shift };
            let result = if ranged {
                buffer.set_size_range(range, &mut memory)
            } else {
                buffer.set_size(minimum, range.align, &mut memory)
            };
            match result {
                Err(_) => prop_assert_eq!((buffer.block(), buffer.ring().bytes()), before),
                Ok(_) => {
                    let most = if ranged { range.preferred } else { minimum };
                    prop_assert!((minimum..=most).contains(&buffer.ring().bytes()));
                    prop_assert_eq!(buffer.block().offset % range.align, 0);
                }
            }
            buffer.check().unwrap();
            prop_assert_eq!(memory.taken.clone(), BTreeMap::from([(buffer.block().offset, buffer.block().bytes)]));
        }
    }
}
