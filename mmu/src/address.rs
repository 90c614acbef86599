//! Addresses and page-exact ranges. All arithmetic on addresses is in this file, and checked.

use core::fmt;

use thiserror_no_std::Error;

/// Bytes of a page; the MMU knows no other size in its autorefill ways.
pub const PAGE_BYTES: u32 = 4096;

/// A virtual address, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct VirtAddr(pub u32);

/// A physical address, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct PhysAddr(pub u32);

/// A number of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct PageCount(pub u32);

/// Why a pair of numbers is no page range.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// The start lies inside a page.
    #[error("the range starts at {0:#010x}, which is not a multiple of 4096")]
    Unaligned(u32),
    /// No pages.
    #[error("the range at {0:#010x} is empty")]
    Empty(u32),
    /// The end lies beyond the address space.
    #[error("{pages} pages from {start:#010x} run past the end of the address space")]
    Wraps {
        /// First byte.
        start: u32,
        /// Pages asked for.
        pages: u32,
    },
}

impl fmt::Display for VirtAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Display for PhysAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl VirtAddr {
    /// The number of the page that holds this address.
    #[must_use]
    pub const fn page(self) -> u32 {
        self.0 / PAGE_BYTES
    }

    /// The first address of the page that holds this address.
    #[must_use]
    pub const fn page_start(self) -> VirtAddr {
        VirtAddr(self.0 & !(PAGE_BYTES - 1))
    }

    /// Bytes from the start of the page.
    #[must_use]
    pub const fn page_offset(self) -> u32 {
        self.0 % PAGE_BYTES
    }
}

impl PhysAddr {
    /// Whether this is the first address of a frame.
    #[must_use]
    pub const fn is_frame(self) -> bool {
        self.0.is_multiple_of(PAGE_BYTES)
    }
}

impl PageCount {
    /// The least number of pages that holds that many bytes.
    #[must_use]
    pub const fn holding(bytes: u32) -> PageCount {
        PageCount(bytes.div_ceil(PAGE_BYTES))
    }

    /// Bytes of that many pages, or `None` beyond 4 GiB.
    #[must_use]
    pub const fn bytes(self) -> Option<u32> {
        self.0.checked_mul(PAGE_BYTES)
    }
}

/// Whole pages of the address space, at least one, that end before 2^32.
///
/// A range that reaches the last page is refused: its end could not be written as an address, and
/// no memory that may be given away lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VirtRange {
    start: u32,
    pages: u32,
}

impl VirtRange {
    /// The range of `pages` pages from `start`.
    ///
    /// # Errors
    /// One of [`AddressError`], by which argument is at fault. O(1).
    pub const fn new(start: VirtAddr, pages: PageCount) -> Result<VirtRange, AddressError> {
        if start.page_offset() != 0 {
            return Err(AddressError::Unaligned(start.0));
        }
        if pages.0 == 0 {
            return Err(AddressError::Empty(start.0));
        }
        let wraps = AddressError::Wraps {
            start: start.0,
            pages: pages.0,
        };
        let Some(bytes) = pages.bytes() else {
            return Err(wraps);
        };
        if start.0.checked_add(bytes).is_none() {
            return Err(wraps);
        }
        Ok(VirtRange {
            start: start.0,
            pages: pages.0,
        })
    }

    /// First byte.
    #[must_use]
    pub const fn start(self) -> VirtAddr {
        VirtAddr(self.start)
    }

    /// First byte behind the range.
    #[must_use]
    pub const fn end(self) -> VirtAddr {
        VirtAddr(self.start + self.pages * PAGE_BYTES)
    }

    /// How many pages.
    #[must_use]
    pub const fn pages(self) -> PageCount {
        PageCount(self.pages)
    }

    /// How many bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        self.pages * PAGE_BYTES
    }

    /// Whether the address lies inside.
    #[must_use]
    pub const fn contains(self, address: VirtAddr) -> bool {
        address.0 >= self.start && address.0 < self.end().0
    }

    /// The first address of each page, in order.
    pub fn each_page(self) -> impl Iterator<Item = VirtAddr> {
        (0..self.pages).map(move |page| VirtAddr(self.start + page * PAGE_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_at_the_edges() {
        let new = |start, pages| VirtRange::new(VirtAddr(start), PageCount(pages));
        assert_eq!(new(1, 1), Err(AddressError::Unaligned(1)));
        assert_eq!(new(0x1800, 1), Err(AddressError::Unaligned(0x1800)));
        assert_eq!(new(0x1000, 0), Err(AddressError::Empty(0x1000)));
        assert!(matches!(
            new(0xffff_f000, 1),
            Err(AddressError::Wraps { .. })
        ));
        assert!(matches!(
            new(0xffff_e000, 2),
            Err(AddressError::Wraps { .. })
        ));
        assert!(matches!(new(0, 0x10_0000), Err(AddressError::Wraps { .. })));
        assert!(matches!(
            new(0x1000, u32::MAX),
            Err(AddressError::Wraps { .. })
        ));
        let last = new(0xffff_e000, 1).unwrap();
        assert_eq!(last.end(), VirtAddr(0xffff_f000));
        assert!(last.contains(VirtAddr(0xffff_efff)));
        assert!(!last.contains(VirtAddr(0xffff_f000)));
    }

    #[test]
    fn page_counts_round_up() {
        assert_eq!(PageCount::holding(0), PageCount(0));
        assert_eq!(PageCount::holding(1), PageCount(1));
        assert_eq!(PageCount::holding(4096), PageCount(1));
        assert_eq!(PageCount::holding(u32::MAX), PageCount(0x10_0000));
        assert_eq!(PageCount(0x10_0000).bytes(), None);
    }
}
