//! What the kernel measures of itself, on the module `probe`.

use abi::EntryPoint;

use crate::audio::{Pin, Side};
use crate::job::Job;
use crate::report::{Benchmark, Measured};
use crate::reporter::Reporter;
use crate::session::{BESIDE, Failed, Host, PLAYER};
use crate::turns::{End, Order, Turns};
use crate::wav::Format;
use board::traces::TRACES;

/// Few enough for the probe to end within a slice.
const ROUNDS: u32 = 1_000;

/// A system call in a loop of the probe.
struct Called {
    benchmark: Benchmark,
    /// The loop's number, as the probe knows it.
    number: u32,
    rounds: u32,
}

/// Loops that the probe turns, in this order: what one allocates the next frees.
const CALLS: [Called; 5] = [
    Called {
        benchmark: Benchmark::NullCall,
        number: 0,
        rounds: ROUNDS,
    },
    Called {
        benchmark: Benchmark::QuickCall,
        number: 1,
        rounds: ROUNDS,
    },
    Called {
        benchmark: Benchmark::Trace,
        number: 2,
        // The ring is full then.
        rounds: TRACES as u32,
    },
    Called {
        benchmark: Benchmark::Alloc,
        number: 3,
        rounds: 64,
    },
    Called {
        benchmark: Benchmark::Free,
        number: 4,
        rounds: 64,
    },
];

/// The loops that yield, as the probe knows them, and how often each turns the first: both end within a
/// slice.
const YIELD: u32 = 5;
const DEEP: u32 = 6;
const YIELDS: u32 = 100;

/// What the module is prepared for; it plays nothing.
pub const FORMAT: Format = Format {
    rate: 48_000,
    channels: 3,
    bits: 32,
};

/// Measures everything and reports it.
///
/// # Errors
/// Where the module does not do its part.
pub fn measure(host: &mut impl Host, reporter: &Reporter, job: &Job) -> Result<(), Failed> {
    for Called {
        benchmark,
        number,
        rounds,
    } in CALLS
    {
        // Without the calls first: that loop spoils what the other keeps.
        let empty = probes(host, job, &[PLAYER], [rounds, number, 1])?;
        let calls = probes(host, job, &[PLAYER], [rounds, number, 0])?;
        reporter.put(host, &measured(benchmark, calls, empty, rounds));
    }
    // Two that yield to each other, each as often; first looking at what that does to them, with few
    // frames and with more than the register file holds.
    let both = [PLAYER, BESIDE];
    for frames in [0, 1, 6, 20] {
        probes(host, job, &both, [frames, DEEP, 0])?;
    }
    let empty = probes(host, job, &both, [YIELDS, YIELD, 1])?;
    let calls = probes(host, job, &both, [YIELDS, YIELD, 0])?;
    reporter.put(host, &measured(Benchmark::Yield, calls, empty, 2 * YIELDS));

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
            ROUNDS,
        );
        reporter.put(host, &switches);
    }
    Ok(())
}

fn measured(benchmark: Benchmark, cycles: u32, empty_cycles: u32, rounds: u32) -> Measured {
    Measured {
        benchmark: benchmark as u32,
        cycles,
        empty_cycles,
        rounds,
    }
}

/// Lets the probes at these places turn a loop, beside each other: how often, which, with (0) or
/// without (1) the system call; returns the cycles.
fn probes(
    host: &mut impl Host,
    job: &Job,
    places: &[usize],
    order: [u32; 3],
) -> Result<u32, Failed> {
    let mut input = [0; 12];
    for (word, place) in order.iter().zip(input.chunks_exact_mut(4)) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    let mut turns = Turns::new();
    for place in places {
        let pin = Pin {
            place: *place,
            pin: 0,
        };
        let arguments = host.system(|system| {
            // The ring of trace records begins empty.
            system.take_traces(*place, |_| ());
            let read = system.buffer_at(Side::Consumer, pin)?;
            system.empty(read);
            system.feed(read, &input);
            let [source, sink] = system.begin_process(*place, [input.len() as u32; 2]);
            Some([source, sink, 1])
        });
        let arguments = arguments.ok_or(Failed::NoProbe)?;
        let process = EntryPoint::Process;
        turns.begin(
            host,
            Order::new(*place, process, arguments, job.entry_cycles),
        );
    }
    turns.run(host);
    spent(&turns)
}

/// What all turns took together, where all of them went well.
fn spent(turns: &Turns) -> Result<u32, Failed> {
    let mut sum = 0;
    for turn in turns.iter() {
        if turn.end() != Some(End::Returned(0)) {
            return Err(Failed::ProbeLost);
        }
        sum += turn.spent();
    }
    Ok(sum)
}
