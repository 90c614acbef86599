//! Claims: the decision on a range that a module names.

use mmu::Rights;

use super::{DomainCase, listed};
use crate::act::{
    A, Act, B, at, create, grant, grant_buffer, may_execute, may_read, may_write, revoke, share,
    uncached,
};

const DATA: Rights = Rights::DATA;
const READ: Rights = Rights::READ;
const TEXT: Rights = Rights::TEXT;
const PAGE: u32 = 0x1000;

/// A domain with such a page at page 1.
fn one(rights: Rights, then: impl IntoIterator<Item = Act>) -> Vec<Act> {
    let mut acts = vec![create(A, 0), grant(A, 1, 1, rights, 3)];
    acts.extend(then);
    acts
}

/// A domain with two such pages that follow each other, of partitions of their own.
fn two(first: Rights, second: Rights, then: impl IntoIterator<Item = Act>) -> Vec<Act> {
    let mut acts = vec![
        create(A, 0),
        grant(A, 1, 1, first, 3),
        grant(A, 2, 1, second, 9),
    ];
    acts.extend(then);
    acts
}

const P: u32 = at(0, 1, 0);

/// A list of cases whose acts a function makes.
macro_rules! claims {
    ($($name:literal, $what:literal, $acts:expr;)*) => {
        &[$(DomainCase { name: $name, what: $what, acts: || $acts },)*]
    };
}

pub const CASES: [&[DomainCase]; 2] = [RANGES, BUFFERS];

const RANGES: &[DomainCase] = claims! {
    "claim: read a writable page", "reading comes with writing", one(DATA, [may_read(A, P, PAGE, true)]);
    "claim: write a writable page", "the whole page", one(DATA, [may_write(A, P, PAGE, true)]);
    "claim: read a readable page", "the whole page", one(READ, [may_read(A, P, PAGE, true)]);
    "claim: write a readable page", "refused", one(READ, [may_write(A, P, PAGE, false), may_write(A, P, 1, false)]);
    "claim: read nothing", "a page that was never granted",
        vec![create(A, 0), may_read(A, P, PAGE, false), may_read(A, P, 1, false)];
    "claim: write nothing", "a page that was never granted",
        vec![create(A, 0), may_write(A, P, PAGE, false)];
    "claim: the kernel's memory", "kernel text, data and the map of all RAM",
        one(DATA, [may_read(A, 0x0010_0000, 4, false), may_write(A, 0x0020_0000, 4, false), may_read(A, 0xd000_0000, 4, false), may_write(A, 0x8000_0000, 4, false)]);
    "claim: no bytes", "a claim of nothing needs the right to where it starts",
        one(DATA, [may_read(A, P, 0, true), may_read(A, P - 1, 0, false), may_read(A, P + PAGE, 0, false)]);
    "claim: two writable pages", "a span over two partitions", two(DATA, DATA, [may_write(A, P, 2 * PAGE, true), may_read(A, P + 1, 2 * PAGE - 1, true)]);
    "claim: two readable pages", "read, not written", two(READ, READ, [may_read(A, P, 2 * PAGE, true), may_write(A, P, 2 * PAGE, false)]);
    "claim: writable, then readable", "one page without the right refuses the span",
        two(DATA, READ, [may_read(A, P, 2 * PAGE, true), may_write(A, P, 2 * PAGE, false), may_write(A, P, PAGE, true), may_write(A, P, PAGE + 1, false)]);
    "claim: readable, then writable", "one page without the right refuses the span",
        two(READ, DATA, [may_read(A, P, 2 * PAGE, true), may_write(A, P, 2 * PAGE, false), may_write(A, P + PAGE, PAGE, true)]);
    "claim: writable, then nothing", "one byte beyond refuses the span",
        one(DATA, [may_write(A, P, PAGE + 1, false), may_read(A, P, 2 * PAGE, false), may_read(A, P + PAGE - 1, 2, false)]);
    "claim: nothing, then writable", "one byte before refuses the span",
        one(DATA, [may_write(A, P - 1, 2, false), may_read(A, P - PAGE, 2 * PAGE, false)]);
    "claim: unaligned", "a span that starts and ends anywhere in its page", one(DATA, [may_write(A, P + 3, 5, true), may_write(A, P + PAGE - 5, 5, true), may_write(A, P + PAGE - 5, 6, false)]);
    "claim: one bad page among good ones", "a hole in the middle of a span is found",
        vec![create(A, 0), grant(A, 1, 5, DATA, 3), revoke(A, 1), grant(A, 1, 2, DATA, 3), grant(A, 4, 2, DATA, 6),
            may_read(A, P, 5 * PAGE, false), may_read(A, P, 2 * PAGE, true), may_read(A, P + 3 * PAGE, 2 * PAGE, true)];
    "claim: around the end of addresses", "a range that wraps is refused",
        one(DATA, [may_read(A, 0xffff_f000, PAGE, false), may_read(A, 0xffff_f000, PAGE + 1, false), may_read(A, P, u32::MAX, false), may_read(A, P, u32::MAX - P + 1, false), may_read(A, P, 0u32.wrapping_sub(P), false)]);
    "claim: across the end of the slot", "the last page of a slot and the first of the next",
        vec![create(A, 0), grant(A, 1023, 1, DATA, 3), may_read(A, at(0, 1023, 0), PAGE, true), may_read(A, at(0, 1023, 0), PAGE + 1, false)];
    "claim: by the uncached address", "the same decision for both addresses", one(DATA, [may_write(A, uncached(P), PAGE, true), may_write(A, uncached(P), PAGE + 1, false)]);
    "claim: from one window into the other", "a range begins and ends in one alias", one(DATA, [may_read(A, uncached(P), P - uncached(P) + 1, false)]);
    "claim: execute", "text is claimed to be executed, data is not", two(TEXT, DATA, [may_execute(A, P, PAGE, true), may_execute(A, P, PAGE + 1, false), may_write(A, P, 1, false)]);
    "claim: after a revocation", "what was taken away is not granted any more", one(DATA, [may_read(A, P, 4, true), revoke(A, 1), may_read(A, P, 4, false)]);
    "claim: another domain's page", "the decision is the claimant's", one(DATA, [create(B, 0), may_read(B, P, 4, false)]);
};

const BUFFERS: &[DomainCase] = listed! {
    "claim: a buffer's reader", "it may read and not write", [
        create(A, 0), create(B, 0), grant_buffer(A, 1, 2, DATA, 3), share(A, 1, B, READ),
        may_write(A, P, 2 * PAGE, true), may_read(B, P, 2 * PAGE, true), may_write(B, P, 1, false),
    ];
};
