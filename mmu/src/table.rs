//! One page of a page table: the entries of a slot.

use crate::{CacheMode, Machine, PAGE_BYTES, PhysAddr, Pte, SLOT_PAGES, VirtAddr};

/// Bytes of a table.
pub const TABLE_BYTES: u32 = PAGE_BYTES;

/// A table in a frame of its own. It holds user entries only; the kernel needs none.
///
/// The kernel and the MMU reach it past the data cache, so that every core sees a change as soon
/// as it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    frame: PhysAddr,
}

impl Table {
    /// Takes a frame as a table and fills it with [`Pte::INVALID`]. About 2,600 instructions.
    pub fn new(machine: &mut impl Machine, frame: PhysAddr) -> Table {
        let table = Table { frame };
        table.fill(machine, 0, Pte::INVALID, 0, SLOT_PAGES);
        table
    }

    /// The table in a frame that [`Table::new`] filled.
    #[must_use]
    #[inline]
    pub const fn at(frame: PhysAddr) -> Table {
        Table { frame }
    }

    /// The frame it stands in.
    #[must_use]
    pub const fn frame(self) -> PhysAddr {
        self.frame
    }

    /// The entry of the page that holds `address`; only the bits inside the slot count.
    #[must_use]
    #[inline(always)]
    pub fn entry(self, machine: &impl Machine, address: VirtAddr) -> Pte {
        machine.load_entry(self.place(address.page() % SLOT_PAGES))
    }

    /// Writes the entry of the page that holds `address`. What a TLB holds of the old one is the
    /// caller's to remove: [`crate::Stale`].
    pub fn set_entry(self, machine: &mut impl Machine, address: VirtAddr, pte: Pte) {
        self.fill(machine, address.page() % SLOT_PAGES, pte, 0, 1);
    }

    /// Writes the entries of `count` pages, from the one that holds `start`, of this table and of
    /// its twin in the next frame: `first` and `twin` for the first page, and for each next one the
    /// frame behind it. The pages must lie in the slot. 5 instructions a page on the core.
    #[inline(always)]
    pub fn map_twins(
        self,
        machine: &mut impl Machine,
        start: VirtAddr,
        first: Pte,
        twin: Pte,
        count: u32,
    ) {
        machine.store_entries(self.place(start.page() % SLOT_PAGES), first, twin, count);
    }

    fn fill(self, machine: &mut impl Machine, index: u32, first: Pte, step: u32, count: u32) {
        machine.fill_words(
            self.place(index),
            first.bits(),
            step,
            count,
            CacheMode::Bypass,
        );
    }

    #[inline(always)]
    const fn place(self, index: u32) -> PhysAddr {
        PhysAddr(self.frame.0 + index * size_of::<Pte>() as u32)
    }
}
