//! Traces of allocations that measurements and tests of allocators share.
//!
//! A trace is a number of slots that are all filled first, and then steps: each frees the
//! allocation of one slot and makes another there. Everybody who measures with the same trace and
//! sees the same [`Sums`] has measured the same work.
//!
//! ```
//! use traces::{Sums, T1};
//!
//! let mut sums = Sums::default();
//! let mut trace = T1.begin();
//! (0..T1.slots).for_each(|_| sums.fill(trace.size()));
//! (0..traces::STEPS).for_each(|_| {
//!     let step = trace.step();
//!     sums.step(step);
//! });
//! assert_eq!(sums.hash(), T1.hash);
//! ```
#![no_std]
#![forbid(unsafe_code)]

/// Steps of a trace.
pub const STEPS: usize = 10_000;

/// A kind of trace.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Allocations alive between two steps.
    pub slots: u32,
    /// The bytes of the heap that the trace is meant for; 0 where it counts something else.
    pub heap_bytes: u32,
    /// What [`Sums::hash`] says of the whole trace.
    pub hash: u64,
    size: fn(&mut Random) -> u32,
}

/// Sizes from 16 to 2048 bytes, all alike.
pub const T1: Kind = Kind {
    slots: 200,
    heap_bytes: 512 << 10,
    hash: 0x843a_b93d_5e55_c0d1,
    size: |random| 16 + random.next() % 2033,
};

/// Bytes, many small and few large: all powers of two from 16 to 1024 alike, and up to twice that.
pub const T2: Kind = Kind {
    slots: 200,
    heap_bytes: 192 << 10,
    hash: 0xd875_5e05_4d73_3eee,
    size: |random| {
        let class = 16 << (random.next() % 7);
        class + random.next() % class
    },
};

/// From 1 to 16 pages.
pub const T3: Kind = Kind {
    slots: 64,
    heap_bytes: 0,
    hash: 0xd72f_6b47_906a_5871,
    size: |random| 1 + random.next() % 16,
};

/// From 64 to 1024 bytes.
pub const T4: Kind = Kind {
    slots: 200,
    heap_bytes: 0,
    hash: 0xa0cc_55d3_facc_2902,
    size: |random| 64 + random.next() % 961,
};

/// Where the numbers come from.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 16
    }
}

/// A trace on its way.
pub struct Trace {
    kind: Kind,
    random: Random,
}

/// One step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The slot whose allocation is freed.
    pub slot: u16,
    /// The size of the one made there.
    pub size: u16,
}

impl Kind {
    /// The beginning of the trace: first a size for each slot, then [`STEPS`] steps.
    #[must_use]
    pub const fn begin(self) -> Trace {
        Trace {
            kind: self,
            random: Random(12_345),
        }
    }

    /// The same with another number of slots; its hash is then no longer that of the trace.
    #[must_use]
    pub const fn with_slots(self, slots: u32) -> Kind {
        Kind { slots, ..self }
    }
}

impl Trace {
    /// The size for the next slot.
    pub fn size(&mut self) -> u32 {
        (self.kind.size)(&mut self.random)
    }

    /// The next step.
    pub fn step(&mut self) -> Step {
        let slot = self.random.next() % self.kind.slots;
        Step {
            slot: slot as u16,
            size: self.size() as u16,
        }
    }
}

/// Tells one trace from another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums(u64);

impl Sums {
    /// A slot was filled with that size.
    pub const fn fill(&mut self, size: u32) {
        self.0 = self.0.wrapping_mul(31).wrapping_add(size as u64);
    }

    /// A step was taken.
    pub const fn step(&mut self, step: Step) {
        self.fill(step.slot as u32);
        self.fill(step.size as u32);
    }

    /// The sum over all of it, in order.
    #[must_use]
    pub const fn hash(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trace_is_what_its_hash_says() {
        for kind in [T1, T2, T3, T4] {
            let (mut sums, mut trace) = (Sums::default(), kind.begin());
            (0..kind.slots).for_each(|_| sums.fill(trace.size()));
            (0..STEPS).for_each(|_| {
                let step = trace.step();
                sums.step(step);
            });
            assert_eq!(sums.hash(), kind.hash);
        }
    }
}
