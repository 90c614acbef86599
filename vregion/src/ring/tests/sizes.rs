//! Buffers and their sizes.

use super::*;

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
