//! Log lines: copied once, of text only, up to a quota.

use abi::Call;
use mmu::{Alias, PAGE_BYTES};
use syscalls::{LOG_LINE_BYTES, LOG_LINES_PER_ENTRY, Reason};

use crate::rig::{ALIASES, CONSTANTS, REGION, Rig, TEXT, address, region};

const LONGEST: u32 = LOG_LINE_BYTES as u32;

#[test]
fn a_line_comes_from_any_readable_memory_and_either_alias() {
    for page in [TEXT, CONSTANTS, REGION] {
        for alias in ALIASES {
            let mut rig = Rig::new();
            rig.poke(0, page, 8, "grüße".as_bytes());
            let start = address(0, page, alias) + 8;
            assert_eq!(rig.returns(Call::Log, [start, 7, 0]), 7);
            assert_eq!(rig.log.0, [(0, "grüße".to_string())]);
        }
    }
}

#[test]
fn a_line_may_straddle_pages_and_partitions() {
    let mut rig = Rig::new();
    rig.poke(0, TEXT, PAGE_BYTES - 2, b"ab");
    rig.poke(0, CONSTANTS, 0, b"cd");
    let start = address(0, CONSTANTS, Alias::Cached) - 2;
    assert_eq!(rig.returns(Call::Log, [start, 4, 0]), 4);
    assert_eq!(rig.log.0[0].1, "abcd");
}

#[test]
fn the_longest_line_is_taken_and_one_byte_more_is_not() {
    let mut rig = Rig::new();
    rig.poke(0, REGION, 0, &[b'x'; 4096]);
    assert_eq!(rig.returns(Call::Log, [region(), LONGEST, 0]), LONGEST);
    assert_eq!(rig.log.0[0].1.len(), LOG_LINE_BYTES);
    rig.refused(
        Call::Log,
        [region(), LONGEST + 1, 0],
        Reason::BadLine,
        region(),
    );
}

#[test]
fn what_is_no_text_is_refused() {
    let mut rig = Rig::new();
    for bytes in [&b"\xff"[..], b"ab\xc3", b"\xed\xa0\x80", b"\xc0\x80"] {
        rig.poke(0, REGION, 0, bytes);
        let before = rig.before();
        let arguments = [region(), bytes.len() as u32, 0, 0, 0];
        let outcome = rig.call_by(0, Call::Log.number(), arguments);
        let refused = abi::Errno::Invalid.to_register();
        assert_eq!(outcome, syscalls::Outcome::Return(refused));
        let refusal = rig.audit.entries().last().unwrap().refusal().unwrap();
        assert_eq!(refusal.reason, Reason::BadLine);
        assert!(rig.before() == before);
    }
}

#[test]
fn the_lines_of_an_entry_point_are_a_quota() {
    let mut rig = Rig::new();
    rig.poke(0, REGION, 0, &[b'x'; 4096]);
    for _ in 0..LOG_LINES_PER_ENTRY {
        assert_eq!(rig.returns(Call::Log, [region(), LONGEST, 0]), LONGEST);
    }
    rig.refused(Call::Log, [region(), 1, 0], Reason::OverQuota, region());
    rig.tenants[0].begin_entry();
    assert_eq!(rig.returns(Call::Log, [region(), 1, 0]), 1);
}

#[test]
fn lines_without_bytes_do_not_come_for_nothing() {
    let mut rig = Rig::new();
    for _ in 0..2 * LOG_LINES_PER_ENTRY {
        rig.call(Call::Log, [region(), 0, 0]);
    }
    assert!(rig.log.0.len() <= LOG_LINES_PER_ENTRY as usize);
}

#[test]
fn a_long_claim_to_foreign_memory_is_judged_as_a_claim_first() {
    let mut rig = Rig::new();
    let others = address(1, REGION, Alias::Cached);
    rig.refused(Call::Log, [others, 4096, 0], Reason::ClaimForeign, others);
}
