//! Putting a copy back.

use super::records::NONE;
use super::{Constants, CopyId, CopyMemory, Owner, Put, PutError};

impl<const COPIES: usize, const LINKS: usize> Constants<COPIES, LINKS> {
    /// Gives up one get of the copy. After an owner's last put its grant ends; after that of the
    /// last owner the memory goes back, in this order.
    ///
    /// O(owners of the copy), and the memory's work.
    ///
    /// # Errors
    /// [`PutError`]; nothing has changed.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn put<M: CopyMemory>(
        &mut self,
        owner: Owner,
        id: CopyId,
        memory: &mut M,
    ) -> Result<Put, PutError> {
        let copy = self.copies.named(id).ok_or(PutError::Stale)?;
        let (link, before) = self
            .links
            .find(copy.links, owner)
            .ok_or(PutError::NotOwner)?;
        if let Some(link) = self.links.get_mut(link)
            && link.count > 1
        {
            link.count -= 1;
            return Ok(Put::Held);
        }
        Ok(self.leave(owner, id.index, link, before, memory))
    }

    /// Gives up all that this owner has, however often it got it, as when it dies. Returns how many
    /// copies that were.
    ///
    /// O(`COPIES` x owners of a copy), and the memory's work.
    pub fn put_all<M: CopyMemory>(&mut self, owner: Owner, memory: &mut M) -> u32 {
        let mut left = 0;
        for index in 1..=COPIES as u16 {
            let copy = self.copies.get(index).filter(|copy| copy.taken != 0);
            let link = copy.and_then(|copy| self.links.find(copy.links, owner));
            if let Some((link, before)) = link {
                self.leave(owner, index, link, before, memory);
                left += 1;
            }
        }
        left
    }

    /// The name of the copy that this owner has at this offset. O(`COPIES`).
    #[must_use]
    pub fn id_at(&self, owner: Owner, offset: u32) -> Option<CopyId> {
        let mut owned = self.copies.iter().filter(|(_, copy)| copy.offset == offset);
        let (index, _) = owned.find(|(_, copy)| self.links.find(copy.links, owner).is_some())?;
        Some(self.copies.id(index))
    }

    /// Ends the owner's link, and with the last one the copy.
    #[inline(never)]
    fn leave<M: CopyMemory>(
        &mut self,
        owner: Owner,
        index: u16,
        link: u16,
        before: u16,
        memory: &mut M,
    ) -> Put {
        let next = self.links.get_mut(link).map_or(NONE, |link| link.next);
        let Some(copy) = self.copies.get_mut(index) else {
            return Put::Left;
        };
        match self.links.get_mut(before) {
            Some(before) => before.next = next,
            None => copy.links = next,
        }
        self.links.give(link);
        // First nobody reaches the pages, then they are free.
        if copy.granted {
            memory.revoke(owner, copy.offset, copy.taken);
        }
        if copy.links != NONE {
            return Put::Left;
        }
        let from = (!copy.shared).then_some(owner);
        memory.give(from, copy.offset, copy.taken);
        self.stats.copies -= 1;
        self.stats.used -= copy.taken;
        self.copies.give(index);
        Put::Freed
    }
}
