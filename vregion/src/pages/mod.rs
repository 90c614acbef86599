//! The page pool: contiguous virtual pages, backed by any free frames.
//!
//! One mechanism in two steps serves everything that needs pages. [`PagePool::reserve`] takes
//! address space and no memory; [`PagePool::commit`] puts frames behind some or all of it. A page
//! that is reserved and not committed is a guard page: nobody else gets it, and nothing is there.
//!
//! ```
//! use vregion::pages::{Backing, FrameNumber, Mapping, PageCount, PagePool};
//!
//! struct Tables;
//! impl Backing for Tables {
//!     type Error = &'static str;
//!     fn zero(&mut self, _frame: FrameNumber) {}
//!     fn map(&mut self, _mapping: &Mapping<'_>) -> Result<(), Self::Error> {
//!         Ok(())
//!     }
//!     fn unmap(&mut self, _mapping: &Mapping<'_>) {}
//! }
//!
//! let mut pool = PagePool::<1024, 8>::new();
//! let stack = pool.reserve(PageCount(3), PageCount(1024)).unwrap();
//! // The first page stays a guard.
//! let usable = stack.part(1, PageCount(2)).unwrap();
//! pool.commit(usable, &mut Tables).unwrap();
//! assert_eq!(pool.free_frames(), 6);
//! assert_eq!(pool.frame_of(stack.first), None);
//! pool.release(stack, &mut Tables).unwrap();
//! assert_eq!(pool.free_frames(), 8);
//! ```

mod backing;
mod bits;
mod check;
mod commit;
mod entry;
mod error;
mod frames;
mod map;
mod number;
mod pool;
mod runs;
mod search;
mod steps;
#[cfg(test)]
mod tests;

pub use backing::{Backing, Mapping};
pub use error::{CommitError, PageError};
pub use number::{FrameNumber, PageCount, PageNumber, Run};
pub use pool::{MAX_FRAMES, MAX_PAGES, PagePool, PageStats};
