//! An instance in a pipeline: which state it is in, and what it is still to do.

use abi::EntryPoint;
use heapless::{Deque, Vec};

use super::request::{Injected, OnDeath, Phase};

/// The most that an instance has to do at once: to come back to life with every pin bound and every
/// configuration that is kept.
pub(super) const STEPS: usize = 32;
/// Configurations of an instance that outlive its death.
pub(super) const CONFIGS: usize = 8;

/// Where an instance stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// In memory.
    Created,
    /// After `init`.
    Initialised,
    /// After `prepare`.
    Prepared,
    /// Periods come.
    Running,
    /// They came and will come again.
    Paused,
    /// Gone.
    Dead,
}

impl Stage {
    /// Where an instance stands after an entry point has returned.
    const fn after(self, entry: EntryPoint, argument: u32) -> Stage {
        match (entry, abi::Command::from_number(argument)) {
            (EntryPoint::Init | EntryPoint::Reset, _) => Stage::Initialised,
            (EntryPoint::Prepare, _) => Stage::Prepared,
            (EntryPoint::Trigger, Some(abi::Command::Start | abi::Command::Release)) => {
                Stage::Running
            }
            (EntryPoint::Trigger, Some(abi::Command::Pause)) => Stage::Paused,
            (EntryPoint::Trigger, _) => Stage::Prepared,
            _ => self,
        }
    }
}

/// An entry point to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) entry: EntryPoint,
    /// Its arguments; of `set_config`, where the configuration is and how far it got.
    pub(super) arguments: [u32; 3],
    /// Of a configuration, the module's number for it.
    pub(super) id: u32,
    /// For which request; 0 for none.
    pub(super) request: u32,
}

impl Step {
    pub(super) const fn new(entry: EntryPoint, arguments: [u32; 3], request: u32) -> Step {
        Step {
            entry,
            arguments,
            id: 0,
            request,
        }
    }
}

/// An instance.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) file: u32,
    pub(super) pipeline: u32,
    pub(super) period_us: u32,
    /// Lives that are left.
    pub(super) restarts: u32,
    pub(super) on_death: OnDeath,
    pub(super) budget: u32,
    pub(super) stage: Stage,
    /// Which state it is to be in; it comes back to it after a death.
    pub(super) wanted: Phase,
    pub(super) todo: Deque<Step, STEPS>,
    /// The last configuration of each number that it took, for its next life.
    pub(super) configs: Vec<Step, CONFIGS>,
    /// What the next `process` is to fail of.
    pub(super) fault: Option<Injected>,
    /// The clock when it died, until it is again what it is to be.
    pub(super) died: Option<u64>,
    /// The last tick in which it was brought back: once in each is enough.
    pub(super) revived: Option<u32>,
    /// Deaths.
    pub(super) deaths: u32,
    /// Periods that came later than they were due.
    pub(super) late: u32,
    /// Periods that went by without it.
    pub(super) missed: u32,
}

impl Actor {
    /// Whether audio goes by it while it cannot take it.
    pub(super) fn is_bypassed(&self) -> bool {
        self.died.is_some() && self.wanted == Phase::Running && self.stage != Stage::Running
    }

    /// The entry points that lead from a stage to a state, in order: each with its command. `None`
    /// where none do.
    pub(super) const fn way(stage: Stage, to: Phase) -> Option<&'static [(EntryPoint, u32)]> {
        use EntryPoint::{Prepare, Reset, Trigger};
        const STOP: u32 = abi::Command::Stop as u32;
        const START: u32 = abi::Command::Start as u32;
        const PAUSE: u32 = abi::Command::Pause as u32;
        const RELEASE: u32 = abi::Command::Release as u32;
        Some(match (stage, to) {
            (Stage::Initialised, Phase::Reset)
            | (Stage::Prepared, Phase::Ready)
            | (Stage::Running, Phase::Running)
            | (Stage::Paused, Phase::Paused) => &[],
            (Stage::Initialised, Phase::Ready) => &[(Prepare, 0)],
            (Stage::Initialised, Phase::Running) => &[(Prepare, 0), (Trigger, START)],
            (Stage::Initialised, Phase::Paused) => {
                &[(Prepare, 0), (Trigger, START), (Trigger, PAUSE)]
            }
            (Stage::Prepared, Phase::Running) => &[(Trigger, START)],
            (Stage::Paused, Phase::Running) => &[(Trigger, RELEASE)],
            (Stage::Running, Phase::Paused) => &[(Trigger, PAUSE)],
            (Stage::Prepared, Phase::Reset) => &[(Reset, 0)],
            (Stage::Running | Stage::Paused, Phase::Reset) => &[(Trigger, STOP), (Reset, 0)],
            _ => return None,
        })
    }

    /// Keeps a configuration that it has taken whole, for its next life. Of too many the oldest is
    /// forgotten.
    pub(super) fn keep_config(&mut self, step: Step) {
        let [_, end, total] = step.arguments;
        self.forget_config(step.id);
        if self.configs.is_full() {
            self.configs.remove(0);
        }
        let whole = Step {
            arguments: [end - total, end, total],
            request: 0,
            ..step
        };
        // Room was made.
        let _ = self.configs.push(whole);
    }

    /// Keeps a configuration no longer: the module died of it.
    pub(super) fn forget_config(&mut self, id: u32) {
        self.configs.retain(|kept| kept.id != id);
    }

    /// Notes that an entry point has returned. Whether it is now what it is to be.
    pub(super) fn step_is_done(&mut self, entry: EntryPoint, argument: u32) -> bool {
        self.stage = self.stage.after(entry, argument);
        Self::way(self.stage, self.wanted).is_some_and(<[_]>::is_empty)
    }

    /// Where it will stand when all that it has to do is done.
    pub(super) fn stage_to_come(&self) -> Stage {
        (self.todo.iter()).fold(self.stage, |stage, step| {
            stage.after(step.entry, step.arguments[0])
        })
    }
}
