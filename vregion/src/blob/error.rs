//! Why a handler refuses.

use thiserror_no_std::Error;

/// Why no transfer began.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BeginError<E> {
    /// A blob without bytes.
    #[error("a blob has at least one byte")]
    Empty,
    /// More bytes than blobs may have.
    #[error("a blob of {bytes} bytes is too long: at most {max}")]
    TooLong {
        /// Bytes announced.
        bytes: u32,
        /// Bytes allowed.
        max: u32,
    },
    /// Another transfer goes on.
    #[error("busy: {received} of {bytes} bytes of another blob have come")]
    Receiving {
        /// Bytes that have come.
        received: u32,
        /// Bytes of that blob.
        bytes: u32,
    },
    /// The last blob was not taken yet.
    #[error("busy: the reader has not switched to the last blob yet")]
    NotTaken,
    /// There is only one buffer, and it may be being read.
    #[error("busy: the only buffer is in use while the reader is active")]
    Active,
    /// No memory.
    #[error("no memory for the blob: {0}")]
    Memory(E),
}

/// Why a fragment was refused; the transfer goes on without it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AppendError {
    /// No transfer goes on.
    #[error("a fragment came without a transfer")]
    NoTransfer,
    /// A fragment without bytes.
    #[error("a fragment has at least one byte")]
    Empty,
    /// Not the next one.
    #[error("the fragment at byte {at} came when byte {expected} was due")]
    OutOfOrder {
        /// The byte that is due.
        expected: u32,
        /// The byte that came.
        at: u32,
    },
    /// Beyond what was announced.
    #[error("a fragment of {bytes} bytes came when {left} were left")]
    TooLong {
        /// Bytes of the fragment.
        bytes: u32,
        /// Bytes left.
        left: u32,
    },
}

/// Why a blob was not accepted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CommitError<E> {
    /// No transfer goes on.
    #[error("there is no transfer to end")]
    NoTransfer,
    /// Fewer bytes than were announced; the transfer goes on.
    #[error("{received} of {bytes} bytes have come")]
    Incomplete {
        /// Bytes that have come.
        received: u32,
        /// Bytes announced.
        bytes: u32,
    },
    /// The validator refuses it; the transfer is over.
    #[error("the blob is not valid: {0}")]
    Invalid(E),
}
