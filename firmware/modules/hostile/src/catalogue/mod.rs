//! Every attack, in the order of the lives.

mod claims;
mod frames;
mod memory;
mod rules;
mod state;

use crate::attack::{Attack, Strike};
use crate::expect::{Expect, Where};
use crate::instructions::INSTRUCTIONS;
use crate::machine::CAUSE_BREAK;
use crate::place::Place;
use crate::registers::{
    ABSENT, Access, KERNELS, OWN as OWN_REGISTERS, Owner, Register, USER_HAS, USER_REGISTERS,
};

use claims::{ANSWERS, FREES, LOGS, PINS, POINTERS, RECORDS, TRACES};
use frames::FRAMES;
use memory::{CACHES, EDGES, MEMORY, OTHER_WAYS, OWN};
use rules::RULES;
use state::{SPIN_SWEEPS, STACKS, STATE, TIME};

macro_rules! attacks {
    ($($name:literal, $what:literal, $expect:expr, $strike:expr;)*) => {
        [$(Attack { name: $name, what: $what, expect: $expect, strike: $strike },)*]
    };
}

use attacks;

/// All attacks.
pub static ATTACKS: &[Attack] = &ALL;

/// How many of them there are before those on registers that the core has not, which are most.
pub const PRESENT_ATTACKS: usize = ALL_LEN - 3 * ABSENT.len() - 2 * USER_REGISTERS.len() - PAIR_LEN;

/// Attacks of two modules at once, by number: who writes, and who asks. They need a core each.
pub const PAIR: [usize; 2] = [ALL_LEN - 2, ALL_LEN - 1];

static ALL: [Attack; ALL_LEN] = {
    let mut all = [SPECIFIC[0]; _];
    let mut next = 0;
    while next < SPECIFIC_LEN {
        all[next] = SPECIFIC[next];
        next += 1;
    }
    let present: [&[Register]; 2] = [&KERNELS, &OWN_REGISTERS];
    let mut table = 0;
    while table < present.len() {
        let mut index = 0;
        while index < 3 * present[table].len() {
            all[next] = access(&present[table][index / 3], index % 3);
            next += 1;
            index += 1;
        }
        table += 1;
    }
    let mut index = 0;
    while index < INSTRUCTIONS.len() {
        all[next] = Attack {
            name: INSTRUCTIONS[index].name,
            what: "executes an instruction that a module must not have",
            expect: fault(INSTRUCTIONS[index].cause, Where::Any),
            strike: Strike::Instruction(index),
        };
        next += 1;
        index += 1;
    }
    let mut index = 0;
    while index < 3 * ABSENT.len() {
        all[next] = access(&ABSENT[index / 3], index % 3);
        next += 1;
        index += 1;
    }
    let mut index = 0;
    while index < 2 * USER_REGISTERS.len() {
        let register = &USER_REGISTERS[index / 2];
        all[next] = Attack {
            name: register.names[index % 2],
            what: "accesses a user register",
            expect: if register.number == USER_HAS[0] || register.number == USER_HAS[1] {
                RIGHT
            } else {
                fault(0, Where::Any)
            },
            strike: Strike::UserRegister(Access::ALL[index % 2], register.number),
        };
        next += 1;
        index += 1;
    }
    all[PAIR[0]] = Attack {
        name: "rewrite what another core asks about",
        what: "writes over a buffer while its reader on another core makes calls about it",
        expect: RIGHT,
        strike: Strike::Rewrite,
    };
    all[PAIR[1]] = Attack {
        name: "ask about what another core rewrites",
        what: "makes calls about a buffer while its writer on another core writes over it",
        expect: RIGHT,
        strike: Strike::AskRewritten,
    };
    all
};

const ALL_LEN: usize = SPECIFIC_LEN
    + 3 * (KERNELS.len() + OWN_REGISTERS.len() + ABSENT.len())
    + 2 * USER_REGISTERS.len()
    + INSTRUCTIONS.len()
    + PAIR_LEN;

const PAIR_LEN: usize = 2;

const fn access(register: &Register, access: usize) -> Attack {
    let (name, number) = (register.names[access], register.number);
    let access_kind = Access::ALL[access];
    match register.owner {
        Owner::Module => Attack {
            name,
            what: "accesses a special register of its own, which it may",
            expect: RIGHT,
            strike: Strike::OwnRegister(access_kind, number),
        },
        Owner::Kernel => Attack {
            name,
            what: "accesses a special register of the kernel's",
            expect: fault(if register.has[access] { 8 } else { 0 }, Where::Any),
            strike: Strike::Register(access_kind, number),
        },
        Owner::Nobody => Attack {
            name,
            what: "accesses a special register that the core has not",
            expect: fault(0, Where::Any),
            strike: Strike::Register(access_kind, number),
        },
    }
}

const fn fault(cause: u32, at: Where) -> Expect {
    Expect::Fault { cause, at }
}

/// How an attack ends itself when the kernel answered rightly.
const RIGHT: Expect = fault(CAUSE_BREAK, Where::Any);

const fn at(address: u32) -> Place {
    Place::At(address)
}

/// All but the tables of registers and instructions.
const SPECIFIC_LEN: usize = 3 * MEMORY.len() + TABLES_LEN;

static SPECIFIC: [Attack; SPECIFIC_LEN] = {
    let mut all = [OWN[0]; _];
    let mut next = 0;
    let mut index = 0;
    while index < MEMORY.len() {
        let mut kind = 0;
        while kind < 3 {
            all[next] = MEMORY[index][kind];
            next += 1;
            kind += 1;
        }
        index += 1;
    }
    let mut table = 0;
    while table < TABLES.len() {
        let mut index = 0;
        while index < TABLES[table].len() {
            all[next] = TABLES[table][index];
            next += 1;
            index += 1;
        }
        table += 1;
    }
    all
};

const TABLES: [&[Attack]; 17] = [
    &OWN,
    &OTHER_WAYS,
    &CACHES,
    &EDGES,
    &FRAMES,
    &FREES,
    &LOGS,
    &RECORDS,
    &POINTERS,
    &PINS,
    &TRACES,
    &ANSWERS,
    &STACKS,
    &STATE,
    &SPIN_SWEEPS,
    &TIME,
    &RULES,
];

const TABLES_LEN: usize = {
    let mut len = 0;
    let mut table = 0;
    while table < TABLES.len() {
        len += TABLES[table].len();
        table += 1;
    }
    len
};
