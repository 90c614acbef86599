//! One page of a page table: the entries of a slot.

use crate::{Machine, PAGE_BYTES, PhysAddr, Pte, SLOT_PAGES, VirtAddr};

/// Bytes of a table.
pub const TABLE_BYTES: u32 = PAGE_BYTES;

/// A table in a frame of its own. It holds user entries only; the kernel needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    frame: PhysAddr,
}

impl Table {
    /// Takes a frame as a table and fills it with [`Pte::INVALID`].
    pub fn new(machine: &mut impl Machine, frame: PhysAddr) -> Table {
        let table = Table { frame };
        for index in 0..SLOT_PAGES {
            machine.store_word(table.place(index), Pte::INVALID.bits());
        }
        table
    }

    /// The frame it stands in.
    #[must_use]
    pub const fn frame(self) -> PhysAddr {
        self.frame
    }

    /// The entry of the page that holds `address`; only the bits inside the slot count.
    #[must_use]
    pub fn entry(self, machine: &impl Machine, address: VirtAddr) -> Pte {
        Pte::from_bits(machine.load_word(self.place(address.page() % SLOT_PAGES)))
    }

    /// Writes the entry of the page that holds `address`. What a TLB holds of the old one is the
    /// caller's to remove: [`crate::forget_page`].
    pub fn set_entry(self, machine: &mut impl Machine, address: VirtAddr, pte: Pte) {
        machine.store_word(self.place(address.page() % SLOT_PAGES), pte.bits());
    }

    const fn place(self, index: u32) -> PhysAddr {
        PhysAddr(self.frame.0 + index * size_of::<Pte>() as u32)
    }
}
