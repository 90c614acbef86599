//! Measures the border: makes as many system calls as it is told, in a loop.
//!
//! `process` takes three numbers from its input, each as the bits of one sample: how many turns,
//! which [`Loop`], and whether with the system call (0) or without it (1). It writes the turns it
//! has made to its first output sample. `loops.S` has the loops.
#![cfg_attr(target_arch = "xtensa", no_std)]

#[cfg(target_arch = "xtensa")]
use abi::Call;
use bulkhead_sdk::{Errno, Module, Stream, module};

/// The most turns of a loop that needs a word for each.
pub const MOST_KEPT: u32 = 64;

/// What a loop does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Loop {
    /// Null calls.
    Null = 0,
    /// Asks for the ticks.
    Ticks = 1,
    /// Leaves trace records; the kernel takes 32 until it reads them.
    Trace = 2,
    /// Allocates 64 bytes, [`MOST_KEPT`] times at most. Without the call it spoils what was kept.
    Alloc = 3,
    /// Frees what the loop before allocated.
    Free = 4,
    /// Yields.
    Yield = 5,
    /// Yields at the bottom of as many frames as it has turns, and fails with `Fault` where a
    /// register or a frame is not as it must be.
    Deep = 6,
}

impl Loop {
    /// Every loop, in the order of its number.
    pub const ALL: [Loop; 7] = [
        Loop::Null,
        Loop::Ticks,
        Loop::Trace,
        Loop::Alloc,
        Loop::Free,
        Loop::Yield,
        Loop::Deep,
    ];

    #[cfg(target_arch = "xtensa")]
    const fn call(self) -> Call {
        match self {
            Loop::Null => Call::Null,
            Loop::Ticks => Call::Ticks,
            Loop::Trace => Call::Trace,
            Loop::Alloc => Call::Alloc,
            Loop::Free => Call::Free,
            Loop::Yield | Loop::Deep => Call::Yield,
        }
    }

    const fn keeps(self) -> bool {
        matches!(self, Loop::Alloc | Loop::Free)
    }
}

/// The probe, with what it has allocated.
#[derive(Debug)]
pub struct Probe {
    kept: [usize; MOST_KEPT as usize],
}

impl Module for Probe {
    fn init(_restarts: u32) -> Result<Self, Errno> {
        Ok(Probe {
            kept: [0; MOST_KEPT as usize],
        })
    }

    fn prepare(&mut self, _stream: Stream) -> Result<(), Errno> {
        Ok(())
    }

    fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
        let ([turns, kind, without, ..], [done, ..]) = (input, output) else {
            return Err(Errno::Invalid);
        };
        let found = Loop::ALL.into_iter().find(|known| *known as i32 == *kind);
        let kind = found.ok_or(Errno::Invalid)?;
        let count = *turns as u32;
        if kind.keeps() && count > MOST_KEPT || !matches!(*without, 0 | 1) {
            return Err(Errno::Invalid);
        }
        if !loops::run(kind, *without == 1, count, &mut self.kept) {
            return Err(Errno::Fault);
        }
        *done = *turns;
        Ok(())
    }
}

#[cfg(target_arch = "xtensa")]
mod loops {
    use super::Loop;

    type Code = unsafe extern "C" fn(turns: u32, kept: *mut usize, number: u32);

    unsafe extern "C" {
        fn probe_plain_calls(turns: u32, kept: *mut usize, number: u32);
        fn probe_plain_nothing(turns: u32, kept: *mut usize, number: u32);
        fn probe_record_calls(turns: u32, kept: *mut usize, number: u32);
        fn probe_record_nothing(turns: u32, kept: *mut usize, number: u32);
        fn probe_alloc_calls(turns: u32, kept: *mut usize, number: u32);
        fn probe_alloc_nothing(turns: u32, kept: *mut usize, number: u32);
        fn probe_free_calls(turns: u32, kept: *mut usize, number: u32);
        fn probe_free_nothing(turns: u32, kept: *mut usize, number: u32);
        safe fn probe_deep_yields(frames: u32, number: u32, mark: usize) -> u32;
    }

    /// Whether all was as it must be.
    pub fn run(kind: Loop, without: bool, turns: u32, kept: &mut [usize]) -> bool {
        let [calls, nothing]: [Code; 2] = match kind {
            Loop::Deep => {
                // An address of this module's own.
                let mark = kept.as_ptr().addr();
                return probe_deep_yields(turns, kind.call().number(), mark) == 0;
            }
            Loop::Null | Loop::Ticks | Loop::Yield => [probe_plain_calls, probe_plain_nothing],
            Loop::Trace => [probe_record_calls, probe_record_nothing],
            Loop::Alloc => [probe_alloc_calls, probe_alloc_nothing],
            Loop::Free => [probe_free_calls, probe_free_nothing],
        };
        let code = if without { nothing } else { calls };
        // SAFETY: the two loops that use the table use a word of it in each turn, and there are no
        // more turns than words; what is freed was allocated by the loop before, or by nobody, and
        // then the kernel stops this module.
        unsafe { code(turns, kept.as_mut_ptr(), kind.call().number()) };
        true
    }
}

/// On the host only the results count.
#[cfg(not(target_arch = "xtensa"))]
mod loops {
    use core::ptr::NonNull;

    use super::Loop;
    use bulkhead_sdk::AllocFlags;

    pub fn run(kind: Loop, without: bool, turns: u32, kept: &mut [usize]) -> bool {
        for turn in (0..turns as usize).filter(|_| !without) {
            match kind {
                Loop::Null => bulkhead_sdk::null(),
                Loop::Ticks => _ = bulkhead_sdk::ticks(),
                Loop::Yield | Loop::Deep => bulkhead_sdk::yield_now(),
                Loop::Trace => _ = bulkhead_sdk::trace([0; 4]),
                Loop::Alloc => {
                    let made = bulkhead_sdk::alloc(64, 0, AllocFlags::empty());
                    kept[turn] = made.map_or(0, |at| at.as_ptr().expose_provenance());
                }
                Loop::Free => {
                    let at = core::ptr::with_exposed_provenance_mut(kept[turn]);
                    let at = NonNull::new(at).unwrap_or(NonNull::dangling());
                    // SAFETY: the loop before allocated it.
                    unsafe { bulkhead_sdk::free(at) };
                }
            }
        }
        true
    }
}

module! {
    name: "probe",
    uuid: [
        0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8, 0x27, 0xd5, 0x70, 0x03,
    ],
    version: (1, 1),
    stack: 4 * 1024,
    lifetime: 4 * 1024,
    interim: 16 * 1024,
    type: Probe,
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_sdk::host;

    #[test]
    fn it_says_how_many_turns_it_made() {
        for kind in [
            Loop::Null,
            Loop::Ticks,
            Loop::Trace,
            Loop::Yield,
            Loop::Deep,
        ] {
            for without in [0, 1] {
                let input = [5, kind as i32, without];
                assert_eq!(host::run::<Probe>(48_000, 3, &input), Ok(vec![5, 0, 0]));
            }
        }
        assert_eq!(host::take_traces().len(), 5);
    }

    #[test]
    fn what_it_allocates_it_frees() {
        let before = bulkhead_sdk::heap_info().allocations;
        // At this rate each period is one frame.
        let input = [3, Loop::Alloc as i32, 0, 3, Loop::Free as i32, 0];
        let output = host::run::<Probe>(1_000, 3, &input);
        assert_eq!(output, Ok(vec![3, 0, 0, 3, 0, 0]));
        assert_eq!(bulkhead_sdk::heap_info().allocations, before);
    }

    #[test]
    fn it_needs_all_numbers_and_knows_its_bounds() {
        for input in [
            &[5, 0][..],
            &[5, Loop::ALL.len() as i32, 0],
            &[5, -1, 0],
            &[5, 0, 2],
            &[MOST_KEPT as i32 + 1, Loop::Alloc as i32, 0],
        ] {
            let channels = input.len() as u32;
            let output = host::run::<Probe>(48_000, channels, input);
            assert_eq!(output, Err(Errno::Invalid), "{input:?}");
        }
    }
}
