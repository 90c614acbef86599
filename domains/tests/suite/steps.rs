//! Random steps: good and bad arguments, on any core.

use domains::Tenure;
use mmu::model::Answering;
use mmu::{Alias, PAGE_BYTES, PhysAddr, Rights, SLOT_PAGES, VirtAddr};
use proptest::prelude::*;
use proptest::sample::select;

use crate::rig::{ALIASES, BOARD, CORES, DOMAINS, FRAMES, frame, place};

/// A step, and the core that takes it.
#[derive(Clone, Debug)]
pub struct Step {
    pub core: u32,
    pub action: Action,
}

#[derive(Clone, Debug)]
pub enum Action {
    Create(u32),
    CreateWith(u32, Vec<Asked>),
    Destroy(usize),
    Grant(usize, Asked),
    /// From whose partition, to whom, at which page, with which rights.
    Share(usize, u32, usize, u32, Rights),
    Inherit(usize, usize),
    Revoke(usize, u32),
    AddThread(u16, usize),
    RemoveThread(u16),
    InheritThread(u16, u16),
    Enter(usize),
    /// All kinds of access to some page of the domain that runs.
    Touch(u32),
    May(usize, VirtAddr, u32),
    /// The kernel reads or writes a byte for the domain.
    Prove(usize, u32, bool),
    Stale(usize),
    Answers(u32, Answering),
    LetAnswer(u32),
    Evict(u32, Option<(u32, bool)>),
}

/// A partition that is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub first: u32,
    pub shift: i64,
    pub pages: u32,
    pub rights: Rights,
    pub tenure: Tenure,
    frames: (u32, u32, u32),
    foreign: Option<(usize, PhysAddr)>,
}

impl Asked {
    /// The frames: one number after the other in some step, or pairs of them the other way round,
    /// with a foreign one among them.
    pub fn frames(&self) -> Vec<PhysAddr> {
        let (first, step, twist) = self.frames;
        let number = |page| ((first + page * step) ^ twist) % FRAMES as u32;
        let mut frames: Vec<PhysAddr> = (0..self.pages).map(|page| frame(number(page))).collect();
        if let Some((at, bad)) = self.foreign
            && let Some(place) = frames.get_mut(at)
        {
            *place = bad;
        }
        frames
    }
}

/// Pages at which things happen.
pub const PAGES: [u32; 9] = [0, 1, 2, 3, 4, 5, 6, SLOT_PAGES - 2, SLOT_PAGES - 1];

fn any_page() -> impl Strategy<Value = u32> {
    select(&PAGES[..])
}

fn any_rights() -> impl Strategy<Value = Rights> {
    prop_oneof![
        4 => Just(Rights::DATA),
        3 => Just(Rights::READ),
        3 => Just(Rights::TEXT),
        1 => (0..8u8).prop_map(Rights::from_bits_truncate),
    ]
}

fn any_tenure() -> impl Strategy<Value = Tenure> {
    prop_oneof![
        3 => Just(Tenure::Own),
        3 => Just(Tenure::Constant),
        2 => Just(Tenure::Buffer),
    ]
}

fn any_asked() -> impl Strategy<Value = Asked> {
    let pages = prop_oneof![20 => 1..5u32, 1 => select(vec![0, 9, 1024, 1025])];
    let shift = prop_oneof![
        20 => Just(0i64),
        1 => select(vec![
            1,
            2048,
            -i64::from(PAGE_BYTES),
            i64::from(SLOT_PAGES * PAGE_BYTES),
            -0x6000_0000,
            0x5fff_f000,
        ]),
    ];
    let bad = select(vec![
        BOARD.table_frames.start,
        frame(FRAMES as u32),
        PhysAddr(frame(1).0 + 64),
        PhysAddr(u32::MAX),
        PhysAddr(0),
    ]);
    let foreign = prop::option::weighted(0.1, (0..4usize, bad));
    let frames = (0..FRAMES as u32, 0..4u32, select(vec![0, 0, 1, 2]));
    let what = (any_rights(), any_tenure());
    (any_page(), shift, pages, what, frames, foreign).prop_map(
        |(first, shift, pages, (rights, tenure), frames, foreign)| Asked {
            first,
            shift,
            pages,
            rights,
            tenure,
            frames,
            foreign,
        },
    )
}

fn any_claim() -> impl Strategy<Value = (VirtAddr, u32)> {
    let slot = select(vec![0u32, 1, 127]);
    let alias = select(&ALIASES[..]);
    let near = (slot, any_page(), alias, -3..4i64).prop_map(|(slot, page, alias, offset)| {
        VirtAddr((i64::from(place(slot, page, alias).0) + offset) as u32)
    });
    let start = prop_oneof![8 => near, 1 => any::<u32>().prop_map(VirtAddr)];
    let bytes = prop_oneof![
        Just(0u32),
        Just(1),
        1..9u32,
        PAGE_BYTES - 4..PAGE_BYTES + 5,
        3 * PAGE_BYTES - 4..3 * PAGE_BYTES + 5,
        Just(u32::MAX),
        0x6000_0000..0xb000_0000u32,
        any::<u32>(),
    ];
    (start, bytes)
}

fn any_action() -> impl Strategy<Value = Action> {
    use Action::*;
    let domain = || 0..DOMAINS;
    let core = || 0..CORES;
    let thread = || prop_oneof![9 => 0..4u16, 1 => select(vec![4u16, 5, u16::MAX])];
    let slot = || select(vec![0u32, 0, 0, 0, 1, 127, 128, u32::MAX]);
    let several = prop::collection::vec(any_asked(), 0..4);
    let answering = prop_oneof![
        2 => Just(Answering::AtOnce),
        1 => (0..8u32).prop_map(Answering::AfterPolls),
        1 => Just(Answering::Never),
    ];
    let line = prop::option::of((0..FRAMES as u32, any::<bool>()));
    let shared = (domain(), any_page(), domain(), any_page(), any_rights());
    prop_oneof![
        8 => slot().prop_map(Create),
        2 => (slot(), several).prop_map(|(slot, asked)| CreateWith(slot, asked)),
        2 => domain().prop_map(Destroy),
        14 => (domain(), any_asked()).prop_map(|(domain, asked)| Grant(domain, asked)),
        6 => shared.prop_map(|(from, first, to, at, rights)| Share(from, first, to, at, rights)),
        2 => (domain(), domain()).prop_map(|(from, to)| Inherit(from, to)),
        8 => (domain(), any_page()).prop_map(|(domain, first)| Revoke(domain, first)),
        2 => (thread(), domain()).prop_map(|(thread, domain)| AddThread(thread, domain)),
        2 => thread().prop_map(RemoveThread),
        1 => (thread(), thread()).prop_map(|(child, parent)| InheritThread(child, parent)),
        10 => domain().prop_map(Enter),
        14 => any_page().prop_map(Touch),
        6 => (domain(), any_claim()).prop_map(|(domain, (start, bytes))| May(domain, start, bytes)),
        3 => (domain(), any_page(), any::<bool>()).prop_map(|(domain, page, write)| Prove(domain, page, write)),
        1 => any::<usize>().prop_map(Stale),
        3 => (core(), answering).prop_map(|(core, how)| Answers(core, how)),
        2 => core().prop_map(LetAnswer),
        3 => (core(), line).prop_map(|(core, line)| Evict(core, line)),
    ]
}

pub fn any_steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (0..CORES, any_action()).prop_map(|(core, action)| Step { core, action });
    prop::collection::vec(step, 1..most)
}

/// The address of a page's tracked byte.
pub fn tracked(slot: u32, page: u32, last: bool, alias: Alias) -> VirtAddr {
    let offset = if last { PAGE_BYTES - 1 } else { 0 };
    VirtAddr(place(slot, page, alias).0 + offset)
}
