//! `vpage_*`: pages for whoever wants them whole.

use vregion::pages::{PageCount, PageNumber, Run};

use crate::refusal::Refusal;
use crate::state::{ANYWHERE, State};

/// Set for pages that are only reserved.
const RESERVED: u16 = 1 << 15;

impl State<'_> {
    /// Pages with memory behind them, all zero; the cached address of the first.
    pub fn vpage_alloc(&mut self, pages: u32) -> Result<usize, Refusal> {
        let store = &mut self.store;
        let run = store
            .pages
            .alloc(PageCount(pages), ANYWHERE, store.machine)?;
        self.hand_out(run, 0)
    }

    /// Pages without memory.
    pub fn vpage_reserve(&mut self, pages: u32) -> Result<usize, Refusal> {
        let run = self.store.pages.reserve(PageCount(pages), ANYWHERE)?;
        self.hand_out(run, RESERVED)
    }

    pub fn vpage_free(&mut self, address: usize) -> Result<(), Refusal> {
        self.take_back(address, 0)
    }

    pub fn vpage_release(&mut self, address: usize) -> Result<(), Refusal> {
        self.take_back(address, RESERVED)
    }

    fn hand_out(&mut self, run: Run, kind: u16) -> Result<usize, Refusal> {
        let machine = &self.store.machine;
        let offset = machine.offset_of(run.first.0);
        if let Some(record) = self.vpages.get_mut(run.first.0 as usize) {
            *record = run.count.0 as u16 | kind;
        }
        Ok(machine.window.address(offset, false))
    }

    fn take_back(&mut self, address: usize, kind: u16) -> Result<(), Refusal> {
        let how = if kind == 0 { "alloc" } else { "reserve" };
        let store = &mut self.store;
        let machine = &store.machine;
        let page = machine
            .window
            .offset_of(address)
            .and_then(|offset| machine.page_at(offset))
            .unwrap_or(u32::MAX);
        let record = self
            .vpages
            .get_mut(page as usize)
            .filter(|record| **record != 0 && **record & RESERVED == kind)
            .ok_or(Refusal::NotPages(address, how))?;
        let run = Run {
            first: PageNumber(page),
            count: PageCount(u32::from(*record & !RESERVED)),
        };
        store.pages.release(run, store.machine)?;
        *record = 0;
        Ok(())
    }
}
