//! The first core's work, and what the board's assembly wants of an image.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

use board::target::{entry, simulator};
use mmu::target::{CORES, TargetMachine};
use mmu::{DC233C, Mailbox};
use xtensa_lx::timer;
use zerocopy::{FromBytes, IntoBytes};

use super::{revoke, user};
use crate::figures::{Bench, ManyDomains};
use crate::job::{JOB_MAGIC, Job, Mode};
use crate::{BOARD, Ground, Outcome, STEP_BYTES, Step};

/// Exit codes of the machine; 0 says that all was done.
const NO_JOB: u32 = 2;
const REFUSED: u32 = 3;
const FAULT: u32 = 4;

/// Steps that are read at once.
const CHUNK: usize = 128;

/// Nobody answers here: the work that uses it has one core.
static NOBODY: Mailbox<CORES> = Mailbox::new();

struct Once<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: used once, by the first core.
unsafe impl<T> Sync for Once<T> {}

/// Too large for a stack.
static MANY: Once<ManyDomains> = Once(UnsafeCell::new(MaybeUninit::uninit()));

#[unsafe(no_mangle)]
extern "C" fn image_main() -> ! {
    simulator::exit(perform().err().unwrap_or(0))
}

#[unsafe(no_mangle)]
extern "C" fn image_secondary() -> ! {
    revoke::second_core()
}

fn perform() -> Result<(), u32> {
    let mut bytes = [0; size_of::<Job>()];
    let file = simulator::open(c"prove.bin").ok_or(NO_JOB)?;
    if simulator::read_at(file, 0, &mut bytes) != bytes.len() {
        return Err(NO_JOB);
    }
    let job = Job::read_from_bytes(&bytes).map_err(|_| NO_JOB)?;
    let out = simulator::create(c"outcomes.bin").ok_or(NO_JOB)?;
    if job.magic != JOB_MAGIC {
        return Err(NO_JOB);
    }
    match job.mode {
        mode if mode == Mode::Compare as u32 => compare(job.steps, out),
        mode if mode == Mode::Measure as u32 => measure(out),
        mode if mode == Mode::Revoke as u32 => revoke::first_core(|round| {
            simulator::write(out, round.as_bytes());
        })
        .map_err(|_| REFUSED),
        _ => Err(NO_JOB),
    }
}

fn compare(steps: u32, out: u32) -> Result<(), u32> {
    let file = simulator::open(c"steps.bin").ok_or(NO_JOB)?;
    // SAFETY: the reset code has wired the direct maps, this is the board, and this the only
    // machine of this run.
    let machine = unsafe { TargetMachine::new(&BOARD, &NOBODY) };
    user::place_code();
    user::map_code();
    let mut ground = Ground::new(machine);
    let mut done = 0;
    while done < steps {
        let count = (steps - done).min(CHUNK as u32) as usize;
        let mut words = [[0u32; STEP_BYTES / 4]; CHUNK];
        let chunk = &mut words[..count];
        let bytes = chunk.as_mut_bytes();
        let offset = done * STEP_BYTES as u32;
        if simulator::read_at(file, offset, bytes) != bytes.len() {
            return Err(NO_JOB);
        }
        let mut outcomes = [Outcome::done(0); CHUNK];
        for (outcome, words) in outcomes.iter_mut().zip(chunk.iter()) {
            *outcome = ground.take(Step::from_words(*words));
        }
        simulator::write(out, outcomes[..count].as_bytes());
        done += count as u32;
    }
    if ground.is_sound() {
        Ok(())
    } else {
        Err(REFUSED)
    }
}

fn measure(out: u32) -> Result<(), u32> {
    // SAFETY: as in `compare`.
    let mut machine = unsafe { TargetMachine::new(&DC233C, &NOBODY) };
    // SAFETY: this is the only use of `MANY`.
    let domains = unsafe { (*MANY.0.get()).write(ManyDomains::new(&DC233C, &mut machine)) };
    Bench {
        machine: &mut machine,
        clock: timer::get_cycle_count,
        switch: entry::switch_to,
        nothing: entry::switch_to_nothing,
    }
    .measure(domains, |measurement| {
        simulator::write(out, measurement.as_bytes());
    })
    .map_err(|_| REFUSED)
}

board::image_without_calls!("prover", FAULT);
