//! What follows from every fault.

use domains::{Cause, Consequence, Culprit, Denied, Fault, Offence, Verdict};
use mmu::{Access, Alias, Rights, Ring, VirtAddr};

use crate::rig::{Rig, page, place};

const RINGS: [Ring; 4] = [Ring::Kernel, Ring::One, Ring::Module, Ring::Shared];

/// Page 0 is data, page 1 is text, page 2 is constant; page 3 is nobody's.
fn furnished() -> (Rig, domains::DomainHandle) {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.grant(handle, 0, &[0], Rights::DATA).unwrap();
    rig.grant(handle, 1, &[1], Rights::TEXT).unwrap();
    rig.grant(handle, 2, &[2], Rights::READ).unwrap();
    (rig, handle)
}

fn fault(cause: u32, address: VirtAddr) -> Fault {
    let (cause, pc) = (Cause(cause), VirtAddr(0xa000_1234));
    Fault { cause, address, pc }
}

/// What the causes mean, from the ISA manual's table, written down once more.
fn attempted(cause: u32) -> Option<Access> {
    match cause {
        2 | 16 | 17 | 18 | 20 => Some(Access::Execute),
        3 | 9 | 24 | 25 | 26 | 28 => Some(Access::Read),
        29 => Some(Access::Write),
        _ => None,
    }
}

/// A place at which the domain may do that, and one at which it may not.
fn places(access: Access, alias: Alias) -> (VirtAddr, VirtAddr) {
    let at = |number| VirtAddr(place(0, number, alias).0 + 0x123);
    match access {
        Access::Read => (at(2), at(3)),
        Access::Write => (at(0), at(2)),
        Access::Execute => (at(1), at(0)),
    }
}

#[test]
fn every_cause_in_every_ring_where_the_access_is_granted_and_where_it_is_not() {
    let (rig, handle) = furnished();
    for cause in 0..64 {
        for ring in RINGS {
            for alias in [Alias::Cached, Alias::Uncached] {
                let judge = |address| rig.domains.judge(handle, ring, fault(cause, address));
                let follows = |offence, consequence| match ring {
                    Ring::Kernel => Verdict {
                        culprit: Culprit::Kernel,
                        offence,
                        consequence: Consequence::StopKernel,
                    },
                    _ => Verdict {
                        culprit: Culprit::Module,
                        offence,
                        consequence,
                    },
                };
                let stop = |offence| follows(offence, Consequence::StopModule);
                let Some(access) = attempted(cause) else {
                    let offence = match cause {
                        0 | 8 => Offence::Instruction,
                        6 => Offence::Arithmetic,
                        63 => Offence::Breakpoint,
                        _ => Offence::Unknown,
                    };
                    assert_eq!(judge(page(0)), stop(offence), "cause {cause}");
                    assert_eq!(judge(page(3)), stop(offence), "cause {cause}");
                    continue;
                };
                let (granted, foreign) = places(access, alias);
                let by_entry = [20, 28, 29].contains(&cause);
                let expected = if by_entry {
                    let page = granted.page_start();
                    follows(Offence::Outdated(page), Consequence::Resume(page))
                } else {
                    stop(Offence::Manner(granted))
                };
                assert_eq!(judge(granted), expected, "cause {cause} in {ring:?}");
                let address = foreign;
                let denied = match access {
                    Access::Read => Denied::NotGranted(address),
                    _ => Denied::Prohibited { address, access },
                };
                let expected = stop(Offence::Access { access, denied });
                assert_eq!(judge(foreign), expected, "cause {cause} in {ring:?}");
            }
        }
    }
}

#[test]
fn causes_beyond_the_cores_are_unknown() {
    let (rig, handle) = furnished();
    for cause in [64, 28 + 64, 0x8000_0000, u32::MAX] {
        let verdict = rig
            .domains
            .judge(handle, Ring::Module, fault(cause, page(0)));
        assert_eq!(verdict.offence, Offence::Unknown);
        assert_eq!(verdict.consequence, Consequence::StopModule);
    }
}

#[test]
fn a_domain_that_is_gone_is_denied_whatever_it_accessed() {
    let (mut rig, handle) = furnished();
    rig.destroy(handle).unwrap();
    for (cause, access) in [
        (20, Access::Execute),
        (28, Access::Read),
        (29, Access::Write),
    ] {
        let denied = Denied::StaleHandle;
        let verdict = rig
            .domains
            .judge(handle, Ring::Module, fault(cause, page(0)));
        assert_eq!(verdict.offence, Offence::Access { access, denied });
        assert_eq!(verdict.consequence, Consequence::StopModule);
    }
}

#[test]
fn the_ends_of_the_address_space_are_judged_like_any_place() {
    let (rig, handle) = furnished();
    for address in [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX - 1, u32::MAX].map(VirtAddr) {
        for cause in [16, 20, 24, 28, 29] {
            let verdict = rig
                .domains
                .judge(handle, Ring::Module, fault(cause, address));
            let denied = Denied::NotGranted(address);
            assert!(matches!(verdict.offence, Offence::Access { denied: d, .. } if d == denied));
        }
    }
}

#[test]
fn a_page_out_of_date_goes_on_after_the_core_forgets_it() {
    let (mut rig, handle) = furnished();
    rig.on(1);
    rig.switch(handle);
    for (number, access, rights) in [
        (4, Access::Read, Rights::READ),
        (5, Access::Write, Rights::DATA),
        (6, Access::Execute, Rights::TEXT),
    ] {
        for alias in crate::rig::ALIASES {
            let at = VirtAddr(place(0, number, alias).0 + 9);
            rig.on(1);
            let cause = rig.cause(access, at).expect("not granted yet");
            rig.on(0);
            rig.grant(handle, number, &[number], rights).unwrap();
            rig.on(1);
            // The grant waited for nobody, so core 1 knows only now.
            assert_eq!(rig.cause(access, at), Some(cause));
            let verdict = rig.domains.judge(handle, Ring::Module, fault(cause, at));
            assert_eq!(verdict.consequence, Consequence::Resume(at.page_start()));
            rig.forget(at.page_start());
            assert_eq!(rig.cause(access, at), None);
            rig.revoke(handle, number).unwrap();
        }
    }
}
