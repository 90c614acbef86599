//! Which thread belongs to which domain.

use core::fmt;

use crate::domain::DomainHandle;
use crate::{DomainError, Domains};

/// A thread, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct ThreadId(pub u16);

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const D: usize, const F: usize, const T: usize> Domains<D, F, T> {
    /// Makes a thread a member of a domain. It leaves the domain that it was in; the caller has
    /// stopped it or switches it before it runs again. A member of the domain stays one.
    ///
    /// # Errors
    /// A stale handle or no such thread; then nothing has changed. O(1).
    pub fn add_thread(
        &mut self,
        thread: ThreadId,
        handle: DomainHandle,
    ) -> Result<(), DomainError> {
        self.domain(handle)?;
        if self.member(thread)?.is_some() {
            self.remove_thread(thread)?;
        }
        self.threads[usize::from(thread.0)] = Some(handle.place as u16);
        self.domain_mut(handle)?.threads += 1;
        Ok(())
    }

    /// Ends a thread's membership. It must not run module code any more.
    ///
    /// # Errors
    /// No such thread, or one in no domain. O(1).
    pub fn remove_thread(&mut self, thread: ThreadId) -> Result<(), DomainError> {
        let handle = self.domain_of(thread)?;
        self.threads[usize::from(thread.0)] = None;
        self.domain_mut(handle)?.threads -= 1;
        Ok(())
    }

    /// Makes a thread a member of its parent's domain.
    ///
    /// # Errors
    /// No such thread, or a parent in no domain; then nothing has changed. O(1).
    pub fn inherit_thread(&mut self, child: ThreadId, parent: ThreadId) -> Result<(), DomainError> {
        let handle = self.domain_of(parent)?;
        self.add_thread(child, handle)
    }

    /// The domain that a thread belongs to.
    ///
    /// # Errors
    /// No such thread, or one in no domain. O(1).
    pub fn domain_of(&self, thread: ThreadId) -> Result<DomainHandle, DomainError> {
        self.member(thread)?
            .and_then(|place| self.handle_at(place))
            .ok_or(DomainError::NoMember(thread))
    }

    fn member(&self, thread: ThreadId) -> Result<Option<u16>, DomainError> {
        self.threads
            .get(usize::from(thread.0))
            .copied()
            .ok_or(DomainError::NoThread { thread, threads: T })
    }
}
