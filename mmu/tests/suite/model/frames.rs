//! What the kernel does with frames is coherent on its core and leaves no line.

use mmu::{Alias, Frames, PAGE_BYTES, PhysAddr, Rights, VirtAddr};
use proptest::prelude::*;

use super::rig::{Rig, at, core, frame, rig};

/// A page of both kinds, with lines of it in both caches, the data line dirty.
fn touched() -> Rig {
    let mut rig = rig();
    rig.map(0, Rights::TEXT | Rights::DATA);
    let page = at(Alias::Cached, 0);
    rig.fetch(page).unwrap();
    rig.store(page, 0x0403_0201).unwrap();
    assert_eq!(rig.machine.lines(core(0)).len(), 2);
    rig
}

fn both(rig: &mut Rig) -> [u32; 2] {
    [Alias::Cached, Alias::Uncached].map(|alias| rig.load(at(alias, 0)).unwrap())
}

#[test]
fn a_read_sees_both_aliases_and_leaves_no_data_line() {
    let mut rig = touched();
    let mut bytes = [0; 4];
    rig.machine.read(frame(0), &mut bytes);
    assert_eq!(bytes, [1, 2, 3, 4]);
    assert_eq!(rig.machine.lines(core(0)).len(), 1);
    rig.store(at(Alias::Uncached, 0), 5).unwrap();
    rig.machine.read(frame(0), &mut bytes);
    assert_eq!(bytes, [5, 0, 0, 0]);
}

#[test]
fn a_write_is_seen_through_both_aliases_and_leaves_no_data_line() {
    let mut rig = touched();
    rig.machine.write(frame(0), &[9; 3]);
    assert_eq!(rig.machine.lines(core(0)).len(), 1);
    assert_eq!(both(&mut rig), [0x0409_0909; 2]);
    // What it did not touch was not lost with the line.
    rig.machine.evict_all(core(0));
    assert_eq!(rig.memory(frame(0)), 0x0409_0909);
}

#[test]
fn a_zeroed_frame_is_zero_for_all_and_has_no_line() {
    let mut rig = touched();
    rig.machine.zero_frame(frame(0));
    assert_eq!(rig.machine.lines(core(0)), []);
    assert_eq!(both(&mut rig), [0; 2]);
    assert_eq!(rig.fetch(at(Alias::Cached, 0)), Ok(0));
}

#[test]
fn zeroing_clears_the_frame_alone() {
    let mut rig = rig();
    for index in 0..3 {
        rig.machine
            .write(PhysAddr(frame(index).0 + PAGE_BYTES - 1), &[9]);
        rig.machine.write(frame(index), &[9]);
    }
    rig.machine.zero_frame(frame(1));
    let edges = [0, 1, 2].map(|index| {
        let last = PhysAddr(frame(index).0 + PAGE_BYTES - 4);
        (rig.memory(frame(index)) & 0xff, rig.memory(last) >> 24)
    });
    assert_eq!(edges, [(9, 9), (0, 0), (9, 9)]);
}

#[test]
fn published_code_is_what_runs() {
    let mut rig = touched();
    assert_eq!(rig.fetch(at(Alias::Cached, 0)), Ok(0));
    rig.machine.publish(frame(0));
    assert_eq!(rig.machine.lines(core(0)), []);
    assert_eq!(rig.fetch(at(Alias::Cached, 0)), Ok(1));
}

#[test]
fn nothing_is_done_for_no_bytes() {
    let mut rig = touched();
    let before = rig.machine.fingerprint();
    rig.machine.read(frame(0), &mut []);
    rig.machine.write(frame(0), &[]);
    assert_eq!(rig.machine.fingerprint(), before);
}

#[derive(Clone, Debug)]
enum Step {
    Read(u32, u32),
    Write(u32, u32, u8),
    Zero,
    Store(u32, u8),
    Load(u32),
    Evict(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let place = || prop_oneof![0..200u32, 3900..4096u32];
    prop_oneof![
        4 => (place(), 1..150u32).prop_map(|(at, bytes)| Step::Read(at, bytes)),
        4 => (place(), 1..150u32, any::<u8>()).prop_map(|(at, bytes, with)| Step::Write(at, bytes, with)),
        1 => Just(Step::Zero),
        8 => (place(), any::<u8>()).prop_map(|(at, byte)| Step::Store(at, byte)),
        4 => place().prop_map(Step::Load),
        2 => place().prop_map(Step::Evict),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// One core with one module and the kernel, that touches the page through its cached alias:
    /// the caches cannot be told from plain memory, whenever hardware evicts what.
    #[test]
    fn frames_and_a_cached_module_agree(steps in prop::collection::vec(step(), 1..60)) {
        let mut rig = rig();
        rig.map(0, Rights::DATA);
        let mut plain = vec![0; PAGE_BYTES as usize];
        let within = |at: u32, bytes: u32| bytes.min(PAGE_BYTES - at) as usize;
        let page = at(Alias::Cached, 0);
        for step in steps {
            match step {
                Step::Read(at, bytes) => {
                    let mut found = vec![0; within(at, bytes)];
                    rig.machine.read(PhysAddr(frame(0).0 + at), &mut found);
                    prop_assert_eq!(&found[..], &plain[at as usize..][..found.len()]);
                }
                Step::Write(at, bytes, with) => {
                    let from = vec![with; within(at, bytes)];
                    rig.machine.write(PhysAddr(frame(0).0 + at), &from);
                    plain[at as usize..][..from.len()].copy_from_slice(&from);
                }
                Step::Zero => {
                    rig.machine.zero_frame(frame(0));
                    plain.fill(0);
                }
                Step::Store(at, byte) => {
                    rig.machine.user_store(VirtAddr(page.0 + at), byte).unwrap();
                    plain[at as usize] = byte;
                }
                Step::Load(at) => {
                    let found = rig.machine.user_load(VirtAddr(page.0 + at));
                    prop_assert_eq!(found, Ok(plain[at as usize]));
                }
                Step::Evict(at) => {
                    rig.machine.evict_line(core(0), PhysAddr(frame(0).0 + at));
                }
            }
        }
    }
}
