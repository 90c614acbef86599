//! Memory of every kind, which runs out when it is told to.

use std::collections::{BTreeMap, BTreeSet};

use vregion::blob::BlobMemory;
use vregion::constants::{CopyMemory, Owner};
use vregion::object_pool::ChunkMemory;
use vregion::range::Range;
use vregion::ring::{Block, BufferMemory};
use vregion::supply::MapPage;

/// It had run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RanOut;

/// What of it is in use, and when it runs out.
#[derive(Debug, Default)]
pub struct Faults {
    /// Requests that still succeed, if not all do.
    left: Option<u32>,
    pages: BTreeSet<u32>,
    /// Offset to bytes.
    taken: BTreeMap<u32, u32>,
    granted: BTreeSet<(u32, u32)>,
}

/// All that is in use.
pub type Held = (BTreeSet<u32>, BTreeMap<u32, u32>, BTreeSet<(u32, u32)>);

impl Faults {
    /// That many requests more succeed.
    pub fn fail_from(&mut self, request: u32) {
        self.left = Some(request);
    }

    /// All requests succeed.
    pub fn fail_no_more(&mut self) {
        self.left = None;
    }

    pub fn held(&self) -> Held {
        (self.pages.clone(), self.taken.clone(), self.granted.clone())
    }

    fn request(&mut self) -> Result<(), RanOut> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or(RanOut)?;
        }
        Ok(())
    }

    /// The lowest stretch from the end of what is taken on.
    fn stretch(&mut self, bytes: u32, align: u32) -> Result<u32, RanOut> {
        self.request()?;
        let end = self
            .taken
            .iter()
            .next_back()
            .map_or(0, |(at, bytes)| at + bytes);
        let offset = end.next_multiple_of(align);
        self.taken.insert(offset, bytes);
        Ok(offset)
    }

    fn return_stretch(&mut self, offset: u32, bytes: u32) {
        assert_eq!(self.taken.remove(&offset), Some(bytes));
    }
}

impl MapPage for &mut Faults {
    type Error = RanOut;

    fn map_page(&mut self, page: u32) -> Result<(), RanOut> {
        self.request()?;
        assert!(self.pages.insert(page), "mapped twice");
        Ok(())
    }

    fn unmap_page(&mut self, page: u32) {
        assert!(self.pages.remove(&page), "not mapped");
    }
}

impl ChunkMemory for Faults {
    type Error = RanOut;

    fn take(&mut self, bytes: u32, align: u32) -> Result<u32, RanOut> {
        self.stretch(bytes, align)
    }

    fn give(&mut self, offset: u32, bytes: u32) {
        self.return_stretch(offset, bytes);
    }

    fn zero(&mut self, _offset: u32, _bytes: u32) {}
}

impl CopyMemory for Faults {
    type Error = RanOut;

    fn check_source(&mut self, _: Owner, _: u32, _: u32) -> Result<(), RanOut> {
        self.request()
    }

    fn take(&mut self, _: Option<Owner>, bytes: u32, align: u32) -> Result<u32, RanOut> {
        self.stretch(bytes, align)
    }

    fn give(&mut self, _: Option<Owner>, offset: u32, bytes: u32) {
        self.return_stretch(offset, bytes);
    }

    fn copy(&mut self, _: u32, _: u32, _: u32) {}

    fn zero(&mut self, _: u32, _: u32) {}

    fn grant(&mut self, owner: Owner, offset: u32, _: u32) -> Result<(), RanOut> {
        self.request()?;
        assert!(self.granted.insert((owner.0, offset)), "granted twice");
        Ok(())
    }

    fn revoke(&mut self, owner: Owner, offset: u32, _: u32) {
        assert!(self.granted.remove(&(owner.0, offset)), "not granted");
    }
}

impl BlobMemory for Faults {
    type Error = RanOut;

    fn take(&mut self, bytes: u32) -> Result<u32, RanOut> {
        self.stretch(bytes, 8)
    }

    fn give(&mut self, offset: u32, bytes: u32) {
        self.return_stretch(offset, bytes);
    }
}

impl BufferMemory for Faults {
    type Error = RanOut;

    fn take(&mut self, bytes: u32, align: u32) -> Result<Block, RanOut> {
        let offset = self.stretch(bytes, align)?;
        Ok(Block { offset, bytes })
    }

    fn take_range(&mut self, range: Range) -> Result<Block, RanOut> {
        BufferMemory::take(self, range.preferred, range.align)
    }

    fn give(&mut self, block: Block) {
        self.return_stretch(block.offset, block.bytes);
    }
}
