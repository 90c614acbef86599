//! What a switch of domains writes, ready made.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Asid, Machine, PhysAddr, Platform, Pte, SLOT_BYTES, VirtAddr, Way};

/// The whole of a switch: RASID and the two wired entries that map the domain's page tables, one
/// for each alias of its slot. The kernel's switch code reads these words and decides nothing.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct SwitchImage {
    /// For RASID.
    pub rasid: u32,
    /// The entry of the cached alias' table and, with its way, where it stands.
    pub cached: [u32; 2],
    /// The same for the uncached alias.
    pub uncached: [u32; 2],
}

impl SwitchImage {
    /// Of no domain.
    pub const NONE: SwitchImage = SwitchImage {
        rasid: 0,
        cached: [0; 2],
        uncached: [0; 2],
    };

    /// The image of a domain whose slot has that number in both windows.
    #[must_use]
    pub fn new(
        platform: &Platform,
        asid: Asid,
        slot: u32,
        cached_table: PhysAddr,
        uncached_table: PhysAddr,
    ) -> SwitchImage {
        let entry = |window: VirtAddr, table: PhysAddr, way: Way| {
            let slot_start = VirtAddr(window.0 + slot * SLOT_BYTES);
            [
                Pte::table(table).bits(),
                table_address(platform, slot_start).0 | way as u32,
            ]
        };
        SwitchImage {
            rasid: asid.rasid(),
            cached: entry(platform.cached_window, cached_table, Way::Seven),
            uncached: entry(platform.uncached_window, uncached_table, Way::Eight),
        }
    }

    /// Does what the kernel's switch code does, on any machine.
    pub fn apply(&self, machine: &mut impl Machine, asid: Asid) {
        machine.set_module_asid(asid);
        for (entry, way) in [(self.cached, Way::Seven), (self.uncached, Way::Eight)] {
            let address = VirtAddr(entry[1] & !0xfff);
            machine.wire_data(way, address, Pte::from_bits(entry[0]));
        }
        machine.synchronize();
    }
}

/// Where the MMU reads the entry of the first page of a slot: `PTEVADDR | address >> 10`.
fn table_address(platform: &Platform, slot_start: VirtAddr) -> VirtAddr {
    VirtAddr(platform.table_window.0 | slot_start.0 >> 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AsidPool, DC233C};

    #[test]
    fn words_are_those_that_the_core_takes() {
        let asid = AsidPool::new().take().unwrap();
        let image = SwitchImage::new(&DC233C, asid, 1, PhysAddr(0x30_0000), PhysAddr(0x30_1000));
        assert_eq!(image.rasid, 0x0405_0201);
        assert_eq!(image.cached, [0x0030_0002, 0x8028_1007]);
        assert_eq!(image.uncached, [0x0030_1002, 0x8010_1008]);
    }
}
