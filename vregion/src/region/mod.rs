//! A region: the memory of one module, as offsets from its start.
//!
//! A region begins in lifetime mode. Allocations then lie one after the other and stay until the
//! module ends. [`Region::seal`] ends this mode once and for all; what is left serves interim
//! allocations, which come and go at constant cost. Cached and coherent allocations never share a
//! cache line, in either mode.
//!
//! ```
//! use vregion::region::{Freed, Geometry, Region, Request};
//!
//! let mut region = Region::<64>::new();
//! region.open(Geometry { bytes: 8192, line: 64, base: 0xa000_0000 }).unwrap();
//! let state = region.alloc(Request::plain(1000)).unwrap();
//! assert_eq!(region.seal(4096), Ok(8192 - 1000));
//! let scratch = region.alloc(Request::coherent(100)).unwrap();
//! assert_eq!((scratch.offset % 64, scratch.bytes), (0, 128));
//! assert_eq!(region.free(scratch.offset), Ok(Freed::Returned { bytes: 128 }));
//! assert_eq!(region.free(state.offset), Ok(Freed::Kept { bytes: 1000 }));
//! ```

mod check;
mod error;
mod free;
mod kept;
mod refusal;
mod request;
mod resize;
mod state;
mod stats;
#[cfg(test)]
mod tests;

pub use error::{AllocError, FreeError, GeometryError, SealError};
pub use request::{Allocation, Freed, Geometry, Kind, Request};
pub use resize::{ResizeError, Resized};
pub use state::{MAX_BYTES, Region};
pub use stats::RegionStats;

/// The least size and alignment of an allocation, in bytes.
pub const LEAST_BYTES: u32 = crate::heap::GRANULE;
