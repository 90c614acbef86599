//! What a core can do next.

use super::{At, Bug, Call, Core, Domain, Entry, Revocation, State};

/// A step of one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// The core, by its place in the state before.
    pub core: usize,
    /// What it does.
    pub step: Step,
}

/// What a core does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Module code starts an access: a hit, or a refill from the table.
    Translate,
    /// The access itself, or its fault.
    Use,
    /// Another refill takes the place of the entry.
    Replace(Domain),
    /// The kernel is entered; mail is read.
    Interrupt,
    /// Module code goes on.
    Return,
    /// The kernel wants the lock.
    Wait,
    /// The lock was free, and was taken.
    Call(Call),
    /// A core that waits for the lock reads its mail.
    Look,
    /// The answer is written.
    Answer,
    /// Only with a bug: what was answered is done.
    Forget,
    /// Only with a bug: the table is changed.
    Change,
    /// A letter is written, to the core of that number.
    Ask(usize),
    /// The answer of the core of that number is there.
    Heard(usize),
    /// No answer in time.
    GiveUp,
}

impl Revocation {
    /// What a core can do now; nothing if it waits in vain.
    pub(super) fn steps(&self, state: &State, number: usize) -> Vec<Step> {
        let core = &state.cores[number];
        let others = |which: fn(&Core) -> bool| {
            let cores = state.cores[..self.cores].iter().enumerate();
            cores
                .filter(move |(_, core)| which(core))
                .map(|(number, _)| number)
        };
        match core.at {
            At::Module => {
                let replaced = Domain::BOTH.into_iter();
                let replaced = replaced.filter(|d| core.entries[*d as usize] != Entry::Nothing);
                let mut steps = vec![Step::Translate, Step::Interrupt];
                steps.extend(replaced.map(Step::Replace));
                steps
            }
            At::Translated(_) => vec![Step::Use],
            At::Kernel | At::Refused => {
                let mut steps = vec![Step::Wait];
                steps.extend(core.runs.map(|_| Step::Return));
                steps
            }
            At::Waiting => {
                let locked = self.is_revoking(state);
                let unlocked = |call: &Call| {
                    !locked || (self.has(Bug::EnteredUnlocked) && matches!(call, Call::Enter(_)))
                };
                let calls = self.calls(number).filter(unlocked);
                let mut steps: Vec<Step> = calls.map(Step::Call).collect();
                if core.letter != 0 && !self.has(Bug::SilentWaiter) {
                    steps.push(Step::Look);
                }
                steps
            }
            At::Answering { .. } => vec![Step::Answer],
            At::Answered { .. } => vec![Step::Forget],
            At::Noted(_) => vec![Step::Change],
            At::Asking(_) => others(|core| core.to_ask).map(Step::Ask).collect(),
            At::Awaiting(_) => {
                let heard = others(|core| core.to_await && core.letter == 0);
                let mut steps: Vec<Step> = heard.map(Step::Heard).collect();
                if self.gives_up {
                    steps.push(Step::GiveUp);
                }
                steps
            }
        }
    }

    /// What a core may do under the lock.
    fn calls(&self, number: usize) -> impl Iterator<Item = Call> + use<> {
        let domains = &Domain::BOTH[..self.domains];
        let calls = number < self.callers;
        domains
            .iter()
            .flat_map(move |domain| {
                let always = [Call::Enter(*domain)].into_iter();
                let caller = [Call::Grant(*domain), Call::Revoke(*domain)].into_iter();
                always.chain(caller.filter(move |_| calls))
            })
            .chain([Call::Judge])
    }

    pub(super) fn apply(&self, state: &mut State, Action { core, step }: Action) {
        match step {
            Step::Translate => translate(state, core),
            Step::Use => self.use_frame(state, core),
            Step::Replace(domain) => state.cores[core].entries[domain as usize] = Entry::Nothing,
            Step::Interrupt if state.cores[core].letter == 0 => state.cores[core].at = At::Kernel,
            Step::Interrupt => self.look(&mut state.cores[core], false),
            Step::Return => state.cores[core].at = At::Module,
            Step::Wait => state.cores[core].at = At::Waiting,
            Step::Call(call) => self.call(state, core, call),
            Step::Look => self.look(&mut state.cores[core], true),
            Step::Answer => self.answer(&mut state.cores[core]),
            Step::Forget => {
                if let At::Answered { letter, waits } = state.cores[core].at {
                    state.cores[core].forget(letter);
                    state.cores[core].at = after(waits);
                }
            }
            Step::Change => {
                if let At::Noted(domain) = state.cores[core].at {
                    self.change(state, core, domain);
                }
            }
            Step::Ask(other) => self.ask(state, core, other),
            Step::Heard(other) => {
                state.cores[other].to_await = false;
                self.finish_if_all_answered(state, core);
            }
            Step::GiveUp => self.give_up(state, core),
        }
    }

    fn use_frame(&self, state: &mut State, number: usize) {
        let core = &mut state.cores[number];
        match core.at {
            At::Translated(Entry::Frame) => {
                state.misused |= core.runs != state.owner;
                core.at = At::Module;
            }
            // A fault enters the kernel, which answers its mail first.
            _ if core.letter != 0 => self.look(core, true),
            _ => core.at = At::Waiting,
        }
    }

    fn look(&self, core: &mut Core, waits: bool) {
        if !self.has(Bug::AnsweredTooEarly) && !self.has(Bug::NotForgotten) {
            core.forget(core.letter);
        }
        let current = true;
        core.at = At::Answering { current, waits };
    }

    fn answer(&self, core: &mut Core) {
        let At::Answering { current, waits } = core.at else {
            return;
        };
        let letter = core.letter;
        if current {
            core.letter = 0;
        }
        core.at = if self.has(Bug::AnsweredTooEarly) {
            At::Answered { letter, waits }
        } else {
            after(waits)
        };
    }

    /// Everything under the lock that only whoever has it can see is one step.
    fn call(&self, state: &mut State, number: usize, call: Call) {
        let core = &mut state.cores[number];
        core.at = At::Kernel;
        match call {
            Call::Enter(domain) => {
                core.runs = Some(domain);
                core.seen[domain as usize] |= !self.has(Bug::EnteredUnseen);
                core.at = At::Module;
            }
            Call::Judge if core.runs == state.owner => {
                // The entry is from before a grant.
                let letter = core.runs.map_or(0, Domain::bit);
                core.forget(letter);
                core.at = At::Module;
            }
            Call::Judge => core.runs = None,
            Call::Grant(domain) if state.owner.is_none() => {
                state.owner = Some(domain);
                state.table[domain as usize] = true;
                core.forget(domain.bit());
            }
            Call::Revoke(domain) if state.owner == Some(domain) => {
                self.begin(state, number, domain);
            }
            // Refused by the ledger.
            Call::Grant(_) | Call::Revoke(_) => {}
        }
    }

    fn begin(&self, state: &mut State, number: usize, domain: Domain) {
        for (other, core) in state.cores.iter_mut().enumerate() {
            core.to_ask = other != number && core.seen[domain as usize];
        }
        if self.has(Bug::EnteredUnlocked) {
            state.cores[number].at = At::Noted(domain);
        } else {
            self.change(state, number, domain);
        }
    }

    fn change(&self, state: &mut State, number: usize, domain: Domain) {
        state.table[domain as usize] = self.has(Bug::AskedTooEarly);
        if self.has(Bug::FreedTooEarly) {
            state.owner = None;
        }
        state.cores[number].at = At::Asking(domain);
        self.await_if_all_asked(state, number);
    }

    fn ask(&self, state: &mut State, number: usize, other: usize) {
        let At::Asking(domain) = state.cores[number].at else {
            return;
        };
        let core = &mut state.cores[other];
        core.letter = if self.has(Bug::LetterReplaced) {
            domain.bit()
        } else {
            core.letter | domain.bit()
        };
        if let At::Answering { current, .. } = &mut core.at {
            *current = false;
        }
        core.to_ask = false;
        core.to_await = !self.has(Bug::NotAwaited);
        self.await_if_all_asked(state, number);
    }

    fn await_if_all_asked(&self, state: &mut State, number: usize) {
        let At::Asking(domain) = state.cores[number].at else {
            return;
        };
        if state.cores.iter().all(|core| !core.to_ask) {
            state.cores[number].at = At::Awaiting(domain);
            self.finish_if_all_answered(state, number);
        }
    }

    fn finish_if_all_answered(&self, state: &mut State, number: usize) {
        let At::Awaiting(domain) = state.cores[number].at else {
            return;
        };
        if state.cores.iter().any(|core| core.to_await) {
            return;
        }
        if !self.has(Bug::OwnKept) {
            state.cores[number].forget(domain.bit());
        }
        state.table[domain as usize] = false;
        state.owner = None;
        state.cores[number].at = At::Kernel;
    }

    fn give_up(&self, state: &mut State, number: usize) {
        let At::Awaiting(domain) = state.cores[number].at else {
            return;
        };
        for core in &mut state.cores {
            core.to_await = false;
        }
        if self.has(Bug::GivenUpAsDone) {
            self.finish_if_all_answered(state, number);
            return;
        }
        state.table[domain as usize] = !self.has(Bug::NotUndone);
        if self.has(Bug::FreedTooEarly) {
            state.owner = Some(domain);
        }
        state.cores[number].at = At::Refused;
    }
}

/// Where a core is when it has answered.
const fn after(waits: bool) -> At {
    if waits { At::Waiting } else { At::Kernel }
}

/// A hit, or a refill, which reads the table whatever it says.
fn translate(state: &mut State, number: usize) {
    let core = &mut state.cores[number];
    let Some(domain) = core.runs else {
        return;
    };
    let entry = &mut core.entries[domain as usize];
    if *entry == Entry::Nothing {
        *entry = if state.table[domain as usize] {
            Entry::Frame
        } else {
            Entry::NoAccess
        };
    }
    core.at = At::Translated(*entry);
}
