//! Which thread belongs to which domain.

use domains::{DomainError, ThreadId};

use crate::rig::{Rig, THREADS};
use crate::rules;

const NONE: [u16; 3] = [THREADS as u16, 1000, u16::MAX];

fn missing(number: u16) -> DomainError {
    DomainError::NoThread {
        thread: ThreadId(number),
        threads: THREADS,
    }
}

#[test]
fn a_thread_belongs_to_no_domain_until_it_is_added() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    for number in 0..THREADS as u16 {
        let thread = ThreadId(number);
        let alone = DomainError::NoMember(thread);
        assert_eq!(rig.domains.domain_of(thread), Err(alone));
        rig.refuses(alone, |rig| rig.domains.remove_thread(thread));
        rig.domains.add_thread(thread, handle).unwrap();
        assert_eq!(rig.domains.domain_of(thread), Ok(handle));
        rules::all(&rig);
    }
}

#[test]
fn a_thread_that_there_is_not_is_refused_by_every_call() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.domains.add_thread(ThreadId(0), handle).unwrap();
    for number in NONE {
        let thread = ThreadId(number);
        let error = missing(number);
        rig.refuses(error, |rig| rig.domains.add_thread(thread, handle));
        rig.refuses(error, |rig| rig.domains.remove_thread(thread));
        rig.refuses(error, |rig| rig.domains.domain_of(thread).map(|_| ()));
        rig.refuses(error, |rig| rig.domains.inherit_thread(thread, ThreadId(0)));
        rig.refuses(error, |rig| rig.domains.inherit_thread(ThreadId(1), thread));
    }
}

#[test]
fn a_thread_added_again_leaves_the_domain_it_was_in() {
    let mut rig = Rig::new();
    let (one, two) = (rig.create(0), rig.create(0));
    let thread = ThreadId(2);
    rig.domains.add_thread(thread, one).unwrap();
    rig.domains.add_thread(thread, two).unwrap();
    rules::all(&rig);
    assert_eq!(rig.domains.domain_of(thread), Ok(two));
    rig.refuses(DomainError::HasThreads(1), |rig| rig.destroy(two));
    rig.destroy(one).unwrap();
}

#[test]
fn a_member_added_again_is_counted_once() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    let thread = ThreadId(2);
    for _ in 0..3 {
        rig.domains.add_thread(thread, handle).unwrap();
        rules::all(&rig);
        rig.refuses(DomainError::HasThreads(1), |rig| rig.destroy(handle));
    }
    rig.domains.remove_thread(thread).unwrap();
    rig.refuses(DomainError::NoMember(thread), |rig| {
        rig.domains.remove_thread(thread)
    });
    rig.destroy(handle).unwrap();
}

#[test]
fn a_refused_move_leaves_the_thread_where_it_was() {
    let mut rig = Rig::new();
    let (one, gone) = (rig.create(0), rig.create(0));
    rig.destroy(gone).unwrap();
    rig.domains.add_thread(ThreadId(1), one).unwrap();
    rig.refuses(DomainError::StaleHandle, |rig| {
        rig.domains.add_thread(ThreadId(1), gone)
    });
    assert_eq!(rig.domains.domain_of(ThreadId(1)), Ok(one));
}

#[test]
fn a_child_inherits_its_parents_domain_and_both_keep_it_alive() {
    let mut rig = Rig::new();
    let (handle, other) = (rig.create(0), rig.create(0));
    let (parent, child) = (ThreadId(0), ThreadId(1));
    rig.refuses(DomainError::NoMember(parent), |rig| {
        rig.domains.inherit_thread(child, parent)
    });
    rig.domains.add_thread(parent, handle).unwrap();
    rig.domains.add_thread(child, other).unwrap();
    rig.domains.inherit_thread(child, parent).unwrap();
    assert_eq!(rig.domains.domain_of(child), Ok(handle));
    rules::all(&rig);
    rig.destroy(other).unwrap();
    rig.domains.remove_thread(parent).unwrap();
    rig.refuses(DomainError::HasThreads(1), |rig| rig.destroy(handle));
    // A thread may be named as its own parent; it stays where it is.
    rig.domains.inherit_thread(child, child).unwrap();
    rig.refuses(DomainError::HasThreads(1), |rig| rig.destroy(handle));
    rig.domains.remove_thread(child).unwrap();
    rig.destroy(handle).unwrap();
}

#[test]
fn every_thread_can_be_in_one_domain() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    for number in 0..THREADS as u16 {
        rig.domains.add_thread(ThreadId(number), handle).unwrap();
    }
    let count = THREADS as u32;
    rig.refuses(DomainError::HasThreads(count), |rig| rig.destroy(handle));
    for number in (0..THREADS as u16).rev() {
        rig.domains.remove_thread(ThreadId(number)).unwrap();
        rules::all(&rig);
    }
    rig.destroy(handle).unwrap();
}

#[test]
fn a_thread_of_a_dead_domain_is_not_in_the_next_at_its_place() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    rig.domains.add_thread(ThreadId(3), handle).unwrap();
    rig.domains.remove_thread(ThreadId(3)).unwrap();
    rig.destroy(handle).unwrap();
    let next = rig.create(0);
    let alone = DomainError::NoMember(ThreadId(3));
    assert_eq!(rig.domains.domain_of(ThreadId(3)), Err(alone));
    assert_ne!(handle, next);
    rules::all(&rig);
}
