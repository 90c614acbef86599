//! `vregion_*`: the memory of a module, in today's form and in that of SOF's PR 10702.

use vregion::pages::{PageCount, PageNumber, Run};
use vregion::region::{Freed, Geometry, Region};

use crate::areas::request;
use crate::config::{PART_RECORDS, PARTS, REGIONS};
use crate::refusal::Refusal;
use crate::state::{ANYWHERE, State, Store};
use crate::token::{Kind, Token};

/// What must be left for interim allocations at the switch, as SOF has it.
const LEAST_INTERIM: u32 = 1024;

/// What is allocated next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Lifetime,
    Interim,
    /// The switch has failed.
    Invalid,
    /// Two parts at once, and the caller says which.
    Both,
}

/// Which part of a region.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Interim,
    Lifetime,
}

#[derive(Clone, Copy)]
struct Entity {
    generation: u16,
    /// 0 where there is no region.
    owners: u32,
    mode: Mode,
    run: Run,
    first: usize,
    /// Where the second part begins, in bytes, and which it is; the same as the first where there
    /// is none.
    second_at: u32,
    second: usize,
    /// Lifetime allocations that were freed.
    freed: u32,
}

struct Part {
    used: bool,
    region: Region<PART_RECORDS>,
}

/// All regions.
pub struct Regions {
    entities: [Entity; REGIONS],
    parts: [Part; PARTS],
}

/// What there is to know of a region.
pub struct Snapshot {
    pub base: usize,
    pub bytes: u32,
    pub pages: u32,
    pub lifetime_used: u32,
    /// Lifetime allocations that were freed, which frees nothing.
    pub lifetime_freed: u32,
    pub owners: u32,
    pub allocations: u32,
    pub peak: u32,
}

/// What a put leaves.
pub enum Put {
    Held,
    Ended,
}

impl Regions {
    pub const fn new() -> Regions {
        const NO_RUN: Run = Run {
            first: PageNumber(0),
            count: PageCount(0),
        };
        const NONE: Entity = Entity {
            generation: 0,
            owners: 0,
            mode: Mode::Lifetime,
            run: NO_RUN,
            first: 0,
            second_at: 0,
            second: 0,
            freed: 0,
        };
        Regions {
            entities: [NONE; REGIONS],
            parts: [const {
                Part {
                    used: false,
                    region: Region::new(),
                }
            }; PARTS],
        }
    }

    pub fn in_use(&self) -> u32 {
        let live = self.entities.iter().filter(|entity| entity.owners != 0);
        live.count() as u32
    }

    /// The region behind a token.
    fn find(&mut self, token: usize) -> Result<&mut Entity, Refusal> {
        let (index, generation) =
            Token::read(Kind::Region, token).ok_or(Refusal::NoRegion(token))?;
        self.entities
            .get_mut(index)
            .filter(|entity| entity.owners != 0 && entity.generation == generation)
            .ok_or(Refusal::NoRegion(token))
    }

    fn take_part(&mut self) -> Option<usize> {
        let index = self.parts.iter().position(|part| !part.used)?;
        self.parts[index].used = true;
        Some(index)
    }

    pub fn get(&mut self, token: usize) -> Result<(), Refusal> {
        let entity = self.find(token)?;
        entity.owners = entity.owners.checked_add(1).ok_or(Refusal::Owners)?;
        Ok(())
    }

    pub fn set_interim(&mut self, token: usize) -> Result<(), Refusal> {
        let entity = self.find(token)?;
        if entity.mode != Mode::Lifetime {
            return Err(Refusal::Sealed);
        }
        let first = entity.first;
        // As with SOF, there is no way back from a switch that failed; but it is said here.
        entity.mode = Mode::Invalid;
        self.parts[first].region.seal(LEAST_INTERIM)?;
        self.find(token)?.mode = Mode::Interim;
        Ok(())
    }

    /// The part to allocate from, and where it begins in the region.
    fn part_for(&mut self, token: usize, kind: Option<Type>) -> Result<(usize, u32), Refusal> {
        let entity = self.find(token)?;
        match (entity.mode, kind) {
            (Mode::Invalid, _) => Err(Refusal::Invalid),
            (Mode::Both, Some(Type::Interim)) => Ok((entity.second, entity.second_at)),
            (Mode::Both, _) => Ok((entity.first, 0)),
            (Mode::Lifetime, None | Some(Type::Lifetime))
            | (Mode::Interim, None | Some(Type::Interim)) => Ok((entity.first, 0)),
            _ => Err(Refusal::Mode),
        }
    }
}

impl Store<'_> {
    /// A region of so many bytes for life, and of `interim` bytes that come and go, or without
    /// `interim` one that serves both in turn. Returns its token.
    pub fn region_create(&mut self, bytes: usize, interim: Option<usize>) -> Result<u32, Refusal> {
        let first_pages = self.machine.pages_for(bytes)?;
        let second_pages = match interim {
            Some(bytes) => self.machine.pages_for(bytes)?,
            None => 0,
        };
        let vacant = |entity: &Entity| entity.owners == 0;
        let index = self.regions.entities.iter().position(vacant);
        let index = index.ok_or(Refusal::NoPlace(REGIONS))?;
        let wanted = 1 + usize::from(interim.is_some());
        let spare = self.regions.parts.iter().filter(|part| !part.used);
        if spare.count() < wanted {
            return Err(Refusal::NoPlace(PARTS));
        }
        // Neither is more than 2^32 bytes of pages.
        let pages = PageCount(first_pages.saturating_add(second_pages));
        let run = self.pages.alloc(pages, ANYWHERE, self.machine)?;
        let opened = self.open_parts(run, first_pages, interim.is_some());
        let (first, second) = match opened {
            Ok(parts) => parts,
            Err(refusal) => {
                self.pages.release(run, self.machine)?;
                return Err(refusal);
            }
        };
        let entity = &mut self.regions.entities[index];
        *entity = Entity {
            generation: entity.generation,
            owners: 1,
            mode: if interim.is_some() {
                Mode::Both
            } else {
                Mode::Lifetime
            },
            run,
            first,
            second_at: self.machine.offset_of(first_pages),
            second,
            freed: 0,
        };
        let token = Token {
            kind: Kind::Region,
            index,
            generation: entity.generation,
        };
        Ok(token.number())
    }

    /// Opens the one or two parts of a region; there are records for them.
    fn open_parts(
        &mut self,
        run: Run,
        first_pages: u32,
        both: bool,
    ) -> Result<(usize, usize), Refusal> {
        let machine = &self.machine;
        let start = machine.offset_of(run.first.0);
        let geometry = |pages: u32, bytes: u32| Geometry {
            bytes: machine.offset_of(pages),
            line: machine.line,
            base: machine.window.alignment_base(start + bytes),
        };
        let first_geometry = geometry(first_pages, 0);
        let second_geometry = geometry(run.count.0 - first_pages, first_geometry.bytes);
        first_geometry.validate()?;
        if both {
            second_geometry.validate()?;
        }
        let no_part = Refusal::NoPlace(PARTS);
        let first = self.regions.take_part().ok_or(no_part)?;
        self.regions.parts[first].region.open(first_geometry)?;
        if !both {
            return Ok((first, first));
        }
        let second = self.regions.take_part().ok_or(no_part)?;
        let region = &mut self.regions.parts[second].region;
        region.open(second_geometry)?;
        region.seal(0)?;
        Ok((first, second))
    }

    /// Allocates from a region; the address through the alias asked for.
    pub fn region_alloc(
        &mut self,
        token: usize,
        kind: Option<Type>,
        bytes: usize,
        align: usize,
        coherent: bool,
    ) -> Result<usize, Refusal> {
        let (part, part_at) = self.regions.part_for(token, kind)?;
        let request = request(bytes, align, self.machine.line, coherent)?;
        let allocation = self.regions.parts[part].region.alloc(request)?;
        let run = self.regions.find(token)?.run;
        let offset = self.machine.offset_of(run.first.0) + part_at + allocation.offset;
        if coherent {
            self.machine.flush(offset, allocation.bytes);
        }
        Ok(self.machine.window.address(offset, coherent))
    }

    pub fn region_free(&mut self, token: usize, address: usize) -> Result<(), Refusal> {
        let entity = *self.regions.find(token)?;
        let offset = self.machine.window.offset_of(address);
        let start = self.machine.offset_of(entity.run.first.0);
        let into = offset
            .and_then(|offset| offset.checked_sub(start))
            .filter(|into| *into < self.machine.offset_of(entity.run.count.0))
            .ok_or(Refusal::NotInRegion(address))?;
        let (part, into) = match into.checked_sub(entity.second_at) {
            Some(into) if entity.second != entity.first => (entity.second, into),
            _ => (entity.first, into),
        };
        if let Freed::Kept { .. } = self.regions.parts[part].region.free(into)? {
            self.regions.find(token)?.freed += 1;
        }
        Ok(())
    }

    /// Ends a region without owners: its pages go back.
    fn region_end(&mut self, token: usize) -> Result<(), Refusal> {
        let entity = *self.regions.find(token)?;
        self.pages.release(entity.run, self.machine)?;
        self.regions.parts[entity.first].used = false;
        self.regions.parts[entity.second].used = false;
        let entity = self.regions.find(token)?;
        entity.owners = 0;
        // A token of this region fits no later one in its place.
        entity.generation = entity.generation.wrapping_add(1);
        Ok(())
    }

    /// What there is to know of a region.
    pub fn region_info(&mut self, token: usize) -> Result<Snapshot, Refusal> {
        let entity = *self.regions.find(token)?;
        Ok(self.snapshot(&entity))
    }

    /// The same of the `number`th place, if a region is there.
    pub fn region_at(&self, number: usize) -> Option<Snapshot> {
        let entity = self.regions.entities.get(number)?;
        (entity.owners != 0).then(|| self.snapshot(entity))
    }

    fn snapshot(&self, entity: &Entity) -> Snapshot {
        let first = self.regions.parts[entity.first].region.stats();
        let mut allocations = first.allocations;
        let mut peak = first.peak;
        if entity.second != entity.first {
            let second = self.regions.parts[entity.second].region.stats();
            allocations += second.allocations;
            peak += second.peak;
        }
        let machine = &self.machine;
        Snapshot {
            base: machine
                .window
                .address(machine.offset_of(entity.run.first.0), false),
            bytes: machine.offset_of(entity.run.count.0),
            pages: entity.run.count.0,
            lifetime_used: first.lifetime_bytes,
            lifetime_freed: entity.freed,
            owners: entity.owners,
            allocations,
            peak,
        }
    }
}

impl State<'_> {
    /// One owner less. With the last one the region ends, and with it every copy of a constant that
    /// it owned.
    pub fn region_put(&mut self, token: usize) -> Result<Put, Refusal> {
        let entity = self.store.regions.find(token)?;
        if entity.owners > 1 {
            entity.owners -= 1;
            return Ok(Put::Held);
        }
        self.copies.put_all(token as u32, &mut self.store);
        self.store.region_end(token)?;
        Ok(Put::Ended)
    }
}
