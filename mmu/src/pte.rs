//! One page-table entry (ISA manual 4.6.5: "The MMU option PTE format").

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{CacheMode, PhysAddr, Rights};

/// A privilege ring; ring 0 is the kernel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Ring {
    /// The kernel.
    Kernel = 0,
    /// Unused.
    One = 1,
    /// Modules.
    Module = 2,
    /// Pages that every domain sees alike.
    Shared = 3,
}

/// An entry of a page table: frame in bits 31..12, ring in 5..4, attribute in 3..0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct Pte(u32);

const EXECUTABLE: u32 = Rights::EXECUTE.bits() as u32;
const WRITABLE: u32 = Rights::WRITE.bits() as u32;
const WRITE_BACK: u32 = 4;
const _: () = assert!(EXECUTABLE == 1 && WRITABLE == 2, "bits of an attribute");
/// Attributes from here on give no ordinary access (12, 14, 15: none; 13: isolate).
const NO_ACCESS: u32 = 12;
const RING_SHIFT: u32 = 4;
const FRAME_MASK: u32 = 0xffff_f000;

impl Pte {
    /// What an unused entry holds. Ring 2, not ring 0: the MMU loads even an entry without access
    /// into the TLB, and one of ring 0 would carry the kernel's ASID and so hold in every domain.
    /// Zero is no alternative: it is a valid entry that gives ring 0 the first frame to read.
    pub const INVALID: Pte = Pte((Ring::Module as u32) << RING_SHIFT | NO_ACCESS);

    /// An entry that gives nothing but remembers a frame; to the MMU it is [`Pte::INVALID`].
    #[must_use]
    #[inline]
    pub const fn without_access(frame: PhysAddr) -> Pte {
        Pte(frame.0 & FRAME_MASK | Pte::INVALID.0)
    }

    /// An entry that gives a module `rights` to `frame`.
    #[must_use]
    #[inline]
    pub const fn module(frame: PhysAddr, rights: Rights, cache: CacheMode) -> Pte {
        Self::new(frame, Ring::Module, rights, cache)
    }

    /// An entry through which the MMU's own refill reads a page of a page table: past the data
    /// cache, for another core may have written it.
    #[must_use]
    pub const fn table(frame: PhysAddr) -> Pte {
        // BROKEN ON PURPOSE, rule 1: every domain reaches the tables in force.
        let ring = if cfg!(feature = "break-tables-in-reach") {
            Ring::Shared
        } else {
            Ring::Kernel
        };
        Self::new(frame, ring, Rights::DATA, CacheMode::Bypass)
    }

    /// The same entry for the uncached alias.
    #[must_use]
    #[inline]
    pub const fn past_cache(self) -> Pte {
        Pte(self.0 & !WRITE_BACK)
    }

    #[inline]
    const fn new(frame: PhysAddr, ring: Ring, rights: Rights, cache: CacheMode) -> Pte {
        let mut attribute = rights.bits() as u32 & (EXECUTABLE | WRITABLE);
        if let CacheMode::WriteBack = cache {
            attribute |= WRITE_BACK;
        }
        Pte(frame.0 & FRAME_MASK | (ring as u32) << RING_SHIFT | attribute)
    }

    /// The entry as a word of memory.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// A word of memory as an entry.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Pte {
        Pte(bits)
    }

    /// The frame.
    #[must_use]
    pub const fn frame(self) -> PhysAddr {
        PhysAddr(self.0 & FRAME_MASK)
    }

    /// The ring.
    #[must_use]
    pub const fn ring(self) -> Ring {
        match self.0 >> RING_SHIFT & 3 {
            0 => Ring::Kernel,
            1 => Ring::One,
            2 => Ring::Module,
            _ => Ring::Shared,
        }
    }

    /// The rights, or `None` where the attribute gives none.
    #[must_use]
    pub fn rights(self) -> Option<Rights> {
        let attribute = self.0 & 0xf;
        if attribute >= NO_ACCESS {
            return None;
        }
        let mut rights = Rights::READ;
        rights.set(Rights::WRITE, attribute & WRITABLE != 0);
        rights.set(Rights::EXECUTE, attribute & EXECUTABLE != 0);
        Some(rights)
    }

    /// Whether the entry gives a module anything.
    #[must_use]
    pub fn is_valid(self) -> bool {
        self.rights().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_those_seen_on_the_core() {
        let frame = PhysAddr(0x0123_4000);
        let pte = |rights, cache| Pte::module(frame, rights, cache).bits();
        assert_eq!(pte(Rights::TEXT, CacheMode::WriteBack), 0x0123_4025);
        assert_eq!(pte(Rights::DATA, CacheMode::WriteBack), 0x0123_4026);
        assert_eq!(pte(Rights::DATA, CacheMode::Bypass), 0x0123_4022);
        assert_eq!(pte(Rights::READ, CacheMode::WriteBack), 0x0123_4024);
        assert_eq!(pte(Rights::READ, CacheMode::Bypass), 0x0123_4020);
        assert_eq!(Pte::table(frame).bits(), 0x0123_4002);
        assert_eq!(Pte::INVALID.bits(), 0x2c);
    }

    #[test]
    fn an_unused_entry_is_never_the_kernels() {
        assert_eq!(Pte::INVALID.ring(), Ring::Module);
        assert_eq!(Pte::INVALID.rights(), None);
    }

    #[test]
    fn every_right_comes_back() {
        for rights in [Rights::READ, Rights::TEXT, Rights::DATA] {
            for cache in [CacheMode::WriteBack, CacheMode::Bypass] {
                let pte = Pte::module(PhysAddr(0x7000), rights, cache);
                assert_eq!(pte.rights(), Some(rights));
                assert_eq!(pte.frame(), PhysAddr(0x7000));
                assert_eq!(pte.ring(), Ring::Module);
            }
        }
    }
}
