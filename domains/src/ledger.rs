//! What each frame is used for, over all domains: the ground on which W^X and sharing stand.

use core::ops::Range;

use mmu::{PAGE_BYTES, PhysAddr, PhysRange, Rights};

use crate::{DomainError, Tenure};

/// The use of one frame: its tenure in the high bits; below, how many partitions have it as a
/// constant, or which of a buffer's two sides are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Use(u16);

impl Use {
    const FREE: Use = Use(0);
    const OWN: Use = Use(1 << 15);
    /// Of a place without a frame: as good as taken, so that one look at it decides.
    const NO_FRAME: Use = Use::OWN;
    const CONSTANT: u16 = 1 << 14;
    const MOST_CONSTANT: Use = Use(Use::CONSTANT | (Use::CONSTANT - 1));
    const BUFFER: u16 = 1 << 13;
    const PRODUCER: u16 = 1;
    const CONSUMER: u16 = 2;

    const fn is_constant(self) -> bool {
        self.0 & Self::CONSTANT != 0
    }

    const fn is_buffer(self) -> bool {
        self.0 & Self::BUFFER != 0
    }

    /// The side of a buffer that these rights are.
    const fn side(rights: Rights) -> u16 {
        if rights.contains(Rights::WRITE) {
            Self::PRODUCER
        } else {
            Self::CONSUMER
        }
    }

    /// The use with one partition more.
    fn taken(self, rights: Rights, tenure: Tenure, frame: PhysAddr) -> Result<Use, DomainError> {
        match tenure {
            Tenure::Own if self == Self::FREE => Ok(Self::OWN),
            Tenure::Constant if self == Self::FREE => Ok(Use(Self::CONSTANT | 1)),
            Tenure::Constant if self == Self::MOST_CONSTANT => Err(DomainError::TooShared(frame)),
            Tenure::Constant if self.is_constant() => Ok(Use(self.0 + 1)),
            Tenure::Buffer if self == Self::FREE => Ok(Use(Self::BUFFER | Self::side(rights))),
            Tenure::Buffer if self.is_buffer() && self.0 & Self::side(rights) == 0 => {
                Ok(Use(self.0 | Self::side(rights)))
            }
            Tenure::Buffer if self.is_buffer() => Err(DomainError::SideTaken(frame)),
            Tenure::Own | Tenure::Constant | Tenure::Buffer => Err(DomainError::InUse(frame)),
        }
    }

    /// The use with one partition less.
    #[inline(always)]
    const fn given_back(self, rights: Rights, tenure: Tenure) -> Use {
        match tenure {
            Tenure::Own => Self::FREE,
            Tenure::Constant if self.0 == Self::CONSTANT | 1 => Self::FREE,
            Tenure::Constant => Use(self.0 - 1),
            Tenure::Buffer => match self.0 & !Self::side(rights) {
                Self::BUFFER => Self::FREE,
                other => Use(other),
            },
        }
    }

    const fn partitions(self) -> u32 {
        if self.0 == Self::OWN.0 {
            1
        } else if self.is_constant() {
            (self.0 & (Self::CONSTANT - 1)) as u32
        } else {
            (self.0 & (Self::PRODUCER | Self::CONSUMER)).count_ones()
        }
    }
}

/// The use of a frame that nobody has.
pub(crate) struct Unused<'l>(&'l mut Use);

impl Unused<'_> {
    /// Counts the frame as somebody's own.
    #[inline(always)]
    pub(crate) fn take(self) {
        *self.0 = Use::OWN;
    }
}

/// The uses of `F` frames.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Ledger<const F: usize> {
    frames: PhysRange,
    uses: [Use; F],
}

impl<const F: usize> Ledger<F> {
    pub(crate) const fn new(frames: PhysRange) -> Self {
        assert!(
            frames.frames as usize <= F,
            "the ledger must have a place for every frame"
        );
        const { assert!(F <= 1 << 20, "a frame's number has 20 bits") };
        let mut uses = [Use::FREE; F];
        let mut beyond = frames.frames as usize;
        while beyond < F {
            uses[beyond] = Use::NO_FRAME;
            beyond += 1;
        }
        Ledger { frames, uses }
    }

    /// Where a run of frames stands, or the first frame of it that is none of a module's.
    #[inline(always)]
    fn places(&self, run: PhysRange) -> Result<Range<usize>, DomainError> {
        let first = self
            .frames
            .index_of(run.start)
            .ok_or(DomainError::ForeignFrame(run.start))?;
        if run.frames > self.frames.frames - first {
            return Err(DomainError::ForeignFrame(self.frames.end()));
        }
        Ok(first as usize..(first + run.frames) as usize)
    }

    /// Counts one more partition for each frame of a run, or changes nothing. O(frames).
    #[inline(always)]
    pub(crate) fn take(
        &mut self,
        run: PhysRange,
        rights: Rights,
        tenure: Tenure,
    ) -> Result<(), DomainError> {
        let places = self.places(run)?;
        let uses = &mut self.uses[places];
        // The common case apart, four at a time: with it, granting a page costs a third.
        if tenure == Tenure::Own && are_free(uses) {
            fill(uses, Use::OWN);
            return Ok(());
        }
        for taken in 0..uses.len() {
            let frame = PhysAddr(run.start.0 + taken as u32 * PAGE_BYTES);
            match uses[taken].taken(rights, tenure, frame) {
                Ok(next) => uses[taken] = next,
                Err(refusal) => {
                    uses[..taken]
                        .iter_mut()
                        .for_each(|place| *place = place.given_back(rights, tenure));
                    return Err(refusal);
                }
            }
        }
        Ok(())
    }

    /// The use of a frame that nobody has.
    #[inline(always)]
    pub(crate) fn unused(&mut self, frame: PhysAddr) -> Option<Unused<'_>> {
        self.use_of(frame)
            .filter(|use_| **use_ == Use::FREE)
            .map(Unused)
    }

    /// Counts a frame that was somebody's own as free.
    #[inline(always)]
    pub(crate) fn free(&mut self, frame: PhysAddr) {
        if let Some(use_) = self.use_of(frame) {
            *use_ = Use::FREE;
        }
    }

    #[inline(always)]
    fn use_of(&mut self, frame: PhysAddr) -> Option<&mut Use> {
        let offset = frame.0.wrapping_sub(self.frames.start.0);
        // An offset inside a frame gives a number that no frame has.
        let index = offset.rotate_right(PAGE_BYTES.trailing_zeros());
        self.uses.get_mut(index as usize)
    }

    /// Counts one partition less for each frame of a run that was taken so. O(frames).
    #[inline(always)]
    pub(crate) fn give_back(&mut self, run: PhysRange, rights: Rights, tenure: Tenure) {
        if let Ok(places) = self.places(run) {
            let uses = &mut self.uses[places];
            if tenure == Tenure::Own {
                fill(uses, Use::FREE);
            } else {
                for place in uses {
                    *place = place.given_back(rights, tenure);
                }
            }
        }
    }

    /// How many partitions have the frame.
    pub(crate) fn partitions(&self, frame: PhysAddr) -> u32 {
        self.frames
            .index_of(frame)
            .map_or(0, |index| self.uses[index as usize].partitions())
    }

    /// How many frames some partition has.
    pub(crate) fn frames_in_use(&self) -> u32 {
        let uses = &self.uses[..self.frames.frames as usize];
        uses.iter().filter(|use_| **use_ != Use::FREE).count() as u32
    }

    /// The first frame that two ledgers differ about.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<PhysAddr> {
        let differs = self
            .uses
            .iter()
            .zip(&other.uses)
            .position(|(a, b)| a != b)?;
        self.frames.frame(differs as u32)
    }
}

/// Four at a time, without a branch between.
#[inline]
fn are_free(uses: &[Use]) -> bool {
    let (fours, rest) = uses.as_chunks::<4>();
    fours
        .iter()
        .all(|[a, b, c, d]| a.0 | b.0 | c.0 | d.0 == Use::FREE.0)
        && rest.iter().all(|one| *one == Use::FREE)
}

/// The same for a store; a call to fill memory costs more for a page or two.
#[inline]
fn fill(uses: &mut [Use], with: Use) {
    let (fours, rest) = uses.as_chunks_mut::<4>();
    for four in fours {
        *four = [with; 4];
    }
    for one in rest {
        *one = with;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmu::DC233C;

    type Small = Ledger<4>;

    const FRAMES: PhysRange = PhysRange {
        start: DC233C.module_frames.start,
        frames: 4,
    };

    fn run(first: u32, frames: u32) -> PhysRange {
        let start = PhysAddr(FRAMES.start.0 + first * PAGE_BYTES);
        PhysRange { start, frames }
    }

    #[test]
    fn constants_are_counted_up_to_the_most_and_down_to_nothing() {
        let mut ledger = Small::new(FRAMES);
        let most = u32::from(Use::CONSTANT) - 1;
        for count in 1..=most {
            ledger
                .take(run(0, 1), Rights::READ, Tenure::Constant)
                .unwrap();
            assert_eq!(ledger.partitions(FRAMES.start), count);
        }
        assert_eq!(
            ledger.take(run(0, 1), Rights::READ, Tenure::Constant),
            Err(DomainError::TooShared(FRAMES.start))
        );
        (0..most).for_each(|_| ledger.give_back(run(0, 1), Rights::READ, Tenure::Constant));
        assert_eq!(ledger.frames_in_use(), 0);
        assert_eq!(ledger.take(run(0, 1), Rights::DATA, Tenure::Own), Ok(()));
    }

    #[test]
    fn a_run_that_is_refused_in_its_middle_changes_nothing() {
        for (rights, tenure) in [
            (Rights::DATA, Tenure::Own),
            (Rights::READ, Tenure::Constant),
            (Rights::DATA, Tenure::Buffer),
        ] {
            let mut ledger = Small::new(FRAMES);
            ledger.take(run(2, 1), Rights::DATA, Tenure::Own).unwrap();
            let before = ledger.clone();
            let in_use = DomainError::InUse(run(2, 1).start);
            assert_eq!(ledger.take(run(0, 4), rights, tenure), Err(in_use));
            assert_eq!(ledger.first_difference(&before), None);
        }
    }

    #[test]
    fn a_run_that_leaves_the_frames_is_refused_whole() {
        let mut ledger = Small::new(FRAMES);
        for (first, frames) in [(3, 2), (4, 1), (0, 5), (0, u32::MAX), (2, 1 << 20)] {
            let refused = ledger.take(run(first, frames), Rights::DATA, Tenure::Own);
            assert!(matches!(refused, Err(DomainError::ForeignFrame(_))));
        }
        assert_eq!(ledger.frames_in_use(), 0);
    }
}
