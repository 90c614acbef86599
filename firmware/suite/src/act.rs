//! One act of a case on domains: a step, and how it must end.

use domains::DomainError;
use mmu::{Rights, SLOT_BYTES};
use prover::{Deed, Outcome, Step};

/// The names of domains.
pub const A: u32 = 0;
/// See [`A`].
pub const B: u32 = 1;
/// See [`A`].
pub const C: u32 = 2;

/// `EXCCAUSE` of a fetch without the right to it.
pub const FETCH_PROHIBITED: u32 = 20;
/// `EXCCAUSE` of an access to a page of a ring further inside.
pub const PRIVILEGE: u32 = 26;
/// `EXCCAUSE` of a load without the right to it.
pub const LOAD_PROHIBITED: u32 = 28;
/// `EXCCAUSE` of a store without the right to it.
pub const STORE_PROHIBITED: u32 = 29;
/// `EXCCAUSE` of an access that the data TLB has no entry for, outside the slot.
pub const DATA_MISS: u32 = 24;
/// `EXCCAUSE` of such a fetch.
pub const FETCH_MISS: u32 = 16;

/// How a step must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Must {
    /// It is done.
    Done,
    /// It is done and gives this.
    Give(u32),
    /// The module is stopped for this cause at this address.
    Fault(u32, u32),
    /// It faults so where no domain runs whose module could be stopped.
    Trap(u32, u32),
    /// It is refused with an error of this number.
    Refuse(u32),
}

/// A step and how it must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// The step.
    pub step: Step,
    /// How it must end.
    pub must: Must,
}

impl Act {
    /// Whether it ended so.
    #[must_use]
    pub fn holds(&self, outcome: Outcome) -> bool {
        match self.must {
            Must::Done => outcome.code == Outcome::DONE,
            Must::Give(value) => outcome == Outcome::done(value),
            Must::Fault(cause, address) => {
                outcome.code == cause
                    && outcome.address == address
                    && outcome.decision() == "stops the module"
            }
            Must::Trap(cause, address) => outcome == Outcome::fault(cause, address),
            Must::Refuse(code) => outcome.code == code,
        }
    }

    /// The same step with another end.
    #[must_use]
    pub const fn must(self, must: Must) -> Act {
        Act { must, ..self }
    }

    /// It must be refused with such an error, whatever the error names.
    #[must_use]
    pub fn refused(self, error: DomainError) -> Act {
        self.must(Must::Refuse(Outcome::of::<()>(Err(error)).code))
    }
}

const fn done(step: Step) -> Act {
    Act {
        step,
        must: Must::Done,
    }
}

/// The cached address of a byte of a page of a slot.
#[must_use]
pub const fn at(slot: u32, page: u32, byte: u32) -> u32 {
    0xa000_0000 + slot * SLOT_BYTES + page * 0x1000 + byte
}

/// Its uncached twin.
#[must_use]
pub const fn uncached(address: u32) -> u32 {
    address - 0x6000_0000
}

/// What stands at a byte of a frame from 0x800 on, until it is written.
#[must_use]
pub const fn pattern(frame: u32, byte: u32) -> u32 {
    frame << 16 | byte
}

/// Makes a domain.
#[must_use]
pub const fn create(name: u32, slot: u32) -> Act {
    done(Step::Create { name, slot })
}

/// Destroys it.
#[must_use]
pub const fn destroy(name: u32) -> Act {
    done(Step::Destroy { name })
}

/// Grants pages on frames that follow each other, as the domain's own.
#[must_use]
pub const fn grant(name: u32, page: u32, pages: u32, rights: Rights, frame: u32) -> Act {
    grant_as(0, name, page, pages, rights, frame)
}

/// The same as a constant that others may have too.
#[must_use]
pub const fn grant_constant(name: u32, page: u32, pages: u32, rights: Rights, frame: u32) -> Act {
    grant_as(1, name, page, pages, rights, frame)
}

/// The same as a side of a buffer.
#[must_use]
pub const fn grant_buffer(name: u32, page: u32, pages: u32, rights: Rights, frame: u32) -> Act {
    grant_as(2, name, page, pages, rights, frame)
}

const fn grant_as(
    tenure: u32,
    name: u32,
    page: u32,
    pages: u32,
    rights: Rights,
    frame: u32,
) -> Act {
    done(Step::Add {
        name,
        pages: page | pages << 10,
        terms: rights.bits() as u32 | tenure << 8,
        frame,
        stride: 1,
    })
}

/// Takes the partition that starts there away.
#[must_use]
pub const fn revoke(name: u32, page: u32) -> Act {
    done(Step::Remove { name, page })
}

/// Shares the partition at a page with another domain, at the same page.
#[must_use]
pub const fn share(from: u32, page: u32, to: u32, rights: Rights) -> Act {
    done(Step::Share {
        from,
        page,
        to,
        at: page,
        rights: rights.bits() as u32,
    })
}

/// Gives a domain all that another has.
#[must_use]
pub const fn inherit(from: u32, to: u32) -> Act {
    done(Step::Inherit { from, to })
}

/// Lets the domain run.
#[must_use]
pub const fn enter(name: u32) -> Act {
    done(Step::Enter { name })
}

/// Makes the thread a member.
#[must_use]
pub const fn join(name: u32) -> Act {
    done(Step::Join { name })
}

/// Takes it out again.
#[must_use]
pub const fn part() -> Act {
    done(Step::Part)
}

/// A word is loaded.
#[must_use]
pub const fn load(address: u32) -> Act {
    access(Deed::LoadWord, address, 0)
}

/// A word is stored.
#[must_use]
pub const fn store(address: u32, value: u32) -> Act {
    access(Deed::StoreWord, address, value)
}

/// Code is run there; where it may, it gives the frame's number.
#[must_use]
pub const fn execute(address: u32) -> Act {
    access(Deed::Execute, address, 0)
}

/// Any access.
#[must_use]
pub const fn access(deed: Deed, address: u32, value: u32) -> Act {
    done(Step::Access {
        deed,
        address,
        value,
    })
}

/// The decision on a claim to read; it must be granted or not.
#[must_use]
pub const fn may_read(name: u32, address: u32, bytes: u32, granted: bool) -> Act {
    may(name, address, bytes, 0, granted)
}

/// The same to write.
#[must_use]
pub const fn may_write(name: u32, address: u32, bytes: u32, granted: bool) -> Act {
    may(name, address, bytes, 1, granted)
}

/// The same to execute.
#[must_use]
pub const fn may_execute(name: u32, address: u32, bytes: u32, granted: bool) -> Act {
    may(name, address, bytes, 2, granted)
}

const fn may(name: u32, address: u32, bytes: u32, access: u32, granted: bool) -> Act {
    done(Step::May {
        name,
        address,
        bytes,
        access,
    })
    .must(Must::Give(granted as u32))
}

/// Forgets every entry that a table was read for.
#[must_use]
pub const fn forget() -> Act {
    done(Step::Forget { stale: u32::MAX })
}

/// Writes an entry into a table that no domain has, and lets it be used with nothing remembered.
#[must_use]
pub const fn enter_table(page: u32, pte: u32) -> [Act; 3] {
    let (table, index) = (0, page);
    [
        done(Step::SetEntry { table, index, pte }),
        forget(),
        done(Step::EnterRaw {
            asid: 0,
            slot: 0,
            table,
        }),
    ]
}

/// The rules of domains hold.
#[must_use]
pub const fn sound() -> Act {
    done(Step::Sound).must(Must::Give(1))
}

/// Everything is as at the beginning.
#[must_use]
pub const fn restore() -> Act {
    done(Step::Restore)
}
