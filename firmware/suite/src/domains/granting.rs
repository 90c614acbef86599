//! What a grant gives, and what it refuses.

use domains::DomainError;
use mmu::{AddressError, PhysAddr, Rights, VirtAddr};
use prover::Deed;

use super::{DomainCase, listed};
use crate::act::{
    A, B, C, FETCH_PROHIBITED, LOAD_PROHIBITED, Must, STORE_PROHIBITED, access, at, create, enter,
    execute, grant, grant_constant, join, load, part, pattern, revoke, store, uncached,
};

const DATA: Rights = Rights::DATA;
const TEXT: Rights = Rights::TEXT;
const READ: Rights = Rights::READ;
const NOWHERE: VirtAddr = VirtAddr(0);

const fn fault(cause: u32, address: u32) -> Must {
    Must::Fault(cause, address)
}

pub const CASES: &[DomainCase] = listed! {
    "own page", "a page that was granted is read and written by both its addresses", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A),
        load(at(0, 1, 0x800)).must(Must::Give(pattern(3, 0x800))),
        store(at(0, 1, 0x804), 7),
        load(uncached(at(0, 1, 0x804))).must(Must::Give(7)),
    ];
    "granted while it runs", "a grant to the domain that runs is there for its next access", [
        create(A, 0), enter(A),
        load(at(0, 1, 0x800)).must(fault(LOAD_PROHIBITED, at(0, 1, 0x800))),
        grant(A, 1, 1, DATA, 3),
        load(at(0, 1, 0x800)).must(Must::Give(pattern(3, 0x800))),
    ];
    "thread joins, then runs", "a thread that joined a domain has what the domain has", [
        create(A, 0), grant(A, 1, 1, DATA, 3), join(A), enter(A),
        store(at(0, 1, 0x800), 1), part(),
    ];
    "page of another domain", "nothing of a domain is reached by the one that runs after it", [
        create(A, 0), grant(A, 1, 1, DATA, 3), create(B, 0), enter(A),
        load(at(0, 1, 0x800)).must(Must::Give(pattern(3, 0x800))),
        enter(B),
        load(at(0, 1, 0x800)).must(fault(LOAD_PROHIBITED, at(0, 1, 0x800))),
        store(at(0, 1, 0x800), 1).must(fault(STORE_PROHIBITED, at(0, 1, 0x800))),
        load(uncached(at(0, 1, 0x800))).must(fault(LOAD_PROHIBITED, uncached(at(0, 1, 0x800)))),
    ];
    "constants of another domain", "read-only pages of another domain are out of reach too", [
        create(A, 0), grant(A, 1, 1, READ, 3), create(B, 0), enter(B),
        load(at(0, 1, 0x800)).must(fault(LOAD_PROHIBITED, at(0, 1, 0x800))),
    ];
    "code of another domain", "text of another domain is not executed", [
        create(A, 0), grant(A, 1, 1, TEXT, 3), create(B, 0), enter(A),
        execute(at(0, 1, 0)).must(Must::Give(3)),
        enter(B),
        execute(at(0, 1, 0)).must(fault(FETCH_PROHIBITED, at(0, 1, 0))),
    ];
    "slot of another domain", "addresses outside the own slot have no table at all", [
        create(A, 1), grant(A, 1, 1, DATA, 3), create(B, 0), enter(B),
        load(at(1, 1, 0x800)).must(fault(crate::act::DATA_MISS, at(1, 1, 0x800))),
        execute(at(1, 1, 0)).must(fault(crate::act::FETCH_MISS, at(1, 1, 0))),
    ];
    "write to read only", "a page without the right to write is not written", [
        create(A, 0), grant(A, 1, 1, READ, 3), enter(A),
        load(at(0, 1, 0x800)).must(Must::Give(pattern(3, 0x800))),
        store(at(0, 1, 0x800), 1).must(fault(STORE_PROHIBITED, at(0, 1, 0x800))),
        store(uncached(at(0, 1, 0x800)), 1).must(fault(STORE_PROHIBITED, uncached(at(0, 1, 0x800)))),
        load(at(0, 1, 0x800)).must(Must::Give(pattern(3, 0x800))),
    ];
    "write to text", "text is not written, by neither of its addresses", [
        create(A, 0), grant(A, 1, 1, TEXT, 3), enter(A),
        execute(at(0, 1, 0)).must(Must::Give(3)),
        store(at(0, 1, 0), 1).must(fault(STORE_PROHIBITED, at(0, 1, 0))),
        store(uncached(at(0, 1, 0)), 1).must(fault(STORE_PROHIBITED, uncached(at(0, 1, 0)))),
        execute(at(0, 1, 0)).must(Must::Give(3)),
    ];
    "execute data", "a page that is written is not executed", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A), store(at(0, 1, 0x800), 1),
        execute(at(0, 1, 0)).must(fault(FETCH_PROHIBITED, at(0, 1, 0))),
        execute(uncached(at(0, 1, 0))).must(fault(FETCH_PROHIBITED, uncached(at(0, 1, 0)))),
    ];
    "execute constants", "a page that is only read is not executed", [
        create(A, 0), grant(A, 1, 1, READ, 3), enter(A),
        execute(at(0, 1, 0)).must(fault(FETCH_PROHIBITED, at(0, 1, 0))),
    ];
    "byte before and byte behind", "a partition ends where its pages end", [
        create(A, 0), grant(A, 1, 2, DATA, 3), enter(A),
        access(Deed::StoreByte, at(0, 1, 0x800), 1), access(Deed::StoreByte, at(0, 3, 0) - 1, 1),
        access(Deed::LoadByte, at(0, 1, 0) - 1, 0).must(fault(LOAD_PROHIBITED, at(0, 1, 0) - 1)),
        access(Deed::StoreByte, at(0, 1, 0) - 1, 0).must(fault(STORE_PROHIBITED, at(0, 1, 0) - 1)),
        access(Deed::LoadByte, at(0, 3, 0), 0).must(fault(LOAD_PROHIBITED, at(0, 3, 0))),
        access(Deed::StoreByte, at(0, 3, 0), 0).must(fault(STORE_PROHIBITED, at(0, 3, 0))),
    ];
    "instruction across the end of text", "the rest of an instruction lies in a page that is not executed", [
        create(A, 0), grant(A, 1, 2, DATA, 3), enter(A),
        store(at(0, 1, 0xffc), 0xa022_0000), store(at(0, 2, 0), 0xf0), revoke(A, 1),
        grant(A, 1, 1, TEXT, 3),
        execute(at(0, 1, 0xffe)).must(fault(FETCH_PROHIBITED, at(0, 2, 0))),
    ];
    "last page of the slot", "the page at the end of a slot is granted, and nothing behind it", [
        create(A, 0), grant(A, 1023, 1, DATA, 3), enter(A),
        load(at(0, 1023, 0x800)).must(Must::Give(pattern(3, 0x800))),
        load(at(1, 0, 0)).must(fault(crate::act::DATA_MISS, at(1, 0, 0))),
    ];
    "three domains in turn", "each domain counts in its own page only", [
        create(A, 0), create(B, 0), create(C, 0),
        grant(A, 1, 1, DATA, 1), grant(B, 1, 1, DATA, 2), grant(C, 1, 1, DATA, 3),
        enter(A), store(at(0, 1, 0x800), 10), enter(B), store(at(0, 1, 0x800), 20),
        enter(C), store(at(0, 1, 0x800), 30),
        enter(A), load(at(0, 1, 0x800)).must(Must::Give(10)), store(at(0, 1, 0x800), 11),
        enter(B), load(at(0, 1, 0x800)).must(Must::Give(20)), store(at(0, 1, 0x800), 21),
        enter(C), load(at(0, 1, 0x800)).must(Must::Give(30)),
        enter(A), load(at(0, 1, 0x800)).must(Must::Give(11)),
        enter(B), load(at(0, 1, 0x800)).must(Must::Give(21)),
    ];
    "more partitions than there may be", "the one too many is refused and the others stay", [
        create(A, 0),
        grant(A, 0, 1, READ, 0), grant(A, 2, 1, READ, 1), grant(A, 4, 1, READ, 2),
        grant(A, 6, 1, READ, 3), grant(A, 8, 1, READ, 4), grant(A, 10, 1, READ, 5),
        grant(A, 12, 1, READ, 6), grant(A, 14, 1, READ, 7), grant(A, 16, 1, READ, 8),
        grant(A, 18, 1, READ, 9), grant(A, 20, 1, READ, 10), grant(A, 22, 1, READ, 11),
        grant(A, 24, 1, READ, 12), grant(A, 26, 1, READ, 13), grant_constant(A, 28, 1, READ, 14),
        grant_constant(A, 30, 1, READ, 14),
        grant_constant(A, 32, 1, READ, 14).refused(DomainError::NoPartition(0)),
        enter(A), load(at(0, 30, 0x800)).must(Must::Give(pattern(14, 0x800))),
        load(at(0, 32, 0x800)).must(fault(LOAD_PROHIBITED, at(0, 32, 0x800))),
    ];
    "overlap", "a partition over another is refused, whole", [
        create(A, 0), grant(A, 4, 2, READ, 3), enter(A),
        grant(A, 5, 1, DATA, 8).refused(DomainError::Overlap(NOWHERE)),
        grant(A, 3, 2, DATA, 8).refused(DomainError::Overlap(NOWHERE)),
        grant(A, 3, 4, DATA, 8).refused(DomainError::Overlap(NOWHERE)),
        store(at(0, 3, 0x800), 1).must(fault(STORE_PROHIBITED, at(0, 3, 0x800))),
        load(at(0, 5, 0x800)).must(Must::Give(pattern(4, 0x800))),
    ];
    "overlap behind a hole", "a partition over the one behind a hole is refused", [
        create(A, 0), grant(A, 0, 1, READ, 0), grant(A, 4, 1, READ, 1), grant(A, 8, 1, READ, 2),
        revoke(A, 4), enter(A),
        grant(A, 7, 2, DATA, 4).refused(DomainError::Overlap(NOWHERE)),
        grant(A, 1, 7, DATA, 4),
        store(at(0, 7, 0x800), 1),
        store(at(0, 8, 0x800), 1).must(fault(STORE_PROHIBITED, at(0, 8, 0x800))),
    ];
    "partition of no pages", "an empty partition is refused", [
        create(A, 0), grant(A, 1, 0, DATA, 3).refused(DomainError::Range(AddressError::Empty(0))),
        enter(A), load(at(0, 1, 0)).must(fault(LOAD_PROHIBITED, at(0, 1, 0))),
    ];
    "partition beyond the slot", "one that leaves the slot is refused", [
        create(A, 0), grant(A, 1023, 2, DATA, 3).refused(DomainError::OutsideSlot(NOWHERE)),
        enter(A), load(at(0, 1023, 0)).must(fault(LOAD_PROHIBITED, at(0, 1023, 0))),
    ];
    "partition around the end of addresses", "one whose end wraps is refused", [
        create(A, 127), grant(A, 1023, 0x3f_ffff, DATA, 3).must(Must::Refuse(0x1_0005)),
        enter(A), load(at(127, 1023, 0)).must(fault(LOAD_PROHIBITED, at(127, 1023, 0))),
    ];
    "slot that does not exist", "a domain at a slot outside the windows is refused", [
        create(A, 128).refused(DomainError::NoSlot { slot: 0, slots: 0 }),
    ];
    "writable and executable", "such rights are refused", [
        create(A, 0),
        grant(A, 1, 1, Rights::all(), 3)
            .refused(DomainError::Rights { rights: Rights::all(), tenure: domains::Tenure::Own }),
        enter(A), load(at(0, 1, 0)).must(fault(LOAD_PROHIBITED, at(0, 1, 0))),
    ];
    "executable here, writable there", "a frame that one domain executes is written by no other", [
        create(A, 0), create(B, 0), grant(A, 1, 1, TEXT, 3),
        grant(B, 1, 1, DATA, 3).refused(DomainError::InUse(PhysAddr(0))),
        enter(B), store(at(0, 1, 0), 1).must(fault(STORE_PROHIBITED, at(0, 1, 0))),
        enter(A), execute(at(0, 1, 0)).must(Must::Give(3)),
    ];
    "writable and executable at two pages", "one domain has a frame at one page only", [
        create(A, 0), grant(A, 1, 1, DATA, 3),
        grant(A, 2, 1, TEXT, 3).refused(DomainError::InUse(PhysAddr(0))),
        enter(A), execute(at(0, 2, 0)).must(fault(FETCH_PROHIBITED, at(0, 2, 0))),
    ];
    "frame of the kernel", "a frame that is no module's is refused", [
        create(A, 0), grant(A, 1, 1, DATA, 16).refused(DomainError::ForeignFrame(PhysAddr(0))),
        enter(A), load(at(0, 1, 0)).must(fault(LOAD_PROHIBITED, at(0, 1, 0))),
    ];
    "one bad frame among good ones", "nothing of a partition is mapped where one of its frames is refused", [
        create(A, 0), grant(A, 1, 4, DATA, 14).refused(DomainError::ForeignFrame(PhysAddr(0))),
        enter(A), load(at(0, 1, 0x800)).must(fault(LOAD_PROHIBITED, at(0, 1, 0x800))),
        load(uncached(at(0, 2, 0x800))).must(fault(LOAD_PROHIBITED, uncached(at(0, 2, 0x800)))),
        grant(A, 1, 2, DATA, 14), store(at(0, 2, 0x800), 1),
    ];
    "frame in use", "a frame that is another domain's own is refused, and those before it come back", [
        create(A, 0), create(B, 0), grant(A, 1, 1, DATA, 5),
        grant(B, 1, 3, DATA, 4).refused(DomainError::InUse(PhysAddr(0))),
        grant(B, 1, 1, DATA, 4), enter(B), store(at(0, 1, 0x800), 1),
        load(at(0, 2, 0x800)).must(fault(LOAD_PROHIBITED, at(0, 2, 0x800))),
    ];
};
