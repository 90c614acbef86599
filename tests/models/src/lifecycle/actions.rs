//! What can happen.

use domains::Tenure;
use mmu::{Access, Alias, Rights};

use super::notes::Notes;
use super::{Bug, CORES, LifeCycle, PAGES, PLACES, State};

/// Something that happens, on a core where it matters which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A domain is made.
    Create(usize),
    /// A domain goes; whether the other core answers.
    Destroy {
        /// By whom.
        core: usize,
        /// Which.
        place: usize,
        /// Whether the other core answers in time.
        answered: bool,
    },
    /// A domain is given the first free frame, zeroed, or one that is another's.
    Add {
        /// By whom.
        core: usize,
        /// To whom.
        place: usize,
        /// Where.
        page: usize,
        /// With which rights.
        rights: Rights,
        /// Under which tenure.
        tenure: Tenure,
    },
    /// A domain is given the frame of another's page at the same page, to read.
    Share {
        /// By whom.
        core: usize,
        /// To whom.
        place: usize,
        /// Where.
        page: usize,
    },
    /// A domain loses a page.
    Remove {
        /// By whom.
        core: usize,
        /// Which domain.
        place: usize,
        /// Where.
        page: usize,
        /// Whether the other core answers in time.
        answered: bool,
    },
    /// A core's thread joins a domain and runs.
    Enter {
        /// Which core.
        core: usize,
        /// Which domain.
        place: usize,
    },
    /// It leaves and stops.
    Leave(usize),
    /// Module code does something.
    Touch {
        /// On which core.
        core: usize,
        /// At which page.
        page: usize,
        /// By which address.
        alias: Alias,
        /// What.
        access: Access,
    },
    /// A data cache loses all its lines.
    Evict(usize),
    /// A core answers what it left open.
    Answer(usize),
}

/// What leads to [`super::Start::Busy`].
pub(super) const BUSY: &[Action] = &[
    Action::Create(0),
    Action::Create(1),
    add(0, 0, Rights::DATA, Tenure::Buffer),
    Action::Share {
        core: 0,
        place: 1,
        page: 0,
    },
    add(0, 1, Rights::TEXT, Tenure::Own),
    Action::Enter { core: 0, place: 0 },
    Action::Enter { core: 1, place: 1 },
];

const fn add(place: usize, page: usize, rights: Rights, tenure: Tenure) -> Action {
    Action::Add {
        core: 0,
        place,
        page,
        rights,
        tenure,
    }
}

/// What a page may be: the first for data, the second for text and constants too.
const KINDS: [&[(Rights, Tenure)]; PAGES] = [
    &[(Rights::DATA, Tenure::Own), (Rights::DATA, Tenure::Buffer)],
    &[
        (Rights::TEXT, Tenure::Own),
        (Rights::READ, Tenure::Constant),
    ],
];

impl LifeCycle {
    /// All that can happen in a state.
    pub(super) fn possible(&self, state: &State) -> Vec<Action> {
        let notes = &state.notes;
        let mut actions = Vec::new();
        for place in 0..PLACES {
            if notes.lives[place].is_none() {
                actions.push(Action::Create(place));
            }
            for core in 0..CORES {
                self.change(notes, core, place, &mut actions);
            }
        }
        for core in 0..CORES {
            run(notes, core, &mut actions);
        }
        actions
    }

    fn change(&self, notes: &Notes, core: usize, place: usize, actions: &mut Vec<Action>) {
        let Some(life) = notes.lives[place] else {
            return;
        };
        let both = [true, false];
        actions.extend(both.map(|answered| Action::Destroy {
            core,
            place,
            answered,
        }));
        for (page, kinds) in KINDS.iter().enumerate() {
            if life.pages[page].is_some() {
                actions.extend(both.map(|answered| Action::Remove {
                    core,
                    place,
                    page,
                    answered,
                }));
                continue;
            }
            actions.extend(kinds.iter().map(|(rights, tenure)| Action::Add {
                core,
                place,
                page,
                rights: *rights,
                tenure: *tenure,
            }));
            if notes.lives[1 - place].is_some_and(|other| other.pages[page].is_some()) {
                actions.push(Action::Share { core, place, page });
            }
        }
        if notes.runs[core].is_none() || self.has(Bug::EnteredUnseen) {
            actions.push(Action::Enter { core, place });
        }
    }
}

fn run(notes: &Notes, core: usize, actions: &mut Vec<Action>) {
    actions.extend([Action::Evict(core), Action::Answer(core)]);
    if notes.runs[core].is_none() {
        return;
    }
    actions.push(Action::Leave(core));
    for page in 0..PAGES {
        let touches = [
            (Alias::Cached, Access::Read),
            (Alias::Cached, Access::Write),
            (Alias::Cached, Access::Execute),
            (Alias::Uncached, Access::Read),
        ];
        actions.extend(touches.map(|(alias, access)| Action::Touch {
            core,
            page,
            alias,
            access,
        }));
    }
}
