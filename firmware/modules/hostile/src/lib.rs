//! A module that attacks: everything a user program may try against the border, one attack per
//! life.
//!
//! The kernel stops the module at each attack, frees what it had and loads it again. `init` is
//! told how many lives went before, and that is the number of the attack that `process` strikes
//! with. When all are done `process` does nothing, so that a run ends. [`ATTACKS`] says of each
//! how the kernel must stop it; the host compares that with the kernel's report.
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
mod registers;
#[cfg(target_arch = "xtensa")]
mod strike;

pub use attack::{Attack, StackUse, Strike};
pub use catalogue::ATTACKS;
pub use expect::{Expect, Where};
pub use place::Place;
pub use registers::Access;

use abi::EntryPoint;
use bulkhead_sdk::{Errno, Module, Stream, module};

/// The attacker.
#[derive(Debug)]
pub struct Hostile {
    life: usize,
}

impl Module for Hostile {
    fn init(restarts: u32) -> Result<Self, Errno> {
        let life = restarts as usize;
        strike_in(EntryPoint::Init, life)?;
        Ok(Hostile { life })
    }

    fn prepare(&mut self, _stream: Stream) -> Result<(), Errno> {
        strike_in(EntryPoint::Prepare, self.life)
    }

    /// Fails with `Perm` where the attack did not end the module's life, which is the worst
    /// finding there is.
    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        let Some(attack) = ATTACKS.get(self.life) else {
            return Ok(());
        };
        // What the log does with the line is not the attack.
        let _ = bulkhead_sdk::log(attack.name);
        strike(attack, input, output);
        let _ = bulkhead_sdk::log("survived");
        Err(Errno::Perm)
    }
}

/// Strikes where the attack of this life is one for that entry point. Fails as `process` does.
fn strike_in(entry: EntryPoint, life: usize) -> Result<(), Errno> {
    match ATTACKS.get(life) {
        Some(&Attack {
            strike: Strike::In(at, inner),
            name,
            what,
            expect,
        }) if at == entry => {
            let attack = Attack {
                name,
                what,
                expect,
                strike: *inner,
            };
            // What the log does with the line is not the attack.
            let _ = bulkhead_sdk::log(name);
            strike(&attack, &[], &mut []);
            let _ = bulkhead_sdk::log("survived");
            Err(Errno::Perm)
        }
        _ => Ok(()),
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
