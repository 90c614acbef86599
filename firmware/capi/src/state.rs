//! The one state: the allocators, and what the C callers have of them.

use vregion::pages::{PageCount, PagePool, Run};

use crate::areas::{Areas, SHARED, SYSTEM};
use crate::config::{FRAMES, PAGES};
use crate::copies::Copies;
use crate::embedder::BulkheadEmbedder;
use crate::heaps::Heaps;
use crate::machine::Machine;
use crate::memory;
use crate::pools::Pools;
use crate::refusal::Refusal;
use crate::regions::Regions;

/// For a run that may cross any boundary.
pub const ANYWHERE: PageCount = PageCount(1 << 14);

/// What all zero bytes begin with: as a `static` it costs no space in an image.
pub struct Zero {
    machine: Machine,
    pages: PagePool<PAGES, FRAMES>,
    regions: Regions,
    areas: Areas,
    vpages: [u16; PAGES],
    pools: Pools,
    beyond: Option<Run>,
}

/// The rest.
pub struct Rest {
    heaps: Heaps,
    copies: Copies,
}

impl Zero {
    pub const fn new() -> Zero {
        Zero {
            machine: Machine::NONE,
            pages: PagePool::new(),
            regions: Regions::new(),
            areas: Areas::new(),
            vpages: [0; PAGES],
            pools: Pools::new(),
            beyond: None,
        }
    }
}

impl Rest {
    pub const fn new() -> Rest {
        Rest {
            heaps: Heaps::new(),
            copies: Copies::new(),
        }
    }
}

/// Everything that memory comes from.
pub struct Store<'a> {
    pub machine: &'a mut Machine,
    pub pages: &'a mut PagePool<PAGES, FRAMES>,
    pub regions: &'a mut Regions,
    pub heaps: &'a mut Heaps,
    pub areas: &'a mut Areas,
}

/// Everything.
pub struct State<'a> {
    pub store: Store<'a>,
    /// For the first page of what `vpage_*` handed out: how many pages, and above them whether they
    /// are only reserved.
    pub vpages: &'a mut [u16; PAGES],
    pub pools: &'a mut Pools,
    pub copies: &'a mut Copies,
    /// Pages of the pool that the window does not have.
    beyond: &'a mut Option<Run>,
}

impl<'a> State<'a> {
    pub const fn of(zero: &'a mut Zero, rest: &'a mut Rest) -> State<'a> {
        State {
            store: Store {
                machine: &mut zero.machine,
                pages: &mut zero.pages,
                regions: &mut zero.regions,
                heaps: &mut rest.heaps,
                areas: &mut zero.areas,
            },
            vpages: &mut zero.vpages,
            pools: &mut zero.pools,
            copies: &mut rest.copies,
            beyond: &mut zero.beyond,
        }
    }

    /// Begins, with what the embedder gives, which was validated. After an error it has not begun.
    pub fn open(&mut self, embedder: &BulkheadEmbedder) -> Result<(), Refusal> {
        *self.store.machine = Machine::new(embedder);
        memory::show(&self.store.machine.window);
        let result = self.open_parts(embedder);
        if result.is_err() {
            self.release();
        }
        result
    }

    fn open_parts(&mut self, embedder: &BulkheadEmbedder) -> Result<(), Refusal> {
        let store = &mut self.store;
        // What the window does not have is taken for good: the last pages of the pool.
        let pages = store.machine.pages();
        let window = store.pages.reserve(PageCount(pages), ANYWHERE)?;
        let rest = store.pages.free_pages();
        if rest != 0 {
            *self.beyond = Some(store.pages.reserve(PageCount(rest), ANYWHERE)?);
        }
        store.pages.release(window, store.machine)?;
        store.open_area(SYSTEM, embedder.heap_bytes)?;
        store.open_area(SHARED, embedder.shared_bytes)?;
        store.areas.open_l3(embedder)?;
        store.open_buffers(embedder)?;
        self.copies.open(embedder)
    }

    /// Ends, if nothing is in use.
    pub fn close(&mut self) -> Result<(), Refusal> {
        let vpages = self.vpages.iter().filter(|pages| **pages != 0).count() as u32;
        let in_use = vpages
            + self.store.regions.in_use()
            + self.store.heaps.in_use()
            + self.store.areas.in_use()
            + self.pools.in_use()
            + self.copies.in_use();
        if in_use != 0 {
            return Err(Refusal::InUse(in_use));
        }
        self.release();
        Ok(())
    }

    /// Gives all pages back.
    fn release(&mut self) {
        self.store.close_buffers();
        self.store.close_areas();
        if let Some(run) = self.beyond.take() {
            // Reserved when the state began, and by nobody released since.
            let _ = self.store.pages.release(run, self.store.machine);
        }
    }
}
