//! What a refusal says: one sentence that names the value.

use std::fmt::Display;

use domains::{Broken, Denied, DomainError, Tenure, ThreadId};
use mmu::{
    Access, AddressError, AsidError, AsidPool, CoreId, PhysAddr, Rights, Unanswered, VirtAddr,
};

use crate::rig::core;

/// One sentence without a line break, that names each of these.
#[track_caller]
fn says(error: &dyn Display, named: &[&str]) {
    let text = error.to_string();
    assert!(!text.contains(['\n', '\r', '\t']), "{text:?}");
    assert!(!text.is_empty() && !text.ends_with('.'), "{text:?}");
    assert!(text.is_ascii() && text.len() < 200, "{text:?}");
    let first = text.chars().next().unwrap();
    assert!(!first.is_uppercase(), "{text:?}");
    for value in named {
        assert!(text.contains(value), "{text:?} does not name {value}");
    }
}

const AT: VirtAddr = VirtAddr(0xa000_1000);
const FRAME: PhysAddr = PhysAddr(0x0050_1000);

#[test]
fn a_refusal_to_change_a_domain_is_one_sentence_that_names_the_value() {
    let unanswered = Unanswered {
        core: core(31),
        polls: 77,
    };
    let rights = Rights::DATA | Rights::EXECUTE;
    let tenure = Tenure::Constant;
    let thread = ThreadId(u16::MAX);
    let wraps = AddressError::Wraps {
        start: 0xffff_f000,
        pages: 12,
    };
    let cases: &[(DomainError, &[&str])] = &[
        (DomainError::StaleHandle, &[]),
        (DomainError::NoDomain(3), &["3"]),
        (DomainError::Asid(AsidError::Exhausted), &["251"]),
        (DomainError::Asid(AsidError::NotInUse(9)), &["9"]),
        (
            DomainError::NoSlot {
                slot: 128,
                slots: 127,
            },
            &["128", "127"],
        ),
        (
            DomainError::NoCore {
                core: core(31),
                cores: 3,
            },
            &["31", "3"],
        ),
        (
            DomainError::Range(AddressError::Unaligned(0x1801)),
            &["0x00001801"],
        ),
        (
            DomainError::Range(AddressError::Empty(0x2000)),
            &["0x00002000"],
        ),
        (DomainError::Range(wraps), &["0xfffff000", "12"]),
        (DomainError::OutsideSlot(AT), &["0xa0001000"]),
        (DomainError::Rights { rights, tenure }, &["rwx", "constant"]),
        (DomainError::Overlap(AT), &["0xa0001000"]),
        (DomainError::NoPartition(16), &["16"]),
        (DomainError::NotFound(AT), &["0xa0001000"]),
        (DomainError::ForeignFrame(FRAME), &["0x00501000"]),
        (DomainError::InUse(FRAME), &["0x00501000"]),
        (DomainError::SideTaken(FRAME), &["0x00501000"]),
        (DomainError::TooShared(FRAME), &["0x00501000", "16383"]),
        (DomainError::Unanswered(unanswered), &["31", "77"]),
        (DomainError::HasThreads(2), &["2"]),
        (
            DomainError::NoThread { thread, threads: 4 },
            &["65535", "4"],
        ),
        (DomainError::NoMember(thread), &["65535"]),
    ];
    for (error, named) in cases {
        says(error, named);
    }
    let texts: std::collections::BTreeSet<String> =
        cases.iter().map(|(error, _)| error.to_string()).collect();
    assert_eq!(texts.len(), cases.len(), "two refusals say the same");
}

#[test]
fn a_denial_and_a_broken_rule_are_one_sentence_that_names_the_value() {
    let denials: &[(Denied, &[&str])] = &[
        (Denied::Wraps(AT), &["0xa0001000"]),
        (Denied::NotGranted(AT), &["0xa0001000"]),
        (Denied::StaleHandle, &[]),
    ];
    for (denied, named) in denials {
        says(denied, named);
    }
    for (access, word) in [
        (Access::Read, "reading"),
        (Access::Write, "writing"),
        (Access::Execute, "execution"),
    ] {
        let address = AT;
        says(
            &Denied::Prohibited { address, access },
            &["0xa0001000", word],
        );
    }
    let asid = AsidPool::new().take().unwrap();
    let members = 4;
    let broken: &[(Broken, &[&str])] = &[
        (Broken::Entry(AT), &["0xa0001000"]),
        (
            Broken::Leftover {
                place: 2,
                page: 1023,
            },
            &["2", "1023"],
        ),
        (Broken::Partition(AT), &["0xa0001000"]),
        (Broken::Ledger(FRAME), &["0x00501000"]),
        (Broken::SharedAsid(asid), &["5"]),
        (Broken::Count, &[]),
        (
            Broken::Threads {
                counted: 3,
                members,
            },
            &["3", "4"],
        ),
    ];
    for (broken, named) in broken {
        says(broken, named);
    }
}

#[test]
fn whatever_has_a_name_says_it() {
    says(&Tenure::Own, &["own"]);
    says(&Tenure::Constant, &["constant"]);
    says(&Tenure::Buffer, &["buffer"]);
    says(&ThreadId(7), &["7"]);
    assert_eq!(CoreId::BOOT.to_string(), "0");
    assert_eq!(Rights::empty().to_string(), "---");
    assert_eq!(Rights::all().to_string(), "rwx");
    assert_eq!(Rights::TEXT.to_string(), "r-x");
}
