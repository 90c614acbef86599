//! The embedder's memory, as the allocators see it: pages come and go by its hooks.

use core::ffi::c_int;

use vregion::pages::{Backing, FrameNumber, Mapping};

use crate::embedder::BulkheadEmbedder;
use crate::memory::{Hooks, fill_zero};
use crate::refusal::{MapError, Refusal};
use crate::window::Window;

/// Window, hooks and the count of pages that are mapped.
pub struct Machine {
    pub window: Window,
    pub hooks: Hooks,
    pub line: u32,
    page_shift: u32,
    /// Pages of memory, and how many of them are mapped.
    frames: u32,
    mapped: u32,
}

impl Machine {
    pub const NONE: Machine = Machine {
        window: Window::NONE,
        hooks: Hooks::NONE,
        line: 0,
        page_shift: 0,
        frames: 0,
        mapped: 0,
    };

    /// As the embedder says, which was validated.
    pub const fn new(embedder: &BulkheadEmbedder) -> Machine {
        let page_shift = embedder.page_bytes.trailing_zeros();
        Machine {
            window: Window {
                cached: embedder.cached,
                uncached: embedder.uncached,
                bytes: embedder.window_bytes as u32,
            },
            hooks: Hooks::of(embedder),
            line: embedder.line_bytes as u32,
            page_shift,
            frames: (embedder.memory_bytes >> page_shift) as u32,
            mapped: 0,
        }
    }

    pub const fn page_bytes(&self) -> u32 {
        1 << self.page_shift
    }

    /// Pages of the window.
    pub const fn pages(&self) -> u32 {
        self.window.bytes >> self.page_shift
    }

    /// How many pages so many bytes take.
    pub fn pages_for(&self, bytes: usize) -> Result<u32, Refusal> {
        if bytes == 0 {
            return Err(Refusal::Empty);
        }
        let bytes = u32::try_from(bytes).map_err(|_| Refusal::TooLarge(bytes))?;
        Ok(((bytes - 1) >> self.page_shift) + 1)
    }

    /// Where a page begins in the window.
    pub const fn offset_of(&self, page: u32) -> u32 {
        page << self.page_shift
    }

    /// The page that begins at an offset.
    pub const fn page_at(&self, offset: u32) -> Option<u32> {
        if offset & (self.page_bytes() - 1) == 0 {
            Some(offset >> self.page_shift)
        } else {
            None
        }
    }

    /// Fills bytes of mapped pages with zeros, through the alias that they are used through.
    pub fn zero(&self, offset: u32, bytes: u32, coherent: bool) {
        fill_zero(&self.window, offset, bytes, coherent);
    }

    /// Writes back and drops the lines of these bytes: they are used past the data cache next.
    pub fn flush(&self, offset: u32, bytes: u32) {
        let address = self.window.address(offset, false);
        self.hooks.flush(address, bytes as usize);
    }

    fn unmap_run(&self, page: u32, pages: u32) {
        let address = self.window.address(self.offset_of(page), false);
        self.hooks.unmap(address, pages);
    }
}

impl Backing for Machine {
    type Error = MapError;

    /// Nothing yet: a frame has no address before it is mapped. [`Machine::map`] does it, before
    /// anybody is told the address.
    fn zero(&mut self, _frame: FrameNumber) {}

    fn map(&mut self, mapping: &Mapping<'_>) -> Result<(), MapError> {
        let (first, count) = (mapping.run().first.0, mapping.run().count.0);
        let left = self.frames - self.mapped;
        if count > left {
            return Err(MapError::NoMemory {
                wanted: count,
                left,
            });
        }
        for (page, frame) in mapping.iter() {
            let address = self.window.address(self.offset_of(page.0), false);
            let answer: c_int = self.hooks.map(address, frame.0);
            if answer != 0 {
                if page.0 != first {
                    self.unmap_run(first, page.0 - first);
                }
                return Err(MapError::Hook(answer));
            }
        }
        let (offset, bytes) = (self.offset_of(first), self.offset_of(count));
        Machine::zero(self, offset, bytes, false);
        self.flush(offset, bytes);
        self.mapped += count;
        Ok(())
    }

    fn unmap(&mut self, mapping: &Mapping<'_>) {
        let (first, count) = (mapping.run().first.0, mapping.run().count.0);
        self.unmap_run(first, count);
        self.mapped -= count;
    }
}
