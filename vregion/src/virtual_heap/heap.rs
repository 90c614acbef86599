//! The heap and its allocations.

use super::layout::{MAX_BUNDLES, Shelf};
use super::one::{FirstShelves, NO_PLACE, NO_SHELVES, first_shelves};
use super::store::{Extent, Store};
use super::{AllocError, Bundle, CloseError, Layout, LayoutError};
use crate::supply::PageSupply;

/// Buffers of predefined sizes, as offsets from the start of the heap.
///
/// Each of `GROUPS` has bits for 1,024 blocks (408 bytes); a bundle takes whole words of 32. Each
/// of `PAGES` has a count of its users (2 bytes).
///
/// The numbers lie first: an offset of up to 1 KiB is part of an instruction.
#[repr(C)]
pub struct VirtualHeap<const GROUPS: usize, const PAGES: usize> {
    /// Shelves in use.
    pub(super) bundles: usize,
    /// For each class of sizes the first shelf whose blocks may be large enough.
    pub(super) first: FirstShelves,
    pub(super) store: Store<GROUPS, PAGES>,
    pub(super) shelves: [Shelf; MAX_BUNDLES],
}

/// Whether an allocation may take more than one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// One block, of the first bundle whose blocks are large enough and not all in use.
    Single,
    /// As many blocks side by side as it takes, in the first bundle that has them.
    Contiguous,
}

/// An allocation as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Bytes, at least one.
    pub bytes: u32,
    /// What the address is a multiple of, in bytes: a power of two. Bundles whose blocks are not
    /// aligned so are passed over.
    pub align: u32,
    /// Whether it may take more than one block.
    pub span: Span,
}

impl Request {
    /// Bytes in one block.
    #[must_use]
    pub const fn single(bytes: u32) -> Self {
        Request {
            bytes,
            align: 1,
            span: Span::Single,
        }
    }

    /// Bytes in blocks side by side.
    #[must_use]
    pub const fn contiguous(bytes: u32) -> Self {
        Request {
            bytes,
            align: 1,
            span: Span::Contiguous,
        }
    }

    /// The same, at a multiple of `align` bytes.
    #[must_use]
    pub const fn aligned(self, align: u32) -> Self {
        Request { align, ..self }
    }
}

/// An allocation as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Bytes from the start of the heap.
    pub offset: u32,
    /// The bytes asked for: all of them are mapped. A page that was mapped already may hold what
    /// an earlier allocation left.
    pub bytes: u32,
}

impl<const GROUPS: usize, const PAGES: usize> Default for VirtualHeap<GROUPS, PAGES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const GROUPS: usize, const PAGES: usize> VirtualHeap<GROUPS, PAGES> {
    /// A heap without bundles: it refuses everything until [`VirtualHeap::open`].
    #[must_use]
    pub const fn new() -> Self {
        VirtualHeap {
            bundles: 0,
            first: NO_SHELVES,
            shelves: [Shelf::NONE; MAX_BUNDLES],
            store: Store::new(),
        }
    }

    /// Begins anew with these bundles, none of whose pages is mapped. The stretch of addresses is
    /// the heap's alone: the embedder reserves it, so that no two heaps share pages.
    ///
    /// O(`GROUPS`).
    ///
    /// # Errors
    /// [`LayoutError`]; the heap stays as it was.
    pub fn open(&mut self, layout: Layout, bundles: &[Bundle]) -> Result<(), LayoutError> {
        if self.store.allocations != 0 {
            return Err(LayoutError::InUse(self.store.allocations));
        }
        layout.validate()?;
        if bundles.is_empty() || bundles.len() > MAX_BUNDLES {
            return Err(LayoutError::Bundles(bundles.len()));
        }
        let page_shift = layout.page_bytes.trailing_zeros();
        let mut shelves = [Shelf::NONE; MAX_BUNDLES];
        let (mut start, mut word, mut before) = (0_u32, 0_u32, 0);
        for (number, (bundle, place)) in bundles.iter().zip(&mut shelves).enumerate() {
            bundle.validate(number, before)?;
            before = bundle.block_bytes;
            let too_large = LayoutError::TooLarge {
                bundle: number,
                bytes: layout.bytes,
            };
            let mut shelf = Shelf::new(*bundle, start, layout.base, word).ok_or(too_large)?;
            if shelf.end > layout.bytes {
                return Err(too_large);
            }
            let pages = ((shelf.end - 1) >> page_shift) + 1;
            if pages as usize > PAGES {
                return Err(LayoutError::Pages(PAGES as u32));
            }
            shelf.is_paged =
                bundle.block_bytes.is_power_of_two() && bundle.block_bytes <= layout.page_bytes;
            // Every block has 8 bytes of the address space: the sum of words stays small.
            word = shelf.words().end;
            if word as usize > GROUPS * 32 {
                return Err(LayoutError::Blocks(GROUPS as u32 * super::BLOCKS_PER_GROUP));
            }
            // The last bundle may end with the address space; then none comes after it.
            start = pages.saturating_mul(layout.page_bytes);
            *place = shelf;
        }
        for shelf in shelves.iter().take(bundles.len()) {
            self.store.blocks.open(shelf.words(), shelf.count);
        }
        self.first = first_shelves(&shelves);
        self.shelves = shelves;
        self.bundles = bundles.len();
        self.store.page_shift = page_shift;
        self.store.peak_bytes = 0;
        self.store.peak_pages = 0;
        self.store.failures = 0;
        Ok(())
    }

    /// Ends the heap: it refuses everything until it is opened again. O(1).
    ///
    /// # Errors
    /// [`CloseError::InUse`]; the heap goes on.
    pub fn close(&mut self) -> Result<(), CloseError> {
        if self.store.allocations != 0 {
            return Err(CloseError::InUse(self.store.allocations));
        }
        self.bundles = 0;
        self.shelves = [Shelf::NONE; MAX_BUNDLES];
        Ok(())
    }

    /// Allocates, and has those pages mapped that the bytes lie in and that are not mapped yet.
    ///
    /// O(bundles) for the search, where some word of 32 blocks has the run asked for; a run that
    /// crosses words takes O(blocks / 32). And O(pages), with the supply's work.
    ///
    /// # Errors
    /// [`AllocError`]; nothing has changed but the number of failures.
    #[inline(always)]
    pub fn alloc<S: PageSupply>(
        &mut self,
        request: Request,
        supply: &mut S,
    ) -> Result<Allocation, AllocError<S::Error>> {
        let Request { bytes, align, span } = request;
        let contiguous = matches!(span, Span::Contiguous);
        if !contiguous {
            match self.take_one(bytes, align, supply) {
                Ok(NO_PLACE) => {}
                Ok(offset) => return Ok(Allocation { offset, bytes }),
                Err(error) => return Err(AllocError::Map(error)),
            }
        }
        match self.take_first(bytes, align, contiguous, supply) {
            Ok(offset) => Ok(Allocation { offset, bytes }),
            Err(refusal) => Err(match refusal {
                Refusal::Empty => AllocError::Empty,
                Refusal::Alignment => AllocError::Alignment(align),
                Refusal::TooLarge => AllocError::TooLarge { bytes, align },
                Refusal::Full => AllocError::Full { bytes },
                Refusal::Map(error) => AllocError::Map(error),
            }),
        }
    }

    /// Takes blocks of the first bundle that has them; the offset.
    #[cfg_attr(target_arch = "xtensa", optimize(speed))]
    #[inline]
    fn take_first<S: PageSupply>(
        &mut self,
        bytes: u32,
        align: u32,
        contiguous: bool,
        supply: &mut S,
    ) -> Result<u32, Refusal<S::Error>> {
        if bytes == 0 {
            return Err(Refusal::Empty);
        }
        if !align.is_power_of_two() {
            return Err(Refusal::Alignment);
        }
        let store = &mut self.store;
        let mut suits = false;
        let bundles = self.bundles.min(MAX_BUNDLES);
        for shelf in &mut self.shelves[..bundles] {
            let blocks = if bytes <= shelf.block_bytes {
                1
            } else if contiguous {
                shelf.whole_blocks(bytes - 1) + 1
            } else {
                continue;
            };
            if blocks > shelf.count || align > shelf.align {
                continue;
            }
            suits = true;
            let found = if blocks <= shelf.count - shelf.used {
                store.blocks.find(shelf.words(), blocks, &mut shelf.hints)
            } else {
                None
            };
            let Some(block) = found else {
                shelf.refused = shelf.refused.saturating_add(1);
                continue;
            };
            let offset = shelf.offset(block);
            let extent = Extent {
                block,
                blocks,
                first: store.page(offset),
                last: store.page(offset + (bytes - 1)),
            };
            let end = store.page(offset + (blocks * shelf.block_bytes - 1));
            if let Err(error) = store.take(shelf, extent, extent.last == end, supply) {
                return Err(Refusal::Map(error));
            }
            if blocks > 1 {
                shelf.spans = true;
            }
            return Ok(offset);
        }
        if !suits {
            return Err(Refusal::TooLarge);
        }
        store.fail();
        Err(Refusal::Full)
    }
}

/// Why nothing is allocated, in a register where mapping cannot fail.
#[repr(u32)]
enum Refusal<E> {
    Empty,
    Alignment,
    TooLarge,
    Full,
    Map(E),
}
