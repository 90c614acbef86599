//! Address-space numbers that come back: what `Domains::create`, `enter` and `destroy` do, with so
//! few numbers that each is used again and again.
//!
//! Steps are as large as in [`crate::revocation`], but for an access by module code, which is one
//! here: it touches nothing that another core writes.

use stateright::{Model, Property};

/// Most numbers.
const NUMBERS: usize = 3;
/// Places for domains.
const PLACES: usize = 2;
/// Most cores.
const MOST_CORES: usize = 3;

/// A mistake in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The number is free before the others have answered, and a domain is made without the lock.
    FreedTooEarly,
    /// Answers are not waited for.
    NotAwaited,
    /// The core that destroys keeps its own entries.
    OwnKept,
    /// Whoever gives up destroys all the same.
    GivenUpAsDone,
    /// A domain is entered and nobody notes the core.
    EnteredUnseen,
    /// A core that leaves a domain is no longer noted.
    LeftUnseen,
    /// A domain is destroyed while a core runs it.
    ThreadsIgnored,
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Asids {
    /// Cores, three at most.
    pub cores: usize,
    /// How many of them make and destroy domains; all of them run modules.
    pub callers: usize,
    /// Address-space numbers that there are, three at most.
    pub numbers: usize,
    /// What is done wrong.
    pub bug: Option<Bug>,
}

/// Who made an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Maker {
    /// The domain that lives at a place.
    Place(u8),
    /// One that is gone.
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Call {
    Create(u8),
    Enter(u8),
    Destroy(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum At {
    Module,
    Kernel,
    Waiting,
    /// Mail was read and all entries are forgotten; the answer is next.
    Answering {
        current: bool,
        waits: bool,
    },
    Asking(u8),
    Awaiting(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Core {
    at: At,
    /// The domain that its thread belongs to.
    runs: Option<u8>,
    /// The number that ring 2 has; it stays when the thread is gone.
    number: u8,
    /// By number: who made what the TLB holds under it.
    entries: [Option<Maker>; NUMBERS],
    letter: bool,
    seen: [bool; PLACES],
    to_ask: bool,
    to_await: bool,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The number of the domain at each place.
    places: [Option<u8>; PLACES],
    used: [bool; NUMBERS],
    next: u8,
    cores: [Core; MOST_CORES],
    /// Whether module code ran by an entry that another domain made.
    misled: bool,
}

/// A step of one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    core: usize,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Access,
    Interrupt,
    Return,
    Leave,
    Wait,
    Call(Call),
    Look,
    Answer,
    Ask(usize),
    Heard(usize),
    GiveUp,
}

impl Asids {
    /// Without a bug.
    #[must_use]
    pub const fn new(cores: usize, callers: usize, numbers: usize) -> Asids {
        assert!(cores <= MOST_CORES && callers <= cores && numbers <= NUMBERS);
        Asids {
            cores,
            callers,
            numbers,
            bug: None,
        }
    }

    /// With one.
    #[must_use]
    pub const fn with(self, bug: Bug) -> Asids {
        Asids {
            bug: Some(bug),
            ..self
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn steps(&self, state: &State, number: usize) -> Vec<Step> {
        let core = &state.cores[number];
        let others = |which: fn(&Core) -> bool| {
            let cores = state.cores.iter().enumerate();
            cores
                .filter(move |(_, core)| which(core))
                .map(|(number, _)| number)
        };
        match core.at {
            At::Module => vec![Step::Access, Step::Interrupt],
            At::Kernel => match core.runs {
                Some(_) => vec![Step::Wait, Step::Return, Step::Leave],
                None => vec![Step::Wait],
            },
            At::Waiting => {
                let holds = |core: &Core| matches!(core.at, At::Asking(_) | At::Awaiting(_));
                let locked = state.cores.iter().any(holds);
                let unlocked = |call: &Call| {
                    (!locked || (self.has(Bug::FreedTooEarly) && matches!(call, Call::Create(_))))
                        && (number < self.callers || matches!(call, Call::Enter(_)))
                };
                let calls = (0..PLACES as u8).flat_map(|place| {
                    [Call::Create, Call::Enter, Call::Destroy].map(|call| call(place))
                });
                let mut steps: Vec<Step> = calls.filter(unlocked).map(Step::Call).collect();
                if core.letter {
                    steps.push(Step::Look);
                }
                steps
            }
            At::Answering { .. } => vec![Step::Answer],
            At::Asking(_) => others(|core| core.to_ask).map(Step::Ask).collect(),
            At::Awaiting(_) => {
                let heard = others(|core| core.to_await && !core.letter);
                heard.map(Step::Heard).chain([Step::GiveUp]).collect()
            }
        }
    }

    fn apply(&self, state: &mut State, number: usize, step: Step) {
        let core = &mut state.cores[number];
        match (step, core.at) {
            (Step::Access, _) => {
                if let Some(place) = core.runs {
                    let maker = Maker::Place(place);
                    let entry = &mut core.entries[usize::from(core.number)];
                    state.misled |= *entry.get_or_insert(maker) != maker;
                }
            }
            (Step::Interrupt, _) if core.letter => look(core, false),
            (Step::Interrupt, _) => core.at = At::Kernel,
            (Step::Return, _) => core.at = At::Module,
            (Step::Leave, _) => {
                if let Some(place) = core.runs.take() {
                    core.seen[usize::from(place)] &= !self.has(Bug::LeftUnseen);
                }
            }
            (Step::Wait, _) => core.at = At::Waiting,
            (Step::Call(call), _) => self.call(state, number, call),
            (Step::Look, _) => look(core, true),
            (Step::Answer, At::Answering { current, waits }) => {
                core.letter &= !current;
                core.at = if waits { At::Waiting } else { At::Kernel };
            }
            (Step::Ask(other), At::Asking(_)) => {
                let other = &mut state.cores[other];
                other.letter = true;
                other.to_ask = false;
                other.to_await = !self.has(Bug::NotAwaited);
                if let At::Answering { current, .. } = &mut other.at {
                    *current = false;
                }
                self.go_on(state, number);
            }
            (Step::Heard(other), _) => {
                state.cores[other].to_await = false;
                self.go_on(state, number);
            }
            (Step::GiveUp, At::Awaiting(place)) => {
                state
                    .cores
                    .iter_mut()
                    .for_each(|core| core.to_await = false);
                if self.has(Bug::GivenUpAsDone) {
                    self.go_on(state, number);
                } else {
                    if let Some(asid) = state.places[usize::from(place)] {
                        state.used[usize::from(asid)] = true;
                    }
                    state.cores[number].at = At::Kernel;
                }
            }
            _ => {}
        }
    }

    fn call(&self, state: &mut State, number: usize, call: Call) {
        state.cores[number].at = At::Kernel;
        let (Call::Create(place) | Call::Enter(place) | Call::Destroy(place)) = call;
        let at = usize::from(place);
        match (call, state.places[at]) {
            (Call::Create(_), None) => state.places[at] = state.take(self.numbers),
            (Call::Enter(_), Some(asid)) => {
                let core = &mut state.cores[number];
                core.runs = Some(place);
                core.number = asid;
                core.seen[at] |= !self.has(Bug::EnteredUnseen);
                core.at = At::Module;
            }
            (Call::Destroy(_), Some(asid)) => {
                let runs = state.cores.iter().any(|core| core.runs == Some(place));
                if runs && !self.has(Bug::ThreadsIgnored) {
                    return;
                }
                state.cores[number].at = At::Asking(place);
                state.used[usize::from(asid)] = !self.has(Bug::FreedTooEarly);
                for (other, core) in state.cores.iter_mut().enumerate() {
                    core.to_ask = other != number && core.seen[at];
                }
                self.go_on(state, number);
            }
            // It came or went while this core waited for the lock.
            _ => {}
        }
    }

    /// From asking to waiting to the end, as far as nothing has to come first.
    fn go_on(&self, state: &mut State, number: usize) {
        let (At::Asking(place) | At::Awaiting(place)) = state.cores[number].at else {
            return;
        };
        if state.cores.iter().any(|core| core.to_ask) {
            return;
        }
        state.cores[number].at = At::Awaiting(place);
        if state.cores.iter().any(|core| core.to_await) {
            return;
        }
        let core = &mut state.cores[number];
        core.at = At::Kernel;
        if !self.has(Bug::OwnKept) {
            core.entries = [None; NUMBERS];
        }
        if let Some(asid) = state.places[usize::from(place)].take() {
            state.used[usize::from(asid)] = false;
        }
        for core in &mut state.cores {
            core.seen[usize::from(place)] = false;
            for entry in core.entries.iter_mut().flatten() {
                if *entry == Maker::Place(place) {
                    *entry = Maker::Gone;
                }
            }
        }
    }
}

fn look(core: &mut Core, waits: bool) {
    core.entries = [None; NUMBERS];
    let current = true;
    core.at = At::Answering { current, waits };
}

impl State {
    /// The next free number, going round as `AsidPool` does.
    fn take(&mut self, of: usize) -> Option<u8> {
        let mut numbers = (0..of).map(|step| (usize::from(self.next) + step) % of);
        let free = numbers.find(|number| !self.used[*number])?;
        self.used[free] = true;
        self.next = ((free + 1) % of) as u8;
        Some(free as u8)
    }

    /// Every entry on every core, with its number.
    fn entries(&self) -> impl Iterator<Item = (u8, Maker)> {
        self.cores.iter().flat_map(|core| {
            let entries = core.entries.iter().enumerate();
            entries.filter_map(|(number, maker)| Some((number as u8, (*maker)?)))
        })
    }
}

impl Model for Asids {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let core = Core {
            at: At::Kernel,
            runs: None,
            number: 0,
            entries: [None; NUMBERS],
            letter: false,
            seen: [false; PLACES],
            to_ask: false,
            to_await: false,
        };
        vec![State {
            places: [None; PLACES],
            used: [false; NUMBERS],
            next: 0,
            cores: [core; MOST_CORES],
            misled: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for core in 0..self.cores {
            let steps = self.steps(state, core);
            actions.extend(steps.into_iter().map(|step| Action { core, step }));
        }
    }

    fn next_state(&self, last: &State, Action { core, step }: Action) -> Option<State> {
        let mut next = last.clone();
        self.apply(&mut next, core, step);
        // Cores that may do the same are alike: one order stands for all.
        next.cores[..self.callers].sort_unstable();
        next.cores[self.callers..self.cores].sort_unstable();
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("no entry outlives the domain that made it", |_, state| {
                state.entries().all(|(_, maker)| maker != Maker::Gone)
            }),
            Property::<Self>::always("an entry's number is its maker's", |_, state| {
                state.entries().all(|(number, maker)| match maker {
                    Maker::Place(place) => state.places[usize::from(place)] == Some(number),
                    Maker::Gone => state.places.iter().all(|owner| *owner != Some(number)),
                })
            }),
            Property::<Self>::always("no module runs by another's entry", |_, state| {
                !state.misled
            }),
            Property::<Self>::always("no two domains have one number", |_, state| {
                state.places[0].is_none() || state.places[0] != state.places[1]
            }),
            Property::<Self>::always("some core can act", |model, state| {
                (0..model.cores).any(|core| !model.steps(state, core).is_empty())
            }),
            Property::<Self>::sometimes("the numbers have gone round", |_, state| {
                state.next == 1 && state.used[0] && state.places[0].is_none()
            }),
            Property::<Self>::sometimes("two cores remember one domain", |_, state| {
                let mut seen = state
                    .entries()
                    .map(|(number, _)| number)
                    .collect::<Vec<_>>();
                seen.sort_unstable();
                seen.windows(2).any(|two| two[0] == two[1])
            }),
        ]
    }
}
