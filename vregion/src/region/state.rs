//! The region and its allocations.

use super::{AllocError, Allocation, Geometry, GeometryError, Kind, Request, SealError};
use crate::heap::{GRANULE, GRANULE_SHIFT, Heap, HeapFull, Records};

/// The most bytes of a region: 16 MiB.
pub const MAX_BYTES: u32 = 16 << 20;

/// The memory of one module, as offsets from its start.
///
/// `RECORDS` is a power of two. One record is the region's own; a lifetime allocation takes one;
/// an interim allocation takes one, and so does each gap between them: `n` interim allocations
/// never need more than 2n + 1.
pub struct Region<const RECORDS: usize> {
    pub(super) records: Records<RECORDS>,
    pub(super) heap: Heap<RECORDS>,
    /// The granule of offset 0 in the address space; so are all positions here.
    pub(super) base: u32,
    /// The granule after the last.
    pub(super) end: u32,
    /// Granules of a cache line.
    pub(super) line: u32,
    /// Where the next lifetime allocation may begin; sealed: where the heap begins.
    pub(super) lifetime_end: u32,
    /// Lifetime allocations, the freed ones too: records 1 to this one, in order of position.
    pub(super) kept: u16,
    pub(super) sealed: bool,
    /// Granules handed out.
    pub(super) used: u32,
    pub(super) peak: u32,
    /// Allocations alive.
    pub(super) allocations: u32,
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
            records: Records::new(),
            heap: Heap::new(),
            base: 0,
            end: 0,
            line: 0,
            lifetime_end: 0,
            kept: 0,
            sealed: false,
            used: 0,
            peak: 0,
            allocations: 0,
        }
    }

    /// Begins anew with this memory, in lifetime mode; whatever the region knew before is
    /// forgotten. O(1).
    ///
    /// # Errors
    /// What is wrong with the geometry; the region stays as it was.
    pub fn open(&mut self, geometry: Geometry) -> Result<(), GeometryError> {
        geometry.validate()?;
        self.records.reset(0);
        self.base = geometry.base >> GRANULE_SHIFT;
        self.end = self.base + (geometry.bytes >> GRANULE_SHIFT);
        self.line = geometry.line >> GRANULE_SHIFT;
        self.lifetime_end = self.base;
        self.kept = 0;
        self.sealed = false;
        self.used = 0;
        self.peak = 0;
        self.allocations = 0;
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
        if left != 0 && self.records.spare() == 0 {
            return Err(SealError::NoRecord(RECORDS as u32));
        }
        self.heap
            .open(&mut self.records, self.lifetime_end, self.end);
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
        let (size, align) = self.granules(request)?;
        let coherent = matches!(request.kind, Kind::Coherent);
        let position = if self.sealed {
            self.heap.alloc(&mut self.records, size, align, coherent)
        } else {
            self.alloc_lifetime(size, align, coherent)
        };
        let position = match position {
            Ok(position) => position,
            Err(full) => return Err(Self::refusal(full, request)),
        };
        self.used += size;
        self.peak = self.peak.max(self.used);
        self.allocations += 1;
        Ok(Allocation {
            offset: (position - self.base) << GRANULE_SHIFT,
            bytes: size << GRANULE_SHIFT,
        })
    }

    /// Drops all interim allocations at once; returns how many. Before the seal there are none.
    /// O(`RECORDS`).
    pub fn reset_interim(&mut self) -> u32 {
        if !self.sealed {
            return 0;
        }
        let (mut used, mut allocations) = (0, 0);
        for index in 1..=self.kept {
            let record = self.records.at(index);
            used += record.size();
            allocations += u32::from(!record.is_free());
        }
        self.records.reset(self.kept);
        self.heap
            .open(&mut self.records, self.lifetime_end, self.end);
        let dropped = self.allocations - allocations;
        self.used = used;
        self.allocations = allocations;
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
            peak: self.peak << GRANULE_SHIFT,
            allocations: self.allocations,
            spare_records: self.records.spare(),
        }
    }

    /// Size and alignment in granules, at most those of the region and 2^28. A coherent request
    /// gets whole lines, so that nothing else can lie in them.
    #[inline]
    fn granules(&self, request: Request) -> Result<(u32, u32), AllocError> {
        let Request { bytes, align, kind } = request;
        if bytes == 0 {
            return Err(AllocError::Empty);
        }
        if !align.is_power_of_two() {
            return Err(AllocError::Alignment(align));
        }
        let unit = match kind {
            Kind::Plain => 1,
            // A region that was never opened has no line.
            Kind::Coherent => self.line.max(1),
        };
        let Some(rounded) = bytes.checked_add((unit << GRANULE_SHIFT) - 1) else {
            return Err(AllocError::Wraps(bytes));
        };
        let size = (rounded >> GRANULE_SHIFT) & !(unit - 1);
        let region = self.end - self.base;
        if size > region {
            return Err(AllocError::TooLarge {
                bytes,
                region: region << GRANULE_SHIFT,
            });
        }
        Ok((size, (align / GRANULE).max(unit)))
    }

    #[inline]
    fn alloc_lifetime(&mut self, size: u32, align: u32, coherent: bool) -> Result<u32, HeapFull> {
        // Positions end below 2^29 and an alignment at 2^28: no sum here can wrap.
        let position = (self.lifetime_end + (align - 1)) & !(align - 1);
        let end = position + size;
        if end > self.end {
            return Err(HeapFull::NoRoom);
        }
        if self.records.spare() == 0 {
            return Err(HeapFull::NoRecord);
        }
        // In this mode no record was ever given back: they come in order, from 1 on.
        self.kept = self.records.take();
        let record = self.records.at_mut(self.kept);
        record.start = position;
        record.set_allocated(size, coherent);
        self.lifetime_end = end;
        Ok(position)
    }

    #[cold]
    const fn refusal(full: HeapFull, request: Request) -> AllocError {
        match full {
            HeapFull::NoRoom => AllocError::NoRoom {
                bytes: request.bytes,
                align: request.align,
            },
            HeapFull::NoRecord => AllocError::NoRecord(RECORDS as u32),
        }
    }
}
