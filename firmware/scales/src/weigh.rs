//! The loops around the work, and the clock.

use core::hint::black_box;

use traces::{Kind, STEPS, Step};

use crate::{Nothing, Place, REFUSED, Subject};

/// The most slots of a trace.
const MAX_SLOTS: usize = 10_000;

/// An allocator had no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// What all steps of a trace cost together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Cycles.
    pub cycles: u32,
    /// Steps.
    pub rounds: u32,
}

/// The dearest calls of a trace, in cycles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worst {
    /// The dearest alloc.
    pub alloc: u32,
    /// The dearest free.
    pub free: u32,
}

/// What a slot holds.
#[derive(Clone, Copy)]
struct Live {
    place: Place,
    size: u32,
}

/// A trace, unrolled so that making it costs nothing while the clock runs.
///
/// An empty one is all zero bytes.
pub struct Scales {
    live: [Live; MAX_SLOTS],
    steps: [Step; STEPS],
}

impl Default for Scales {
    fn default() -> Self {
        Self::new()
    }
}

impl Scales {
    /// Room for a trace.
    #[must_use]
    pub const fn new() -> Self {
        Scales {
            live: [Live { place: 0, size: 0 }; MAX_SLOTS],
            steps: [Step { slot: 0, size: 0 }; STEPS],
        }
    }

    /// What the steps of a trace cost, the loop taken away. Leaves the allocator empty.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn weigh(
        &mut self,
        kind: Kind,
        align: u32,
        clock: fn() -> u32,
        subject: &mut dyn Subject,
    ) -> Result<Cost, Refused> {
        self.fill(kind, align, subject)?;
        let cycles = self.time(align, clock, subject)?;
        self.empty(kind, align, subject);
        self.fill(kind, align, &mut Nothing)?;
        let empty = self.time(align, clock, black_box::<&mut dyn Subject>(&mut Nothing))?;
        Ok(Cost {
            cycles: cycles.wrapping_sub(empty),
            rounds: STEPS as u32,
        })
    }

    /// The dearest calls of the first `steps` steps of a trace, each without the cost of calling
    /// [`Nothing`]. Leaves the allocator empty.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn worst(
        &mut self,
        kind: Kind,
        steps: usize,
        align: u32,
        clock: fn() -> u32,
        subject: &mut dyn Subject,
    ) -> Result<Worst, Refused> {
        // Each call of nothing costs the same.
        let few = steps.min(100);
        self.fill(kind, align, &mut Nothing)?;
        let mut nothing = Nothing;
        let empty = self.watch(
            few,
            align,
            clock,
            black_box::<&mut dyn Subject>(&mut nothing),
        )?;
        self.fill(kind, align, subject)?;
        let worst = self.watch(steps, align, clock, subject)?;
        self.empty(kind, align, subject);
        Ok(Worst {
            alloc: worst.alloc.saturating_sub(empty.alloc),
            free: worst.free.saturating_sub(empty.free),
        })
    }

    /// Takes all steps without a clock.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn pass(
        &mut self,
        kind: Kind,
        align: u32,
        subject: &mut dyn Subject,
    ) -> Result<(), Refused> {
        self.fill(kind, align, subject)?;
        self.time(align, || 0, subject).map(|_| ())
    }

    fn fill(&mut self, kind: Kind, align: u32, subject: &mut dyn Subject) -> Result<(), Refused> {
        let mut trace = kind.begin();
        for live in self.live.iter_mut().take(kind.slots as usize) {
            let size = trace.size();
            let place = subject.alloc(size, align);
            if place == REFUSED {
                return Err(Refused);
            }
            *live = Live { place, size };
        }
        self.steps.fill_with(|| trace.step());
        Ok(())
    }

    fn empty(&self, kind: Kind, align: u32, subject: &mut dyn Subject) {
        for live in self.live.iter().take(kind.slots as usize) {
            subject.free(live.place, live.size, align);
        }
    }

    #[inline(never)]
    fn time(
        &mut self,
        align: u32,
        clock: fn() -> u32,
        subject: &mut dyn Subject,
    ) -> Result<u32, Refused> {
        let start = clock();
        for step in &self.steps {
            let live = &mut self.live[usize::from(step.slot)];
            subject.free(live.place, live.size, align);
            live.size = step.size.into();
            live.place = subject.alloc(live.size, align);
            if live.place == REFUSED {
                return Err(Refused);
            }
        }
        Ok(clock().wrapping_sub(start))
    }

    #[inline(never)]
    fn watch(
        &mut self,
        steps: usize,
        align: u32,
        clock: fn() -> u32,
        subject: &mut dyn Subject,
    ) -> Result<Worst, Refused> {
        let mut worst = Worst::default();
        for step in self.steps.iter().take(steps) {
            let live = &mut self.live[usize::from(step.slot)];
            let start = clock();
            subject.free(live.place, live.size, align);
            let between = clock();
            live.size = step.size.into();
            live.place = subject.alloc(live.size, align);
            let end = clock();
            worst.free = worst.free.max(between.wrapping_sub(start));
            worst.alloc = worst.alloc.max(end.wrapping_sub(between));
            if live.place == REFUSED {
                return Err(Refused);
            }
        }
        Ok(worst)
    }
}

/// The smallest heap in steps of 2 KiB, from what must be alive upwards, in which a trace passes.
pub fn fits(kind: Kind, mut passes: impl FnMut(u32) -> bool) -> Option<u32> {
    const STEP: usize = 2 << 10;
    let sizes = (kind.heap_bytes / 2..=kind.heap_bytes).step_by(STEP);
    sizes.into_iter().find(|bytes| passes(*bytes))
}
