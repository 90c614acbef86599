//! What comes after a domain.

use domains::DomainError;
use mmu::Rights;

use super::{DomainCase, listed};
use crate::act::{
    A, Act, B, FETCH_PROHIBITED, LOAD_PROHIBITED, Must, PRIVILEGE, STORE_PROHIBITED, at, create,
    destroy, enter, enter_table, execute, forget, grant, join, load, part, pattern, store,
    uncached,
};

const DATA: Rights = Rights::DATA;
const TEXT: Rights = Rights::TEXT;
const P: u32 = at(0, 1, 0x800);
/// Lives of [`generations`]: more than there are ASIDs.
const GENERATIONS: u32 = 300;

/// A page as a table of nobody's maps it, with that ring.
const fn entry(ring: u32) -> u32 {
    0x3000 | ring << 4 | 0x6
}

/// More domains than there are ASIDs, one after the other, each with a page that the next must not
/// reach.
fn generations() -> Vec<Act> {
    let life = |number: u32| {
        let (page, before) = (1 + number % 2, 1 + (number + 1) % 2);
        [
            create(A, 0),
            grant(A, page, 1, DATA, 3),
            enter(A),
            store(at(0, page, 0x800), number),
            load(at(0, page, 0x800)).must(Must::Give(number)),
            load(at(0, before, 0x800)).must(Must::Fault(LOAD_PROHIBITED, at(0, before, 0x800))),
            destroy(A),
        ]
    };
    (0..GENERATIONS).flat_map(life).collect()
}

/// A table that maps the page for a ring, then a load from it.
fn ring(ring: u32, must: Must) -> Vec<Act> {
    let mut acts = enter_table(1, entry(ring)).to_vec();
    acts.push(load(P).must(must));
    // Such a table has the ASID of some domain to come.
    acts.push(forget());
    acts
}

const MADE: [DomainCase; 3] = [GENERATIONS_CASE, KERNELS_RING, MODULES_RING];

const KERNELS_RING: DomainCase = DomainCase {
    name: "page of the kernel's ring",
    what: "an entry for ring 0 in the table is no page of a module's",
    acts: || ring(0, Must::Trap(PRIVILEGE, P)),
};

const MODULES_RING: DomainCase = DomainCase {
    name: "page of the module's ring",
    what: "the same entry for the module's ring is one",
    acts: || ring(2, Must::Give(pattern(3, 0x800))),
};

const GENERATIONS_CASE: DomainCase = DomainCase {
    name: "more domains than ASIDs",
    what: "300 domains one after the other, none reaches what the last one had",
    acts: generations,
};

pub const CASES: [&[DomainCase]; 2] = [&MADE, LISTED];

const LISTED: &[DomainCase] = listed! {
    "next tenant of the tables", "a domain at the place of a dead one reaches nothing of it", [
        create(A, 0), grant(A, 1, 4, DATA, 3), grant(A, 8, 1, TEXT, 9), enter(A), store(P, 9),
        load(at(0, 4, 0x800)).must(Must::Give(pattern(6, 0x800))), execute(at(0, 8, 0)).must(Must::Give(9)),
        destroy(A), create(A, 0), enter(A),
        load(P).must(Must::Fault(LOAD_PROHIBITED, P)),
        store(P, 1).must(Must::Fault(STORE_PROHIBITED, P)),
        load(uncached(P)).must(Must::Fault(LOAD_PROHIBITED, uncached(P))),
        load(at(0, 4, 0x800)).must(Must::Fault(LOAD_PROHIBITED, at(0, 4, 0x800))),
        execute(at(0, 8, 0)).must(Must::Fault(FETCH_PROHIBITED, at(0, 8, 0))),
    ];
    "next tenant of the frame", "a frame of a dead domain is the next one's alone", [
        create(A, 0), create(B, 0), grant(A, 1, 1, DATA, 3), enter(A), store(P, 9), destroy(A),
        grant(B, 1, 1, DATA, 3), enter(B), store(P, 5), load(uncached(P)).must(Must::Give(5)),
    ];
    "neighbour of the dead", "a domain keeps what it has when another dies", [
        create(A, 0), create(B, 0), grant(A, 1, 1, DATA, 3), grant(B, 1, 1, DATA, 4), enter(B), store(P, 7),
        enter(A), destroy(A), enter(B), load(P).must(Must::Give(7)), store(P, 8),
    ];
    "domain with a thread", "a domain that has a thread is not destroyed", [
        create(A, 0), grant(A, 1, 1, DATA, 3), join(A),
        destroy(A).refused(DomainError::HasThreads(0)), part(),
    ];
    "thread moves on", "a thread that goes to another domain has what that one has, and nothing else", [
        create(A, 0), create(B, 0), grant(A, 1, 1, DATA, 3), grant(B, 2, 1, DATA, 4), join(A), enter(A),
        store(P, 1), join(B), enter(B), store(at(0, 2, 0x800), 1),
        load(P).must(Must::Fault(LOAD_PROHIBITED, P)), join(B), part(),
    ];
    "no more places", "one domain more than there are places is refused, and one is free again after a death", [
        create(0, 0), create(1, 0), create(2, 0), create(3, 0), create(4, 0), create(5, 0),
        destroy(3), create(3, 1), grant(3, 1, 1, DATA, 3), enter(3),
        load(at(1, 1, 0x800)).must(Must::Give(pattern(3, 0x800))),
    ];
};
