//! Random steps on threads, beside the oracle.

use domains::{DomainError, ThreadId};

use crate::rig::THREADS;
use crate::run::{Run, agree};

impl Run {
    pub fn add_thread(&mut self, thread: u16, domain: usize) {
        let handle = self.oracle.domains[domain].handle;
        let done = self.rig.domains.add_thread(ThreadId(thread), handle);
        agree(done, &no_thread(thread));
        if done.is_ok() {
            self.oracle.threads.insert(thread, handle);
        }
    }

    pub fn remove_thread(&mut self, thread: u16) {
        let mut expected = no_thread(thread);
        if expected.is_empty() && self.oracle.threads.remove(&thread).is_none() {
            expected.push(DomainError::NoMember(ThreadId(thread)));
        }
        agree(self.rig.domains.remove_thread(ThreadId(thread)), &expected);
    }

    pub fn inherit_thread(&mut self, child: u16, parent: u16) {
        let mut expected = no_thread(parent);
        expected.extend(no_thread(child));
        let handle = self.oracle.threads.get(&parent).copied();
        if no_thread(parent).is_empty() && handle.is_none() {
            expected = vec![DomainError::NoMember(ThreadId(parent))];
        }
        let done = self
            .rig
            .domains
            .inherit_thread(ThreadId(child), ThreadId(parent));
        agree(done, &expected);
        if let (Ok(()), Some(handle)) = (done, handle) {
            self.oracle.threads.insert(child, handle);
        }
    }
}

fn no_thread(thread: u16) -> Vec<DomainError> {
    let none = usize::from(thread) >= THREADS;
    let (thread, threads) = (ThreadId(thread), THREADS);
    none.then_some(DomainError::NoThread { thread, threads })
        .into_iter()
        .collect()
}
