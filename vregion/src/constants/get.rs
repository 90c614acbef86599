//! Getting a copy.

use super::records::{NONE, Record};
use super::{Constant, Constants, CopyMemory, GetError, Owner};

impl<const COPIES: usize, const LINKS: usize> Constants<COPIES, LINKS> {
    /// A copy of `bytes` bytes from address `source` on, for this owner to read.
    ///
    /// O(1) on average where there is a shared copy that the owner has already; O(owners of the
    /// copy) where it does not. Else the memory's work: check, take, copy, zero the rest of the
    /// last page, grant, in this order.
    ///
    /// # Errors
    /// [`GetError`]; nothing has changed but the number of failures, nothing stays taken or granted.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn get<M: CopyMemory>(
        &mut self,
        owner: Owner,
        source: u32,
        bytes: u32,
        memory: &mut M,
    ) -> Result<Constant, GetError<M::Error>> {
        let result = self.find_or_make(owner, source, bytes, memory);
        if result.is_err() {
            self.stats.failures = self.stats.failures.saturating_add(1);
        }
        result
    }

    #[inline(always)]
    fn find_or_make<M: CopyMemory>(
        &mut self,
        owner: Owner,
        source: u32,
        bytes: u32,
        memory: &mut M,
    ) -> Result<Constant, GetError<M::Error>> {
        let Some(last) = bytes.checked_sub(1) else {
            return Err(GetError::Empty);
        };
        let wraps = GetError::Wraps {
            source_address: source,
            bytes,
        };
        if source.checked_add(last).is_none() {
            return Err(wraps);
        }
        let checked = memory.check_source(owner, source, bytes);
        checked.map_err(GetError::Source)?;
        let large = self.policy.is_large(bytes);
        if large || self.policy.share_small {
            let mut found = None;
            for (index, copy) in self.copies.chain(source) {
                if copy.source != source {
                    continue;
                }
                if copy.bytes == bytes {
                    found = Some(index);
                } else if self.links.find(copy.links, owner).is_some() {
                    return Err(GetError::Size {
                        have: copy.bytes,
                        wanted: bytes,
                    });
                }
            }
            if let Some(index) = found {
                return self.join(owner, index, memory);
            }
        }
        let (taken, align) = if large {
            let page = self.policy.page_bytes;
            (bytes.checked_next_multiple_of(page).ok_or(wraps)?, page)
        } else {
            (bytes, self.policy.align)
        };
        self.make(
            owner,
            Record {
                source,
                bytes,
                offset: 0,
                taken,
                links: NONE,
                next: NONE,
                generation: 0,
                shared: large || self.policy.share_small,
                granted: large,
            },
            align,
            memory,
        )
    }

    /// One more get of a copy that is there.
    #[inline(always)]
    fn join<M: CopyMemory>(
        &mut self,
        owner: Owner,
        index: u16,
        memory: &mut M,
    ) -> Result<Constant, GetError<M::Error>> {
        let id = self.copies.id(index);
        let Some(copy) = self.copies.get_mut(index) else {
            return Err(GetError::NoCopy(COPIES as u32));
        };
        if let Some((link, _)) = self.links.find(copy.links, owner) {
            if let Some(link) = self.links.get_mut(link) {
                link.count = link.count.checked_add(1).ok_or(GetError::TooMany)?;
            }
        } else {
            if !self.links.has_spare() {
                return Err(GetError::NoLink(LINKS as u32));
            }
            if copy.granted {
                let granted = memory.grant(owner, copy.offset, copy.taken);
                granted.map_err(GetError::Grant)?;
            }
            copy.links = self.links.take(owner, copy.links);
        }
        self.stats.hits = self.stats.hits.saturating_add(1);
        Ok(Constant {
            id,
            offset: copy.offset,
            bytes: copy.bytes,
        })
    }

    /// A copy that nobody has yet.
    #[cold]
    #[inline(never)]
    fn make<M: CopyMemory>(
        &mut self,
        owner: Owner,
        mut copy: Record,
        align: u32,
        memory: &mut M,
    ) -> Result<Constant, GetError<M::Error>> {
        if !self.copies.has_spare() {
            return Err(GetError::NoCopy(COPIES as u32));
        }
        if !self.links.has_spare() {
            return Err(GetError::NoLink(LINKS as u32));
        }
        let Record {
            source,
            bytes,
            taken,
            ..
        } = copy;
        // What is shared must outlive whoever asked for it first.
        let from = (!copy.shared).then_some(owner);
        copy.offset = memory.take(from, taken, align).map_err(GetError::Memory)?;
        memory.copy(source, bytes, copy.offset);
        if taken > bytes {
            memory.zero(copy.offset + bytes, taken - bytes);
        }
        if copy.granted
            && let Err(error) = memory.grant(owner, copy.offset, taken)
        {
            memory.give(from, copy.offset, taken);
            return Err(GetError::Grant(error));
        }
        copy.links = self.links.take(owner, NONE);
        let index = self.copies.take(copy);
        self.stats.copies += 1;
        self.stats.used += taken;
        self.stats.peak = self.stats.peak.max(self.stats.used);
        Ok(Constant {
            id: self.copies.id(index),
            offset: copy.offset,
            bytes,
        })
    }
}
