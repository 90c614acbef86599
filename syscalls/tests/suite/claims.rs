//! Claims as log lines: the call whose address and length are both the module's choice.

use abi::Call;
use mmu::{Access, Alias, PAGE_BYTES, VirtAddr};
use syscalls::{Caller, Claim, DomainMemory, Reason, Refusal};

use crate::rig::{ALIASES, CONSTANTS, REGION, REGION_BYTES, Rig, address, region};

#[test]
fn a_claim_that_wraps_stops_the_module() {
    let mut rig = Rig::new();
    for alias in ALIASES {
        let start = address(0, REGION, alias);
        for bytes in [u32::MAX, !start + 2] {
            rig.refused(Call::Log, [start, bytes, 0], Reason::ClaimWraps, start);
        }
    }
    rig.refused(Call::Log, [u32::MAX, 2, 0], Reason::ClaimWraps, u32::MAX);
}

#[test]
fn a_claim_that_straddles_the_end_of_a_partition_stops_the_module() {
    let mut rig = Rig::new();
    for alias in ALIASES {
        let end = address(0, REGION, alias) + REGION_BYTES;
        rig.refused(Call::Log, [end - 1, 2, 0], Reason::ClaimForeign, end);
        let guard = address(0, CONSTANTS, alias) + PAGE_BYTES;
        rig.refused(Call::Log, [guard - 8, 9, 0], Reason::ClaimForeign, guard);
        let before = address(0, REGION, alias) - 1;
        rig.refused(Call::Log, [before, 2, 0], Reason::ClaimForeign, before);
    }
}

#[test]
fn a_claim_to_the_end_of_the_address_space_names_the_first_foreign_byte() {
    let mut rig = Rig::new();
    for alias in ALIASES {
        let start = address(0, REGION, alias);
        let end = start + REGION_BYTES;
        let bytes = !start + 1;
        rig.refused(Call::Log, [start, bytes, 0], Reason::ClaimForeign, end);
    }
}

#[test]
fn a_claim_to_foreign_memory_stops_the_module() {
    let mut rig = Rig::new();
    let foreign = [
        0,
        1,
        0x30_0000,
        0x8000_0000,
        0xd000_0000,
        u32::MAX,
        address(0, 0, Alias::Cached),
        address(1, REGION, Alias::Cached),
        address(1, REGION, Alias::Uncached),
    ];
    for start in foreign {
        rig.refused(Call::Log, [start, 1, 0], Reason::ClaimForeign, start);
    }
}

#[test]
fn a_claim_without_bytes_needs_the_right_to_its_start() {
    let mut rig = Rig::new();
    let frames = rig.frames();
    assert_eq!(rig.returns(Call::Log, [region(), 0, 0]), 0);
    assert!(rig.frames() == frames);
    assert_eq!(rig.log.0, [(0, String::new())]);
    for start in [0, u32::MAX, address(1, REGION, Alias::Cached)] {
        rig.refused(Call::Log, [start, 0, 0], Reason::ClaimForeign, start);
    }
}

#[test]
fn a_claim_is_fetched_and_stored_only_at_its_own_length() {
    let mut rig = Rig::new();
    let domain = rig.handles[0];
    let caller = Caller {
        id: 0,
        domain,
        call: Call::Log,
    };
    let mut memory = DomainMemory {
        domains: &rig.domains,
        machine: &mut rig.machine,
    };
    let claim = Claim::new(region(), 8);
    let refusal = Refusal::new(Call::Log, Reason::ClaimProhibited, region());
    for bytes in [0, 7, 9] {
        let mut into = vec![0; bytes];
        let fetched = claim.fetch(caller, &mut memory, &mut into);
        assert_eq!(fetched, Err(refusal));
        let stored = claim.store(caller, &mut memory, &into);
        assert_eq!(stored, Err(refusal));
    }
    claim.store(caller, &mut memory, b"12345678").unwrap();
    let mut into = [0; 8];
    claim.fetch(caller, &mut memory, &mut into).unwrap();
    assert_eq!(&into, b"12345678");
    claim.is_for(caller, &memory, Access::Read).unwrap();
}

#[test]
fn a_claim_of_a_domain_that_is_gone_is_foreign() {
    let mut rig = Rig::new();
    rig.domains
        .destroy(&mut rig.machine, rig.handles[0])
        .unwrap();
    rig.refused(Call::Log, [region(), 1, 0], Reason::ClaimForeign, region());
    rig.refused(
        Call::HeapInfo,
        [region(), 0, 0],
        Reason::ClaimForeign,
        region(),
    );
}

#[test]
fn every_denial_has_its_reason() {
    use domains::Denied;
    let at = VirtAddr(0x40);
    let access = Access::Write;
    for (denied, reason, address) in [
        (Denied::Wraps(at), Reason::ClaimWraps, 0x40),
        (Denied::NotGranted(at), Reason::ClaimForeign, 0x40),
        (
            Denied::Prohibited {
                address: at,
                access,
            },
            Reason::ClaimProhibited,
            0x40,
        ),
        (Denied::StaleHandle, Reason::ClaimForeign, 0x99),
    ] {
        let expected = Refusal::new(Call::Free, reason, address);
        assert_eq!(Refusal::denied(Call::Free, denied, 0x99), expected);
    }
}
