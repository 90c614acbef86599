//! Measures the border: makes as many null system calls as it is told, in a loop of known length.
//!
//! `process` takes two numbers from its input, each as the bits of one sample: how many turns,
//! and which loop (0 with a null system call in each turn, 1 without). It writes the turns it has
//! made to its first output sample. `loops.S` has the loops; [`LOOP_INSTRUCTIONS`] is what a turn
//! costs beside the system call.
#![cfg_attr(target_arch = "xtensa", no_std)]

use bulkhead_sdk::{Errno, Module, Stream, module};

/// Instructions of one turn beside the system call: set the number, count, branch. Both loops
/// have these; the first has the `syscall` instruction besides.
pub const LOOP_INSTRUCTIONS: u32 = 3;
/// The second input sample that asks for the loop with system calls.
pub const CALLS: i32 = 0;
/// The second input sample that asks for the empty loop.
pub const EMPTY: i32 = 1;

/// The probe.
#[derive(Debug)]
pub struct Probe;

impl Module for Probe {
    fn init(_restarts: u32) -> Result<Self, Errno> {
        Ok(Probe)
    }

    fn prepare(&mut self, _stream: Stream) -> Result<(), Errno> {
        Ok(())
    }

    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        let ([turns, kind, ..], [done, ..]) = (input, output) else {
            return Err(Errno::Invalid);
        };
        match *kind {
            CALLS => loops::calls(*turns as u32),
            EMPTY => loops::empty(*turns as u32),
            _ => return Err(Errno::Invalid),
        }
        *done = *turns;
        Ok(())
    }
}

#[cfg(target_arch = "xtensa")]
mod loops {
    unsafe extern "C" {
        safe fn probe_call_loop(turns: u32, number: u32);
        safe fn probe_empty_loop(turns: u32, number: u32);
    }

    /// The number is an argument so that it is written once, in the ABI.
    const NULL: u32 = abi::Call::Null.number();

    pub fn calls(turns: u32) {
        probe_call_loop(turns, NULL);
    }

    pub fn empty(turns: u32) {
        probe_empty_loop(turns, NULL);
    }
}

/// On the host only the results count.
#[cfg(not(target_arch = "xtensa"))]
mod loops {
    pub fn calls(turns: u32) {
        for _ in 0..turns {
            bulkhead_sdk::null();
        }
    }

    pub fn empty(_turns: u32) {}
}

module! {
    name: "probe",
    uuid: [
        0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8, 0x27, 0xd5, 0x70, 0x03,
    ],
    version: (1, 0),
    stack: 4 * 1024,
    lifetime: 4 * 1024,
    interim: 0,
    type: Probe,
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_sdk::host;

    #[test]
    fn it_says_how_many_turns_it_made() {
        assert_eq!(host::run::<Probe>(48_000, 2, &[5, CALLS]), Ok(vec![5, 0]));
        assert_eq!(host::run::<Probe>(48_000, 2, &[6, EMPTY]), Ok(vec![6, 0]));
    }

    #[test]
    fn it_needs_both_numbers() {
        assert_eq!(host::run::<Probe>(48_000, 1, &[5]), Err(Errno::Invalid));
        assert_eq!(host::run::<Probe>(48_000, 2, &[5, 2]), Err(Errno::Invalid));
    }
}
