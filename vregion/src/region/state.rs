//! The region and its allocations.

use super::kept::Kept;
use super::{AllocError, Allocation, Geometry, GeometryError, Kind, Request, SealError};
use crate::heap::{GRANULE, Heap, NOWHERE};

/// The most bytes of a region: 16 MiB.
pub const MAX_BYTES: u32 = 16 << 20;

/// The memory of one module, as offsets from its start.
///
/// `RECORDS` is a power of two. One record is the region's own, one is the interim heap's, and each
/// allocation takes one, for life or not, however scattered they lie. A record is 32 bytes, and
/// 4 more are for finding it.
#[repr(C)]
pub struct Region<const RECORDS: usize> {
    /// The address of offset 0.
    pub(super) base: u32,
    /// The address where the next lifetime allocation may begin; sealed: where the heap begins.
    pub(super) next: u32,
    /// The address where the last one must end: the end of the region, which may be that of the
    /// address space and thus 0. Sealed: `next`, which leaves no room.
    pub(super) limit: u32,
    /// Lifetime allocations, the freed ones too: records 1 to this one, in order of position.
    pub(super) kept: u32,
    /// Bytes of the lifetime part that alignment left between allocations.
    pub(super) padding: u32,
    /// Bytes of the region.
    pub(super) bytes: u32,
    /// Bytes of a cache line.
    pub(super) line: u32,
    /// The offset from which on allocations are interim; before the seal beyond all offsets.
    pub(super) heap_start: u32,
    /// Bytes of interim allocations.
    pub(super) used: u32,
    /// The most they ever were, brought up to date before they become less.
    pub(super) peak: u32,
    /// Lifetime allocations that were freed.
    pub(super) given_up: u32,
    pub(super) heap: Heap<RECORDS>,
}

/// Where the heap begins before the seal: no offset of an allocation is as large.
const UNSEALED: u32 = u32::MAX;

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
            next: 0,
            limit: 0,
            kept: 0,
            padding: 0,
            bytes: 0,
            line: 0,
            heap_start: 0,
            used: 0,
            peak: 0,
            given_up: 0,
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
        let Geometry { bytes, line, base } = geometry;
        self.heap.clear(0);
        self.base = base;
        self.next = base;
        self.limit = base.wrapping_add(bytes);
        self.kept = 0;
        self.padding = 0;
        self.bytes = bytes;
        self.line = line;
        self.heap_start = UNSEALED;
        self.used = 0;
        self.peak = 0;
        self.given_up = 0;
        Ok(())
    }

    /// Ends the lifetime mode, once and for all. What is left, at least `least` bytes, serves
    /// interim allocations from now on; returns how much that is. With `least` 0 it may be nothing
    /// at all. O(`RECORDS`).
    ///
    /// # Errors
    /// [`SealError`]; the region stays in lifetime mode.
    pub fn seal(&mut self, least: u32) -> Result<u32, SealError> {
        if self.is_sealed() {
            return Err(SealError::Sealed);
        }
        let left = self.limit.wrapping_sub(self.next);
        if left < least {
            return Err(SealError::NoRoom { left, least });
        }
        if left != 0 && self.kept as usize + 1 >= RECORDS {
            return Err(SealError::NoRecord(RECORDS as u32));
        }
        self.heap_start = self.lifetime_bytes();
        self.limit = self.next;
        self.heap.clear(self.kept);
        self.heap.open(self.heap_start, self.bytes);
        Ok(left)
    }

    /// Allocates: for life before the seal, from the interim heap after it.
    ///
    /// O(1).
    ///
    /// # Errors
    /// [`AllocError`]; nothing has changed.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline(never)]
    pub fn alloc(&mut self, request: Request) -> Result<Allocation, AllocError> {
        if self.is_sealed() {
            self.alloc_interim(request)
        } else {
            self.alloc_lifetime(request)
        }
    }

    /// The same for who knows that the region is not sealed. In a sealed one there is no room.
    ///
    /// # Errors
    /// Those of [`Region::alloc`].
    #[inline(always)]
    pub fn alloc_lifetime(&mut self, request: Request) -> Result<Allocation, AllocError> {
        match self.make_kept(request) {
            Some(made) => Ok(made),
            None => Err(self.refusal(
                self.why_not_kept(request.bytes, request.align, request.kind),
                request,
            )),
        }
    }

    #[inline(always)]
    fn make_kept(&mut self, request: Request) -> Option<Allocation> {
        let Request { bytes, align, kind } = request;
        let room = self.limit.wrapping_sub(self.next);
        let mut less = align.wrapping_sub(1);
        // One less than no bytes at all is the most of all.
        if !is_alignment(align) || bytes.wrapping_sub(1) >= room {
            return None;
        }
        let mut unit = GRANULE;
        let coherent = matches!(kind, Kind::Coherent);
        if coherent {
            unit = self.line;
            // A multiple of both powers of two.
            less |= unit - 1;
        }
        let size = round_up(bytes, unit);
        // Every address here is a multiple of 8, however small the alignment.
        let padding = self.next.wrapping_neg() & less;
        if padding + size > room {
            return None;
        }
        // In this mode no record is ever given back: they are taken in order, from 1 on.
        let number = self.kept + 1;
        if number as usize >= RECORDS {
            return None;
        }
        let mut start = self.next;
        if padding != 0 {
            start = start.wrapping_add(padding);
            self.padding += padding;
        }
        self.kept = number;
        self.next = start.wrapping_add(size);
        let offset = start.wrapping_sub(self.base);
        let record = self.heap.records.numbered(number);
        Kept::write(record, start, self.next, coherent);
        Some(Allocation {
            offset,
            bytes: size,
        })
    }

    /// The same as [`Region::alloc`] for who knows that the region is sealed. Before that there is no
    /// room.
    ///
    /// # Errors
    /// Those of [`Region::alloc`].
    #[inline(always)]
    pub fn alloc_interim(&mut self, request: Request) -> Result<Allocation, AllocError> {
        match self.make_interim(request) {
            Some(made) => Ok(made),
            None => Err(self.refusal(
                self.why_not_interim(request.bytes, request.align, request.kind),
                request,
            )),
        }
    }

    #[inline(always)]
    fn make_interim(&mut self, request: Request) -> Option<Allocation> {
        let Request { bytes, align, kind } = request;
        if !is_alignment(align) || bytes.wrapping_sub(1) >= self.bytes {
            return None;
        }
        let line = self.line;
        let (coherent, unit) = match kind {
            Kind::Plain => (false, GRANULE),
            Kind::Coherent => (true, line),
        };
        let align = align.max(unit);
        // What lies between an allocation and the next multiple of its alignment is seldom of use
        // to anybody; a coherent one must have whole lines. The region begins with a line.
        let (size, offset) = if align > line {
            let size = round_up(bytes, line);
            (size, self.make_wide(size, align, coherent))
        } else {
            let size = round_up(bytes, align);
            (size, self.heap.alloc(size, align, 0, coherent))
        };
        if offset == NOWHERE {
            return None;
        }
        self.used += size;
        Some(Allocation {
            offset,
            bytes: size,
        })
    }

    /// An alignment beyond a line is one of the address, not of the offset.
    #[cold]
    #[inline(never)]
    fn make_wide(&mut self, size: u32, align: u32, coherent: bool) -> u32 {
        let skew = self.base & (align - 1);
        self.heap.alloc(size, align, skew, coherent)
    }

    /// Drops all interim allocations at once; returns how many. Before the seal there are none.
    /// O(`RECORDS`).
    pub fn reset_interim(&mut self) -> u32 {
        if !self.is_sealed() {
            return 0;
        }
        let dropped = self.heap.alive();
        self.heap.clear(self.kept);
        self.heap.open(self.heap_start, self.bytes);
        self.peak = self.peak.max(self.used);
        self.used = 0;
        dropped
    }

    /// Whether the lifetime mode has ended.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        // One that was never opened is not.
        self.heap_start != UNSEALED && self.line != 0
    }

    /// Ends the lifetime part at an offset before its end, where `padding` bytes of alignment go
    /// with it.
    pub(super) const fn shorten(&mut self, end: u32, padding: u32) {
        self.next = self.base.wrapping_add(end);
        self.padding -= padding;
        self.kept -= 1;
    }
}

/// A power of two has no bit in common with one less, so that all bits of both are more than that;
/// 0 has all.
#[inline(always)]
pub(super) const fn is_alignment(align: u32) -> bool {
    let less = align.wrapping_sub(1);
    align ^ less > less
}

/// The first multiple of `align`, a power of two, that is not below. No sum here reaches 2^32.
#[inline(always)]
pub(super) const fn round_up(number: u32, align: u32) -> u32 {
    (number + (align - 1)) & !(align - 1)
}
