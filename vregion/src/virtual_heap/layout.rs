//! How a heap is parted into bundles.

use core::ops::Range;

use super::LayoutError;
use super::group::Hints;

/// The most bundles of a heap.
pub const MAX_BUNDLES: usize = 16;
/// Blocks that one group of the heap's records has bits for, in words of 32: a bundle takes whole
/// words.
pub const BLOCKS_PER_GROUP: u32 = 1024;

/// Blocks of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Bytes of a block, 8 or more. A block is aligned as its size is, at most to a page.
    pub block_bytes: u32,
    /// Blocks, at least one.
    pub count: u32,
}

/// Where a heap is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bytes of the heap; what the bundles leave is never handed out.
    pub bytes: u32,
    /// Bytes of a page: a power of two, 64 or more.
    pub page_bytes: u32,
    /// The address of offset 0, at the start of a page. Only alignment depends on it.
    pub base: u32,
}

/// How one bundle is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleStats {
    /// Bytes of a block.
    pub block_bytes: u32,
    /// Blocks.
    pub count: u32,
    /// The offset of the first block.
    pub offset: u32,
    /// Blocks in use.
    pub used: u32,
    /// The most blocks ever in use at once.
    pub peak: u32,
    /// Requests that this bundle could have served had it not been full.
    pub refused: u32,
}

/// A bundle as the heap keeps it.
#[derive(Clone, Copy)]
pub(super) struct Shelf {
    pub block_bytes: u32,
    pub count: u32,
    /// The offsets of the first block and of the end of the last.
    pub start: u32,
    pub end: u32,
    /// The power of two that a block is, or `NO_SHIFT`.
    pub shift: u8,
    /// Whether no page parts a block: a power of two that is not larger than a page.
    pub is_paged: bool,
    /// Whether an allocation may have more than one block.
    pub spans: bool,
    /// What every block's address is a multiple of.
    pub align: u32,
    /// The first word of its bits, and the one after the last.
    pub word: u32,
    pub word_end: u32,
    /// Where free runs of its blocks are.
    pub hints: Hints,
    pub used: u32,
    pub peak: u32,
    pub refused: u32,
}

const NO_SHIFT: u8 = u8::MAX;

impl Shelf {
    pub const NONE: Shelf = Shelf {
        block_bytes: 0,
        count: 0,
        start: 0,
        end: 0,
        shift: NO_SHIFT,
        is_paged: false,
        spans: false,
        align: 0,
        word: 0,
        word_end: 0,
        hints: Hints::NONE,
        used: 0,
        peak: 0,
        refused: 0,
    };

    /// The bundle's place after `start`, a page's offset; `None` where a size wraps.
    pub fn new(bundle: Bundle, start: u32, base: u32, word: u32) -> Option<Shelf> {
        let Bundle { block_bytes, count } = bundle;
        let address = base.checked_add(start)?;
        // One block alone is aligned as it happens to lie.
        let pattern = if count == 1 {
            address
        } else {
            address | block_bytes
        };
        Some(Shelf {
            block_bytes,
            count,
            start,
            end: start.checked_add(block_bytes.checked_mul(count)?)?,
            shift: match block_bytes.is_power_of_two() {
                true => block_bytes.trailing_zeros() as u8,
                false => NO_SHIFT,
            },
            align: 1 << pattern.trailing_zeros().min(u32::BITS - 1),
            word,
            word_end: word + count.div_ceil(u32::BITS),
            hints: Hints::beginning(word),
            ..Shelf::NONE
        })
    }

    /// The words of its bits.
    #[inline(always)]
    pub const fn words(&self) -> Range<u32> {
        self.word..self.word_end
    }

    /// How many whole blocks these bytes are.
    #[inline(always)]
    pub const fn whole_blocks(&self, bytes: u32) -> u32 {
        if self.shift == NO_SHIFT {
            bytes / self.block_bytes
        } else {
            bytes >> self.shift
        }
    }

    /// The number of a block among all blocks of the heap.
    #[inline(always)]
    pub const fn block(&self, index: u32) -> u32 {
        self.word * u32::BITS + index
    }

    /// The offset of a block by its number.
    #[inline(always)]
    pub const fn offset(&self, block: u32) -> u32 {
        self.start + (block - self.word * u32::BITS) * self.block_bytes
    }

    pub const fn stats(&self) -> BundleStats {
        BundleStats {
            block_bytes: self.block_bytes,
            count: self.count,
            offset: self.start,
            used: self.used,
            peak: self.peak,
            refused: self.refused,
        }
    }
}

impl Layout {
    /// # Errors
    /// What is wrong with the heap, whatever its bundles.
    pub(super) const fn validate(&self) -> Result<(), LayoutError> {
        let Layout {
            bytes,
            page_bytes,
            base,
        } = *self;
        if !page_bytes.is_power_of_two() || page_bytes < 64 {
            return Err(LayoutError::Page(page_bytes));
        }
        if !base.is_multiple_of(page_bytes) {
            return Err(LayoutError::Base(base));
        }
        if base.checked_add(bytes).is_none() {
            return Err(LayoutError::Wraps { base, bytes });
        }
        Ok(())
    }
}

impl Bundle {
    /// # Errors
    /// What is wrong with bundle `number`, which comes after blocks of `before` bytes.
    pub(super) const fn validate(self, number: usize, before: u32) -> Result<(), LayoutError> {
        if self.block_bytes < 8 {
            return Err(LayoutError::Block(number));
        }
        if self.count == 0 {
            return Err(LayoutError::Count(number));
        }
        if self.block_bytes < before {
            return Err(LayoutError::Order(number));
        }
        Ok(())
    }
}
