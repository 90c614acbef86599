//! A slow and obvious list of what a region has in use.

use vregion::region::{
    AllocError, Allocation, FreeError, Freed, Geometry, Kind, Region, Request, ResizeError,
    Resized, SealError,
};

const RECORDS: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Live {
    start: u32,
    end: u32,
    kind: Kind,
    lifetime: bool,
    freed: bool,
}

/// What is in use; panics on any overlap, and when cached and coherent bytes meet in a line.
#[derive(Clone)]
struct Shadow {
    geometry: Geometry,
    live: Vec<Live>,
    sealed: bool,
    lifetime_end: u32,
}

impl Shadow {
    fn insert(&mut self, request: Request, got: Allocation) {
        let (start, end) = (got.offset, got.offset.checked_add(got.bytes).unwrap());
        let address = u64::from(self.geometry.base) + u64::from(start);
        assert!(end <= self.geometry.bytes, "{got:?} leaves the region");
        assert!(
            got.bytes >= request.bytes,
            "{got:?} is too small for {request:?}"
        );
        assert!(
            address.is_multiple_of(u64::from(request.align)),
            "{got:?} is not aligned"
        );
        assert!(address.is_multiple_of(8), "{got:?} is not aligned at all");
        let line = self.geometry.line;
        let slack = match request.kind {
            Kind::Coherent => line,
            Kind::Plain if self.sealed => request.align.clamp(8, line),
            Kind::Plain => 8,
        };
        assert!(got.bytes - request.bytes < slack, "{got:?} wastes memory");
        for other in &self.live {
            assert!(
                end <= other.start || other.end <= start,
                "{got:?} overlaps {other:?}"
            );
            let apart =
                (end - 1) / line < other.start / line || (other.end - 1) / line < start / line;
            assert!(
                apart || other.kind == request.kind,
                "{got:?} shares a line with {other:?}"
            );
        }
        assert!(
            start >= self.lifetime_end,
            "{got:?} lies in the lifetime part"
        );
        if !self.sealed {
            self.lifetime_end = end;
        }
        let (kind, lifetime) = (request.kind, !self.sealed);
        self.live.push(Live {
            start,
            end,
            kind,
            lifetime,
            freed: false,
        });
    }

    fn used(&self) -> u32 {
        self.live.iter().map(|live| live.end - live.start).sum()
    }

    fn alive(&self) -> u32 {
        self.live.iter().filter(|live| !live.freed).count() as u32
    }

    /// The free stretches of the interim part.
    fn gaps(&self) -> Vec<u32> {
        let mut live = self.live.clone();
        live.sort_by_key(|live| live.start);
        let mut start = self.lifetime_end;
        let mut gaps = Vec::new();
        for live in live.iter().filter(|live| !live.lifetime) {
            gaps.push(live.start - start);
            start = live.end;
        }
        gaps.push(self.geometry.bytes - start);
        gaps
    }

    /// What a change of size at this offset has to answer.
    fn resize(&mut self, offset: u32, bytes: u32) -> Result<Resized, ResizeError> {
        let region = self.geometry.bytes;
        if bytes == 0 {
            return Err(ResizeError::Empty);
        }
        if bytes > region {
            return Err(ResizeError::TooLarge { bytes, region });
        }
        let Some(at) = self.live.iter().position(|live| live.start == offset) else {
            let error = self.clone().free(offset).unwrap_err();
            return Err(ResizeError::Offset(error));
        };
        let live = self.live[at];
        if live.lifetime {
            return Err(ResizeError::Lifetime(offset));
        }
        let others = self.live.iter().map(|other| other.start);
        let end = others.filter(|start| *start > offset).min();
        let most = end.unwrap_or(region) - offset;
        let unit = match live.kind {
            Kind::Plain => 8,
            Kind::Coherent => self.geometry.line,
        };
        let size = bytes.next_multiple_of(unit);
        if size > most {
            return Err(ResizeError::NoRoom { bytes, most });
        }
        self.live[at].end = offset + size;
        Ok(Resized {
            before: live.end - live.start,
            bytes: size,
        })
    }

    /// What a free of this offset has to answer.
    fn free(&mut self, offset: u32) -> Result<Freed, FreeError> {
        if offset >= self.geometry.bytes {
            return Err(FreeError::Foreign(offset));
        }
        let holds = |live: &Live| live.start <= offset && offset < live.end;
        let Some(at) = self.live.iter().position(holds) else {
            return Err(FreeError::NotAllocated(offset));
        };
        let Live {
            start,
            end,
            lifetime,
            freed,
            ..
        } = self.live[at];
        let bytes = end - start;
        match (start == offset, lifetime, freed) {
            (false, ..) => Err(FreeError::Interior { offset, start }),
            (true, true, true) => Err(FreeError::Twice(offset)),
            (true, true, false) => {
                self.live[at].freed = true;
                Ok(Freed::Kept { bytes })
            }
            (true, false, _) => {
                self.live.swap_remove(at);
                Ok(Freed::Returned { bytes })
            }
        }
    }
}

/// What can be done.
#[derive(Clone, Debug)]
pub enum Step {
    Alloc(Request),
    Free(usize),
    FreeAgain(usize),
    FreeAny(u32),
    Undo(usize),
    Resize(usize, u32),
    ResizeAny(u32),
    Seal(u32),
    Reset,
}

fn alloc(region: &mut Region<RECORDS>, shadow: &mut Shadow, request: Request) {
    let before = region.stats();
    let result = region.alloc(request);
    let Err(error) = result else {
        return shadow.insert(request, result.unwrap());
    };
    assert_eq!(region.stats(), before, "a refusal left a trace");
    let Geometry {
        bytes: total,
        line,
        base,
    } = shadow.geometry;
    let unit = match request.kind {
        Kind::Coherent => u64::from(line),
        Kind::Plain if shadow.sealed => u64::from(request.align.clamp(8, line)),
        Kind::Plain => 8,
    };
    let size = u64::from(request.bytes).next_multiple_of(unit);
    let align = u64::from(request.align).max(unit);
    match error {
        AllocError::Empty => assert_eq!(request.bytes, 0),
        AllocError::Alignment(_) => assert!(!request.align.is_power_of_two()),
        AllocError::Wraps(_) => assert!(u64::from(request.bytes) + unit > u64::from(u32::MAX)),
        AllocError::TooLarge { .. } => assert!(size > u64::from(total)),
        AllocError::NoRecord(_) if shadow.sealed => assert_eq!(before.spare_records, 0),
        AllocError::NoRecord(_) => assert_eq!(shadow.live.len(), RECORDS - 1),
        AllocError::NoRoom { .. } if !shadow.sealed => {
            let next = u64::from(base) + u64::from(shadow.lifetime_end);
            let end = next.next_multiple_of(align) + size;
            assert!(
                end > u64::from(base) + u64::from(total),
                "there is room for life"
            );
        }
        AllocError::NoRoom { .. } => {
            // A free block may be overlooked, but only if it is hardly large enough.
            let enough = (size + align - 8) * 17 / 16 + 8;
            for gap in shadow.gaps() {
                assert!(
                    u64::from(gap) < enough,
                    "{request:?} refused, {gap} bytes are free"
                );
            }
        }
    }
}

/// Does all of it on both, and compares them after each step.
pub fn run_steps(geometry: Geometry, steps: Vec<Step>) {
    let mut region = Box::new(Region::<RECORDS>::new());
    region.open(geometry).unwrap();
    let mut shadow = Shadow {
        geometry,
        live: Vec::new(),
        sealed: false,
        lifetime_end: 0,
    };
    let mut last_freed = Vec::new();
    for step in steps {
        let picked = |n: usize| Some(*shadow.live.get(n % shadow.live.len().max(1))?);
        match step {
            Step::Alloc(request) => alloc(&mut region, &mut shadow, request),
            Step::Free(n) => {
                let Some(live) = picked(n) else { continue };
                assert_eq!(region.free(live.start), shadow.free(live.start));
                last_freed.push(live.start);
            }
            Step::FreeAgain(n) => {
                let Some(offset) = last_freed.get(n % last_freed.len().max(1)) else {
                    continue;
                };
                assert_eq!(region.free(*offset), shadow.free(*offset));
            }
            Step::FreeAny(offset) => assert_eq!(region.free(offset), shadow.free(offset)),
            Step::Undo(n) => {
                let Some(live) = picked(n) else { continue };
                let newest = !shadow.sealed && !live.freed && live.end == shadow.lifetime_end;
                assert_eq!(region.undo(live.start).is_ok(), newest || !live.lifetime);
                if newest || !live.lifetime {
                    shadow.live.retain(|other| other.start != live.start);
                }
                if newest {
                    shadow.lifetime_end =
                        shadow.live.iter().map(|live| live.end).max().unwrap_or(0);
                }
            }
            Step::Resize(n, bytes) => {
                let Some(live) = picked(n) else { continue };
                let expected = shadow.resize(live.start, bytes);
                assert_eq!(region.resize(live.start, bytes), expected);
            }
            Step::ResizeAny(offset) => {
                assert_eq!(region.resize(offset, 8), shadow.resize(offset, 8));
            }
            Step::Seal(least) => {
                let left = geometry.bytes - shadow.lifetime_end;
                let expected = if shadow.sealed {
                    Err(SealError::Sealed)
                } else if left < least {
                    Err(SealError::NoRoom { left, least })
                } else if left > 0 && shadow.live.len() == RECORDS - 1 {
                    Err(SealError::NoRecord(RECORDS as u32))
                } else {
                    Ok(left)
                };
                assert_eq!(region.seal(least), expected);
                shadow.sealed |= expected.is_ok();
            }
            Step::Reset => {
                let interim = shadow.live.iter().filter(|live| !live.lifetime).count() as u32;
                assert_eq!(region.reset_interim(), interim);
                shadow.live.retain(|live| live.lifetime);
            }
        }
        region.check().unwrap();
        let stats = region.stats();
        assert_eq!(
            (stats.used, stats.allocations),
            (shadow.used(), shadow.alive())
        );
        assert_eq!(stats.lifetime_bytes, shadow.lifetime_end);
    }
    for live in shadow.live.clone().iter().filter(|live| !live.lifetime) {
        assert_eq!(region.free(live.start), shadow.free(live.start));
        region.check().unwrap();
    }
    let stats = region.stats();
    if stats.interim_bytes > 0 {
        // Everything has merged again.
        let whole = region.alloc(Request::plain(stats.interim_bytes)).unwrap();
        assert_eq!(whole.offset, stats.lifetime_bytes);
    }
}
