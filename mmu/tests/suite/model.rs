//! The model forgets what it is told to forget, and nothing by itself.

use mmu::model::ModelMachine;
use mmu::{
    Asid, AsidPool, CacheMode, DC233C, Machine, PAGE_BYTES, Pte, Rights, SwitchImage, Table,
    VirtAddr, forget_page,
};

struct Rig {
    machine: ModelMachine,
    table: Table,
    asids: [Asid; 2],
    images: [SwitchImage; 2],
}

/// Two ASIDs over one table in slot 0 of both windows.
fn rig() -> Rig {
    let mut machine = ModelMachine::new(DC233C);
    let table = Table::new(&mut machine, DC233C.table_frames.start);
    let mut pool = AsidPool::new();
    let asids = [pool.take().unwrap(), pool.take().unwrap()];
    let images = asids.map(|asid| {
        let frame = table.frame();
        SwitchImage::new(&DC233C, asid, 0, frame, frame)
    });
    let mut rig = Rig {
        machine,
        table,
        asids,
        images,
    };
    rig.switch(0);
    rig
}

impl Rig {
    fn switch(&mut self, to: usize) {
        self.images[to].apply(&mut self.machine, self.asids[to]);
    }

    fn set(&mut self, page: u32, rights: Option<Rights>) {
        let frame = DC233C.module_frames.frame(page).unwrap();
        let pte = rights.map_or(Pte::INVALID, |rights| {
            Pte::module(frame, rights, CacheMode::WriteBack)
        });
        self.table.set_entry(&mut self.machine, at(page), pte);
    }

    fn reads(&mut self, page: u32) -> bool {
        self.machine.user_load(at(page)).is_ok()
    }
}

fn at(page: u32) -> VirtAddr {
    VirtAddr(DC233C.cached_window.0 + page * PAGE_BYTES)
}

#[test]
fn a_page_is_forgotten_in_every_way_and_every_domain() {
    // The first refill goes into another way each time.
    for earlier in 0..4 {
        let mut rig = rig();
        for page in 0..earlier {
            rig.reads(5 + 4 * page);
        }
        for to in 0..2 {
            rig.switch(to);
            rig.set(0, Some(Rights::TEXT));
            assert!(rig.reads(0) && rig.machine.user_fetch(at(0)).is_ok());
        }
        rig.set(0, None);
        assert!(rig.reads(0), "the entry must be remembered until then");
        forget_page(&mut rig.machine, at(0));
        for to in 0..2 {
            rig.switch(to);
            assert!(!rig.reads(0));
            assert_eq!(rig.machine.user_fetch(at(0)).unwrap_err().cause, 20);
        }
    }
}

#[test]
fn pages_of_another_index_are_remembered() {
    let mut rig = rig();
    for page in 0..4 {
        rig.set(page, Some(Rights::DATA));
        assert!(rig.reads(page));
        rig.set(page, None);
    }
    forget_page(&mut rig.machine, at(2));
    assert_eq!(
        [0, 1, 2, 3].map(|page| rig.reads(page)),
        [true, true, false, true]
    );
}

#[test]
fn no_access_is_remembered_too() {
    let mut rig = rig();
    assert!(!rig.reads(0));
    rig.set(0, Some(Rights::DATA));
    assert!(!rig.reads(0));
    forget_page(&mut rig.machine, at(0));
    assert!(rig.reads(0));
}

#[test]
fn an_entry_serves_its_own_asid_only() {
    let mut rig = rig();
    rig.set(0, Some(Rights::DATA));
    rig.reads(0);
    let refills = rig.machine.refills;
    rig.reads(0);
    assert_eq!(rig.machine.refills, refills);
    rig.switch(1);
    rig.reads(0);
    assert_eq!(rig.machine.refills, refills + 1);
    let numbers = rig.asids.map(Asid::number);
    assert_eq!(rig.machine.asids_remembered(), numbers);
}

#[test]
fn stores_reach_memory_and_zeroing_clears_the_frame_alone() {
    let mut rig = rig();
    let frames = [0, 1, 2].map(|page| DC233C.module_frames.frame(page).unwrap());
    for page in 0..3 {
        rig.set(page, Some(Rights::DATA));
        rig.machine.user_store(at(page), 9).unwrap();
    }
    rig.machine.zero_frame(frames[1]);
    let first = frames.map(|frame| rig.machine.load_word(frame) & 0xff);
    assert_eq!(first, [9, 0, 9]);
}
