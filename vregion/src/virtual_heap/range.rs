//! Allocations that take what they can get.

use super::{AllocError, Allocation, Request, Span, VirtualHeap};
use crate::range::{Range, RangeError};
use crate::supply::PageSupply;

impl<const GROUPS: usize, const PAGES: usize> VirtualHeap<GROUPS, PAGES> {
    /// Allocates `preferred` bytes, or else the largest whole block above the minimum, or else the
    /// minimum; always in one block. A hint that is too large thus never sweeps up all memory: it
    /// gets a block of a predefined size, and the other blocks stay for others.
    ///
    /// This is `buffer_alloc_range` of SOF, which tries every multiple of the minimum instead.
    ///
    /// At most as many attempts as there are bundles, and two.
    ///
    /// # Errors
    /// [`RangeError`]; nothing has changed but the number of failures.
    pub fn alloc_range<S: PageSupply>(
        &mut self,
        range: Range,
        supply: &mut S,
    ) -> Result<Allocation, RangeError<AllocError<S::Error>>> {
        let Range {
            minimum,
            preferred,
            align,
        } = range;
        if minimum == 0 {
            return Err(RangeError::Empty);
        }
        if preferred < minimum {
            return Err(RangeError::Inverted { minimum, preferred });
        }
        let before = self.store.failures;
        let mut attempt = |heap: &mut Self, bytes| {
            heap.alloc(
                Request {
                    bytes,
                    align,
                    span: Span::Single,
                },
                supply,
            )
        };
        let mut result = attempt(self, preferred);
        let mut below = preferred;
        for number in (0..self.bundles).rev() {
            match result {
                Ok(_) | Err(AllocError::Alignment(_)) => break,
                Err(_) => {}
            }
            let bytes = self
                .shelves
                .get(number)
                .map_or(0, |shelf| shelf.block_bytes);
            if bytes < below && bytes > minimum {
                below = bytes;
                result = attempt(self, bytes);
            }
        }
        if result.is_err() && below > minimum {
            result = attempt(self, minimum);
        }
        // However many attempts it took, it is one request.
        self.store.failures = before.saturating_add(u32::from(matches!(
            result,
            Err(AllocError::Full { .. } | AllocError::Map(_))
        )));
        result.map_err(RangeError::Minimum)
    }
}
