//! The kernel's state on a model machine that the test can reach too.

use std::cell::RefCell;
use std::rc::Rc;

use kernel::config::PLATFORM;
use kernel::estate::Purpose;
use kernel::system::System;
use mmu::model::ModelMachine;
use mmu::{
    Access, Asid, AsidPool, CacheMode, CoreId, CoreSet, Frames, Machine, PhysAddr, Pte, Stale,
    SwitchImage, Unanswered, VirtAddr, Way,
};

/// A machine with two owners: the kernel and the test.
#[derive(Clone)]
pub struct Shared(pub Rc<RefCell<ModelMachine>>);

impl Machine for Shared {
    fn core(&self) -> CoreId {
        self.0.borrow().core()
    }
    fn load_word(&mut self, at: PhysAddr) -> u32 {
        self.0.borrow_mut().load_word(at)
    }
    fn store_word(&mut self, at: PhysAddr, word: u32) {
        self.0.borrow_mut().store_word(at, word);
    }
    fn fill_words(&mut self, at: PhysAddr, first: u32, step: u32, count: u32, via: CacheMode) {
        self.0.borrow_mut().fill_words(at, first, step, count, via);
    }
    fn store_entries(&mut self, at: PhysAddr, first: Pte, twin: Pte, count: u32) {
        self.0.borrow_mut().store_entries(at, first, twin, count);
    }
    fn load_entry(&self, at: PhysAddr) -> Pte {
        self.0.borrow().load_entry(at)
    }
    fn load(&self, at: PhysAddr, into: &mut [u8]) {
        self.0.borrow().load(at, into);
    }
    fn store(&mut self, at: PhysAddr, from: &[u8]) {
        self.0.borrow_mut().store(at, from);
    }
    fn drop_lines(&mut self, at: PhysAddr, bytes: u32) {
        self.0.borrow_mut().drop_lines(at, bytes);
    }
    fn drop_instructions(&mut self, at: PhysAddr, bytes: u32) {
        self.0.borrow_mut().drop_instructions(at, bytes);
    }
    fn drop_caches(&mut self) {
        self.0.borrow_mut().drop_caches();
    }
    fn drop_autorefill(&mut self, address: VirtAddr, way: u8) {
        self.0.borrow_mut().drop_autorefill(address, way);
    }
    fn wire_data(&mut self, way: Way, address: VirtAddr, pte: Pte) {
        self.0.borrow_mut().wire_data(way, address, pte);
    }
    fn set_module_asid(&mut self, asid: Asid) {
        self.0.borrow_mut().set_module_asid(asid);
    }
    fn synchronize(&mut self) {
        self.0.borrow_mut().synchronize();
    }
    fn shoot_down(&mut self, cores: CoreSet, stale: Stale) -> Result<(), Unanswered> {
        self.0.borrow_mut().shoot_down(cores, stale)
    }
}

pub struct Rig {
    pub system: Box<System<Shared>>,
    pub machine: Shared,
}

impl Rig {
    pub fn new() -> Rig {
        let machine = Shared(Rc::new(RefCell::new(ModelMachine::new(PLATFORM))));
        Rig {
            system: Box::new(System::new(machine.clone())),
            machine,
        }
    }

    /// Switches to the module at that place.
    pub fn switch(&mut self, place: usize) {
        let image = self.system.switch_image(place).unwrap();
        self.switch_by(place, &image);
    }

    /// The same by an image that was made before, on the core that runs.
    pub fn switch_by(&mut self, place: usize, image: &SwitchImage) {
        let number = self.system.asid(place);
        let mut pool = AsidPool::new();
        let asid = std::iter::from_fn(|| pool.take().ok())
            .find(|asid| u32::from(asid.number()) == number)
            .unwrap();
        image.apply(&mut self.machine, asid);
    }

    /// One access by the module that was switched to; the cause of its fault.
    pub fn access(&mut self, access: Access, address: u32) -> Result<u8, u32> {
        let address = VirtAddr(address);
        let mut machine = self.machine.0.borrow_mut();
        let done = match access {
            Access::Read => machine.user_load(address),
            Access::Write => machine.user_store(address, 0x5a).map(|()| 0x5a),
            Access::Execute => machine.user_fetch(address),
        };
        done.map_err(|fault| fault.cause)
    }

    /// The cached address of a part of the module at that place.
    pub fn start(&self, place: usize, purpose: Purpose) -> u32 {
        let module = self.system.instance(place).unwrap();
        module.address_of(purpose).unwrap().0
    }

    /// What the module sees from that address on.
    pub fn see(&mut self, start: u32, bytes: u32) -> Vec<u8> {
        (start..start + bytes)
            .map(|address| self.access(Access::Read, address).unwrap())
            .collect()
    }

    /// How many frames of modules hold those bytes somewhere.
    pub fn frames_with(&mut self, bytes: [u8; 16]) -> usize {
        let frames = PLATFORM.module_frames;
        (0..frames.frames)
            .filter(|number| {
                let mut held = vec![0; mmu::PAGE_BYTES as usize];
                let frame = frames.frame(*number).unwrap();
                self.machine.read(frame, &mut held);
                held.windows(16).any(|window| window == bytes)
            })
            .count()
    }

    /// ASIDs that a TLB remembers.
    pub fn asids_remembered(&self) -> Vec<u8> {
        self.machine.0.borrow().asids_remembered()
    }
}

/// The uncached twin of a cached address.
pub fn twin(cached: u32) -> u32 {
    PLATFORM.uncached(VirtAddr(cached)).unwrap().0
}
