//! A machine whose other cores do something just before a shootdown reaches them: after the tables
//! changed, before any answer.

use mmu::model::ModelMachine;
use mmu::{
    Asid, CacheMode, CoreId, CoreSet, Machine, PhysAddr, Pte, Stale, Unanswered, VirtAddr, Way,
};

pub struct Busy<'m, F> {
    pub machine: &'m mut ModelMachine,
    /// What they do.
    pub meanwhile: F,
    /// What they were asked.
    pub asked: Vec<(CoreSet, Stale)>,
}

impl<'m, F: FnMut(&mut ModelMachine)> Busy<'m, F> {
    pub fn new(machine: &'m mut ModelMachine, meanwhile: F) -> Busy<'m, F> {
        Busy {
            machine,
            meanwhile,
            asked: Vec::new(),
        }
    }
}

impl<F: FnMut(&mut ModelMachine)> Machine for Busy<'_, F> {
    fn core(&self) -> CoreId {
        self.machine.core()
    }

    fn load_word(&mut self, at: PhysAddr) -> u32 {
        self.machine.load_word(at)
    }

    fn store_word(&mut self, at: PhysAddr, word: u32) {
        self.machine.store_word(at, word);
    }

    fn fill_words(&mut self, at: PhysAddr, first: u32, step: u32, count: u32, via: CacheMode) {
        self.machine.fill_words(at, first, step, count, via);
    }

    fn store_entries(&mut self, at: PhysAddr, first: Pte, twin: Pte, count: u32) {
        self.machine.store_entries(at, first, twin, count);
    }

    fn load_entry(&self, at: PhysAddr) -> Pte {
        self.machine.load_entry(at)
    }

    fn load(&self, at: PhysAddr, into: &mut [u8]) {
        self.machine.load(at, into);
    }

    fn store(&mut self, at: PhysAddr, from: &[u8]) {
        self.machine.store(at, from);
    }

    fn drop_lines(&mut self, at: PhysAddr, bytes: u32) {
        self.machine.drop_lines(at, bytes);
    }

    fn drop_instructions(&mut self, at: PhysAddr, bytes: u32) {
        self.machine.drop_instructions(at, bytes);
    }

    fn drop_caches(&mut self) {
        self.machine.drop_caches();
    }

    fn drop_autorefill(&mut self, address: VirtAddr, way: u8) {
        self.machine.drop_autorefill(address, way);
    }

    fn wire_data(&mut self, way: Way, address: VirtAddr, pte: Pte) {
        self.machine.wire_data(way, address, pte);
    }

    fn set_module_asid(&mut self, asid: Asid) {
        self.machine.set_module_asid(asid);
    }

    fn synchronize(&mut self) {
        self.machine.synchronize();
    }

    fn shoot_down(&mut self, cores: CoreSet, stale: Stale) -> Result<(), Unanswered> {
        self.asked.push((cores, stale));
        let asker = self.machine.core();
        (self.meanwhile)(self.machine);
        self.machine.run_on(asker);
        self.machine.shoot_down(cores, stale)
    }

    fn waited(&self) -> u32 {
        self.machine.waited()
    }
}
