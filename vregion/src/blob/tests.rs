//! Cases by hand and random steps.

use std::collections::BTreeMap;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

#[derive(Default)]
struct Memory {
    next: u32,
    refuse: bool,
    taken: BTreeMap<u32, u32>,
}

impl BlobMemory for Memory {
    type Error = u8;

    fn take(&mut self, bytes: u32) -> Result<u32, u8> {
        if self.refuse {
            return Err(5);
        }
        let offset = self.next;
        self.next += bytes;
        self.taken.insert(offset, bytes);
        Ok(offset)
    }

    fn give(&mut self, offset: u32, bytes: u32) {
        assert_eq!(self.taken.remove(&offset), Some(bytes));
    }
}

fn good(_blob: Blob) -> Result<(), u8> {
    Ok(())
}

fn send(handler: &mut BlobHandler, bytes: u32, memory: &mut Memory) -> Blob {
    handler.begin(bytes, Reader::Active, memory).unwrap();
    handler.append(0, bytes).unwrap();
    handler.commit(good, memory).unwrap()
}

#[test]
fn the_old_blob_stays_whole_until_the_switch() {
    let (mut handler, mut memory) = (BlobHandler::new(Buffering::Double), Memory::default());
    let old = send(&mut handler, 100, &mut memory);
    assert_eq!(handler.switch(&mut memory), Some(old));
    handler.begin(200, Reader::Active, &mut memory).unwrap();
    handler.append(0, 200).unwrap();
    assert_eq!(handler.switch(&mut memory), Some(old));
    let new = handler.commit(good, &mut memory).unwrap();
    assert_eq!((handler.current(), handler.has_new()), (Some(old), true));
    assert!(memory.taken.contains_key(&old.offset));
    assert_eq!(handler.switch(&mut memory), Some(new));
    assert_eq!(memory.taken, BTreeMap::from([(new.offset, 200)]));
    assert_eq!((handler.stats().used, handler.stats().peak), (200, 300));
    handler.clear(&mut memory);
    assert!(memory.taken.is_empty());
    handler.check().unwrap();
}

#[test]
fn fragments_come_in_order_and_all_of_them() {
    let (mut handler, mut memory) = (BlobHandler::new(Buffering::Double), Memory::default());
    assert_eq!(handler.append(0, 1), Err(AppendError::NoTransfer));
    assert_eq!(
        handler.commit(good, &mut memory),
        Err(CommitError::NoTransfer)
    );
    handler.begin(100, Reader::Idle, &mut memory).unwrap();
    assert_eq!(handler.append(0, 0), Err(AppendError::Empty));
    assert_eq!(
        handler.append(1, 10),
        Err(AppendError::OutOfOrder { expected: 0, at: 1 })
    );
    handler.append(0, 60).unwrap();
    assert_eq!(
        handler.append(0, 60),
        Err(AppendError::OutOfOrder {
            expected: 60,
            at: 0
        })
    );
    assert_eq!(
        handler.append(60, 41),
        Err(AppendError::TooLong {
            bytes: 41,
            left: 40
        })
    );
    assert_eq!(
        handler.append(60, u32::MAX),
        Err(AppendError::TooLong {
            bytes: u32::MAX,
            left: 40
        })
    );
    let incomplete = CommitError::Incomplete {
        received: 60,
        bytes: 100,
    };
    assert_eq!(handler.commit(good, &mut memory), Err(incomplete));
    assert_eq!(
        handler.append(60, 40),
        Ok(Blob {
            offset: 60,
            bytes: 40
        })
    );
    assert_eq!(
        handler.append(100, 1),
        Err(AppendError::TooLong { bytes: 1, left: 0 })
    );
    handler.commit(good, &mut memory).unwrap();
    assert_eq!(handler.append(100, 1), Err(AppendError::NoTransfer));
}

#[test]
fn busy_is_told_apart() {
    let (mut handler, mut memory) = (BlobHandler::new(Buffering::Double), Memory::default());
    handler.begin(100, Reader::Active, &mut memory).unwrap();
    handler.append(0, 30).unwrap();
    let receiving = BeginError::Receiving {
        received: 30,
        bytes: 100,
    };
    assert_eq!(handler.begin(10, Reader::Idle, &mut memory), Err(receiving));
    handler.append(30, 70).unwrap();
    handler.commit(good, &mut memory).unwrap();
    assert_eq!(
        handler.begin(10, Reader::Idle, &mut memory),
        Err(BeginError::NotTaken)
    );
    assert!(!handler.abort(&mut memory));
    handler.switch(&mut memory);
    handler.begin(10, Reader::Idle, &mut memory).unwrap();
    assert!(handler.abort(&mut memory));
    assert_eq!(handler.current().map(|blob| blob.bytes), Some(100));
    assert_eq!(handler.stats().failures, 3);
    assert_eq!(memory.taken.len(), 1);
}

#[test]
fn one_buffer_waits_for_its_reader() {
    let (mut handler, mut memory) = (BlobHandler::new(Buffering::Single), Memory::default());
    send(&mut handler, 100, &mut memory);
    handler.switch(&mut memory);
    assert_eq!(
        handler.begin(50, Reader::Active, &mut memory),
        Err(BeginError::Active)
    );
    assert_eq!(handler.current().map(|blob| blob.bytes), Some(100));
    handler.begin(50, Reader::Idle, &mut memory).unwrap();
    assert_eq!(handler.current(), None);
    assert_eq!(handler.stats().peak, 100);
    handler.check().unwrap();
}

#[test]
fn sizes_that_are_refused() {
    let (mut handler, mut memory) = (BlobHandler::new(Buffering::Double), Memory::default());
    assert_eq!(
        handler.begin(0, Reader::Idle, &mut memory),
        Err(BeginError::Empty)
    );
    for bytes in [8193, u32::MAX] {
        let too_long = BeginError::TooLong { bytes, max: 8192 };
        assert_eq!(
            handler.begin(bytes, Reader::Idle, &mut memory),
            Err(too_long)
        );
    }
    memory.refuse = true;
    assert_eq!(
        handler.begin(8192, Reader::Idle, &mut memory),
        Err(BeginError::Memory(5))
    );
    handler.check().unwrap();
    assert_eq!((handler.stats().used, handler.stats().failures), (0, 4));
}

#[test]
fn a_blob_that_is_not_valid_leaves_the_old_one() {
    let (mut handler, mut memory) = (BlobHandler::new(Buffering::Double), Memory::default());
    let old = send(&mut handler, 100, &mut memory);
    handler.switch(&mut memory);
    handler.begin(64, Reader::Active, &mut memory).unwrap();
    handler.append(0, 64).unwrap();
    let mut seen = None;
    let result = handler.commit(
        |blob| {
            seen = Some(blob);
            Err(3)
        },
        &mut memory,
    );
    assert_eq!(result, Err(CommitError::Invalid(3)));
    assert_eq!(seen.map(|blob| blob.bytes), Some(64));
    assert_eq!((handler.current(), handler.has_new()), (Some(old), false));
    assert_eq!(memory.taken.len(), 1);
    handler.check().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_never_sees_half_a_blob(
        steps in prop::collection::vec((0..9_u8, 0..40_u32), 1..150),
        single: bool,
    ) {
        let buffering = if single { Buffering::Single } else { Buffering::Double };
        let mut handler = BlobHandler::with_max(buffering, 32);
        let mut memory = Memory::default();
        // Each byte that has come, by its place; what the reader has, by what it was told.
        let mut come: Vec<u32> = Vec::new();
        let mut whole: Vec<Blob> = Vec::new();
        for (what, number) in steps {
            let reader = handler.current();
            memory.refuse = number == 13;
            match what {
                0 | 1 => {
                    let idle = if what == 0 { Reader::Active } else { Reader::Idle };
                    if handler.begin(number, idle, &mut memory).is_ok() {
                        come.clear();
                    } else if !(single && what == 1) {
                        prop_assert_eq!(handler.current(), reader);
                    }
                }
                2..=4 => {
                    if let Ok(place) = handler.append(come.len() as u32, number) {
                        come.extend(place.offset..place.offset + place.bytes);
                    }
                    prop_assert_eq!(handler.append(come.len() as u32 + 1, 1).is_ok(), false);
                }
                5 | 6 => {
                    if let Ok(blob) = handler.commit(|_| if number < 30 { Ok(()) } else { Err(()) }, &mut memory) {
                        prop_assert_eq!(&come, &(blob.offset..blob.offset + blob.bytes).collect::<Vec<_>>());
                        whole.push(blob);
                    }
                    prop_assert_eq!(handler.current(), reader);
                }
                7 => { handler.abort(&mut memory); }
                _ => { handler.switch(&mut memory); }
            }
            handler.check().unwrap();
            if let Some(blob) = handler.current() {
                prop_assert!(whole.contains(&blob));
                prop_assert_eq!(memory.taken.get(&blob.offset), Some(&blob.bytes));
            }
            prop_assert_eq!(memory.taken.values().sum::<u32>(), handler.stats().used);
        }
        handler.clear(&mut memory);
        prop_assert!(memory.taken.is_empty());
    }
}
