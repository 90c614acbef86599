//! `fast_get` and `fast_put`: copies of constants.

use vregion::constants::{Constants, CopyMemory, Owner, Policy, Put};

use crate::areas::SYSTEM;
use crate::config::{COPIES, COPY_OWNERS};
use crate::embedder::BulkheadEmbedder;
use crate::memory;
use crate::refusal::{CopyError, Refusal};
use crate::state::{State, Store};

/// Where the bytes of copies come from: addresses are kept here, since the table counts in 32 bits
/// on every host.
#[derive(Clone, Copy)]
struct Source {
    address: usize,
    /// Copies of it; 0 where the place is free.
    copies: u16,
}

/// A copy, and its source's place.
#[derive(Clone, Copy)]
struct Placed {
    offset: u32,
    source: u16,
    used: bool,
}

struct Sources {
    sources: [Source; COPIES],
    placed: [Placed; COPIES],
}

/// All copies.
pub struct Copies {
    table: Option<Constants<COPIES, COPY_OWNERS>>,
    sources: Sources,
}

impl Sources {
    const fn new() -> Sources {
        const NO_SOURCE: Source = Source {
            address: 0,
            copies: 0,
        };
        const NOWHERE: Placed = Placed {
            offset: 0,
            source: 0,
            used: false,
        };
        Sources {
            sources: [NO_SOURCE; COPIES],
            placed: [NOWHERE; COPIES],
        }
    }

    /// The number of an address: that of its copies, or a free place's, which stays free until a
    /// copy is made.
    fn number_of(&mut self, address: usize) -> Option<u32> {
        let known = |source: &Source| source.copies != 0 && source.address == address;
        let mut sources = self.sources.iter();
        let index = sources
            .position(known)
            .or_else(|| self.sources.iter().position(|source| source.copies == 0))?;
        self.sources[index].address = address;
        Some(index as u32 + 1)
    }

    fn address_of(&self, number: u32) -> usize {
        let index = number.wrapping_sub(1) as usize;
        self.sources.get(index).map_or(0, |source| source.address)
    }

    fn place(&mut self, number: u32, offset: u32) {
        let index = number.wrapping_sub(1);
        if let Some(source) = self.sources.get_mut(index as usize) {
            source.copies += 1;
        }
        // There are as many places as the table has copies.
        if let Some(placed) = self.placed.iter_mut().find(|placed| !placed.used) {
            *placed = Placed {
                offset,
                source: index as u16,
                used: true,
            };
        }
    }

    fn unplace(&mut self, offset: u32) {
        let is_it = |placed: &&mut Placed| placed.used && placed.offset == offset;
        if let Some(placed) = self.placed.iter_mut().find(is_it) {
            placed.used = false;
            if let Some(source) = self.sources.get_mut(usize::from(placed.source)) {
                source.copies = source.copies.saturating_sub(1);
            }
        }
    }
}

/// Memory of copies, as the table uses it. Offsets are those of the window; an owner is a region's
/// token, or 0.
struct Memory<'a, 's> {
    store: &'a mut Store<'s>,
    sources: &'a mut Sources,
    /// What `fast_put` was given.
    domain: usize,
}

impl CopyMemory for Memory<'_, '_> {
    type Error = CopyError;

    fn check_source(&mut self, _owner: Owner, source: u32, bytes: u32) -> Result<(), CopyError> {
        let address = self.sources.address_of(source);
        if address.checked_add(bytes as usize - 1).is_none() {
            return Err(CopyError::Wraps);
        }
        let hooks = &self.store.machine.hooks;
        match hooks.check_constant(address, bytes as usize) {
            0 => Ok(()),
            answer => Err(CopyError::Hook(answer)),
        }
    }

    fn take(&mut self, owner: Option<Owner>, bytes: u32, align: u32) -> Result<u32, CopyError> {
        let (bytes, align) = (bytes as usize, align as usize);
        let store = &mut *self.store;
        let result = match owner {
            Some(Owner(0)) => store.area_alloc(SYSTEM, bytes, align, false),
            Some(Owner(region)) => store.region_alloc(region as usize, None, bytes, align, false),
            None if align >= store.machine.page_bytes() as usize => store.balloc(0, bytes, align),
            None => store.area_alloc(SYSTEM, bytes, align, false),
        };
        let address = result.map_err(|refusal| match refusal {
            Refusal::Region(error) => CopyError::Region(error),
            Refusal::Heap(error) => CopyError::Heap(error),
            _ => CopyError::NoRegion,
        })?;
        let offset = store.machine.window.offset_of(address);
        offset.ok_or(CopyError::NoRegion)
    }

    fn give(&mut self, owner: Option<Owner>, offset: u32, _bytes: u32) {
        self.sources.unplace(offset);
        let address = self.store.machine.window.address(offset, false);
        let region = owner.map_or(0, |owner| owner.0 as usize);
        // It was taken there.
        let _ = self.store.ctx_free((0, region), address);
    }

    fn copy(&mut self, source: u32, bytes: u32, offset: u32) {
        self.sources.place(source, offset);
        let from = self.sources.address_of(source);
        let machine = &self.store.machine;
        memory::copy_in(from, &machine.window, offset, bytes);
        machine.flush(offset, bytes);
    }

    fn zero(&mut self, offset: u32, bytes: u32) {
        self.store.machine.zero(offset, bytes, false);
        self.store.machine.flush(offset, bytes);
    }

    fn grant(&mut self, _owner: Owner, offset: u32, bytes: u32) -> Result<(), CopyError> {
        let machine = &self.store.machine;
        let address = machine.window.address(offset, false);
        match machine.hooks.grant(address, bytes as usize) {
            0 => Ok(()),
            answer => Err(CopyError::Hook(answer)),
        }
    }

    fn revoke(&mut self, _owner: Owner, offset: u32, bytes: u32) {
        let machine = &self.store.machine;
        let address = machine.window.address(offset, false);
        machine.hooks.revoke(self.domain, address, bytes as usize);
    }
}

impl Copies {
    pub const fn new() -> Copies {
        Copies {
            table: None,
            sources: Sources::new(),
        }
    }

    pub fn open(&mut self, embedder: &BulkheadEmbedder) -> Result<(), Refusal> {
        let policy = Policy {
            page_bytes: embedder.page_bytes as u32,
            align: embedder.line_bytes as u32,
            share_small: embedder.share_small_constants,
        };
        self.table = Some(Constants::new(policy).ok_or(Refusal::Embedder("page_bytes"))?);
        self.sources = Sources::new();
        Ok(())
    }

    pub fn in_use(&self) -> u32 {
        self.table.as_ref().map_or(0, |table| table.stats().copies)
    }

    /// Gives up all that a region had.
    pub fn put_all(&mut self, region: u32, store: &mut Store<'_>) {
        let mut memory = Memory {
            store,
            sources: &mut self.sources,
            domain: 0,
        };
        if let Some(table) = &mut self.table {
            table.put_all(Owner(region), &mut memory);
        }
    }
}

impl State<'_> {
    /// A copy of a caller's constants; its address.
    pub fn fast_get(
        &mut self,
        region: usize,
        address: usize,
        bytes: usize,
    ) -> Result<usize, Refusal> {
        if address == 0 {
            return Err(Refusal::Null);
        }
        let owner = self.owner(region)?;
        let wanted = u32::try_from(bytes).map_err(|_| Refusal::TooLarge(bytes))?;
        let no_table = Refusal::NotReady;
        let table = self.copies.table.as_mut().ok_or(no_table)?;
        let sources = &mut self.copies.sources;
        // With no place left for its address there is none for a copy either.
        let source = sources.number_of(address);
        let no_copy = vregion::constants::GetError::NoCopy(COPIES as u32);
        let source = source.ok_or(Refusal::Get(no_copy))?;
        let mut memory = Memory {
            store: &mut self.store,
            sources,
            domain: 0,
        };
        let constant = table.get(owner, source, wanted, &mut memory)?;
        Ok(self.store.machine.window.address(constant.offset, false))
    }

    /// Gives one get of a copy up.
    pub fn fast_put(
        &mut self,
        region: usize,
        domain: usize,
        address: usize,
    ) -> Result<Put, Refusal> {
        let owner = self.owner(region)?;
        let offset = self.store.machine.window.offset_of(address);
        let table = self.copies.table.as_mut().ok_or(Refusal::NotReady)?;
        let id = offset.and_then(|offset| table.id_at(owner, offset));
        let id = id.ok_or(Refusal::NoCopy(address))?;
        let mut memory = Memory {
            store: &mut self.store,
            sources: &mut self.copies.sources,
            domain,
        };
        Ok(table.put(owner, id, &mut memory)?)
    }

    /// Whoever owns copies: a region that there is, or everybody without one.
    fn owner(&mut self, region: usize) -> Result<Owner, Refusal> {
        if region != 0 {
            self.store.region_info(region)?;
        }
        Ok(Owner(region as u32))
    }
}
