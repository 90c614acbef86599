//! How the other cores answer their mail. The mailbox is the kernel's own.

use core::mem;
use std::vec::Vec;

use super::ModelMachine;
use crate::{CoreId, CoreSet, Mailbox, Stale, Unanswered};

/// When a core answers a letter that stands in its mailbox while another core waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answering {
    /// At the first look for its answer: its modules are interrupted by chance just then.
    AtOnce,
    /// After that many looks in vain since the other core asked.
    AfterPolls(u32),
    /// Not while the other waits: it hangs, or keeps its interrupts off. Its letter stays open
    /// until it answers somehow, by [`ModelMachine::let_answer`] or in a later shootdown.
    Never,
}

impl Answering {
    /// Polls after which the core has answered if it does at all.
    const fn polls(self) -> u32 {
        match self {
            Answering::AtOnce => 1,
            Answering::AfterPolls(polls) => polls.saturating_add(1),
            Answering::Never => 0,
        }
    }
}

impl ModelMachine {
    /// Sets when a core answers from now on; every core starts with [`Answering::AtOnce`]. What it
    /// already did not answer stays open.
    ///
    /// # Panics
    /// If the platform has no such core.
    pub fn answering(&mut self, core: CoreId, when: Answering) {
        self.core_mut(core).answering = when;
    }

    /// The core enters its kernel now and answers what is open, if anything is: whether there was.
    ///
    /// # Panics
    /// If the platform has no such core.
    pub fn let_answer(&mut self, core: CoreId) -> bool {
        let _ = self.core_mut(core);
        let mailbox = mem::take(&mut self.mailbox);
        let answered = self.answer(&mailbox, core);
        self.mailbox = mailbox;
        answered
    }

    fn answer(&mut self, mailbox: &Mailbox<{ CoreId::MOST }>, core: CoreId) -> bool {
        let running = mem::replace(&mut self.running, core);
        let answered = mailbox.answer(core, |stale| stale.drop_all(self));
        self.acting().0.counts.shootdowns_answered += u64::from(answered);
        self.running = running;
        answered
    }

    pub(super) fn ask_and_wait(&mut self, cores: CoreSet, stale: Stale) -> Result<(), Unanswered> {
        let asker = self.running;
        self.acting().0.counts.shootdowns_asked += u64::from(cores.len());
        let others: Vec<CoreId> = self.each_core().filter(|core| *core != asker).collect();
        let due = |machine: &ModelMachine, core| machine.core_ref(core).answering.polls();
        // Nobody answers after the last that answers at all: the polls behind it are not run.
        let last = others.iter().map(|core| due(self, *core)).max();
        let granted = self.platform.shootdown_polls;
        let run = granted.min(last.unwrap_or(0));
        let mailbox = mem::take(&mut self.mailbox);
        let mut polled = 0;
        let outcome = mailbox.shoot_down(cores, stale, run, || {
            polled += 1;
            for core in &others {
                if (1..=polled).contains(&due(self, *core)) {
                    self.answer(&mailbox, *core);
                }
            }
        });
        self.mailbox = mailbox;
        // Those that were not run would all have been in vain.
        self.waited = polled + if outcome.is_err() { granted - run } else { 0 };
        outcome.map_err(|Unanswered { core, .. }| Unanswered {
            core,
            polls: granted,
        })
    }
}
