//! The calls that the entry code mostly serves by itself, served by the kernel: the same outcomes.

use abi::Call;
use mmu::Alias;
use syscalls::Reason;

use crate::rig::{CLOCK, CONSTANTS, REGION, REGION_BYTES, Rig, TEXT, TRACES, address, region};

const RECORD: [u8; 16] = *b"what it has seen";

fn words() -> [u32; 4] {
    let word = |at: usize| u32::from_le_bytes(RECORD[at..at + 4].try_into().unwrap());
    [word(0), word(4), word(8), word(12)]
}

#[test]
fn ticks_are_the_kernels() {
    let mut rig = Rig::new();
    assert_eq!(rig.returns(Call::Ticks, [1, 2, 3]), CLOCK.ticks);
}

#[test]
fn a_record_is_noted_with_its_owner_and_the_time() {
    let mut rig = Rig::new();
    for alias in [Alias::Cached, Alias::Uncached] {
        let at = address(0, REGION, alias) + 0x40;
        rig.poke(0, REGION, 0x40, &RECORD);
        assert_eq!(rig.returns(Call::Trace, [at, 0, 0]), 0);
    }
    assert_eq!(rig.log.1, [(0, words(), CLOCK.cycles); 2]);
}

#[test]
fn constants_and_text_may_be_traced_for_they_may_be_read() {
    let mut rig = Rig::new();
    for page in [CONSTANTS, TEXT] {
        rig.returns(Call::Trace, [address(0, page, Alias::Cached), 0, 0]);
    }
    assert_eq!(rig.log.1.len(), 2);
}

#[test]
fn a_record_that_is_not_aligned_stops_the_module() {
    let mut rig = Rig::new();
    for off in [1, 4, 8, 15] {
        let at = region() + off;
        rig.refused(Call::Trace, [at, 0, 0], Reason::Misaligned, at);
    }
    rig.refused(Call::Trace, [u32::MAX, 0, 0], Reason::Misaligned, u32::MAX);
    assert!(rig.log.1.is_empty());
}

#[test]
fn foreign_records_stop_the_module() {
    let mut rig = Rig::new();
    let behind = region() + REGION_BYTES;
    let neighbour = address(1, REGION, Alias::Cached);
    for at in [0, 0x0020_0000, 0xd050_0000, behind, neighbour, 0xffff_fff0] {
        rig.refused(Call::Trace, [at, 0, 0], Reason::ClaimForeign, at);
    }
    assert!(rig.log.1.is_empty());
}

#[test]
fn a_full_ring_is_told_and_nothing_is_lost() {
    let mut rig = Rig::new();
    for _ in 0..TRACES {
        rig.returns(Call::Trace, [region(), 0, 0]);
    }
    rig.refused(Call::Trace, [region(), 0, 0], Reason::OverQuota, region());
    assert_eq!(rig.log.1.len(), TRACES);
}
