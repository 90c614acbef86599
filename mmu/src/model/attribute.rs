//! What the attribute of an entry says: which accesses it gives, and how they go to memory.

use crate::{Access, PhysAddr, Pte};

/// The attribute that gives loads and stores inside the cache alone.
const ISOLATE: u32 = 13;
const ATTRIBUTE: u32 = 0xf;
const WRITE_BACK: u32 = 4;
const WRITE_THROUGH: u32 = 8;

/// How an access goes to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bypass,
    WriteBack,
    WriteThrough,
}

/// Where an access goes, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: PhysAddr,
    pub(super) kind: Kind,
}

impl Kind {
    /// How an access goes to memory through an entry, or `None` if the entry does not give it.
    ///
    /// Isolate, which [`Pte::rights`] takes for no rights at all, does give loads and stores on
    /// the core. They go as write-back here; nothing in the project makes such an entry.
    pub(super) fn of(pte: Pte, access: Access) -> Option<Kind> {
        let attribute = pte.bits() & ATTRIBUTE;
        if attribute == ISOLATE {
            return (access != Access::Execute).then_some(Kind::WriteBack);
        }
        if !pte.rights()?.contains(access.needs()) {
            return None;
        }
        Some(match attribute {
            WRITE_THROUGH.. => Kind::WriteThrough,
            WRITE_BACK.. => Kind::WriteBack,
            _ => Kind::Bypass,
        })
    }
}
