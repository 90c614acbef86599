//! The rules of a virtual heap.

use super::VirtualHeap;
use crate::InvariantError;

impl<const GROUPS: usize, const PAGES: usize> VirtualHeap<GROUPS, PAGES> {
    /// Walks the heap. O(blocks + `PAGES`), with 2 x `PAGES` bytes of stack.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        let mut users = [0_u16; PAGES];
        let (mut bytes, mut allocations) = (0, 0);
        for shelf in self.shelves.iter().take(self.bundles) {
            let mut used = 0;
            for word in shelf.words() {
                let holds = self.store.blocks.hints_hold(word, &shelf.hints);
                if !holds || !self.store.blocks.notes_hold(word) {
                    return Err(InvariantError::BlockRuns(word));
                }
            }
            let mut index = 0;
            while index < shelf.count {
                let block = shelf.block(index);
                let offset = shelf.offset(block);
                if !self.store.blocks.is_used(block) {
                    if self.store.blocks.is_joined(block) || self.store.blocks.reaches(block) {
                        return Err(InvariantError::FreeBlockInUse(offset));
                    }
                    index += 1;
                    continue;
                }
                let broken = InvariantError::Joined(offset);
                let extent = self.store.extent(shelf, offset).ok_or(broken)?;
                index += extent.blocks;
                let blocks = block..block + extent.blocks;
                if index > shelf.count || !blocks.clone().all(|b| self.store.blocks.is_used(b)) {
                    return Err(broken);
                }
                let pages = users.get_mut(extent.first as usize..=extent.last as usize);
                pages
                    .ok_or(broken)?
                    .iter_mut()
                    .for_each(|users| *users += 1);
                used += extent.blocks;
                allocations += 1;
            }
            if used != shelf.used || shelf.used > shelf.peak {
                return Err(InvariantError::UsedBlocks(shelf.start));
            }
            bytes += used * shelf.block_bytes;
        }
        let mut both = (0..).zip(users.iter().zip(&self.store.users));
        if let Some((page, _)) = both.find(|(_, (counted, kept))| counted != kept) {
            return Err(InvariantError::PageUsers(page));
        }
        let mapped = users.iter().filter(|users| **users != 0).count();
        if mapped as u32 != self.store.mapped_pages
            || self.store.mapped_pages > self.store.peak_pages
        {
            return Err(InvariantError::MappedPages);
        }
        if bytes != self.store.used_bytes {
            return Err(InvariantError::UsedBytes);
        }
        if self.store.used_bytes > self.store.peak_bytes {
            return Err(InvariantError::Peak);
        }
        if allocations != self.store.allocations {
            return Err(InvariantError::Allocations);
        }
        Ok(())
    }
}
