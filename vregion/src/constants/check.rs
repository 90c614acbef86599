//! The rules of the table of constants.

use super::Constants;
use crate::InvariantError;

impl<const COPIES: usize, const LINKS: usize> Constants<COPIES, LINKS> {
    /// Walks the table. O(`COPIES` x the longest chain + owners).
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        let (mut copies, mut used, mut links) = (0, 0, 0);
        for (index, copy) in self.copies.iter() {
            let number = u32::from(index);
            let found = self
                .copies
                .chain(copy.source)
                .filter(|(at, _)| *at == index);
            if found.count() != usize::from(copy.shared) {
                return Err(InvariantError::Chain(number));
            }
            let mut chain = self.copies.chain(copy.source);
            if chain.any(|(_, other)| other.taken == 0 || !other.shared) {
                return Err(InvariantError::Chain(number));
            }
            let owners = self.links.chain(copy.links).count();
            let mut each = self.links.chain(copy.links);
            // The first link found for an owner is its only one.
            let lone = each.all(|(at, link)| {
                let first = self.links.find(copy.links, link.owner);
                link.count != 0 && first.is_some_and(|(first, _)| first == at)
            });
            if owners == 0 || !lone || (!copy.shared && owners != 1) {
                return Err(InvariantError::Owners(number));
            }
            links += owners;
            copies += 1;
            used += copy.taken;
        }
        if copies != self.stats.copies || links != self.links.used() {
            return Err(InvariantError::Copies);
        }
        if used != self.stats.used {
            return Err(InvariantError::UsedBytes);
        }
        if self.stats.used > self.stats.peak {
            return Err(InvariantError::Peak);
        }
        Ok(())
    }
}
