//! What a proof allows: exactly what was proven, once, through the frames.

use domains::{Denied, DomainHandle};
use mmu::{Access, Frames, PAGE_BYTES, Rights, VirtAddr};

use crate::rig::{ALIASES, Rig, frame, page, place};

/// Pages 0 and 1 are data, by frames 5 and 2.
fn furnished() -> (Rig, DomainHandle) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[5, 2], Rights::DATA).unwrap();
    (0..8).for_each(|number| rig.machine.zero_frame(frame(number)));
    (rig, handle)
}

#[test]
fn bytes_go_to_the_right_frames_and_nowhere_else() {
    for alias in ALIASES {
        let (mut rig, handle) = furnished();
        let start = VirtAddr(place(0, 1, alias).0 - 3);
        rig.domains
            .prove(handle, start, 5, Access::Write)
            .unwrap()
            .write(&mut rig.machine, &[1, 2, 3, 4, 5])
            .unwrap();
        for number in 0..8 {
            let mut bytes = [0; PAGE_BYTES as usize];
            rig.machine.read(frame(number), &mut bytes);
            let mut expected = [0; PAGE_BYTES as usize];
            match number {
                5 => expected[PAGE_BYTES as usize - 3..].copy_from_slice(&[1, 2, 3]),
                2 => expected[..2].copy_from_slice(&[4, 5]),
                _ => {}
            }
            assert_eq!(bytes, expected, "frame {number}");
        }
        let mut back = [0; 5];
        rig.domains
            .prove(handle, start, 5, Access::Read)
            .unwrap()
            .read(&mut rig.machine, &mut back)
            .unwrap();
        assert_eq!(back, [1, 2, 3, 4, 5]);
        rig.switch(handle);
        assert_eq!(rig.access(Access::Read, start, 0), Ok(1));
    }
}

#[test]
fn the_longest_proof_reads_every_byte() {
    let (mut rig, handle) = furnished();
    rig.machine.write(frame(5), &[7; PAGE_BYTES as usize]);
    rig.machine.write(frame(2), &[9; PAGE_BYTES as usize]);
    let mut bytes = vec![0; 2 * PAGE_BYTES as usize];
    let proven = rig
        .domains
        .prove(handle, page(0), 2 * PAGE_BYTES, Access::Read)
        .unwrap();
    assert_eq!(proven.bytes(), 2 * PAGE_BYTES);
    proven.read(&mut rig.machine, &mut bytes).unwrap();
    let (first, second) = bytes.split_at(PAGE_BYTES as usize);
    assert!(first.iter().all(|byte| *byte == 7) && second.iter().all(|byte| *byte == 9));
}

#[test]
fn a_proof_of_one_kind_serves_no_other() {
    let (mut rig, handle) = furnished();
    let address = page(0);
    let denied = |access| Err(Denied::Prohibited { address, access });
    for proven in [Access::Write, Access::Execute] {
        if let Ok(proof) = rig.domains.prove(handle, address, 1, proven) {
            assert_eq!(proof.read(&mut rig.machine, &mut [0]), denied(Access::Read));
        }
    }
    let proof = rig.domains.prove(handle, address, 1, Access::Read).unwrap();
    assert_eq!(proof.write(&mut rig.machine, &[1]), denied(Access::Write));
    let mut byte = [0];
    rig.machine.read(frame(5), &mut byte);
    assert_eq!(byte, [0]);
}

#[test]
fn a_proof_of_one_length_serves_no_other() {
    let (mut rig, handle) = furnished();
    for bytes in [0, 1, 3] {
        let proof = rig.domains.prove(handle, page(0), 2, Access::Write);
        let denied = proof.unwrap().write(&mut rig.machine, &[1, 2, 3][..bytes]);
        assert!(matches!(denied, Err(Denied::Prohibited { .. })));
        let proof = rig.domains.prove(handle, page(0), 2, Access::Read);
        let denied = proof
            .unwrap()
            .read(&mut rig.machine, &mut [1, 2, 3][..bytes]);
        assert!(matches!(denied, Err(Denied::Prohibited { .. })));
    }
    let mut byte = [0];
    rig.machine.read(frame(5), &mut byte);
    assert_eq!(byte, [0]);
}

#[test]
fn a_proof_of_no_bytes_touches_nothing_and_is_given_for_the_domains_own_only() {
    let (mut rig, handle) = furnished();
    let start = VirtAddr(page(1).0 + PAGE_BYTES - 1);
    let proof = rig.domains.prove(handle, start, 0, Access::Write);
    let before = rig.machine.fingerprint();
    assert_eq!(proof.unwrap().write(&mut rig.machine, &[]), Ok(()));
    let proof = rig.domains.prove(handle, start, 0, Access::Read);
    assert_eq!(proof.unwrap().read(&mut rig.machine, &mut []), Ok(()));
    assert_eq!(rig.machine.fingerprint(), before);
    for start in [0, page(2).0, u32::MAX] {
        let proof = rig.domains.prove(handle, VirtAddr(start), 0, Access::Write);
        assert_eq!(proof.unwrap_err(), Denied::NotGranted(VirtAddr(start)));
    }
}

#[test]
fn the_kernel_sees_what_the_module_left_in_its_cache_and_the_other_way_round() {
    let (mut rig, handle) = furnished();
    rig.switch(handle);
    for alias in ALIASES {
        let at = VirtAddr(place(0, 1, alias).0 + 70);
        rig.access(Access::Write, at, 0x11).unwrap();
        let mut byte = [0];
        let proof = rig.domains.prove(handle, at, 1, Access::Read).unwrap();
        proof.read(&mut rig.machine, &mut byte).unwrap();
        assert_eq!(byte, [0x11]);
        let proof = rig.domains.prove(handle, at, 1, Access::Write).unwrap();
        proof.write(&mut rig.machine, &[0x22]).unwrap();
        assert_eq!(rig.access(Access::Read, at, 0), Ok(0x22));
        // A late write-back must not bring the old byte back.
        rig.machine.evict_all(crate::rig::core(0));
        assert_eq!(rig.access(Access::Read, at, 0), Ok(0x22));
        let neighbour = VirtAddr(at.0 + 1);
        assert_eq!(rig.access(Access::Read, neighbour, 0), Ok(0));
    }
}

#[test]
fn what_may_not_be_cannot_be_proven() {
    let (rig, handle) = furnished();
    for (start, bytes, access) in [
        (page(2), 1, Access::Read),
        (page(1), PAGE_BYTES + 1, Access::Write),
        (page(0), 1, Access::Execute),
        (page(0), u32::MAX, Access::Read),
    ] {
        let may = rig.domains.may(handle, start, bytes, access);
        let proven = rig.domains.prove(handle, start, bytes, access);
        assert_eq!(proven.map(|_| ()), may);
        assert!(may.is_err());
    }
}

#[test]
fn what_the_kernel_writes_or_zeroes_stays_when_an_old_line_leaves_the_cache() {
    for zero in [false, true] {
        let (mut rig, handle) = furnished();
        rig.switch(handle);
        rig.access(Access::Write, page(0), 0x11).unwrap();
        let expected = if zero {
            rig.machine.zero_frame(frame(5));
            0
        } else {
            let proof = rig.domains.prove(handle, page(0), 1, Access::Write);
            proof.unwrap().write(&mut rig.machine, &[0x22]).unwrap();
            0x22
        };
        // In memory at once, for other cores and the uncached alias, and for good.
        let uncached = place(0, 0, mmu::Alias::Uncached);
        assert_eq!(rig.access(Access::Read, uncached, 0), Ok(expected));
        rig.machine.evict_all(crate::rig::core(0));
        assert_eq!(rig.access(Access::Read, uncached, 0), Ok(expected));
        assert_eq!(rig.access(Access::Read, page(0), 0), Ok(expected));
    }
}
