//! The seam: what the kernel does on the core that runs.

use super::{Kind, ModelMachine};
use crate::{
    Asid, CacheMode, CoreId, CoreSet, Machine, PAGE_BYTES, PhysAddr, Pte, Side, Stale, Unanswered,
    VirtAddr, Way,
};

/// The bytes must lie in one frame; the RAM itself looks whether there is such a frame.
fn check(at: PhysAddr, bytes: usize) {
    assert!(
        (at.0 % PAGE_BYTES) as usize + bytes <= PAGE_BYTES as usize,
        "{bytes} bytes at {at} leave their frame"
    );
}

fn check_word(at: PhysAddr) {
    assert!(at.0.is_multiple_of(4), "no word starts at {at}");
}

impl Machine for ModelMachine {
    fn core(&self) -> CoreId {
        self.running
    }

    fn load_word(&mut self, at: PhysAddr) -> u32 {
        check_word(at);
        let mut word = [0; 4];
        let (core, ram) = self.acting();
        let place = core.kernel_place(at, Kind::WriteBack);
        core.read(ram, place, &mut word);
        u32::from_le_bytes(word)
    }

    fn store_word(&mut self, at: PhysAddr, word: u32) {
        self.fill_words(at, word, 0, 1, CacheMode::WriteBack);
    }

    fn fill_words(&mut self, at: PhysAddr, first: u32, step: u32, count: u32, via: CacheMode) {
        check_word(at);
        let mut bytes = std::vec::Vec::new();
        let mut word = first;
        for _ in 0..count {
            bytes.extend_from_slice(&word.to_le_bytes());
            word = word.wrapping_add(step);
        }
        check(at, bytes.len());
        let kind = match via {
            CacheMode::WriteBack => Kind::WriteBack,
            CacheMode::Bypass => Kind::Bypass,
        };
        let (core, ram) = self.acting();
        let place = core.kernel_place(at, kind);
        core.write(ram, place, &bytes);
    }

    fn store_entries(&mut self, at: PhysAddr, first: Pte, twin: Pte, count: u32) {
        let twin_at = PhysAddr(at.0 + PAGE_BYTES);
        for (at, first) in [(at, first), (twin_at, twin)] {
            self.fill_words(at, first.bits(), PAGE_BYTES, count, CacheMode::Bypass);
        }
    }

    fn load_entry(&self, at: PhysAddr) -> Pte {
        check_word(at);
        let mut word = [0; 4];
        self.ram.read(at, &mut word);
        Pte::from_bits(u32::from_le_bytes(word))
    }

    fn load(&self, at: PhysAddr, into: &mut [u8]) {
        if !into.is_empty() {
            check(at, into.len());
            self.ram.read(at, into);
        }
    }

    fn store(&mut self, at: PhysAddr, from: &[u8]) {
        if !from.is_empty() {
            check(at, from.len());
            self.ram.write(at, from);
        }
    }

    fn drop_lines(&mut self, at: PhysAddr, bytes: u32) {
        check(at, bytes as usize);
        let (core, ram) = self.acting();
        let dropped = core.lines.drop_range(ram, at, bytes);
        core.counts.lines_dropped += dropped.lines;
        core.counts.lines_written_back += dropped.written_back;
    }

    /// Drops the lines of just this range. The core goes by index and so drops more, which only
    /// costs it fetches.
    fn drop_instructions(&mut self, at: PhysAddr, bytes: u32) {
        check(at, bytes as usize);
        let (core, ram) = self.acting();
        let dropped = core.fetched.drop_range(ram, at, bytes);
        core.counts.instruction_lines_dropped += dropped.lines;
    }

    fn drop_caches(&mut self) {
        let (core, ram) = self.acting();
        let dropped = core.lines.drop_all(ram);
        core.counts.lines_dropped += dropped.lines;
        core.counts.lines_written_back += dropped.written_back;
        core.counts.instruction_lines_dropped += core.fetched.drop_all(ram).lines;
        core.counts.whole_cache_drops += 1;
    }

    fn drop_autorefill(&mut self, address: VirtAddr, way: u8) {
        let (core, _) = self.acting();
        core.counts.entry_drops += 1;
        for side in [Side::Instruction, Side::Data] {
            let dropped = core.tlb(side).remove(way & 3, address);
            core.counts.entries_dropped += u64::from(dropped);
        }
    }

    fn wire_data(&mut self, way: Way, address: VirtAddr, pte: Pte) {
        self.wire(Side::Data, way as u8, address, pte);
    }

    fn set_module_asid(&mut self, asid: Asid) {
        self.acting().0.rasid = asid.rasid().to_le_bytes();
    }

    /// Nothing is ever under way here: the order of the calls is the order of their effects.
    fn synchronize(&mut self) {}

    fn shoot_down(&mut self, cores: CoreSet, stale: Stale) -> Result<(), Unanswered> {
        self.ask_and_wait(cores, stale)
    }

    fn waited(&self) -> u32 {
        self.waited
    }
}
