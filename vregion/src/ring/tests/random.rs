//! Random steps.

use proptest::prelude::*;

use super::*;

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
