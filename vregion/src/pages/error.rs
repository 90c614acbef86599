//! Why the page pool refuses.

use thiserror_no_std::Error;

use super::{PageCount, PageNumber, Run};

/// A request that the pool refuses; it has changed nothing.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PageError {
    /// No pages were asked for.
    #[error("a run needs at least one page")]
    Empty,
    /// The boundary is no power of two.
    #[error("a boundary of {0} pages is not a power of two")]
    Boundary(PageCount),
    /// No place between two boundaries is that long.
    #[error("{count} pages do not fit between boundaries {boundary} pages apart")]
    TooLong {
        /// Pages asked for.
        count: PageCount,
        /// Pages between two boundaries.
        boundary: PageCount,
    },
    /// Fewer pages are free than were asked for.
    #[error("{wanted} pages were asked for and {free} are free")]
    NoPages {
        /// Pages asked for.
        wanted: PageCount,
        /// Pages free.
        free: PageCount,
    },
    /// Enough pages are free, but nowhere in one run that crosses no boundary.
    #[error("{free} pages are free, but {wanted} of them nowhere side by side")]
    Scattered {
        /// Pages asked for.
        wanted: PageCount,
        /// Pages free.
        free: PageCount,
    },
    /// Fewer frames are free than there are pages to back.
    #[error("{wanted} frames are needed and {free} are free")]
    NoFrames {
        /// Frames needed.
        wanted: PageCount,
        /// Frames free.
        free: PageCount,
    },
    /// The run is no part of this pool.
    #[error("{0} are not in this pool")]
    Foreign(Run),
    /// A page is free: never reserved, or released before.
    #[error("page {0} is not reserved: it was released before, or never reserved")]
    NotReserved(PageNumber),
    /// A run may not reach over two reservations.
    #[error("the run reaches into another reservation, which begins at page {0}")]
    TwoReservations(PageNumber),
    /// Only a whole reservation can be released, and this run begins inside one.
    #[error("page {0} is inside a reservation; release the reservation from its first page on")]
    Interior(PageNumber),
    /// Only a whole reservation can be released, and this run ends inside one.
    #[error("the reservation from page {0} on is longer than the run; release all of it")]
    Unfinished(PageNumber),
    /// A page has a frame already.
    #[error("page {0} is committed already")]
    Committed(PageNumber),
    /// A page has no frame.
    #[error("page {0} is not committed")]
    NotCommitted(PageNumber),
}

/// Why pages did not get their frames; nothing has changed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CommitError<E> {
    /// The pool refuses.
    #[error("{0}")]
    Pool(PageError),
    /// The backing could not map the pages; the frames are free again.
    #[error("the pages could not be mapped: {0}")]
    Backing(E),
}

impl<E> From<PageError> for CommitError<E> {
    fn from(error: PageError) -> Self {
        CommitError::Pool(error)
    }
}
