//! Taking a page away from a domain that other cores may be running, step by step: what
//! `Domains::remove_partition` does over `Mailbox` and `KernelLock`.
//!
//! A step is one access to memory that another core can see; what a core does to itself goes with
//! the access before or after it. Memory is in order here: what the order of accesses in the
//! mailbox and the lock must be is checked on their own code, in `tests/orderings`.
//!
//! There are one or two domains, each with one page, and one frame that is given to one of them,
//! taken away and given again, without an end. Every core runs either domain and may call the kernel.

mod state;
mod steps;

use stateright::{Model, Property};

pub use state::{At, Call, Core, Domain, Entry, State};
pub use steps::{Action, Step};

/// Most cores.
pub const MOST_CORES: usize = 4;

/// A mistake in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Answers are not waited for.
    NotAwaited,
    /// A core answers first and forgets then.
    AnsweredTooEarly,
    /// A core answers without forgetting.
    NotForgotten,
    /// Whoever gives up leaves the table as it is.
    NotUndone,
    /// Whoever gives up takes the frame all the same.
    GivenUpAsDone,
    /// The frame is free before the others have answered.
    FreedTooEarly,
    /// The core that revokes keeps its own entries.
    OwnKept,
    /// A core that waits for the lock does not answer.
    SilentWaiter,
    /// The others are asked before the table is changed.
    AskedTooEarly,
    /// A domain is entered without the lock.
    EnteredUnlocked,
    /// A domain is entered and nobody notes the core.
    EnteredUnseen,
    /// A letter says only what is new, not what is open.
    LetterReplaced,
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Revocation {
    /// Cores, [`MOST_CORES`] at most.
    pub cores: usize,
    /// How many of them grant and revoke; all of them run modules.
    pub callers: usize,
    /// How many domains there are: one or two.
    pub domains: usize,
    /// Whether a core that waits for an answer may give up, at any time.
    pub gives_up: bool,
    /// What is done wrong.
    pub bug: Option<Bug>,
}

impl Revocation {
    /// Without a bug.
    #[must_use]
    pub const fn new(cores: usize, callers: usize, domains: usize, gives_up: bool) -> Self {
        assert!(cores <= MOST_CORES && callers <= cores && domains <= 2);
        Revocation {
            cores,
            callers,
            domains,
            gives_up,
            bug: None,
        }
    }

    /// With one.
    #[must_use]
    pub const fn with(self, bug: Bug) -> Self {
        Revocation {
            bug: Some(bug),
            ..self
        }
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}

impl Model for Revocation {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for core in 0..self.cores {
            let steps = self.steps(state, core);
            actions.extend(steps.into_iter().map(|step| Action { core, step }));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut next = last.clone();
        self.apply(&mut next, action);
        next.sort(self);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::<Self>::always(
                "no core remembers a frame that is not its domain's",
                |model, state| {
                    model.each_core(state).all(|core| {
                        Domain::BOTH
                            .iter()
                            .all(|domain| !core.remembers(*domain) || state.owner == Some(*domain))
                    })
                },
            ),
            Property::<Self>::always(
                "no core uses a frame that is not its domain's",
                |_, state| !state.misused,
            ),
            Property::<Self>::always("whoever gives up leaves all as it was", |model, state| {
                model.is_revoking(state)
                    || Domain::BOTH.iter().all(|domain| {
                        state.table[*domain as usize] == (state.owner == Some(*domain))
                    })
            }),
            Property::<Self>::always("a core that is waited for can act", |model, state| {
                (0..model.cores).all(|core| {
                    !state.cores[core].to_await
                        || state.cores[core].letter == 0
                        || !model.steps(state, core).is_empty()
                })
            }),
            Property::<Self>::always("some core can act", |model, state| {
                (0..model.cores).any(|core| !model.steps(state, core).is_empty())
            }),
            Property::<Self>::sometimes("a revocation completes", |_, state| state.owner.is_none()),
        ];
        if self.domains > 1 {
            properties.push(Property::<Self>::sometimes(
                "the frame changes hands",
                |model, state| {
                    let remembers = |core: &Core| core.remembers(Domain::Other);
                    model.each_core(state).any(remembers)
                },
            ));
        }
        if self.gives_up && self.cores > 1 {
            properties.push(Property::<Self>::sometimes(
                "a revocation is given up",
                |model, state| model.each_core(state).any(|core| core.at == At::Refused),
            ));
        }
        properties
    }
}

impl Revocation {
    fn each_core<'s>(&self, state: &'s State) -> impl Iterator<Item = &'s Core> {
        state.cores[..self.cores].iter()
    }

    fn is_revoking(&self, state: &State) -> bool {
        self.each_core(state).any(Core::is_revoking)
    }
}
