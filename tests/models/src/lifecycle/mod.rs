//! The life of domains: the real `Domains` over the real model machine, with two domains, three
//! frames, two pages and two cores, whose caches are not coherent.
//!
//! What the kernel does around it is here as the kernel does it: a frame is zeroed by the core that
//! gives it to a module and by the core that takes it back, when nobody has it any more; a fault
//! that `Domains::judge` calls outdated makes the core forget the page and try again.

mod actions;
mod kernel;
mod notes;
mod state;

use stateright::{Model, Property};

pub use actions::Action;
pub use state::State;

use domains::Domains;
use mmu::{PhysAddr, PhysRange, Platform, SLOT_BYTES, VirtAddr};

/// Cores, and threads: thread `n` runs on core `n`.
const CORES: usize = 2;
/// Places for domains.
const PLACES: usize = 2;
/// Frames for modules.
const FRAMES: usize = 3;
/// Pages of the slot that are used.
const PAGES: usize = 2;

type Table = Domains<PLACES, FRAMES, CORES>;

/// Room for just that.
const PLATFORM: Platform = Platform {
    name: "tiny",
    cached_window: VirtAddr(0xa000_0000),
    uncached_window: VirtAddr(0x4000_0000),
    window_bytes: SLOT_BYTES,
    cache_line: 64,
    cache_bytes: 64,
    table_window: VirtAddr(0x8000_0000),
    table_frames: PhysRange {
        start: PhysAddr(0x0030_0000),
        frames: 2 * PLACES as u32,
    },
    module_frames: PhysRange {
        start: PhysAddr(0x0030_0000 + 2 * PLACES as u32 * mmu::PAGE_BYTES),
        frames: FRAMES as u32,
    },
    cores: CORES as u32,
    shootdown_polls: 3,
    kernel_map: &[],
};

/// A mistake of the kernel around `Domains`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Frames are not zeroed.
    NotZeroed,
    /// A switch is made without `Domains::enter`.
    EnteredUnseen,
    /// The modules of a domain run on when it is destroyed.
    ThreadsIgnored,
    /// A core that does not answer is taken for one that did.
    RefusalIgnored,
    /// An outdated fault stops the module.
    OutdatedStops,
}

/// From where a check starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing there.
    Empty,
    /// Two domains, one on each core, with a buffer from the first to the second and a page each of
    /// their own.
    Busy,
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct LifeCycle {
    /// The first state.
    pub start: Start,
    /// How many steps are taken from there at most.
    pub steps: u32,
    /// What is done wrong.
    pub bug: Option<Bug>,
}

impl LifeCycle {
    /// Without a bug.
    #[must_use]
    pub const fn new(start: Start, steps: u32) -> LifeCycle {
        LifeCycle {
            start,
            steps,
            bug: None,
        }
    }

    /// With one.
    #[must_use]
    pub const fn with(self, bug: Bug) -> LifeCycle {
        LifeCycle {
            bug: Some(bug),
            ..self
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}

impl Model for LifeCycle {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut state = State::empty();
        if self.start == Start::Busy {
            for action in actions::BUSY {
                self.act(&mut state, *action);
            }
        }
        state.seal();
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        // What went wrong once is reported; what follows from it says nothing.
        if state.wrong.is_none() && state.steps < self.steps {
            actions.extend(self.possible(state));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut next = last.clone();
        self.act(&mut next, action);
        next.seal();
        next.steps += 1;
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::<Self>::always("every rule of the domains holds", |_, state| {
                state.domains.check(&state.machine).is_ok()
            }),
            Property::<Self>::always("calls and accesses end as they must", |_, state| {
                state.wrong.is_none()
            }),
            Property::<Self>::always("no TLB gives more than the partitions", |_, state| {
                state.entries_are_lawful()
            }),
            Property::<Self>::always("no cache holds a frame that nobody has", |_, state| {
                state.free_frames_are_uncached()
            }),
            Property::<Self>::sometimes("two domains live", |_, state| state.domains.alive() == 2),
        ];
        if self.start == Start::Busy {
            properties.push(Property::<Self>::sometimes(
                "both cores run one domain",
                |_, state| {
                    state.notes.runs[0].is_some() && state.notes.runs[0] == state.notes.runs[1]
                },
            ));
        }
        properties
    }
}
