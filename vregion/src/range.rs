//! Range allocation: somewhere between what is needed and what is preferred.
//!
//! A deep buffer would have as much as it can get. Were it given all there is, the next one would
//! get nothing, so it gets a *predefined size*: on a virtual heap a block
//! ([`VirtualHeap::alloc_range`](crate::virtual_heap::VirtualHeap::alloc_range)), on a region one
//! of a list of sizes ([`alloc_range`]). What lies between two such sizes stays for others. This is
//! what SOF's `buffer_alloc_range` is for (`src/audio/buffers/comp_buffer.c`).

use thiserror_no_std::Error;

use crate::region::{AllocError, Allocation, Kind, Region, Request};

/// Somewhere between two sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Bytes needed, at least one.
    pub minimum: u32,
    /// Bytes preferred, at least the minimum. It is a hint: the more, the better.
    pub preferred: u32,
    /// What the address is a multiple of, in bytes: a power of two.
    pub align: u32,
}

/// Why a range allocation was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RangeError<E> {
    /// No bytes were asked for.
    #[error("a range begins with at least one byte")]
    Empty,
    /// The range is upside down.
    #[error("{preferred} bytes are preferred, but at least {minimum} are needed")]
    Inverted {
        /// Bytes needed.
        minimum: u32,
        /// Bytes preferred.
        preferred: u32,
    },
    /// Not even the minimum could be had.
    #[error("not even the minimum: {0}")]
    Minimum(E),
}

impl Range {
    /// # Errors
    /// [`RangeError::Empty`], [`RangeError::Inverted`].
    pub const fn validate<E>(&self) -> Result<(), RangeError<E>> {
        let Range {
            minimum, preferred, ..
        } = *self;
        if minimum == 0 {
            return Err(RangeError::Empty);
        }
        if preferred < minimum {
            return Err(RangeError::Inverted { minimum, preferred });
        }
        Ok(())
    }
}

/// Allocates from a region: the largest of `sizes`, which ascend, that is between minimum and
/// preferred and can be had; else the minimum. Where no predefined size is as large as preferred is
/// small, preferred itself is tried first.
///
/// At most `sizes.len() + 2` attempts, each as an allocation of the region.
///
/// # Errors
/// [`RangeError`]; nothing has changed.
pub fn alloc_range<const RECORDS: usize>(
    region: &mut Region<RECORDS>,
    range: Range,
    kind: Kind,
    sizes: &[u32],
) -> Result<Allocation, RangeError<AllocError>> {
    range.validate()?;
    let Range {
        minimum,
        preferred,
        align,
    } = range;
    let mut attempt = |bytes| region.alloc(Request { bytes, align, kind });
    if sizes.first().is_none_or(|least| preferred < *least)
        && let Ok(allocation) = attempt(preferred)
    {
        return Ok(allocation);
    }
    for bytes in sizes.iter().rev() {
        if *bytes <= preferred
            && *bytes > minimum
            && let Ok(allocation) = attempt(*bytes)
        {
            return Ok(allocation);
        }
    }
    attempt(minimum).map_err(RangeError::Minimum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::Geometry;

    const SIZES: [u32; 4] = [16 << 10, 32 << 10, 64 << 10, 128 << 10];
    const DEEP: Range = Range {
        minimum: 16 << 10,
        preferred: 128 << 10,
        align: 64,
    };

    fn region(bytes: u32) -> Region<32> {
        let mut region = Region::new();
        region
            .open(Geometry {
                bytes,
                line: 64,
                base: 0xa000_0000,
            })
            .unwrap();
        region
    }

    /// The example of SOF's PR 9155, before the seal and after it.
    #[test]
    fn two_deep_buffers_share_a_region() {
        for sealed in [false, true] {
            let mut region = region(96 << 10);
            if sealed {
                region.seal(1).unwrap();
            }
            let mut take = |range| alloc_range(&mut region, range, Kind::Plain, &SIZES);
            assert_eq!(take(DEEP).unwrap().bytes, 64 << 10);
            assert_eq!(take(DEEP).unwrap().bytes, 32 << 10);
            assert!(matches!(
                take(DEEP),
                Err(RangeError::Minimum(AllocError::NoRoom { .. }))
            ));
            region.check().unwrap();
        }
    }

    #[test]
    fn the_minimum_need_not_be_a_predefined_size() {
        let mut region = region(48 << 10);
        let mut take = |minimum, preferred| {
            let range = Range {
                minimum,
                preferred,
                align: 8,
            };
            alloc_range(&mut region, range, Kind::Coherent, &SIZES).map(|got| got.bytes)
        };
        assert_eq!(take(40 << 10, 120 << 10), Ok(40 << 10));
        assert_eq!(take(64, 5000), Ok(5056));
        // 16 KiB do not fit any more, and nothing between it and the minimum is tried.
        assert_eq!(take(640, 20_000), Ok(640));
    }

    #[test]
    fn ranges_that_are_refused() {
        let mut region = region(4096);
        let before = region.stats();
        let mut take = |minimum, preferred, align| {
            alloc_range(
                &mut region,
                Range {
                    minimum,
                    preferred,
                    align,
                },
                Kind::Plain,
                &SIZES,
            )
        };
        assert_eq!(take(0, 10, 8), Err(RangeError::Empty));
        assert_eq!(
            take(11, 10, 8),
            Err(RangeError::Inverted {
                minimum: 11,
                preferred: 10
            })
        );
        assert_eq!(
            take(10, 20, 24),
            Err(RangeError::Minimum(AllocError::Alignment(24)))
        );
        let wraps = AllocError::Wraps(u32::MAX);
        assert_eq!(take(u32::MAX, u32::MAX, 8), Err(RangeError::Minimum(wraps)));
        assert_eq!(region.stats(), before);
    }
}
