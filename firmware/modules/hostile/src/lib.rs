//! A module that attacks: everything a user program may try against the border, one attack per
//! life.
//!
//! The kernel stops the module at each attack, frees what it had and loads it again. `init` is
//! told how many lives went before, and that is the number of the attack that `process` strikes
//! with, unless the file has a [plan](plan). When all are done it does nothing, so that a run ends.
//! [`ATTACKS`] says of each how the kernel must stop it; the host compares that with the kernel's
//! report.
//!
//! Two instructions of user interest are left out: `rer` and `wer`, which QEMU's dc233c executes
//! wrongly (it overwrites `a1`) instead of refusing them.
#![cfg_attr(target_arch = "xtensa", no_std, feature(asm_experimental_arch))]

mod attack;
mod catalogue;
mod expect;
mod instructions;
pub mod machine;
mod place;
pub mod plan;
mod registers;
#[cfg(target_arch = "xtensa")]
mod strike;

pub use attack::{AtDepth, Attack, Depth, StackUse, Strike};
pub use catalogue::{ATTACKS, PAIR, PRESENT_ATTACKS};
pub use expect::{Expect, Where};
pub use place::Place;
pub use registers::Access;

use abi::{Command, EntryPoint, Errno};
use bulkhead_sdk::{Fragment, Module, Side, Stream, module};
use plan::planned;

/// The attacker.
#[derive(Debug)]
pub struct Hostile {
    life: usize,
    /// Periods that went before.
    periods: u32,
}

impl Hostile {
    /// Strikes, if this is the entry point in which this life does. Fails with `Perm` where the
    /// attack did not end the module's life, which is the worst finding there is.
    fn reach(&self, entry: EntryPoint, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        let Some(planned) = planned(self.life).filter(|planned| planned.entry == entry) else {
            return Ok(());
        };
        let Some(attack) = ATTACKS.get(planned.attack) else {
            return Ok(());
        };
        // What the log does with the line is not the attack.
        let _ = bulkhead_sdk::log(attack.name);
        strike(attack, input, output);
        let _ = bulkhead_sdk::log("survived");
        Err(Errno::Perm)
    }
}

impl Module for Hostile {
    fn init(restarts: u32) -> Result<Self, Errno> {
        let hostile = Hostile {
            life: restarts as usize,
            periods: 0,
        };
        hostile.reach(EntryPoint::Init, &[], &mut [])?;
        Ok(hostile)
    }

    fn prepare(&mut self, _stream: Stream) -> Result<(), Errno> {
        self.reach(EntryPoint::Prepare, &[], &mut [])
    }

    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        let period = self.periods;
        self.periods = period.saturating_add(1);
        // Whoever writes over a buffer lets its reader have something of it first.
        let is_rewriter = planned(self.life).is_some_and(|planned| planned.attack == PAIR[0]);
        if is_rewriter && period == 0 {
            return Ok(());
        }
        self.reach(EntryPoint::Process, input, output)
    }

    fn reset(&mut self) -> Result<(), Errno> {
        self.reach(EntryPoint::Reset, &[], &mut [])
    }

    fn bind(&mut self, _side: Side, _pin: u32, _frame_bytes: u32) -> Result<(), Errno> {
        self.reach(EntryPoint::Bind, &[], &mut [])
    }

    fn unbind(&mut self, _side: Side, _pin: u32) -> Result<(), Errno> {
        self.reach(EntryPoint::Unbind, &[], &mut [])
    }

    fn set_config(&mut self, _id: u32, _part: Fragment<'_>) -> Result<(), Errno> {
        self.reach(EntryPoint::SetConfig, &[], &mut [])
    }

    fn get_config(&mut self, _id: u32, _into: &mut [u8]) -> Result<usize, Errno> {
        self.reach(EntryPoint::GetConfig, &[], &mut [])?;
        Ok(0)
    }

    fn trigger(&mut self, _command: Command) -> Result<(), Errno> {
        self.reach(EntryPoint::Trigger, &[], &mut [])
    }
}

impl Drop for Hostile {
    /// The entry point `free`.
    fn drop(&mut self) {
        let _ = self.reach(EntryPoint::Free, &[], &mut []);
    }
}

#[cfg(target_arch = "xtensa")]
use strike::strike;

/// A host has no border to attack.
#[cfg(not(target_arch = "xtensa"))]
fn strike(_attack: &Attack, _input: &[i32], _output: &mut [i32]) {}

module! {
    name: "hostile",
    uuid: [
        0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8, 0x27, 0xd5, 0x70, 0x04,
    ],
    version: (1, 0),
    stack: 8 * 1024,
    lifetime: 4 * 1024,
    interim: 16 * 1024,
    type: Hostile,
}

#[cfg(test)]
mod tests;
