//! The one seam to the hardware.

use crate::{
    Asid, CacheMode, CoreId, CoreSet, PAGE_BYTES, PhysAddr, Pte, Stale, Unanswered, VirtAddr,
};

/// Ways of each TLB that the hardware refills by itself: the first ones.
const AUTOREFILL_WAYS: u8 = 4;

/// A way of the data TLB that software writes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Way {
    /// Way 7: one entry.
    Seven = 7,
    /// Way 8: one entry.
    Eight = 8,
    /// Way 9: one entry.
    Nine = 9,
}

/// Single actions of one core on itself and on memory. Policy stays above: no method decides
/// anything, and which write-back and which drop an access needs is written once, in
/// [`crate::Frames`], for the model and the target alike.
///
/// Physical addresses must lie in RAM that the implementation maps, and a range must not leave its
/// frame; an implementation stops the whole system otherwise, for no caller has a reason to pass
/// one.
pub trait Machine {
    /// The core that runs this.
    fn core(&self) -> CoreId;

    /// Reads the word at a multiple of 4 through the data cache.
    fn load_word(&mut self, at: PhysAddr) -> u32;

    /// Writes the word at a multiple of 4 through the data cache.
    fn store_word(&mut self, at: PhysAddr, word: u32);

    /// Writes `count` words from a multiple of 4 on: `first`, and each next one `step` more.
    fn fill_words(&mut self, at: PhysAddr, first: u32, step: u32, count: u32, via: CacheMode);

    /// Writes `count` entries of a page table and of its twin in the next frame, past the data
    /// cache: from `at` on `first`, at the same place of the twin `twin`, and each next one for the
    /// frame behind.
    fn store_entries(&mut self, at: PhysAddr, first: Pte, twin: Pte, count: u32);

    /// Reads an entry of a page table, past the data cache.
    fn load_entry(&self, at: PhysAddr) -> Pte;

    /// Copies bytes out of one frame, past the data cache, each fetched once.
    fn load(&self, at: PhysAddr, into: &mut [u8]);

    /// Copies bytes into one frame, past the data cache.
    fn store(&mut self, at: PhysAddr, from: &[u8]);

    /// Writes the range's lines of this core's data cache back and drops them.
    fn drop_lines(&mut self, at: PhysAddr, bytes: u32);

    /// [`Self::drop_lines`] of a whole frame.
    fn drop_frame_lines(&mut self, frame: PhysAddr) {
        self.drop_lines(frame, PAGE_BYTES);
    }

    /// Drops the range's lines of this core's instruction cache.
    fn drop_instructions(&mut self, at: PhysAddr, bytes: u32);

    /// Writes this core's whole data cache back and drops it, and its instruction cache too.
    fn drop_caches(&mut self);

    /// Removes the entries of autorefill way `way` (0 to 3) of both TLBs of this core at the index
    /// that `address` selects. The instruction goes by way and index, not by page number or ASID:
    /// what stands there goes, whosever it is.
    fn drop_autorefill(&mut self, address: VirtAddr, way: u8);

    /// [`Self::drop_autorefill`] for every way.
    fn drop_index(&mut self, address: VirtAddr) {
        for way in 0..AUTOREFILL_WAYS {
            self.drop_autorefill(address, way);
        }
    }

    /// Wires a data-TLB entry of this core: `address` translates by `pte`.
    fn wire_data(&mut self, way: Way, address: VirtAddr, pte: Pte);

    /// Sets the ASID that ring 2 of this core has from now on. No user page may be touched until
    /// the wired entries fit it.
    fn set_module_asid(&mut self, asid: Asid);

    /// Waits until TLB and ASID changes hold for the next instruction.
    fn synchronize(&mut self);

    /// Has each of the other `cores` apply `stale` to itself, and waits for all of their answers.
    /// The caller holds the kernel's lock: there is one asker at a time.
    ///
    /// # Errors
    /// [`Unanswered`] names a core that gave no answer in the polls that the platform grants. Some
    /// cores may have dropped what they were asked to, which costs them a refill and no more.
    fn shoot_down(&mut self, cores: CoreSet, stale: Stale) -> Result<(), Unanswered>;

    /// How often the last [`Self::shoot_down`] looked for an answer in vain; always 0 on a machine
    /// that does not count it.
    fn waited(&self) -> u32 {
        0
    }
}
