//! What each frame is used for, over all domains: the ground on which W^X stands.

use mmu::{PhysAddr, PhysRange, Rights};

use crate::DomainError;

#[derive(Clone, Copy, Debug)]
struct Uses {
    mapped: u16,
    writable: u16,
    executable: u16,
}

/// Counts of the partitions that map each of `F` frames.
#[derive(Debug)]
pub(crate) struct Ledger<const F: usize> {
    frames: PhysRange,
    uses: [Uses; F],
}

impl<const F: usize> Ledger<F> {
    pub(crate) const fn new(frames: PhysRange) -> Self {
        assert!(
            frames.frames as usize <= F,
            "the ledger must have a place for every frame"
        );
        Ledger {
            frames,
            uses: [Uses {
                mapped: 0,
                writable: 0,
                executable: 0,
            }; F],
        }
    }

    fn place(&self, frame: PhysAddr) -> Option<usize> {
        self.frames.index_of(frame).map(|index| index as usize)
    }

    /// Whether the frame may be mapped with these rights beside all its other mappings.
    pub(crate) fn may_add(&self, frame: PhysAddr, rights: Rights) -> Result<(), DomainError> {
        let place = self.place(frame).ok_or(DomainError::ForeignFrame(frame))?;
        let uses = self.uses[place];
        if rights.contains(Rights::WRITE) && uses.executable > 0 {
            return Err(DomainError::Executable(frame));
        }
        if rights.contains(Rights::EXECUTE) && uses.writable > 0 {
            return Err(DomainError::Writable(frame));
        }
        if uses.mapped == u16::MAX {
            return Err(DomainError::TooShared(frame));
        }
        Ok(())
    }

    /// Counts one more mapping, which [`Self::may_add`] allowed.
    pub(crate) fn add(&mut self, frame: PhysAddr, rights: Rights) {
        if let Some(place) = self.place(frame) {
            let uses = &mut self.uses[place];
            uses.mapped += 1;
            uses.writable += u16::from(rights.contains(Rights::WRITE));
            uses.executable += u16::from(rights.contains(Rights::EXECUTE));
        }
    }

    /// Counts one mapping less.
    pub(crate) fn remove(&mut self, frame: PhysAddr, rights: Rights) {
        if let Some(place) = self.place(frame) {
            let uses = &mut self.uses[place];
            uses.mapped -= 1;
            uses.writable -= u16::from(rights.contains(Rights::WRITE));
            uses.executable -= u16::from(rights.contains(Rights::EXECUTE));
        }
    }

    /// How many partitions map the frame.
    pub(crate) fn mappings(&self, frame: PhysAddr) -> u32 {
        self.place(frame)
            .map_or(0, |place| u32::from(self.uses[place].mapped))
    }

    /// How many frames some partition maps.
    pub(crate) fn frames_mapped(&self) -> u32 {
        self.uses.iter().filter(|uses| uses.mapped > 0).count() as u32
    }
}
