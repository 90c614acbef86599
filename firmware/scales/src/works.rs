//! The works: what is done with each allocator, on the target and on the host alike.

use traces::{Kind, T1, T2, T3, T4};

use crate::{
    Buffers, Cost, Figure, Hits, Interim, Lifetime, Measurement, Nothing, Objects, Pages, REFUSED,
    Refused, Scales, Subject, Who,
};

/// As SOF's interim heap always aligns.
pub const ALIGN: u32 = 64;
/// Lifetime allocations that are counted.
const LIFETIMES: u32 = 250;
/// Bytes of SOF's region for virtual heaps.
const HEAP_BYTES: u32 = 1 << 20;

/// This repository's allocators, too large for a stack. Zero bytes are empty allocators.
#[derive(Default)]
pub struct Ours {
    /// A region's heap.
    pub interim: Interim,
    lifetime: Lifetime,
    /// Pages.
    pub pages: Pages<1024>,
    /// A virtual heap.
    pub buffers: Buffers<7, 256>,
    /// Objects.
    pub objects: Objects<32>,
    /// Copies of constants.
    pub hits: Hits<32>,
}

impl Ours {
    /// All empty.
    #[must_use]
    pub const fn new() -> Self {
        Ours {
            interim: Interim::new(),
            lifetime: Lifetime::new(),
            pages: Pages::new(),
            buffers: Buffers::new(),
            objects: Objects::new(),
            hits: Hits::new(),
        }
    }
}

/// Makes a heap of so many bytes, and does some work with it.
pub type WithHeap<'h> = &'h mut dyn FnMut(u32, &mut dyn FnMut(&mut dyn Subject));

/// What measures, and who is told.
pub struct Bench<'b> {
    /// Where traces are unrolled.
    pub scales: &'b mut Scales,
    /// Counts instructions, or something in proportion to them.
    pub clock: fn() -> u32,
    /// For how many steps of a trace each call is watched.
    pub watched: usize,
    /// Takes the measurements.
    pub out: &'b mut dyn FnMut(Measurement),
}

impl Bench<'_> {
    /// Tells of something; see [`Measurement`].
    pub fn put(&mut self, who: Who, figure: Figure, amount: u32, rounds: u32) {
        (self.out)(Measurement {
            figure: figure as u32,
            who: who as u32,
            amount,
            rounds,
        });
    }

    /// Tells what a trace costs.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn weigh(
        &mut self,
        figure: Figure,
        kind: Kind,
        align: u32,
        subject: &mut dyn Subject,
    ) -> Result<(), Refused> {
        let cost = self.scales.weigh(kind, align, self.clock, subject)?;
        self.put(Who::Bulkhead, figure, cost.cycles, cost.rounds);
        Ok(())
    }

    /// All works of this repository's allocators, but not how they grow.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn ours(&mut self, ours: &mut Ours) -> Result<(), Refused> {
        self.heap(Who::Bulkhead, &mut |bytes, work| {
            ours.interim.open(bytes);
            work(&mut ours.interim);
        })?;
        ours.lifetime.open(T1.heap_bytes);
        self.lifetimes(&mut ours.lifetime)?;
        self.weigh(Figure::PagesT3, T3, 1, &mut ours.pages)?;
        self.dearest(Figure::PagesT3Worst, T3, &mut ours.pages)?;
        ours.buffers.open(HEAP_BYTES);
        self.weigh(Figure::VmhContiguous, T4, 1, &mut ours.buffers.contiguous())?;
        self.dearest(
            Figure::VmhContiguousWorst,
            T4,
            &mut ours.buffers.contiguous(),
        )?;
        self.weigh(Figure::VmhSingle, T4, 1, &mut ours.buffers.single())?;
        self.objects(&mut ours.objects, Figure::Objects24, 24)?;
        ours.hits.open(16);
        let mut table = ours.hits.table().ok_or(Refused)?;
        self.weigh(Figure::Hit16, T1.with_slots(16), 1, &mut table)
    }

    /// A pool with so many objects alive.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn objects(
        &mut self,
        objects: &mut Objects<32>,
        figure: Figure,
        slots: u32,
    ) -> Result<(), Refused> {
        objects.open();
        let mut pool = objects.pool().ok_or(Refused)?;
        self.weigh(figure, T1.with_slots(slots), 1, &mut pool)
    }

    /// The works of an interim heap, whoever's it is.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn heap(&mut self, who: Who, with_heap: WithHeap<'_>) -> Result<(), Refused> {
        let (mut worst_alloc, mut worst_free) = (0, 0);
        for (kind, figure) in [(T1, Figure::T1), (T2, Figure::T2)] {
            let mut cost = Err(Refused);
            with_heap(kind.heap_bytes, &mut |subject| {
                cost = self.scales.weigh(kind, ALIGN, self.clock, subject);
            });
            let cost = cost?;
            self.put(who, figure, cost.cycles, cost.rounds);
            let mut worst = Err(Refused);
            with_heap(kind.heap_bytes, &mut |subject| {
                let steps = self.watched;
                worst = self.scales.worst(kind, steps, ALIGN, self.clock, subject);
            });
            let worst = worst?;
            worst_alloc = worst.alloc.max(worst_alloc);
            worst_free = worst.free.max(worst_free);
        }
        self.put(who, Figure::WorstAlloc, worst_alloc, 1);
        self.put(who, Figure::WorstFree, worst_free, 1);
        Ok(())
    }

    fn dearest(
        &mut self,
        figure: Figure,
        kind: Kind,
        subject: &mut dyn Subject,
    ) -> Result<(), Refused> {
        let steps = self.watched;
        let worst = self.scales.worst(kind, steps, 1, self.clock, subject)?;
        self.put(Who::Bulkhead, figure, worst.alloc.max(worst.free), 1);
        Ok(())
    }

    fn lifetimes(&mut self, lifetime: &mut Lifetime) -> Result<(), Refused> {
        let clock = self.clock;
        let mut made = true;
        let mut time = |subject: &mut dyn Subject| {
            let start = clock();
            for _ in 0..LIFETIMES {
                made &= subject.alloc(64, ALIGN) != REFUSED;
            }
            clock().wrapping_sub(start)
        };
        let cycles = time(lifetime);
        let empty = time(&mut Nothing);
        if !made {
            return Err(Refused);
        }
        let cost = Cost {
            cycles: cycles.wrapping_sub(empty),
            rounds: LIFETIMES,
        };
        self.put(Who::Bulkhead, Figure::Lifetime, cost.cycles, cost.rounds);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::boxed::Box;
    use std::vec::Vec;

    use super::*;
    use crate::{Buddy, Offsets, Rlsf, Talc};

    #[test]
    fn every_work_of_every_allocator_ends() {
        let mut told = Vec::new();
        let mut scales = Box::new(Scales::new());
        let mut bench = Bench {
            scales: &mut scales,
            clock: || 7,
            watched: traces::STEPS,
            out: &mut |measurement| told.push((measurement.who, measurement.figure)),
        };
        bench.ours(&mut Box::new(Ours::new())).unwrap();
        let mut heaps = [Who::Rlsf, Who::Buddy, Who::Talc, Who::Offset];
        for who in &mut heaps {
            let who = *who;
            bench
                .heap(who, &mut |bytes, work| match who {
                    Who::Rlsf => work(&mut Rlsf::new(bytes)),
                    Who::Buddy => work(&mut Buddy::new(bytes)),
                    Who::Talc => work(&mut Talc::new(bytes)),
                    _ => work(&mut Offsets::new(bytes)),
                })
                .unwrap();
        }
        let of = |who: Who| told.iter().filter(|(of, _)| *of == who as u32).count();
        assert_eq!(of(Who::Bulkhead), 12);
        assert!(heaps.iter().all(|who| of(*who) == 4));
    }
}
