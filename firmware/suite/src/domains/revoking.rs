//! What a revocation leaves.

use domains::DomainError;
use mmu::{Rights, VirtAddr};

use super::{DomainCase, listed};
use crate::act::{
    A, Act, B, FETCH_PROHIBITED, LOAD_PROHIBITED, Must, STORE_PROHIBITED, at, create, enter,
    execute, grant, load, pattern, revoke, store, uncached,
};

const DATA: Rights = Rights::DATA;
const TEXT: Rights = Rights::TEXT;
const READ: Rights = Rights::READ;

const fn fault(cause: u32, address: u32) -> Must {
    Must::Fault(cause, address)
}

/// A store there is stopped.
const fn no_store(address: u32) -> Act {
    store(address, 1).must(fault(STORE_PROHIBITED, address))
}

/// A load there is stopped.
const fn no_load(address: u32) -> Act {
    load(address).must(fault(LOAD_PROHIBITED, address))
}

const P: u32 = at(0, 1, 0x800);

pub const CASES: &[DomainCase] = listed! {
    "revoked before it was touched", "a page that is taken away is not reached any more", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A), revoke(A, 1), no_load(P), no_store(P),
    ];
    "read, then revoked", "the entry that a load left in the TLB is gone", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A),
        load(P).must(Must::Give(pattern(3, 0x800))), revoke(A, 1), no_load(P), no_store(P),
    ];
    "written, then revoked", "the entry that a store left in the TLB is gone", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A), store(P, 9), revoke(A, 1), no_store(P),
        no_load(P),
    ];
    "read by the uncached address, then revoked", "both addresses of a page go at once", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A),
        load(uncached(P)).must(Must::Give(pattern(3, 0x800))), load(P).must(Must::Give(pattern(3, 0x800))),
        revoke(A, 1), no_load(uncached(P)), no_load(P),
    ];
    "executed, then revoked", "the entry in the instruction TLB is gone too", [
        create(A, 0), grant(A, 1, 1, TEXT, 3), enter(A),
        execute(at(0, 1, 0)).must(Must::Give(3)), revoke(A, 1),
        execute(at(0, 1, 0)).must(fault(FETCH_PROHIBITED, at(0, 1, 0))),
    ];
    "executed by the uncached address, then revoked", "both addresses of text go at once", [
        create(A, 0), grant(A, 1, 1, TEXT, 3), enter(A),
        execute(uncached(at(0, 1, 0))).must(Must::Give(3)), revoke(A, 1),
        execute(uncached(at(0, 1, 0))).must(fault(FETCH_PROHIBITED, uncached(at(0, 1, 0)))),
    ];
    "revoked while another domain runs", "what a domain left in the TLB before is gone when it comes back", [
        create(A, 0), grant(A, 1, 1, DATA, 3), create(B, 0), enter(A), store(P, 9), enter(B),
        revoke(A, 1), enter(A), no_load(P), no_store(P),
    ];
    "text revoked while another domain runs", "the same for the instruction TLB", [
        create(A, 0), grant(A, 1, 1, TEXT, 3), create(B, 0), enter(A),
        execute(at(0, 1, 0)).must(Must::Give(3)), enter(B), revoke(A, 1), enter(A),
        execute(at(0, 1, 0)).must(fault(FETCH_PROHIBITED, at(0, 1, 0))),
    ];
    "neighbours of a revoked partition", "those before and behind stay", [
        create(A, 0), grant(A, 1, 1, DATA, 1), grant(A, 2, 1, DATA, 2), grant(A, 3, 1, DATA, 3), enter(A),
        load(at(0, 1, 0x800)).must(Must::Give(pattern(1, 0x800))),
        load(at(0, 2, 0x800)).must(Must::Give(pattern(2, 0x800))),
        load(at(0, 3, 0x800)).must(Must::Give(pattern(3, 0x800))),
        revoke(A, 2),
        load(at(0, 1, 0x800)).must(Must::Give(pattern(1, 0x800))), no_load(at(0, 2, 0x800)),
        load(at(0, 3, 0x800)).must(Must::Give(pattern(3, 0x800))),
    ];
    "every page of a large partition", "all pages go, not only the first", [
        create(A, 0), grant(A, 0, 12, DATA, 0), enter(A),
        load(at(0, 0, 0x800)).must(Must::Give(pattern(0, 0x800))),
        load(at(0, 5, 0x800)).must(Must::Give(pattern(5, 0x800))),
        load(at(0, 11, 0x800)).must(Must::Give(pattern(11, 0x800))),
        revoke(A, 0), no_load(at(0, 0, 0x800)), no_load(at(0, 5, 0x800)), no_load(at(0, 11, 0x800)),
    ];
    "revoked and granted again", "the page comes back with its new frame", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A), load(P).must(Must::Give(pattern(3, 0x800))),
        revoke(A, 1), no_load(P), grant(A, 1, 1, DATA, 7), load(P).must(Must::Give(pattern(7, 0x800))),
    ];
    "granted again with fewer rights", "no entry of the old rights stays", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A), store(P, 9), revoke(A, 1),
        grant(A, 1, 1, READ, 3), load(P).must(Must::Give(9)), no_store(P), no_store(uncached(P)),
    ];
    "data, then text", "a page that was written before is executed, and not written any more", [
        create(A, 0), grant(A, 1, 1, DATA, 3), enter(A), store(P, 9), revoke(A, 1),
        grant(A, 1, 1, TEXT, 3), execute(at(0, 1, 0)).must(Must::Give(3)), no_store(P),
    ];
    "text, then data", "a page that was executed before is written, and not executed any more", [
        create(A, 0), grant(A, 1, 1, TEXT, 3), enter(A), execute(at(0, 1, 0)).must(Must::Give(3)),
        revoke(A, 1), grant(A, 1, 1, DATA, 3), store(P, 9),
        execute(at(0, 1, 0)).must(fault(FETCH_PROHIBITED, at(0, 1, 0))),
    ];
    "frame to another domain", "the next owner has the frame, the last one does not", [
        create(A, 0), grant(A, 1, 1, DATA, 3), create(B, 0), enter(A), store(P, 9), revoke(A, 1),
        grant(B, 1, 1, DATA, 3), enter(B), store(P, 5), enter(A), no_load(P), no_load(uncached(P)),
    ];
    "revoke what is not there", "it is refused and nothing changes", [
        create(A, 0), grant(A, 4, 2, DATA, 3),
        revoke(A, 1).refused(DomainError::NotFound(VirtAddr(0))),
        revoke(A, 5).refused(DomainError::NotFound(VirtAddr(0))),
        enter(A), store(at(0, 5, 0x800), 1),
    ];
    "revoke what is another's", "a domain's partition is not taken away by another's name", [
        create(A, 0), create(B, 0), grant(A, 1, 1, DATA, 3),
        revoke(B, 1).refused(DomainError::NotFound(VirtAddr(0))),
        enter(A), store(P, 1),
    ];
};
