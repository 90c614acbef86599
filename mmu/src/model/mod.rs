//! A software model of the cores' MMUs, caches and memory, behind the same seam as the real ones.
//!
//! Each core has both TLBs with all their ways, refills by itself from page tables in memory,
//! keeps entries until they are removed or replaced, tags them with ASIDs, and faults with the
//! cause and the address that QEMU's `dc233c` reports: the order of checks, the way that a refill
//! takes and what it leaves behind after a fault are the same there. Each core has a data cache
//! and an instruction cache, too, which QEMU has not: lines stay until they are dropped, and
//! nothing keeps them coherent, so that a missing write-back or drop shows.
//! [`ModelMachine::without_caches`] is the machine as QEMU has it.
//!
//! What it does not model: the kernel's own accesses through its mappings (the seam takes physical
//! addresses), cache capacity (a line leaves when a test says so, [`ModelMachine::evict_line`]),
//! and instructions between `synchronize` and the change it waits for. A line is known by its
//! physical address alone, which is the whole truth only where a way of the cache is no larger
//! than a page, as on `dc233c`.
//!
//! Where QEMU and the model part: QEMU remembers translations beside its TLBs and forgets only the
//! first page of an entry of ways 4 to 6 that is written over refilled ones. It then does not see
//! the several hits that the model, and the ISA manual, report for the other pages.

mod access;
mod attribute;
mod cache;
mod core;
mod fault;
mod inspect;
mod machine;
mod memory;
mod shootdown;
mod tlb;

use std::vec::Vec;

use self::attribute::{Kind, Place};
use self::core::Core;
use self::memory::Ram;
use crate::{CoreId, Mailbox, PhysAddr, Platform, Pte, Side, VirtAddr};

pub use self::access::{UserAccess, Width};
pub use self::fault::{ModelFault, cause};
pub use self::inspect::{Counts, HeldLine, TlbEntry};
pub use self::shootdown::Answering;

/// A platform's cores and the memory they share. A clone is cheap and shares nothing but pages
/// that neither side has written since.
#[derive(Clone, Debug)]
pub struct ModelMachine {
    platform: Platform,
    ram: Ram,
    cores: Vec<Core>,
    running: CoreId,
    mailbox: Mailbox<{ CoreId::MOST }>,
    /// Looks in vain of the last shootdown.
    waited: u32,
}

impl ModelMachine {
    /// Cores as the kernel's boot code leaves them, with the kernel's own map wired, and RAM from
    /// the platform's first frame to its last, filled with 0xa5. [`CoreId::BOOT`] runs.
    #[must_use]
    pub fn new(platform: Platform) -> ModelMachine {
        Self::build(platform, true)
    }

    /// The same without caches: every store is in memory at once and every load and fetch comes
    /// from there, as in QEMU.
    #[must_use]
    pub fn without_caches(platform: Platform) -> ModelMachine {
        Self::build(platform, false)
    }

    fn build(platform: Platform, caches: bool) -> ModelMachine {
        ModelMachine {
            platform,
            ram: Ram::new(&platform),
            cores: (0..platform.cores)
                .map(|_| Core::new(&platform, caches))
                .collect(),
            running: CoreId::BOOT,
            mailbox: Mailbox::new(),
            waited: 0,
        }
    }

    /// The platform.
    #[must_use]
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Chooses the core that does what the next calls ask for.
    ///
    /// # Panics
    /// If the platform has no such core.
    pub fn run_on(&mut self, core: CoreId) {
        let _ = self.core_ref(core);
        self.running = core;
    }

    /// What `witlb` and `wdtlb` do on the core that runs: an entry of any way, with the ASID that
    /// its ring has now. As on the core, the instruction TLB looks at three bits of the way and
    /// the data TLB at four, and a way that there is not is left alone.
    pub fn wire(&mut self, side: Side, way: u8, address: VirtAddr, pte: Pte) {
        self.acting().0.write_entry(side, way, address, pte);
    }

    /// What `iitlb` and `idtlb` do on the core that runs: what stands in a way at the index that
    /// an address selects goes. Not counted.
    pub fn unwire(&mut self, side: Side, way: u8, address: VirtAddr) {
        self.acting().0.tlb(side).remove(way, address);
    }

    /// What hardware may do at any moment: the line of a core's data cache that holds an address
    /// is written back if it is dirty, and dropped. Whether there was one. Not counted.
    ///
    /// # Panics
    /// If the platform has no such core.
    pub fn evict_line(&mut self, core: CoreId, at: PhysAddr) -> bool {
        let _ = self.core_ref(core);
        let core = &mut self.cores[core.number()];
        core.lines.drop_range(&mut self.ram, at, 1).lines > 0
    }

    /// The same for all lines of a core's data cache. Its instruction cache keeps its lines.
    ///
    /// # Panics
    /// If the platform has no such core.
    pub fn evict_all(&mut self, core: CoreId) {
        let _ = self.core_ref(core);
        self.cores[core.number()].lines.drop_all(&mut self.ram);
    }

    /// The core that runs, and the memory.
    fn acting(&mut self) -> (&mut Core, &mut Ram) {
        (&mut self.cores[self.running.number()], &mut self.ram)
    }

    fn core_ref(&self, core: CoreId) -> &Core {
        let found = self.cores.get(core.number());
        found.unwrap_or_else(|| panic!("{} has no core {core}", self.platform.name))
    }

    fn core_mut(&mut self, core: CoreId) -> &mut Core {
        let _ = self.core_ref(core);
        &mut self.cores[core.number()]
    }

    fn each_core(&self) -> impl Iterator<Item = CoreId> + use<> {
        (0..self.platform.cores).filter_map(CoreId::new)
    }
}
