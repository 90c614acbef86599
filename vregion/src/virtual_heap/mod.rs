//! The virtual memory heap: buffers of predefined sizes, backed only as far as they are used.
//!
//! A heap is parted into *bundles*: so many blocks of such a size. Sizes and counts are free; each
//! bundle begins on a page. A request takes one block, or blocks side by side, and has only those
//! pages mapped that its own bytes lie in: 48 KiB in a block of 64 KiB cost 48 KiB. Blocks that
//! share a page share its memory; it is mapped for the first and unmapped after the last.
//!
//! It does what SOF's `vmh_init_heap`, `vmh_alloc`, `vmh_free` and `vmh_free_heap` do
//! (`zephyr/lib/regions_mm.c`), without the rule of powers of two, and
//! `buffer_alloc_range` ([`VirtualHeap::alloc_range`]).
//!
//! ```
//! use core::ops::Range;
//! use vregion::supply::PageSupply;
//! use vregion::virtual_heap::{Bundle, Layout, Request, VirtualHeap};
//!
//! struct Mapped(u32);
//! impl PageSupply for Mapped {
//!     type Error = &'static str;
//!     fn map(&mut self, pages: Range<u32>) -> Result<(), Self::Error> {
//!         self.0 += pages.end - pages.start;
//!         Ok(())
//!     }
//!     fn unmap(&mut self, pages: Range<u32>) -> Result<(), Self::Error> {
//!         self.0 -= pages.end - pages.start;
//!         Ok(())
//!     }
//! }
//!
//! let mut heap = VirtualHeap::<1, 64>::new();
//! let layout = Layout { bytes: 256 << 10, page_bytes: 4096, base: 0xa040_0000 };
//! let bundles = [(64, 64), (65_536, 3)].map(|(block_bytes, count)| Bundle { block_bytes, count });
//! heap.open(layout, &bundles).unwrap();
//! let mut pages = Mapped(0);
//! let buffer = heap.alloc(Request::single(48 << 10), &mut pages).unwrap();
//! assert_eq!(pages.0, 12);
//! heap.free(buffer.offset, &mut pages).unwrap();
//! assert_eq!(pages.0, 0);
//! ```

mod blocks;
mod check;
mod error;
mod free;
mod group;
mod heap;
mod layout;
mod one;
mod range;
mod resize;
mod stats;
mod store;
#[cfg(test)]
mod tests;

pub use error::{AllocError, CloseError, FreeError, LayoutError};
pub use heap::{Allocation, Request, Span, VirtualHeap};
pub use layout::{BLOCKS_PER_GROUP, Bundle, BundleStats, Layout, MAX_BUNDLES};
pub use resize::ResizeError;
pub use stats::HeapStats;
