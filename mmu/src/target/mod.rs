//! The real core behind [`crate::Machine`].

mod instructions;
mod memory;

use crate::{
    Asid, CacheMode, CoreId, CoreSet, Machine, Mailbox, PAGE_BYTES, PhysAddr, Platform, Pte, Stale,
    Unanswered, VirtAddr, Way,
};

/// Cores that the target's mailbox has places for.
pub const CORES: usize = 2;

/// The core that runs this, with all RAM in the kernel's wired direct maps. It has no state of its
/// own but how long it waited last: on another core, the same value is that core.
#[derive(Debug)]
pub struct TargetMachine {
    memory: memory::DirectMap,
    mailbox: &'static Mailbox<CORES>,
    polls: u32,
    waited: u32,
}

impl TargetMachine {
    /// The cores of a platform. The mailbox lies where every core sees every other's stores.
    ///
    /// # Safety
    /// The kernel has wired its direct maps as [`memory::DirectMap`] says, `platform` is the board
    /// it runs on, and nothing else holds a reference into the platform's frames.
    #[must_use]
    pub const unsafe fn new(
        platform: &Platform,
        mailbox: &'static Mailbox<CORES>,
    ) -> TargetMachine {
        TargetMachine {
            memory: memory::DirectMap::new(platform),
            mailbox,
            polls: platform.shootdown_polls,
            waited: 0,
        }
    }
}

/// The number of the core that runs this.
#[must_use]
pub fn this_core() -> CoreId {
    CoreId::new(instructions::processor_number() & 0xf).unwrap_or(CoreId::BOOT)
}

impl Machine for TargetMachine {
    fn core(&self) -> CoreId {
        this_core()
    }

    fn load_word(&mut self, at: PhysAddr) -> u32 {
        self.memory.load_word(at, CacheMode::WriteBack)
    }

    fn store_word(&mut self, at: PhysAddr, word: u32) {
        self.memory.fill_words(at, word, 0, 1, CacheMode::WriteBack);
    }

    fn fill_words(&mut self, at: PhysAddr, first: u32, step: u32, count: u32, via: CacheMode) {
        self.memory.fill_words(at, first, step, count, via);
    }

    #[inline(always)]
    fn store_entries(&mut self, at: PhysAddr, first: Pte, twin: Pte, count: u32) {
        if count == 1 {
            self.memory.store_entry(at, first, twin);
        } else {
            self.memory.store_entries(at, first, twin, count);
        }
    }

    #[inline(always)]
    fn load_entry(&self, at: PhysAddr) -> Pte {
        Pte::from_bits(self.memory.load_entry(at))
    }

    fn load(&self, at: PhysAddr, into: &mut [u8]) {
        self.memory.load(at, into);
    }

    fn store(&mut self, at: PhysAddr, from: &[u8]) {
        self.memory.store(at, from);
    }

    #[inline]
    fn drop_lines(&mut self, at: PhysAddr, bytes: u32) {
        self.memory.drop_lines(at, bytes);
    }

    #[inline(always)]
    fn drop_frame_lines(&mut self, frame: PhysAddr) {
        self.memory.drop_frame_lines(frame);
    }

    fn drop_instructions(&mut self, at: PhysAddr, bytes: u32) {
        // By index: the kernel has no executable mapping of the frame to name its lines by, and
        // an index covers them under any address.
        self.memory
            .each_line(at, bytes, instructions::drop_instruction_index);
    }

    fn drop_caches(&mut self) {
        self.memory
            .each_index(instructions::write_back_and_drop_index);
        self.memory.each_index(instructions::drop_instruction_index);
        instructions::synchronize();
    }

    fn drop_autorefill(&mut self, address: VirtAddr, way: u8) {
        instructions::drop_entry(address.0 & !(PAGE_BYTES - 1) | u32::from(way & 3));
    }

    #[inline(always)]
    fn drop_index(&mut self, address: VirtAddr) {
        instructions::drop_index(address.0 & !(PAGE_BYTES - 1));
    }

    fn wire_data(&mut self, way: Way, address: VirtAddr, pte: Pte) {
        instructions::write_data_entry(pte.bits(), address.0 & !(PAGE_BYTES - 1) | way as u32);
    }

    fn set_module_asid(&mut self, asid: Asid) {
        instructions::write_rasid(asid.rasid());
    }

    fn synchronize(&mut self) {
        instructions::synchronize();
    }

    fn shoot_down(&mut self, cores: CoreSet, stale: Stale) -> Result<(), Unanswered> {
        let mut waited = 0u32;
        let answered = self.mailbox.shoot_down(cores, stale, self.polls, || {
            waited = waited.wrapping_add(1);
            core::hint::spin_loop();
        });
        self.waited = waited;
        answered
    }

    fn waited(&self) -> u32 {
        self.waited
    }
}
