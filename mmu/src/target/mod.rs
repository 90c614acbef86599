//! The real core behind [`crate::Machine`].

mod instructions;
mod memory;

use crate::{Asid, Machine, PAGE_BYTES, PhysAddr, Platform, Pte, VirtAddr, Way};

/// Bytes of a frame.
const FRAME: usize = PAGE_BYTES as usize;

/// This core, with all RAM in the kernel's wired direct map.
#[derive(Debug)]
pub struct TargetMachine {
    memory: memory::DirectMap,
}

impl TargetMachine {
    /// The core of a platform.
    ///
    /// # Safety
    /// The kernel has wired its direct map as [`memory::DirectMap`] says, `platform` is the board
    /// it runs on, and nothing else holds a reference into the platform's frames.
    #[must_use]
    pub const unsafe fn new(platform: &Platform) -> TargetMachine {
        TargetMachine {
            memory: memory::DirectMap::new(platform),
        }
    }
}

impl Machine for TargetMachine {
    fn load_word(&self, at: PhysAddr) -> u32 {
        self.memory.load_word(at)
    }

    fn store_word(&mut self, at: PhysAddr, word: u32) {
        self.memory.store_word(at, word);
    }

    fn read(&self, at: PhysAddr, into: &mut [u8]) {
        // A line that the kernel still holds may be older than what the uncached alias wrote.
        self.memory
            .each_line(at, into.len(), instructions::write_back_and_drop_line);
        self.memory.read(at, into);
    }

    fn write(&mut self, at: PhysAddr, from: &[u8]) {
        self.memory.write(at, from);
        self.memory
            .each_line(at, from.len(), instructions::write_back_and_drop_line);
    }

    fn zero_frame(&mut self, frame: PhysAddr) {
        self.memory.zero_frame(frame);
        self.memory
            .each_line(frame, FRAME, instructions::write_back_and_drop_line);
    }

    fn publish(&mut self, frame: PhysAddr) {
        self.memory
            .each_line(frame, FRAME, instructions::write_back_and_drop_line);
        // By index: the kernel has no executable mapping of the frame to name its lines by, and
        // an index covers them under any address.
        self.memory
            .each_line(frame, FRAME, instructions::drop_instruction_index);
        instructions::synchronize();
    }

    fn drop_autorefill(&mut self, address: VirtAddr, way: u8) {
        instructions::drop_entry(address.0 & !(PAGE_BYTES - 1) | u32::from(way & 3));
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
}
