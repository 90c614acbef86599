//! How much there can be of everything: the sizes of the one state, which lies in static storage.

/// The most pages of the window.
pub const PAGES: usize = 2048;
/// The most pages of memory behind it.
pub const FRAMES: usize = 2048;
/// The most regions at once.
pub const REGIONS: usize = 24;
/// Parts of regions: a region of PR 10702's form takes two, any other one.
pub const PARTS: usize = 24;
/// Records of a part: one is its own, one its interim heap's, and each allocation takes one.
pub const PART_RECORDS: usize = 128;
/// Records of each heap of the `rmalloc` family.
pub const AREA_RECORDS: usize = 1024;
/// Virtual memory heaps: the one behind `rballoc`, and those of `vmh_init_heap`.
pub const HEAPS: usize = 4;
/// Blocks of a virtual memory heap, in groups of 1,024.
pub const HEAP_GROUPS: usize = 8;
/// The most pages of a virtual memory heap.
pub const HEAP_PAGES: usize = 512;
/// Object pools.
pub const POOLS: usize = 32;
/// Chunks of an object pool: 16 make 414 objects.
pub const POOL_CHUNKS: usize = 16;
/// Copies of constants.
pub const COPIES: usize = 64;
/// Pairs of a copy and an owner of it.
pub const COPY_OWNERS: usize = 128;

const _: () = assert!(
    REGIONS <= 256 && HEAPS <= 256 && POOLS <= 256,
    "a token has 8 bits for a number"
);
