//! The heaps of the `rmalloc` family: memory that is there from the start to the end.

use vregion::pages::{PageCount, Run};
use vregion::region::{Geometry, Kind, Region, Request};

use crate::config::AREA_RECORDS;
use crate::embedder::BulkheadEmbedder;
use crate::refusal::Refusal;
use crate::state::{ANYWHERE, Store};
use crate::window::Window;

/// SOF's own heap.
pub const SYSTEM: usize = 0;
/// The heap for `SOF_MEM_FLAG_USER_SHARED_BUFFER`.
pub const SHARED: usize = 1;
/// L3 memory, which has no alias past the data cache.
pub const L3: usize = 2;

/// A heap over memory that stays mapped.
pub struct Area {
    pub window: Window,
    region: Region<AREA_RECORDS>,
    run: Option<Run>,
}

/// All of them.
pub struct Areas {
    areas: [Area; 3],
}

/// A request in the terms of a region: at least a cache line, in whole lines, as SOF's heaps have it.
pub fn request(bytes: usize, align: usize, line: u32, coherent: bool) -> Result<Request, Refusal> {
    if bytes == 0 {
        return Err(Refusal::Empty);
    }
    let rounded = u32::try_from(bytes)
        .ok()
        .and_then(|bytes| bytes.checked_next_multiple_of(line))
        .ok_or(Refusal::TooLarge(bytes))?;
    let kind = if coherent {
        Kind::Coherent
    } else {
        Kind::Plain
    };
    Ok(Request {
        bytes: rounded,
        align: alignment(align)?.max(line),
        kind,
    })
}

/// An alignment that means something; 0 means any.
pub fn alignment(align: usize) -> Result<u32, Refusal> {
    match u32::try_from(align.max(1)) {
        Ok(align) if align.is_power_of_two() => Ok(align),
        _ => Err(Refusal::Alignment(align)),
    }
}

impl Area {
    const NONE: Area = Area {
        window: Window::NONE,
        region: Region::new(),
        run: None,
    };

    fn open(&mut self, window: Window, line: u32) -> Result<(), Refusal> {
        self.region.open(Geometry {
            bytes: window.bytes,
            line,
            base: window.alignment_base(0),
        })?;
        self.region.seal(0)?;
        self.window = window;
        Ok(())
    }

    /// The address through the alias asked for, and the bytes it has.
    fn alloc(&mut self, request: Request) -> Result<(u32, u32), Refusal> {
        let allocation = self.region.alloc(request)?;
        Ok((allocation.offset, allocation.bytes))
    }

    pub fn free(&mut self, address: usize) -> Result<(), Refusal> {
        let offset = self.window.offset_of(address);
        let offset = offset.ok_or(Refusal::Foreign(address))?;
        self.region.free(offset)?;
        Ok(())
    }
}

impl Areas {
    pub const fn new() -> Areas {
        Areas {
            areas: [const { Area::NONE }; 3],
        }
    }

    pub fn get(&mut self, index: usize) -> Option<&mut Area> {
        self.areas
            .get_mut(index)
            .filter(|area| area.window.bytes != 0)
    }

    /// The area that an address lies in.
    pub fn holding(&self, address: usize) -> Option<usize> {
        let mut areas = self.areas.iter();
        areas.position(|area| area.window.offset_of(address).is_some())
    }

    pub fn open_l3(&mut self, embedder: &BulkheadEmbedder) -> Result<(), Refusal> {
        if embedder.l3_bytes == 0 {
            return Ok(());
        }
        let window = Window {
            cached: embedder.l3,
            uncached: embedder.l3,
            bytes: embedder.l3_bytes as u32,
        };
        self.areas[L3].open(window, embedder.line_bytes as u32)
    }

    pub fn in_use(&self) -> u32 {
        let count = |area: &Area| area.region.stats().allocations;
        self.areas.iter().map(count).sum()
    }
}

impl Store<'_> {
    /// Takes pages for an area, and has them mapped for good. No bytes: there is no such area.
    pub fn open_area(&mut self, index: usize, bytes: usize) -> Result<(), Refusal> {
        if bytes == 0 {
            return Ok(());
        }
        let pages = PageCount(self.machine.pages_for(bytes)?);
        let run = self.pages.alloc(pages, ANYWHERE, self.machine)?;
        let area = &mut self.areas.areas[index];
        area.run = Some(run);
        let offset = self.machine.offset_of(run.first.0);
        let window = Window {
            cached: self.machine.window.address(offset, false),
            uncached: self.machine.window.address(offset, true),
            bytes: bytes as u32,
        };
        area.open(window, self.machine.line)
    }

    pub fn close_areas(&mut self) {
        for area in &mut self.areas.areas {
            area.window = Window::NONE;
            if let Some(run) = area.run.take() {
                // Reserved when it was opened, and by nobody released since.
                let _ = self.pages.release(run, self.machine);
            }
        }
    }

    /// Allocates from an area; the address through the alias asked for.
    pub fn area_alloc(
        &mut self,
        index: usize,
        bytes: usize,
        align: usize,
        coherent: bool,
    ) -> Result<usize, Refusal> {
        let request = request(bytes, align, self.machine.line, coherent)?;
        let area = self.areas.get(index).ok_or(Refusal::NoSuchMemory)?;
        let (offset, bytes) = area.alloc(request)?;
        if coherent {
            let address = area.window.address(offset, false);
            self.machine.hooks.flush(address, bytes as usize);
        }
        Ok(area.window.address(offset, coherent))
    }
}
