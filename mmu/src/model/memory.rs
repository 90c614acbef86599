//! The RAM that all cores share.

use core::fmt;
use core::hash::{Hash, Hasher};
use std::sync::Arc;
use std::vec;
use std::vec::Vec;

use crate::{PAGE_BYTES, PhysAddr, Platform};

type Page = [u8; PAGE_BYTES as usize];

/// What memory holds that nobody wrote.
const FILL: u8 = 0xa5;
static UNWRITTEN: Page = [FILL; PAGE_BYTES as usize];

/// Copy-on-write pages: a clone shares all of them until one side writes.
#[derive(Clone)]
pub(super) struct Ram {
    start: u32,
    pages: Vec<Option<Arc<Page>>>,
}

impl Ram {
    /// From the platform's first frame to its last.
    pub(super) fn new(platform: &Platform) -> Ram {
        let (tables, modules) = (platform.table_frames, platform.module_frames);
        let start = tables.start.0.min(modules.start.0);
        let end = tables.end().0.max(modules.end().0);
        Ram {
            start,
            pages: vec![None; ((end - start) / PAGE_BYTES) as usize],
        }
    }

    /// The page that holds the address, and the offset in it.
    fn place(&self, at: PhysAddr) -> (usize, usize) {
        let page = (at.0.wrapping_sub(self.start) / PAGE_BYTES) as usize;
        assert!(
            page < self.pages.len(),
            "{at} is outside the model's RAM: some entry names a frame that is none"
        );
        (page, (at.0 % PAGE_BYTES) as usize)
    }

    /// Copies bytes out of one page.
    pub(super) fn read(&self, at: PhysAddr, into: &mut [u8]) {
        let (page, offset) = self.place(at);
        let page = self.pages[page].as_deref().unwrap_or(&UNWRITTEN);
        into.copy_from_slice(&page[offset..offset + into.len()]);
    }

    /// Copies bytes into one page.
    pub(super) fn write(&mut self, at: PhysAddr, from: &[u8]) {
        let (page, offset) = self.place(at);
        let page = self.pages[page].get_or_insert_with(|| Arc::new(UNWRITTEN));
        Arc::make_mut(page)[offset..offset + from.len()].copy_from_slice(from);
    }
}

impl Hash for Ram {
    /// By content: a page that was written back to what it held first is as good as unwritten.
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (number, page) in self.pages.iter().enumerate() {
            if let Some(page) = page.as_deref().filter(|page| **page != UNWRITTEN) {
                number.hash(state);
                page.hash(state);
            }
        }
    }
}

impl fmt::Debug for Ram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = self.pages.iter().flatten().count();
        write!(f, "Ram({:#010x}, {written} pages written)", self.start)
    }
}
