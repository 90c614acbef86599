//! Audio buffers between instances, and between an instance and the kernel.

use kernel::audio::{ConnectError, MOST_BYTES, Pin, Side};
use kernel::config::BUFFERS;
use mmu::{Access, PAGE_BYTES};
use proptest::prelude::*;

use crate::builder::File;
use crate::rig::{Rig, twin};

const BYTES: u32 = 384;

fn pin(place: usize) -> Option<Pin> {
    Some(Pin { place, pin: 0 })
}

/// Instances at two places, the first of which feeds the second; the buffer.
fn pair() -> (Rig, usize) {
    let mut rig = Rig::new();
    for place in 0..2 {
        rig.system.install(place, &File::sound().bytes()).unwrap();
    }
    let buffer = rig.system.connect(BYTES, pin(0), pin(1)).unwrap();
    (rig, buffer)
}

fn seen(rig: &Rig, buffer: usize, side: Side) -> u32 {
    rig.system.seen(buffer, side).unwrap().0.0
}

#[test]
fn who_produces_writes_and_who_consumes_only_reads_the_same_bytes() {
    let (mut rig, buffer) = pair();
    let [written, read] = [Side::Producer, Side::Consumer].map(|side| seen(&rig, buffer, side));
    rig.switch(0);
    for address in [written, written + BYTES - 1, twin(written) + 64] {
        assert_eq!(rig.access(Access::Write, address), Ok(0x5a));
    }
    assert_eq!(rig.access(Access::Execute, written), Err(20));
    rig.switch(1);
    for offset in [0, BYTES - 1, 64] {
        assert_eq!(rig.access(Access::Read, read + offset), Ok(0x5a));
    }
    for address in [read, twin(read)] {
        assert_eq!(rig.access(Access::Write, address), Err(29));
        assert_eq!(rig.access(Access::Execute, address), Err(20));
    }
    assert_eq!(
        rig.access(Access::Read, read + PAGE_BYTES),
        Err(28),
        "a guard"
    );
    assert!(rig.system.is_sound());
}

#[test]
fn a_third_reaches_nothing_of_it() {
    let (mut rig, buffer) = pair();
    let [written, read] = [Side::Producer, Side::Consumer].map(|side| seen(&rig, buffer, side));
    rig.system.install(2, &File::sound().bytes()).unwrap();
    rig.switch(2);
    for address in [written, read, twin(written), twin(read)] {
        assert_eq!(rig.access(Access::Read, address), Err(24));
        assert_eq!(rig.access(Access::Write, address), Err(24));
    }
}

#[test]
fn a_connection_outlives_its_sides_and_shows_the_next_what_is_in_it() {
    for dead in 0..2 {
        let (mut rig, buffer) = pair();
        let before = rig.system.resources();
        rig.system.feed(buffer, &[0x77; 100]);
        rig.system.remove(dead);
        assert!(rig.system.is_sound());
        rig.system.install(dead, &File::sound().bytes()).unwrap();
        assert_eq!(rig.system.resources(), before);
        assert_eq!(rig.system.ring(buffer).unwrap().available(), 100);
        rig.switch(1);
        let read = seen(&rig, buffer, Side::Consumer);
        assert_eq!(rig.see(read, 100), [0x77; 100]);
        rig.switch(0);
        let written = seen(&rig, buffer, Side::Producer);
        assert_eq!(rig.access(Access::Write, written), Ok(0x5a));
    }
}

#[test]
fn what_a_dead_side_had_got_is_got_no_longer() {
    let (mut rig, buffer) = pair();
    rig.system.feed(buffer, &[1; 100]);
    let info = rig.start(0, kernel::estate::Purpose::Data);
    let get = |rig: &mut Rig, place, call: abi::Call| {
        rig.system
            .call(place, call.number(), [0, 10, info, 0, 0], 0)
    };
    // Both modules are the same file in slots of their own.
    let other = rig.start(1, kernel::estate::Purpose::Data);
    assert_eq!(get(&mut rig, 0, abi::Call::SinkGet), Some(0));
    let got = (rig.system).call(1, abi::Call::SourceGet.number(), [0, 10, other, 0, 0], 0);
    assert_eq!(got, Some(0));
    assert!(rig.system.ring(buffer).unwrap().is_got());
    rig.system.remove(0);
    rig.system.remove(1);
    assert!(!rig.system.ring(buffer).unwrap().is_got());
    assert_eq!(rig.system.ring(buffer).unwrap().available(), 100);
}

#[test]
fn after_a_disconnect_neither_side_reaches_it_and_all_is_back() {
    let (mut rig, buffer) = pair();
    let [written, read] = [Side::Producer, Side::Consumer].map(|side| seen(&rig, buffer, side));
    let before = rig.system.resources();
    rig.system.feed(buffer, &[0x77; 100]);
    rig.system.disconnect(buffer);
    let after = rig.system.resources();
    assert_eq!(
        (after.frames, after.buffers),
        (before.frames + 1, before.buffers + 1)
    );
    rig.switch(0);
    assert_eq!(rig.access(Access::Read, written), Err(28));
    rig.switch(1);
    assert_eq!(rig.access(Access::Read, read), Err(28));
    assert_eq!(rig.frames_with([0x77; 16]), 0);
    let available = abi::Call::SourceAvailable.number();
    let refused = rig.system.call(1, available, [0; 5], 0);
    assert!(refused.is_none_or(abi::Errno::is_error));
    assert!(rig.system.is_sound());
    for none in [buffer, BUFFERS, usize::MAX] {
        rig.system.disconnect(none);
        assert_eq!(rig.system.resources(), after);
    }
}

#[test]
fn what_cannot_be_connected_is_refused_and_takes_nothing() {
    let (mut rig, _) = pair();
    let before = rig.system.resources();
    let at = |place, pin| Some(Pin { place, pin });
    for (bytes, producer, consumer, error) in [
        (0, None, pin(0), ConnectError::Size(0)),
        (
            MOST_BYTES + 1,
            None,
            pin(0),
            ConnectError::Size(MOST_BYTES + 1),
        ),
        (u32::MAX, None, pin(0), ConnectError::Size(u32::MAX)),
        (4, at(0, 1), at(0, 2), ConnectError::Itself),
        (4, at(0, 8), None, ConnectError::NoPin(8)),
        (4, None, at(usize::MAX, 0), ConnectError::NoPin(0)),
        (4, pin(0), None, ConnectError::PinTaken(0)),
        (4, None, pin(1), ConnectError::PinTaken(0)),
    ] {
        assert_eq!(rig.system.connect(bytes, producer, consumer), Err(error));
        assert_eq!(rig.system.resources(), before, "{error:?}");
    }
    // Not connected yet: at a place where nobody is, and the other way round.
    rig.system.connect(MOST_BYTES, at(5, 0), at(6, 7)).unwrap();
    rig.system.connect(4, pin(1), pin(0)).unwrap();
    assert!(rig.system.is_sound());
}

#[test]
fn as_many_buffers_as_there_are_and_the_next_is_refused() {
    let mut rig = Rig::new();
    for number in 0..BUFFERS {
        let at = Some(Pin {
            place: number / 8,
            pin: number % 8,
        });
        rig.system.connect(4, None, at).unwrap();
    }
    let refused = rig.system.connect(4, None, None);
    assert_eq!(refused, Err(ConnectError::NoBuffer(BUFFERS)));
    assert_eq!(rig.system.resources().buffers, 0);
}

#[test]
fn process_is_shown_whole_periods_in_one_piece_and_silence_to_write() {
    let mut rig = Rig::new();
    rig.system.install(0, &File::sound().bytes()).unwrap();
    let read = rig.system.connect(2 * BYTES, None, pin(0)).unwrap();
    let written = rig.system.connect(BYTES, pin(0), None).unwrap();
    let [source, sink] = [(read, Side::Consumer), (written, Side::Producer)]
        .map(|(buffer, side)| seen(&rig, buffer, side));
    assert_eq!(
        rig.system.begin_process(0, [BYTES; 2]),
        [0, sink],
        "no data"
    );
    for round in 0..5 {
        rig.system.feed(read, &[round; BYTES as usize]);
        let [from, to] = rig.system.begin_process(0, [BYTES; 2]);
        assert_eq!([from, to], [source + u32::from(round % 2) * BYTES, sink]);
        rig.switch(0);
        assert_eq!(rig.see(from, BYTES), [round; BYTES as usize]);
        assert_eq!(rig.see(to, BYTES), [0; BYTES as usize]);
        rig.access(Access::Write, to).unwrap();
        rig.system.end_process(0, [BYTES; 2]);
        assert_eq!(rig.system.begin_process(0, [BYTES; 2]), [0; 2], "no space");
        let mut out = [1; BYTES as usize];
        assert_eq!(rig.system.drain(written, &mut out), BYTES as usize);
        assert_eq!((out[0], out[1]), (0x5a, 0));
        assert_eq!(rig.system.ring(read).unwrap().available(), 0);
    }
}

#[test]
fn what_process_moves_by_calls_is_not_moved_once_more() {
    use abi::Call;
    for (by_source, by_sink) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut rig = Rig::new();
        rig.system.install(0, &File::sound().bytes()).unwrap();
        let read = rig.system.connect(2 * BYTES, None, pin(0)).unwrap();
        let written = rig.system.connect(2 * BYTES, pin(0), None).unwrap();
        rig.system.feed(read, &[1; 2 * BYTES as usize]);
        rig.system.begin_process(0, [BYTES; 2]);
        let info = rig.start(0, kernel::estate::Purpose::Data);
        let mut call = |call: Call, arguments| {
            let served = rig.system.call(0, call.number(), arguments, 0);
            assert_eq!(served, Some(0), "{call:?}");
        };
        if by_source {
            call(Call::SourceGet, [0, 10, info, 0, 0]);
            call(Call::SourceRelease, [0, 10, 0, 0, 0]);
        }
        if by_sink {
            call(Call::SinkGet, [0, 20, info, 0, 0]);
            call(Call::SinkCommit, [0, 20, 0, 0, 0]);
        }
        rig.system.end_process(0, [BYTES; 2]);
        let moved = [read, written].map(|buffer| {
            let stats = rig.system.ring(buffer).unwrap().stats();
            (stats.read, stats.written)
        });
        let period = u64::from(BYTES);
        let [taken, given] = [
            if by_source { 10 } else { period },
            if by_sink { 20 } else { period },
        ];
        assert_eq!(moved, [(taken, 2 * period), (0, given)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_kernel_feeds_it_drains(bytes in 1..3 * PAGE_BYTES, steps in prop::collection::vec((any::<bool>(), 0..9000usize), 1..40)) {
        let mut rig = Rig::new();
        let buffer = rig.system.connect(bytes, None, None).unwrap();
        let (mut fed, mut drained) = (0u32, 0u32);
        for (feeds, count) in steps {
            if feeds {
                let data: Vec<u8> = (0..count as u32).map(|step| ((fed + step) % 251) as u8).collect();
                let taken = rig.system.feed(buffer, &data) as u32;
                prop_assert_eq!(taken, (count as u32).min(bytes - (fed - drained)));
                fed += taken;
            } else {
                let mut data = vec![0xff; count];
                let taken = rig.system.drain(buffer, &mut data) as u32;
                prop_assert_eq!(taken, (count as u32).min(fed - drained));
                for (step, byte) in data[..taken as usize].iter().enumerate() {
                    prop_assert_eq!(u32::from(*byte), (drained + step as u32) % 251);
                }
                drained += taken;
            }
        }
    }
}
