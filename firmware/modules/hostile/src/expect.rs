//! How the kernel must stop an attack.

use abi::Call;

use crate::machine::{SLOT_BYTES, TO_UNCACHED};

/// The end of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A fault of the processor of that cause (EXCCAUSE; 63 for `break`).
    Fault {
        /// The cause.
        cause: u32,
        /// What the fault address must be.
        at: Where,
    },
    /// A system call whose argument the kernel refuses to believe.
    BadCall {
        /// The call.
        call: Call,
    },
    /// The module used up its time.
    Overrun,
}

/// A set of fault addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// The cause says nothing about an address.
    Any,
    /// This one.
    Exactly(u32),
    /// From the first up to and without the last.
    Between(u32, u32),
    /// Within the module's own slot.
    OwnSlot,
    /// Within the uncached twin of its own slot.
    OwnSlotUncached,
    /// Within the slot before its own.
    OtherSlot,
    /// Within the uncached twin of the slot before its own.
    OtherSlotUncached,
    /// Within the page-table pages of its own slot.
    OwnTable,
}

impl Where {
    /// Whether `address` is one of them, for a module that was loaded somewhere in the slot of
    /// `own` (a cached address).
    #[must_use]
    pub const fn holds(self, address: u32, own: u32) -> bool {
        let slot = own & !(SLOT_BYTES - 1);
        match self {
            Where::Any => true,
            Where::Exactly(expected) => address == expected,
            Where::Between(first, last) => first <= address && address < last,
            Where::OwnSlot => in_slot(address, slot),
            Where::OwnSlotUncached => in_slot(address, slot.wrapping_sub(TO_UNCACHED)),
            Where::OtherSlot => in_slot(address, slot.wrapping_sub(SLOT_BYTES)),
            Where::OtherSlotUncached => in_slot(
                address,
                slot.wrapping_sub(SLOT_BYTES).wrapping_sub(TO_UNCACHED),
            ),
            Where::OwnTable => {
                let page = address & !0xfff;
                page == table_of(slot) || page == table_of(slot.wrapping_sub(TO_UNCACHED))
            }
        }
    }
}

const fn in_slot(address: u32, slot: u32) -> bool {
    address.wrapping_sub(slot) < SLOT_BYTES
}

/// Where the kernel's window shows the table of a slot: four bytes for each of its pages.
#[must_use]
pub const fn table_of(slot: u32) -> u32 {
    crate::machine::TABLE_WINDOW + (slot >> 10)
}
