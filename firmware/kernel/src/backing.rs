//! Frames behind pages of a slot, and where the kernel reaches them.

use core::convert::Infallible;

use heapless::Vec;
use mmu::{CacheMode, Frames, Machine, PAGE_BYTES, PhysAddr, PhysRange};
use vregion::pages::{
    Backing, CommitError, FrameNumber, Mapping, PageCount, PageError, PageNumber, PagePool, Run,
};

use crate::config::{FRAMES, PAGES, PLATFORM};
use crate::estate::MAX_PARTS;

pub(crate) type Pool = PagePool<PAGES, FRAMES>;

pub(crate) fn frame_address(frame: FrameNumber) -> PhysAddr {
    PhysAddr(PLATFORM.module_frames.start.0 + frame.0 * PAGE_BYTES)
}

/// The frames of a run from one of its pages on, as far as they follow each other.
pub(crate) fn frames_behind(pool: &Pool, run: Run, page: u32) -> PhysRange {
    let frame_of = |page: u32| pool.frame_of(PageNumber(run.first.0 + page));
    // Every page of a run that is held has a frame; the address of none is refused by the domains.
    let Some(first) = frame_of(page) else {
        return PhysRange {
            start: PhysAddr(u32::MAX),
            frames: 1,
        };
    };
    let follows = |next: &u32| {
        page + next < run.count.0 && frame_of(page + next) == Some(FrameNumber(first.0 + next))
    };
    PhysRange {
        start: frame_address(first),
        frames: 1 + (1..).take_while(follows).count() as u32,
    }
}

/// Runs of the pool, each behind pages of a slot from one on. A page of the pool is a number for a
/// frame and no address: where it is seen, and by whom, the domains say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    runs: Vec<(u32, Run), MAX_PARTS>,
}

impl Holdings {
    /// Nothing held.
    pub(crate) const fn new() -> Holdings {
        Holdings { runs: Vec::new() }
    }

    /// Takes frames for that many pages of the slot, from `first` on. They are zero.
    pub(crate) fn take(
        &mut self,
        pool: &mut Pool,
        machine: &mut impl Machine,
        first: u32,
        pages: u32,
    ) -> Result<Run, PageError> {
        let count = PageCount(pages);
        let run = pool.reserve(count, PageCount(PAGES.next_power_of_two() as u32))?;
        let mut bare = Bare(machine);
        let taken = match pool.commit(run, &mut bare) {
            Ok(()) if self.runs.push((first, run)).is_ok() => return Ok(run),
            Ok(()) => PageError::NoPages {
                wanted: count,
                free: PageCount(0),
            },
            Err(CommitError::Pool(error)) => error,
            Err(CommitError::Backing(never)) => match never {},
        };
        // Exactly what `reserve` returned.
        let _ = pool.release(run, &mut bare);
        Err(taken)
    }

    /// Gives everything back. No domain may reach any of it any more.
    pub(crate) fn give_back(&mut self, pool: &mut Pool, machine: &mut impl Machine) {
        for (_, run) in core::mem::take(&mut self.runs) {
            // Runs come from `take` and are given back once.
            let _ = pool.release(run, &mut Bare(&mut *machine));
        }
    }

    /// Each run, and the first of its pages in the slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Run)> + '_ {
        self.runs.iter().copied()
    }

    /// Splits bytes of the slot into pieces inside one frame each: where it lies, and which of the
    /// bytes it is. Ends at the first byte that is not held.
    pub(crate) fn pieces<'a>(
        &'a self,
        pool: &'a Pool,
        offset: u32,
        bytes: usize,
    ) -> impl Iterator<Item = (PhysAddr, core::ops::Range<usize>)> + use<'a> {
        let mut done = 0;
        core::iter::from_fn(move || {
            if done >= bytes {
                return None;
            }
            let at = offset.wrapping_add(done as u32);
            let page = at / PAGE_BYTES;
            let held = |(first, run): &&(u32, Run)| (*first..first + run.count.0).contains(&page);
            let (first, run) = self.runs.iter().find(held)?;
            let frame = pool.frame_of(PageNumber(run.first.0 + (page - first)))?;
            let inside = at % PAGE_BYTES;
            let count = (bytes - done).min((PAGE_BYTES - inside) as usize);
            let piece = done..done + count;
            done += count;
            Some((PhysAddr(frame_address(frame).0 + inside), piece))
        })
    }
}

/// Zeroes frames when they come and when they go: nothing of a module outlives it, not even where
/// only the kernel could read it. Maps nothing.
struct Bare<'m, M>(&'m mut M);

impl<M: Machine> Backing for Bare<'_, M> {
    type Error = Infallible;

    fn zero(&mut self, frame: FrameNumber) {
        // BROKEN ON PURPOSE, rule 8: half of it stays as it was.
        if cfg!(feature = "break-rule-8") {
            return self.zero_half(frame);
        }
        self.0.zero_frame(frame_address(frame));
    }

    fn map(&mut self, _mapping: &Mapping<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn unmap(&mut self, mapping: &Mapping<'_>) {
        for (_, frame) in mapping.iter() {
            // BROKEN ON PURPOSE, rule 8: and later too.
            if cfg!(feature = "break-rule-8") {
                self.zero_half(frame);
                continue;
            }
            self.0.zero_frame(frame_address(frame));
        }
    }
}

impl<M: Machine> Bare<'_, M> {
    fn zero_half(&mut self, frame: FrameNumber) {
        let words = PAGE_BYTES / 8;
        let at = frame_address(frame);
        self.0.fill_words(at, 0, 0, words, CacheMode::Bypass);
    }
}
