//! What the kernel measures of itself, on the module `probe`.

use abi::EntryPoint;

use crate::estate::Purpose;
use crate::job::Job;
use crate::report::{Benchmark, Measured};
use crate::reporter::Reporter;
use crate::session::{Failed, Host, PLAYER};
use crate::turns::{End, Turn, run};
use crate::wav::Format;

const ROUNDS: u32 = 10_000;

/// What the module is prepared for; it plays nothing.
pub const FORMAT: Format = Format {
    rate: 48_000,
    channels: 2,
    bits: 32,
};

/// Measures everything and reports it.
///
/// # Errors
/// Where the module does not do its part.
pub fn measure(host: &mut impl Host, reporter: &Reporter, job: &Job) -> Result<(), Failed> {
    let calls = probe(host, job, ROUNDS, 0)?;
    let empty = probe(host, job, ROUNDS, 1)?;
    reporter.put(host, &measured(Benchmark::NullCall, calls, empty));

    let image = host.system(|system| system.switch_image(PLAYER));
    if let Some(image) = image {
        let start = host.cycles();
        (0..ROUNDS).for_each(|_| host.switch_to(&image));
        let middle = host.cycles();
        (0..ROUNDS).for_each(|_| host.switch_to_nothing(&image));
        let end = host.cycles();
        let switches = measured(
            Benchmark::DomainSwitch,
            middle.wrapping_sub(start),
            end.wrapping_sub(middle),
        );
        reporter.put(host, &switches);
    }
    Ok(())
}

fn measured(benchmark: Benchmark, cycles: u32, empty_cycles: u32) -> Measured {
    Measured {
        benchmark: benchmark as u32,
        cycles,
        empty_cycles,
        rounds: ROUNDS,
    }
}

/// Lets the probe turn its loop, with (0) or without (1) a system call in it; returns the cycles.
fn probe(host: &mut impl Host, job: &Job, rounds: u32, variant: u32) -> Result<u32, Failed> {
    let mut input = [0; 8];
    input[..4].copy_from_slice(&rounds.to_le_bytes());
    input[4..].copy_from_slice(&variant.to_le_bytes());
    let arguments = host.system(|system| {
        system.fill(PLAYER, Purpose::Input, &input);
        let module = system.module(PLAYER)?;
        Some([
            module.address_of(Purpose::Input)?.0,
            module.address_of(Purpose::Output)?.0,
            1,
        ])
    });
    let turn = arguments.and_then(|arguments| {
        Turn::begin(
            host,
            PLAYER,
            EntryPoint::Process,
            arguments,
            job.entry_cycles,
        )
    });
    let Some(mut turn) = turn else {
        return Err(Failed::NoProbe);
    };
    run(host, core::slice::from_mut(&mut turn));
    match turn.end() {
        Some(End::Returned(0)) => Ok(turn.spent()),
        _ => Err(Failed::ProbeLost),
    }
}
