//! Every attack, in the order of the lives.

mod claims;
mod memory;
mod rules;
mod state;

use crate::attack::{Attack, Strike};
use crate::expect::{Expect, Where};
use crate::instructions::INSTRUCTIONS;
use crate::machine::CAUSE_BREAK;
use crate::place::Place;
use crate::registers::{Access, REGISTERS};

use claims::{ANSWERS, FREES, LOGS, PINS, POINTERS, RECORDS, TRACES};
use memory::{MEMORY, OTHER_WAYS, OWN};
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

static ALL: [Attack; SPECIFIC_LEN + 3 * REGISTERS.len() + INSTRUCTIONS.len()] = {
    let mut all = [SPECIFIC[0]; _];
    let mut next = 0;
    while next < SPECIFIC_LEN {
        all[next] = SPECIFIC[next];
        next += 1;
    }
    let mut index = 0;
    while index < REGISTERS.len() {
        let register = &REGISTERS[index];
        let mut access = 0;
        while access < 3 {
            all[next] = Attack {
                name: register.names[access],
                what: "accesses a special register of the kernel's",
                expect: fault(if register.has[access] { &[8] } else { &[0] }, Where::Any),
                strike: Strike::Register(Access::ALL[access], register.number),
            };
            next += 1;
            access += 1;
        }
        index += 1;
    }
    let mut index = 0;
    while index < INSTRUCTIONS.len() {
        all[next] = Attack {
            name: INSTRUCTIONS[index].name,
            what: "executes an instruction that a module must not have",
            expect: fault(INSTRUCTIONS[index].causes, Where::Any),
            strike: Strike::Instruction(index),
        };
        next += 1;
        index += 1;
    }
    all
};

const fn fault(causes: &'static [u32], at: Where) -> Expect {
    Expect::Fault { causes, at }
}

/// How an attack ends itself when the kernel answered rightly.
const RIGHT: Expect = fault(&[CAUSE_BREAK], Where::Any);

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

const TABLES: [&[Attack]; 14] = [
    &OWN,
    &OTHER_WAYS,
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
