//! The kernel's own map: what its boot code wires on every core, and what stays in every domain.

use crate::{Pte, Ring, VirtAddr};

/// One of a core's two TLBs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// For fetches: ways 0 to 6.
    Instruction,
    /// For loads and stores: ways 0 to 9.
    Data,
}

/// One entry of the kernel's own map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KernelEntry {
    /// The TLB.
    pub side: Side,
    /// Its way: 4 for 1 MiB, 5 for 128 MiB, 6 for 512 MiB, with ITLBCFG and DTLBCFG zero.
    pub way: u8,
    /// The first address it maps.
    pub address: VirtAddr,
    /// To where, and how.
    pub pte: Pte,
}

impl KernelEntry {
    const fn new(side: Side, way: u8, address: u32, pte: u32) -> KernelEntry {
        KernelEntry {
            side,
            way,
            address: VirtAddr(address),
            pte: Pte::from_bits(pte),
        }
    }

    /// Bytes that the entry maps.
    #[must_use]
    pub const fn bytes(&self) -> u32 {
        1 << match self.way {
            4 => 20,
            5 => 27,
            6 => 29,
            _ => 12,
        }
    }

    /// Whether the entry maps an address of `bytes` bytes from `start` on.
    pub(crate) const fn overlaps(&self, start: VirtAddr, bytes: u32) -> bool {
        let (from, to) = (self.address.0 as u64, start.0 as u64);
        from < to + bytes as u64 && to < from + self.bytes() as u64
    }

    /// Refuses to compile an entry that the core would take for another one.
    const fn check(&self) {
        let unaligned = self.address.0 | self.pte.frame().0;
        assert!(
            unaligned.is_multiple_of(self.bytes()),
            "a kernel entry must be aligned to its size"
        );
        assert!(
            matches!(self.pte.ring(), Ring::Kernel),
            "a kernel entry must be of ring 0"
        );
        assert!(
            matches!(self.way, 4..=6),
            "the autorefill ways and ways 7 to 9 are not the kernel's"
        );
    }
}

/// Refuses to compile a map with an entry at fault, or with two that one address hits.
pub(crate) const fn check(map: &[KernelEntry]) {
    let mut first = 0;
    while first < map.len() {
        map[first].check();
        let mut second = first + 1;
        while second < map.len() {
            let (one, other) = (&map[first], &map[second]);
            assert!(
                one.side as u8 != other.side as u8 || !one.overlaps(other.address, other.bytes()),
                "two kernel entries must not map one address"
            );
            second += 1;
        }
        first += 1;
    }
}

/// As `firmware/board/src/target/reset.S` wires it on the first core: text for execution and for
/// reading, data and stacks, and all RAM twice, through the data cache and past it. Every other core
/// has data and stacks past its cache, and so has the first once they share them.
pub(crate) const DC233C: &[KernelEntry] = &[
    KernelEntry::new(Side::Instruction, 4, 0x0010_0000, 0x0010_0005),
    KernelEntry::new(Side::Data, 4, 0x0010_0000, 0x0010_0004),
    KernelEntry::new(Side::Data, 4, 0x0020_0000, 0x0020_0006),
    KernelEntry::new(Side::Data, 5, 0xd000_0000, 0x0000_0006),
    KernelEntry::new(Side::Data, 5, 0xd800_0000, 0x0000_0002),
];

/// The two maps of all RAM, at the addresses they have on `dc233c`. Where text and data would lie
/// is not known: no kernel is built for this core yet.
pub(crate) const ACE30: &[KernelEntry] = &[
    KernelEntry::new(Side::Data, 5, 0xd000_0000, 0xa000_0006),
    KernelEntry::new(Side::Data, 5, 0xd800_0000, 0xa000_0002),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(map: &[KernelEntry]) -> bool {
        std::panic::catch_unwind(|| check(map)).is_err()
    }

    fn data(way: u8, address: u32, pte: u32) -> KernelEntry {
        KernelEntry::new(Side::Data, way, address, pte)
    }

    #[test]
    fn entries_at_fault_are_refused() {
        let fine = data(4, 0x10_0000, 0x10_0004);
        assert!(!refused(&[fine]));
        assert!(refused(&[data(4, 0x11_0000, 0x10_0004)]), "its address");
        assert!(refused(&[data(4, 0x10_0000, 0x11_0004)]), "its frame");
        assert!(refused(&[data(4, 0x10_0000, 0x10_0024)]), "its ring");
        assert!(refused(&[data(7, 0x10_0000, 0x10_0004)]), "its way");
        let over_it = data(5, 0, 6);
        assert!(refused(&[fine, over_it]) && refused(&[over_it, fine]));
        let beside_it = KernelEntry {
            side: Side::Instruction,
            ..over_it
        };
        assert!(!refused(&[fine, beside_it]), "the TLBs are two");
    }

    #[test]
    fn the_last_page_overlaps_itself() {
        let last = data(6, 0xe000_0000, 0);
        assert!(last.overlaps(VirtAddr(0xffff_f000), 0x1000));
        assert!(!last.overlaps(VirtAddr(0xdfff_f000), 0x1000));
    }
}
