//! Frames of several domains.

use domains::DomainError;
use mmu::{PhysAddr, Rights, VirtAddr};

use super::{DomainCase, listed};
use crate::act::{
    A, Act, B, C, LOAD_PROHIBITED, Must, STORE_PROHIBITED, at, create, destroy, enter, execute,
    grant, grant_buffer, grant_constant, inherit, load, pattern, revoke, share, store, uncached,
};

const DATA: Rights = Rights::DATA;
const READ: Rights = Rights::READ;
const TEXT: Rights = Rights::TEXT;

const P: u32 = at(0, 1, 0x800);

const fn no_store(address: u32) -> Act {
    store(address, 1).must(Must::Fault(STORE_PROHIBITED, address))
}

const fn no_load(address: u32) -> Act {
    load(address).must(Must::Fault(LOAD_PROHIBITED, address))
}

pub const CASES: &[DomainCase] = listed! {
    "buffer of two", "the reader reads what the writer writes, and does not write", [
        create(A, 0), create(B, 0), grant_buffer(A, 1, 1, DATA, 3), share(A, 1, B, READ),
        enter(A), store(uncached(P), 42), enter(B), load(uncached(P)).must(Must::Give(42)),
        no_store(P), no_store(uncached(P)),
    ];
    "second writer of a buffer", "only one side of a buffer writes", [
        create(A, 0), create(B, 0), grant_buffer(A, 1, 1, DATA, 3),
        share(A, 1, B, DATA).refused(DomainError::SideTaken(PhysAddr(0))),
        enter(B), no_load(P),
    ];
    "second reader of a buffer", "only one side of a buffer reads alone", [
        create(A, 0), create(B, 0), create(C, 0), grant_buffer(A, 1, 1, DATA, 3), share(A, 1, B, READ),
        share(A, 1, C, READ).refused(DomainError::SideTaken(PhysAddr(0))),
        enter(C), no_load(P),
    ];
    "executable buffer", "a buffer is not executed", [
        create(A, 0),
        grant_buffer(A, 1, 1, TEXT, 3)
            .refused(DomainError::Rights { rights: TEXT, tenure: domains::Tenure::Buffer }),
    ];
    "reader's page revoked", "the writer keeps its page when the reader loses it", [
        create(A, 0), create(B, 0), grant_buffer(A, 1, 1, DATA, 3), share(A, 1, B, READ),
        enter(B), load(P).must(Must::Give(pattern(3, 0x800))), revoke(B, 1), no_load(P),
        enter(A), store(P, 1),
    ];
    "writer dies", "the reader keeps what it reads when the writer's domain is gone", [
        create(A, 0), create(B, 0), grant_buffer(A, 1, 1, DATA, 3), share(A, 1, B, READ),
        enter(A), store(uncached(P), 42), enter(B), destroy(A),
        load(uncached(P)).must(Must::Give(42)), no_store(P),
    ];
    "own frame shared", "a frame that is a domain's own is shared with nobody", [
        create(A, 0), create(B, 0), grant(A, 1, 1, DATA, 3),
        share(A, 1, B, READ).refused(DomainError::InUse(PhysAddr(0))), enter(B), no_load(P),
    ];
    "shared text", "several domains execute one frame, and none writes it", [
        create(A, 0), create(B, 0), create(C, 0), grant_constant(A, 1, 1, TEXT, 3),
        share(A, 1, B, TEXT), share(A, 1, C, READ),
        enter(A), execute(at(0, 1, 0)).must(Must::Give(3)), no_store(P),
        enter(B), execute(at(0, 1, 0)).must(Must::Give(3)), no_store(uncached(P)),
        enter(C), load(P).must(Must::Give(pattern(3, 0x800))), no_store(P),
        execute(at(0, 1, 0)).must(Must::Fault(20, at(0, 1, 0))),
    ];
    "writable constant", "a constant is written by nobody", [
        create(A, 0),
        grant_constant(A, 1, 1, DATA, 3)
            .refused(DomainError::Rights { rights: DATA, tenure: domains::Tenure::Constant }),
    ];
    "frame free after the last", "a constant's frame is free when the last domain has given it back", [
        create(A, 0), create(B, 0), grant_constant(A, 1, 1, READ, 3), share(A, 1, B, READ), revoke(A, 1),
        grant(A, 2, 1, DATA, 3).refused(DomainError::InUse(PhysAddr(0))), revoke(B, 1),
        grant(A, 2, 1, DATA, 3), enter(A), store(at(0, 2, 0x800), 1),
    ];
    "inherited", "a domain that inherits has all that the other has, with the same rights", [
        create(A, 0), create(B, 0), grant_constant(A, 1, 1, READ, 3), grant_constant(A, 2, 1, TEXT, 4),
        inherit(A, B), enter(B), load(P).must(Must::Give(pattern(3, 0x800))), no_store(P),
        execute(at(0, 2, 0)).must(Must::Give(4)),
    ];
    "inherited all or nothing", "one that does not fit keeps all from coming", [
        create(A, 0), create(B, 0), grant_constant(A, 1, 1, READ, 3), grant_constant(A, 4, 1, READ, 4),
        grant(B, 4, 1, DATA, 8), inherit(A, B).refused(DomainError::Overlap(VirtAddr(0))),
        enter(B), no_load(P), store(at(0, 4, 0x800), 1),
    ];
    "own pages inherited", "what is a domain's own is not inherited", [
        create(A, 0), create(B, 0), grant(A, 1, 1, DATA, 3),
        inherit(A, B).refused(DomainError::InUse(PhysAddr(0))), enter(B), no_load(P),
    ];
};
