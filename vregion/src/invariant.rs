//! The rules that hold between any two operations, by number.

use thiserror_no_std::Error;

/// A rule that does not hold, found by a `check`. Seeing one is always a bug in this crate.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvariantError {
    /// Accounting of pages.
    #[error("P1: the number of free pages is not what the map says")]
    FreePages,
    /// Nothing is known of a free page.
    #[error("P2: the free page {0} has a frame or begins a reservation")]
    FreePageInUse(u32),
    /// Every reserved page belongs to a reservation that has a first page.
    #[error("P3: the reserved page {0} belongs to no reservation")]
    NoReservation(u32),
    /// Accounting of reservations.
    #[error("P4: the number of reservations is not that of their first pages")]
    Reservations,
    /// A frame has one owner: a page, or the free frames.
    #[error("P5: the frame {0} is in two places, in none, or does not exist")]
    FrameOwner(u32),
    /// Accounting of frames.
    #[error("P6: the number of free frames is not what the pages leave")]
    FreeFrames,
    /// The note that shortens a search must never hide a run that would do.
    #[error("P7: the group of pages from {0} on has a run that the search would not find")]
    HiddenRun(u32),

    /// Allocations and the gaps after them cover the heap in address order, linked both ways.
    #[error("H1: what is at offset {0} does not begin where the gap before it ends")]
    Tiling(u32),
    /// A gap is in the list of its size, and nothing else is.
    #[error("H2: the lists of gaps are not what the allocations say, in size class {0}")]
    FreeList(u32),
    /// The directory finds each allocation, and nothing else.
    #[error("H3: the directory is not what the allocations say, in bucket {0}")]
    Directory(u32),
    /// A record is in one place: an allocation, the heap's own, or spare.
    #[error("H4: the records in use and the spare ones are not all the records")]
    Records,
    /// A coherent allocation has its cache lines to itself.
    #[error("H5: the coherent allocation at offset {0} does not begin and end at a cache line")]
    SharedLine(u32),

    /// Lifetime allocations lie in order, apart, below the end of the lifetime part.
    #[error("R1: the lifetime allocation at offset {0} overlaps another or lies outside its part")]
    Lifetime(u32),
    /// Accounting of bytes.
    #[error("R2: the bytes in use are not those of the allocations")]
    UsedBytes,
    /// Accounting of allocations.
    #[error("R3: the number of allocations is not that of the records")]
    Allocations,
    /// The peak is never below the present.
    #[error("R4: more bytes are in use than the recorded peak")]
    Peak,

    /// The notes that shorten the search for blocks say what the blocks say.
    #[error("V1: the notes on free runs are wrong for the word {0} of the blocks")]
    BlockRuns(u32),
    /// Nothing is known of a free block.
    #[error("V2: the free block at offset {0} is joined to another, or has pages")]
    FreeBlockInUse(u32),
    /// Joined blocks are in use, and in one bundle.
    #[error("V3: the allocation at offset {0} reaches over a free block or the end of its bundle")]
    Joined(u32),
    /// Accounting of blocks.
    #[error("V4: the blocks in use are not what the bundle at offset {0} says")]
    UsedBlocks(u32),
    /// A page has as many users as allocations have bytes in it.
    #[error("V5: the users of page {0} are not those that the allocations say")]
    PageUsers(u32),
    /// A page is mapped iff it has a user.
    #[error("V6: the mapped pages are not those that have users")]
    MappedPages,

    /// Accounting of objects.
    #[error("O1: the objects in use are not what chunk {0} says")]
    Objects(u32),
    /// The note on chunks with free objects says what the chunks say.
    #[error("O2: the note on free objects is wrong for chunk {0}")]
    OpenChunks(u32),

    /// A shared copy is found by its source, and nothing else is.
    #[error("C1: the chains do not lead to copy {0} once, or lead elsewhere")]
    Chain(u32),
    /// A copy is kept iff it has owners.
    #[error("C2: the owners of copy {0} are not what the records say")]
    Owners(u32),
    /// Accounting of copies, owners and spare records.
    #[error("C3: the records in use and the spare ones are not all the records")]
    Copies,

    /// A transfer never has more than was announced.
    #[error("B1: more bytes were received than the blob has")]
    Received,
    /// Accounting of blob memory.
    #[error("B2: the bytes of the blobs are not those that are kept")]
    BlobBytes,

    /// Positions lie within the ring and agree with its fill.
    #[error("G1: the positions of the ring do not agree with the bytes in it")]
    Positions,
    /// Nobody holds more than there is.
    #[error("G2: more bytes are got than are there")]
    Got,

    /// Every page that an allocation lies in is mapped.
    #[error("M1: the allocation that ends at offset {0} lies in a page that is not mapped")]
    NotMapped(u32),
    /// Parts lie apart, in order, inside the region.
    #[error("M2: part {0} overlaps another or lies outside the region")]
    Parts(u32),
}
