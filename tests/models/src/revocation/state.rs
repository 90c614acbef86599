//! What the cores and the memory hold.

use super::{MOST_CORES, Revocation};

/// One of the two domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Domain {
    /// The one that has the frame at first.
    First,
    /// The other.
    Other,
}

impl Domain {
    /// Both.
    pub const BOTH: [Domain; 2] = [Domain::First, Domain::Other];

    /// The bit of a letter that asks for its page.
    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What a TLB holds of a domain's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// Nothing: the next access reads the table.
    Nothing,
    /// An entry that gives no access.
    NoAccess,
    /// The frame.
    Frame,
}

/// What a core does under the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// It runs a domain from now on.
    Enter(Domain),
    /// It finds out whether a fault was the module's.
    Judge,
    /// It gives the free frame to a domain.
    Grant(Domain),
    /// It takes the frame away.
    Revoke(Domain),
}

/// Where a core is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// In module code, between two instructions.
    Module,
    /// In the middle of an instruction that has translated its address and not used it yet: no
    /// interrupt is taken.
    Translated(Entry),
    /// In the kernel, mail answered, interrupts off.
    Kernel,
    /// Waiting for the lock. For what it wants it is decided when it has it, so that one wait
    /// stands for all.
    Waiting,
    /// It has read its letter and forgotten; the answer is next. `current` is false once another
    /// letter has come.
    Answering {
        /// Whether the letter is the last that came.
        current: bool,
        /// Whether it waits for the lock.
        waits: bool,
    },
    /// Only with a bug: answered, and not forgotten yet.
    Answered {
        /// What is to be forgotten.
        letter: u8,
        /// Whether it waits for the lock.
        waits: bool,
    },
    /// Only with a bug: holding the lock, the cores to ask noted, the table not changed yet. With
    /// the lock kept nobody can tell it from what follows.
    Noted(Domain),
    /// Holding the lock, the table changed, asking.
    Asking(Domain),
    /// All asked; waiting for the answers.
    Awaiting(Domain),
    /// Back from a revocation that was given up.
    Refused,
}

/// One core, and what is noted about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Core {
    /// Where it is.
    pub at: At,
    /// The domain that it runs, or ran last.
    pub runs: Option<Domain>,
    /// Its TLB.
    pub entries: [Entry; 2],
    /// What it was asked to forget; 0 where it has answered.
    pub letter: u8,
    /// Which domains were entered on it.
    pub seen: [bool; 2],
    /// The holder of the lock has to ask it.
    pub to_ask: bool,
    /// The holder of the lock has to wait for it.
    pub to_await: bool,
}

impl Core {
    const NEW: Core = Core {
        at: At::Kernel,
        runs: None,
        entries: [Entry::Nothing; 2],
        letter: 0,
        seen: [false; 2],
        to_ask: false,
        to_await: false,
    };

    /// Whether it can reach the frame as that domain without a look at the table.
    pub(super) fn remembers(&self, domain: Domain) -> bool {
        self.entries[domain as usize] == Entry::Frame
            || (self.runs == Some(domain) && self.at == At::Translated(Entry::Frame))
    }

    pub(super) const fn is_revoking(&self) -> bool {
        matches!(self.at, At::Noted(_) | At::Asking(_) | At::Awaiting(_))
    }

    /// Drops the entries that a letter says.
    pub(super) fn forget(&mut self, letter: u8) {
        for domain in Domain::BOTH {
            if letter & domain.bit() != 0 {
                self.entries[domain as usize] = Entry::Nothing;
            }
        }
    }
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Whether each domain's page table gives the frame.
    pub table: [bool; 2],
    /// Whose the frame is, as the ledger says.
    pub owner: Option<Domain>,
    /// The cores; those that there are not stay as they are.
    pub cores: [Core; MOST_CORES],
    /// Whether a module used the frame while it was not its domain's.
    pub misused: bool,
}

impl State {
    pub(super) fn new(model: &Revocation) -> State {
        let mut state = State {
            table: [true, false],
            owner: Some(Domain::First),
            cores: [Core::NEW; MOST_CORES],
            misused: false,
        };
        state.sort(model);
        state
    }

    /// Cores that may do the same are told apart by their state only: one order stands for all.
    pub(super) fn sort(&mut self, model: &Revocation) {
        self.cores[..model.callers].sort_unstable();
        self.cores[model.callers..model.cores].sort_unstable();
    }
}
