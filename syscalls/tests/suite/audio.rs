//! Audio: bytes of buffers got and given back, by pin.

use abi::{AudioBytes, Call, Errno};
use mmu::{Alias, VirtAddr};
use syscalls::{AudioBuffer, Outcome, PINS, Reason};
use vregion::ring::Ring;
use zerocopy::FromBytes;

use crate::rig::{CONSTANTS, REGION, Rig, address, region};

const BYTES: u32 = 96;
/// Where the module sees the buffer that it reads, and the one that it writes.
const READ_AT: u32 = 0xa000_8000;
const WRITTEN_AT: u32 = 0xa000_a000;
/// The pins that they are bound to.
const SOURCE: u32 = 2;
const SINK: u32 = 5;

/// A source of which that many bytes are filled, and an empty sink.
fn bound(filled: u32) -> Rig {
    let mut rig = Rig::new();
    let mut ring = Ring::new(BYTES).unwrap();
    ring.get_space(filled).unwrap();
    ring.commit_space(filled).unwrap();
    rig.buffers = vec![
        AudioBuffer {
            ring,
            read_at: VirtAddr(READ_AT),
            written_at: VirtAddr(0),
        },
        AudioBuffer {
            ring: Ring::new(BYTES).unwrap(),
            read_at: VirtAddr(0),
            written_at: VirtAddr(WRITTEN_AT),
        },
    ];
    rig.tenants[0].sources[SOURCE as usize] = Some(0);
    rig.tenants[0].sinks[SINK as usize] = Some(1);
    rig
}

fn told(rig: &Rig) -> AudioBytes {
    AudioBytes::read_from_bytes(&rig.peek(0, REGION, 0, size_of::<AudioBytes>())).unwrap()
}

fn whole(first: u32, bytes: u32, second: u32) -> AudioBytes {
    AudioBytes {
        first,
        first_bytes: bytes,
        second,
        second_bytes: 0,
    }
}

#[test]
fn data_is_got_and_released() {
    let mut rig = bound(64);
    assert_eq!(rig.returns(Call::SourceAvailable, [SOURCE, 0, 0]), 64);
    rig.returns(Call::SourceGet, [SOURCE, 48, region()]);
    assert_eq!(told(&rig), whole(READ_AT, 48, READ_AT));
    rig.returns(Call::SourceRelease, [SOURCE, 32, 0]);
    assert_eq!(rig.returns(Call::SourceAvailable, [SOURCE, 0, 0]), 32);
    rig.returns(Call::SourceGet, [SOURCE, 32, region()]);
    assert_eq!(told(&rig), whole(READ_AT + 32, 32, READ_AT));
}

#[test]
fn space_over_the_end_comes_in_two_pieces() {
    let mut rig = bound(0);
    assert_eq!(rig.returns(Call::SinkFree, [SINK, 0, 0]), BYTES);
    rig.returns(Call::SinkGet, [SINK, 80, region()]);
    rig.returns(Call::SinkCommit, [SINK, 80, 0]);
    let ring = &mut rig.buffers[1].ring;
    ring.get_data(80).unwrap();
    ring.commit_data(80).unwrap();
    rig.returns(Call::SinkGet, [SINK, 40, region()]);
    let expected = AudioBytes {
        first: WRITTEN_AT + 80,
        first_bytes: 16,
        second: WRITTEN_AT,
        second_bytes: 24,
    };
    assert_eq!(told(&rig), expected);
}

#[test]
fn what_is_not_there_is_refused_and_the_module_goes_on() {
    let mut rig = bound(64);
    rig.refused(Call::SourceGet, [SOURCE, 65, region()], Reason::NoData, 0);
    rig.refused(
        Call::SinkGet,
        [SINK, BYTES + 1, region()],
        Reason::NoSpace,
        0,
    );
    rig.refused(
        Call::SinkGet,
        [SINK, u32::MAX, region()],
        Reason::NoSpace,
        0,
    );
    rig.refused(Call::SourceRelease, [SOURCE, 1, 0], Reason::NotGot, 0);
    rig.refused(Call::SinkCommit, [SINK, u32::MAX, 0], Reason::NotGot, 0);
    rig.returns(Call::SourceGet, [SOURCE, 8, region()]);
    rig.refused(Call::SourceGet, [SOURCE, 8, region()], Reason::Got, 0);
    rig.refused(Call::SourceRelease, [SOURCE, 9, 0], Reason::NotGot, 0);
    let errno = |error: Errno| Outcome::Return(error.to_register());
    assert_eq!(
        rig.call(Call::SourceGet, [SOURCE, 8, region()]),
        errno(Errno::Busy)
    );
}

#[test]
fn pins_are_the_callers_own() {
    let mut rig = bound(64);
    let calls = [
        Call::SourceGet,
        Call::SourceRelease,
        Call::SourceAvailable,
        Call::SinkGet,
        Call::SinkCommit,
        Call::SinkFree,
    ];
    let beyond = PINS as u32;
    for pin in [
        0,
        1,
        beyond,
        beyond + SOURCE,
        beyond + SINK,
        u32::MAX,
        1 << 31,
    ] {
        for call in calls {
            rig.refused(call, [pin, 1, region()], Reason::NoPin, 0);
        }
    }
    // A source is no sink.
    rig.refused(Call::SinkFree, [SOURCE, 0, 0], Reason::NoPin, 0);
    rig.refused(Call::SourceAvailable, [SINK, 0, 0], Reason::NoPin, 0);
    let record = address(1, REGION, Alias::Cached);
    let others = rig.call_by(1, Call::SourceGet.number(), [SOURCE, 8, record, 0, 0]);
    assert_eq!(others, Outcome::Return(Errno::Invalid.to_register()));
    // A pin whose buffer is gone is bound to nothing.
    rig.buffers.clear();
    rig.refused(Call::SinkFree, [SINK, 0, 0], Reason::NoPin, 0);
}

#[test]
fn nothing_is_got_where_nobody_can_be_told() {
    let mut rig = bound(64);
    let foreign = address(1, REGION, Alias::Cached);
    let constants = address(0, CONSTANTS, Alias::Cached);
    for (call, pin) in [(Call::SourceGet, SOURCE), (Call::SinkGet, SINK)] {
        rig.refused(
            call,
            [pin, 8, region() + 2],
            Reason::Misaligned,
            region() + 2,
        );
        rig.refused(call, [pin, 8, 0], Reason::ClaimForeign, 0);
        rig.refused(call, [pin, 8, foreign], Reason::ClaimForeign, foreign);
        rig.refused(
            call,
            [pin, 8, constants],
            Reason::ClaimProhibited,
            constants,
        );
        // Nothing was got by any of them.
        rig.returns(call, [pin, 8, region()]);
    }
}
