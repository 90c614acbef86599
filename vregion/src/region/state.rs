//! The region and its allocations.

use super::{AllocError, Allocation, Geometry, GeometryError, Kind, Request, SealError};
use crate::heap::{GRANULE, GRANULE_SHIFT, Heap, HeapFull};

/// The most bytes of a region: 16 MiB.
pub const MAX_BYTES: u32 = 16 << 20;

/// The memory of one module, as offsets from its start.
///
/// `RECORDS` is a power of two. One record is the region's own, one is the interim heap's, and each
/// allocation takes one, for life or not, however scattered they lie. A record is 24 bytes, and
/// 2 more are for finding it.
#[repr(C)]
pub struct Region<const RECORDS: usize> {
    /// The granule of offset 0 in the address space; so are all positions here.
    pub(super) base: u32,
    /// The granule after the last.
    pub(super) end: u32,
    /// Bytes of the region.
    bytes: u32,
    /// Granules of a cache line.
    pub(super) line: u32,
    /// Where the next lifetime allocation may begin; sealed: where the heap begins.
    pub(super) lifetime_end: u32,
    /// Where the last one must end: at `end`, and once sealed there is no room at all.
    lifetime_limit: u32,
    /// Granules handed out.
    pub(super) used: u32,
    /// The most that was ever handed out, brought up to date before anything becomes less.
    pub(super) peak: u32,
    /// Lifetime allocations, the freed ones too: records 1 to this one, in order of position.
    pub(super) kept: u16,
    /// Lifetime allocations that were freed.
    pub(super) given_up: u16,
    pub(super) sealed: bool,
    pub(super) heap: Heap<RECORDS>,
}

/// How a region is used. Sizes are in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionStats {
    /// Bytes of the region.
    pub bytes: u32,
    /// Bytes taken by lifetime allocations and the gaps that alignment left between them.
    pub lifetime_bytes: u32,
    /// Bytes of the interim heap; 0 before the seal.
    pub interim_bytes: u32,
    /// Bytes handed out now. A lifetime allocation counts for ever, freed or not.
    pub used: u32,
    /// The most bytes ever handed out at once.
    pub peak: u32,
    /// Allocations alive; a freed lifetime allocation does not count.
    pub allocations: u32,
    /// Records left.
    pub spare_records: u32,
}

impl<const RECORDS: usize> Default for Region<RECORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const RECORDS: usize> Region<RECORDS> {
    /// A region without memory: it refuses everything until [`Region::open`]. All of it is zero
    /// bytes, so a `static` one costs no space in the image.
    #[must_use]
    pub const fn new() -> Self {
        Region {
            base: 0,
            end: 0,
            bytes: 0,
            line: 0,
            lifetime_end: 0,
            lifetime_limit: 0,
            used: 0,
            peak: 0,
            kept: 0,
            given_up: 0,
            sealed: false,
            heap: Heap::new(),
        }
    }

    /// Begins anew with this memory, in lifetime mode; whatever the region knew before is
    /// forgotten. O(1).
    ///
    /// # Errors
    /// What is wrong with the geometry; the region stays as it was.
    pub fn open(&mut self, geometry: Geometry) -> Result<(), GeometryError> {
        geometry.validate()?;
        self.heap.clear(0);
        self.base = geometry.base >> GRANULE_SHIFT;
        self.end = self.base + (geometry.bytes >> GRANULE_SHIFT);
        self.bytes = geometry.bytes;
        self.line = geometry.line >> GRANULE_SHIFT;
        self.lifetime_end = self.base;
        self.lifetime_limit = self.end;
        self.kept = 0;
        self.sealed = false;
        self.given_up = 0;
        self.used = 0;
        self.peak = 0;
        Ok(())
    }

    /// Ends the lifetime mode, once and for all. What is left, at least `least` bytes, serves
    /// interim allocations from now on; returns how much that is. With `least` 0 it may be nothing
    /// at all. O(`RECORDS`).
    ///
    /// # Errors
    /// [`SealError`]; the region stays in lifetime mode.
    pub fn seal(&mut self, least: u32) -> Result<u32, SealError> {
        if self.sealed {
            return Err(SealError::Sealed);
        }
        let left = (self.end - self.lifetime_end) << GRANULE_SHIFT;
        if left < least {
            return Err(SealError::NoRoom { left, least });
        }
        if left != 0 && usize::from(self.kept) + 1 >= RECORDS {
            return Err(SealError::NoRecord(RECORDS as u32));
        }
        self.heap.clear(self.kept);
        self.heap.open(self.lifetime_end, self.end);
        self.lifetime_limit = 0;
        self.sealed = true;
        Ok(left)
    }

    /// Allocates: for life before the seal, from the interim heap after it.
    ///
    /// O(1).
    ///
    /// # Errors
    /// [`AllocError`]; nothing has changed.
    #[inline]
    pub fn alloc(&mut self, request: Request) -> Result<Allocation, AllocError> {
        if self.sealed {
            self.alloc_interim(request)
        } else {
            self.alloc_lifetime(request)
        }
    }

    /// The same for who knows that the region is not sealed. In a sealed one there is no room.
    ///
    /// # Errors
    /// Those of [`Region::alloc`].
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn alloc_lifetime(&mut self, request: Request) -> Result<Allocation, AllocError> {
        let Some((mut size, align)) = self.granules(request) else {
            return self.refuse_request(request.bytes, request.align, request.kind);
        };
        let coherent = matches!(request.kind, Kind::Coherent);
        if coherent {
            size = round_up(size, self.line);
        }
        let position = round_up(self.lifetime_end, align);
        let end = position + size;
        if end > self.lifetime_limit {
            return refuse(HeapFull::NoRoom, request.bytes, request.align, RECORDS);
        }
        // In this mode no record is ever given back: they are taken in order, from 1 on.
        let taken = self.kept + 1;
        if taken as usize >= RECORDS {
            return refuse(HeapFull::NoRecord, request.bytes, request.align, RECORDS);
        }
        self.kept = taken;
        self.heap.records.at_mut(taken).set(position, end, coherent);
        self.lifetime_end = end;
        self.used += size;
        Ok(Allocation {
            offset: (position - self.base) << GRANULE_SHIFT,
            bytes: size << GRANULE_SHIFT,
        })
    }

    /// The same for who knows that the region is sealed. Before that there is no room.
    ///
    /// # Errors
    /// Those of [`Region::alloc`].
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    pub fn alloc_interim(&mut self, request: Request) -> Result<Allocation, AllocError> {
        let Some((size, align)) = self.granules(request) else {
            return self.refuse_request(request.bytes, request.align, request.kind);
        };
        // What lies between an allocation and the next multiple of its alignment is seldom of use
        // to anybody; a coherent one must have whole lines.
        let size = round_up(size, align.min(self.line));
        let coherent = matches!(request.kind, Kind::Coherent);
        match self.heap.alloc(size, align, coherent) {
            Ok(position) => {
                self.used += size;
                Ok(Allocation {
                    offset: (position - self.base) << GRANULE_SHIFT,
                    bytes: size << GRANULE_SHIFT,
                })
            }
            Err(full) => refuse(full, request.bytes, request.align, RECORDS),
        }
    }

    /// Size and alignment in granules. They are at most those of the region and 2^28; positions
    /// end below 2^29: no sum of them can wrap.
    #[inline(always)]
    const fn granules(&self, request: Request) -> Option<(u32, u32)> {
        let Request { bytes, align, kind } = request;
        let less = align.wrapping_sub(1);
        // One less than no bytes at all is the most of all. A power of two has no bit in common
        // with one less, so that all bits of both are more than that; 0 has all.
        if bytes.wrapping_sub(1) >= self.bytes || align ^ less <= less {
            return None;
        }
        let least = match kind {
            Kind::Plain => 1,
            Kind::Coherent => self.line,
        };
        let size = (bytes + (GRANULE - 1)) >> GRANULE_SHIFT;
        let align = align >> GRANULE_SHIFT;
        Some((size, if align > least { align } else { least }))
    }

    /// Drops all interim allocations at once; returns how many. Before the seal there are none.
    /// O(`RECORDS`).
    pub fn reset_interim(&mut self) -> u32 {
        if !self.sealed {
            return 0;
        }
        let kept = (1..=self.kept).map(|index| self.heap.records.at(index).size());
        let used = kept.sum();
        let dropped = self.heap.alive();
        self.heap.clear(self.kept);
        self.heap.open(self.lifetime_end, self.end);
        self.peak = self.peak_now();
        self.used = used;
        dropped
    }

    /// Whether the lifetime mode has ended.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// How the region is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> RegionStats {
        let interim = if self.sealed {
            self.end - self.lifetime_end
        } else {
            0
        };
        RegionStats {
            bytes: (self.end - self.base) << GRANULE_SHIFT,
            lifetime_bytes: (self.lifetime_end - self.base) << GRANULE_SHIFT,
            interim_bytes: interim << GRANULE_SHIFT,
            used: self.used << GRANULE_SHIFT,
            peak: self.peak_now() << GRANULE_SHIFT,
            allocations: self.allocations(),
            spare_records: self.spare_records(),
        }
    }

    /// Records not in use: all but the region's own, the heap's, and one each for what was
    /// allocated.
    const fn spare_records(&self) -> u32 {
        if self.line == 0 {
            return 0;
        }
        RECORDS as u32 - 1 - self.kept as u32 - self.heap.records()
    }

    /// Allocations alive.
    pub(super) const fn allocations(&self) -> u32 {
        self.heap.alive() + self.kept as u32 - self.given_up as u32
    }

    pub(super) const fn peak_now(&self) -> u32 {
        if self.used > self.peak {
            self.used
        } else {
            self.peak
        }
    }

    /// Says what is wrong with a request that cannot be for this region. All of an answer comes
    /// from here: nothing has to be kept over the call.
    #[cold]
    #[inline(never)]
    fn refuse_request(&self, bytes: u32, align: u32, kind: Kind) -> Result<Allocation, AllocError> {
        let unit = match kind {
            Kind::Plain => GRANULE,
            // A region that was never opened has no line.
            Kind::Coherent => (self.line << GRANULE_SHIFT).max(GRANULE),
        };
        Err(if bytes == 0 {
            AllocError::Empty
        } else if !align.is_power_of_two() {
            AllocError::Alignment(align)
        } else if bytes.checked_add(unit - 1).is_none() {
            AllocError::Wraps(bytes)
        } else {
            AllocError::TooLarge {
                bytes,
                region: self.bytes,
            }
        })
    }
}

/// Says why a request that means something is refused.
#[cold]
#[inline(never)]
const fn refuse(
    full: HeapFull,
    bytes: u32,
    align: u32,
    records: usize,
) -> Result<Allocation, AllocError> {
    Err(match full {
        HeapFull::NoRoom => AllocError::NoRoom { bytes, align },
        HeapFull::NoRecord => AllocError::NoRecord(records as u32),
    })
}

/// The first multiple of `align`, a power of two, that is not below. No sum here is above 2^30.
#[inline]
const fn round_up(number: u32, align: u32) -> u32 {
    (number + (align - 1)) & !(align - 1)
}
