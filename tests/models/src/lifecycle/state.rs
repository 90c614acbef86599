//! A state: the machine, the domains, and the notes.

use std::hash::{DefaultHasher, Hash, Hasher};

use mmu::model::ModelMachine;
use mmu::{CoreId, PAGE_BYTES, PhysAddr};

use super::notes::{Life, Notes};
use super::{CORES, FRAMES, PLATFORM, Table};

/// Everything. Two are the same if their fingerprints are.
#[derive(Clone, Debug)]
pub struct State {
    pub(super) machine: ModelMachine,
    pub(super) domains: Table,
    pub(super) notes: Notes,
    /// What did not end as it must.
    pub(super) wrong: Option<String>,
    /// How many steps lead here at least. Not a part of what it is.
    pub(super) steps: u32,
    fingerprint: u64,
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl PartialEq for State {
    fn eq(&self, other: &State) -> bool {
        self.fingerprint == other.fingerprint
    }
}

/// The core of that number.
pub(super) fn core_id(core: usize) -> CoreId {
    CoreId::new(core as u32).expect("two cores")
}

/// The frame of that number.
pub(super) fn frame_address(frame: usize) -> PhysAddr {
    PhysAddr(PLATFORM.module_frames.start.0 + frame as u32 * PAGE_BYTES)
}

impl State {
    pub(super) fn empty() -> State {
        let mut machine = ModelMachine::new(PLATFORM);
        let domains = Table::new(&PLATFORM, &mut machine);
        State {
            machine,
            domains,
            notes: Notes::default(),
            wrong: None,
            steps: 0,
            fingerprint: 0,
        }
    }

    /// Notes that something is not as it must be; the first counts.
    pub(super) fn complain(&mut self, what: impl FnOnce() -> String) {
        if self.wrong.is_none() {
            self.wrong = Some(what());
        }
    }

    /// Makes the fingerprint. The domains say all they have as text: there is no state of theirs
    /// beside it.
    pub(super) fn seal(&mut self) {
        let mut state = DefaultHasher::new();
        self.machine.fingerprint().hash(&mut state);
        self.domains_as_text().hash(&mut state);
        self.notes.hash(&mut state);
        self.wrong.hash(&mut state);
        self.fingerprint = state.finish();
    }

    /// All that the domains have but for what they count, which decides nothing.
    pub(super) fn domains_as_text(&self) -> String {
        let mut domains = self.domains.clone();
        domains.take_counts();
        format!("{domains:?}")
    }

    fn life_of(&self, number: u8) -> Option<Life> {
        let mut lives = self.notes.lives.iter().flatten();
        lives.find(|life| life.number == number).copied()
    }

    /// Whether each entry that a refill made is a living domain's, and gives no more than the
    /// domain has at that page.
    pub(super) fn entries_are_lawful(&self) -> bool {
        let entries = (0..CORES).flat_map(|core| self.machine.entries(core_id(core)));
        entries.filter(|entry| entry.is_refilled()).all(|entry| {
            let Some(life) = self.life_of(entry.asid) else {
                return false;
            };
            let Some(rights) = entry.pte.rights() else {
                return true;
            };
            let page = entry.page.page() as usize % mmu::SLOT_PAGES as usize;
            let page = life.pages.get(page).copied().flatten();
            page.is_some_and(|page| {
                page.rights.contains(rights) && frame_address(page.frame) == entry.pte.frame()
            })
        })
    }

    /// Whether no core has a line of a frame that no domain has.
    pub(super) fn free_frames_are_uncached(&self) -> bool {
        let mut lines = (0..CORES).flat_map(|core| self.machine.lines(core_id(core)));
        lines.all(|line| {
            let frame = PLATFORM.module_frames.start.0;
            let frame = (line.at.0.wrapping_sub(frame) / PAGE_BYTES) as usize;
            frame >= FRAMES || self.domains.owners(frame_address(frame)) > 0
        })
    }
}
