//! The one seam to the hardware.

use crate::{Asid, PhysAddr, Pte, VirtAddr};

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

/// Single actions of one core and its memory. Policy stays above: no method decides anything.
///
/// Physical addresses must lie in RAM that the implementation maps; an implementation stops the
/// whole system on any other, for no caller has a reason to pass one.
pub trait Machine {
    /// Reads the word at a multiple of 4.
    fn load_word(&self, at: PhysAddr) -> u32;

    /// Writes the word at a multiple of 4.
    fn store_word(&mut self, at: PhysAddr, word: u32);

    /// Copies bytes out of one frame, each fetched once. The range must not leave the frame. What
    /// a module wrote through either alias is seen.
    fn read(&self, at: PhysAddr, into: &mut [u8]);

    /// Copies bytes into one frame. The range must not leave the frame. A module sees them through
    /// either alias.
    fn write(&mut self, at: PhysAddr, from: &[u8]);

    /// Fills a frame with zeros, past the cache: what the cached alias held of it is written back
    /// and dropped first.
    fn zero_frame(&mut self, frame: PhysAddr);

    /// Makes what was written to a frame through the kernel's mapping visible to instruction
    /// fetches and to the uncached alias: writes the data cache back, drops the lines of both
    /// caches.
    fn publish(&mut self, frame: PhysAddr);

    /// Removes the entries of autorefill way `way` (0 to 3) of both TLBs at the index that
    /// `address` selects. The instruction goes by way and index, not by page number or ASID: what
    /// stands there goes, whosever it is.
    fn drop_autorefill(&mut self, address: VirtAddr, way: u8);

    /// Wires a data-TLB entry: `address` translates by `pte`.
    fn wire_data(&mut self, way: Way, address: VirtAddr, pte: Pte);

    /// Sets the ASID that ring 2 has from now on. No user page may be touched until the wired
    /// entries fit it.
    fn set_module_asid(&mut self, asid: Asid);

    /// Waits until TLB and ASID changes hold for the next instruction.
    fn synchronize(&mut self);
}
