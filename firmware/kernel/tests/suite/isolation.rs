//! Two modules of the same file, side by side.

use domains::{Cause, Fault};
use kernel::estate::Purpose;
use kernel::install::InstallError;
use mmu::{Access, PAGE_BYTES, VirtAddr};

use crate::builder::File;
use crate::rig::{Rig, twin};

fn two() -> Rig {
    let mut rig = Rig::new();
    for place in 0..2 {
        rig.system.install(place, &File::sound().bytes()).unwrap();
    }
    rig
}

#[test]
fn neither_reaches_a_byte_of_the_other() {
    let mut rig = two();
    for (me, other) in [(0, 1), (1, 0), (0, 1)] {
        rig.switch(me);
        let module = rig.system.instance(other).unwrap();
        let (base, parts) = (module.base(), module.estate.parts().to_vec());
        for part in parts {
            for offset in [part.offset(), part.end_offset() - 1] {
                for address in [base + offset, twin(base) + offset] {
                    assert_eq!(rig.access(Access::Read, address), Err(24));
                    assert_eq!(rig.access(Access::Write, address), Err(24));
                    assert_eq!(rig.access(Access::Execute, address), Err(16));
                }
            }
        }
    }
}

#[test]
fn what_one_writes_the_other_does_not_see() {
    let mut rig = two();
    for purpose in [Purpose::Data, Purpose::Stack, Purpose::Region] {
        let mine = rig.start(0, purpose);
        let others = rig.start(1, purpose);
        rig.switch(1);
        let before = rig.see(others, PAGE_BYTES);
        rig.switch(0);
        for address in mine..mine + PAGE_BYTES {
            rig.access(Access::Write, address).unwrap();
        }
        rig.switch(1);
        assert_eq!(rig.see(others, PAGE_BYTES), before, "{purpose:?}");
    }
}

#[test]
fn the_end_of_one_is_nothing_to_the_other() {
    let mut rig = two();
    let data = rig.start(1, Purpose::Data);
    rig.switch(1);
    rig.access(Access::Write, data + 4).unwrap();
    let before = rig.see(data, PAGE_BYTES);
    rig.system.remove(0);
    assert_eq!(rig.see(data, PAGE_BYTES), before);
    rig.system.install(0, &File::sound().bytes()).unwrap();
    assert_eq!(rig.see(data, PAGE_BYTES), before);
    assert!(rig.system.is_sound());
}

#[test]
fn a_refused_install_is_nothing_to_a_living_module() {
    let mut rig = two();
    rig.switch(1);
    let text = rig.start(1, Purpose::Text);
    let before = (rig.see(text, PAGE_BYTES), rig.system.resources());
    let refused = rig.system.install(1, &File::sound().bytes());
    assert!(matches!(refused.err(), Some(InstallError::NoPlace(_))));
    assert!(rig.system.install(2, b"no module").is_err());
    assert_eq!((rig.see(text, PAGE_BYTES), rig.system.resources()), before);
}

#[test]
fn a_call_is_the_callers_own() {
    let mut rig = two();
    let others = rig.start(1, Purpose::Region);
    let heap_info = abi::Call::HeapInfo.number();
    assert_eq!(rig.system.call(0, heap_info, [others, 0, 0, 0, 0], 0), None);
    assert!(matches!(
        rig.system.end_turn(0),
        Some(syscalls::Outcome::Stop(_))
    ));
    assert_eq!(
        rig.system.call(1, heap_info, [others, 0, 0, 0, 0], 0),
        Some(0)
    );
    assert_eq!(rig.system.incidents().0, 1);
    for nobody in [2, usize::MAX] {
        let got = rig.system.call(nobody, u32::MAX, [others, 0, 0, 0, 0], 0);
        assert!(got.is_none_or(abi::Errno::is_error));
    }
}

#[test]
fn a_module_that_is_gone_is_served_nothing() {
    let mut rig = two();
    rig.system.remove(0);
    for call in abi::Call::ALL {
        let answer = rig.system.call(0, call.number(), [8, 0, 0, 0, 0], 0);
        assert!(
            answer.is_none_or(abi::Errno::is_error),
            "{call:?}: {answer:?}"
        );
    }
    assert_eq!(rig.system.incidents().0, abi::Call::ALL.len() as u32);
}

#[test]
fn a_fault_is_resumed_only_where_the_core_remembered_less_than_is_granted() {
    let mut rig = two();
    let (region, text) = (rig.start(0, Purpose::Region), rig.start(0, Purpose::Text));
    let fault = |cause, address| Fault {
        cause: Cause(cause),
        address: VirtAddr(address),
        pc: VirtAddr(text),
    };
    for (cause, address, resumes) in [
        (28, region, true),
        (29, region, true),
        (20, text, true),
        (29, text, false),
        (20, region, false),
        (28, region - 1, false),
        (24, region, false),
        (26, region, false),
        (8, region, false),
    ] {
        assert_eq!(
            rig.system.resumes(0, fault(cause, address)),
            resumes,
            "{cause} at {address:#x}"
        );
    }
    assert!(!rig.system.resumes(3, fault(28, region)), "no module there");
}
