//! Loading modules, and making and ending instances of them: all or nothing.

use domains::{DomainError, Partition, Tenure, ThreadId};
use mmu::{Alias, Frames, Machine, PAGE_BYTES, PhysAddr, SLOT_BYTES, VirtAddr};
use thiserror_no_std::Error;
use vregion::pages::{PageError, Run};
use vregion::region::{Geometry, GeometryError};

use crate::backing::{Holdings, frames_behind};
use crate::config::{MODULE_PAGES, MODULES, PLATFORM};
use crate::constant_sums;
use crate::estate::{Estate, EstateError, Part, Purpose, RegionPages};
use crate::instance::{Instance, Loaded};
use crate::loader::{Fixup, Image, LoadError};
use crate::report::words::in_words;
use crate::system::System;

/// Why a module was not loaded, or has no instance. Nothing of it stays behind.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InstallError {
    /// The file is wrong.
    #[error("{0}")]
    File(#[from] LoadError),
    /// It is more than its quota.
    #[error("{0}")]
    Estate(#[from] EstateError),
    /// No place for another instance.
    #[error("all {0} places for modules are taken")]
    NoPlace(usize),
    /// No pages or frames.
    #[error("no free pages or frames are left for it")]
    Pages,
    /// Its domain cannot be made.
    #[error("no domain or address-space number is left for it")]
    Domain,
    /// Its region cannot be made.
    #[error("its region has an invalid size")]
    Region,
    /// No slot for another module.
    #[error("all {0} slots for module files are taken")]
    NoSlot(usize),
    /// No module of that number.
    #[error("no module is loaded under that number")]
    NoModule,
    /// The file is not the one that was loaded.
    #[error("its file is not the one that was loaded")]
    OtherFile,
    /// The module has instances.
    #[error("the module is in use by {0} instances")]
    InUse(u32),
}

in_words!(InstallError {
    1 = File(error),
    2 = Estate(error),
    3 = NoPlace(places),
    4 = Pages,
    5 = Domain,
    6 = Region,
    7 = NoSlot(slots),
    8 = NoModule,
    9 = OtherFile,
    10 = InUse(instances),
});

impl From<PageError> for InstallError {
    fn from(_: PageError) -> Self {
        InstallError::Pages
    }
}

impl From<DomainError> for InstallError {
    fn from(_: DomainError) -> Self {
        InstallError::Domain
    }
}

impl From<GeometryError> for InstallError {
    fn from(_: GeometryError) -> Self {
        InstallError::Region
    }
}

impl<M: Machine> System<M> {
    /// Loads a module: its text and constants, for any number of instances. It stays until
    /// [`Self::unload`]. Its number.
    ///
    /// # Errors
    /// What is wrong with the file, or what there is not enough of.
    pub fn load(&mut self, file: &[u8]) -> Result<usize, InstallError> {
        let image = Image::parse(file, MODULE_PAGES)?;
        let estate = Estate::plan(&image, MODULE_PAGES)?;
        let free = self.modules.iter().position(Option::is_none);
        let number = free.ok_or(InstallError::NoSlot(MODULES))?;
        let mut held = Holdings::new();
        for part in estate.parts().iter().filter(|part| part.is_shared()) {
            if let Err(error) = self.take(&mut held, part) {
                held.give_back(&mut self.pool, &mut self.machine);
                return Err(error.into());
            }
        }
        let start = slot_start(number);
        self.place_image(start, &image, &estate, &held);
        let at = |linked| start.0.wrapping_add(estate.offset_of_linked(linked));
        let mut header = *image.header();
        header.start = at(header.start);
        // An entry point that the module does not have stays 0.
        header.entry = header
            .entry
            .map(|entry| if entry == 0 { 0 } else { at(entry) });
        let sum = constant_sums::sum(&self.machine, &self.pool, &held);
        self.modules[number] = Some(Loaded {
            header,
            estate,
            held,
            sum,
            instances: 0,
            is_kept: true,
        });
        Ok(number)
    }

    /// Takes a module away.
    ///
    /// # Errors
    /// [`InstallError::NoModule`]; [`InstallError::InUse`] while it has instances.
    pub fn unload(&mut self, number: usize) -> Result<(), InstallError> {
        let place = self.modules.get_mut(number).ok_or(InstallError::NoModule)?;
        let loaded = place.as_mut().ok_or(InstallError::NoModule)?;
        if loaded.instances != 0 {
            return Err(InstallError::InUse(loaded.instances));
        }
        loaded.held.give_back(&mut self.pool, &mut self.machine);
        *place = None;
        Ok(())
    }

    /// Takes every module away that has no instance.
    pub fn unload_all(&mut self) {
        for number in 0..MODULES {
            // What has instances stays; so does nothing that is not there.
            let _ = self.unload(number);
        }
    }

    /// Makes an instance of a loaded module at a place, from the file that was loaded: domain, pages,
    /// data, region, and its sides of the buffers that are connected there.
    ///
    /// # Errors
    /// What there is not enough of; another file than the one that was loaded.
    pub fn create(
        &mut self,
        place: usize,
        number: usize,
        file: &[u8],
        region: RegionPages,
    ) -> Result<&Instance, InstallError> {
        let image = Image::parse(file, MODULE_PAGES)?;
        if !matches!(self.instances.get(place), Some(None)) {
            return Err(InstallError::NoPlace(self.instances.len()));
        }
        let loaded = self.modules.get(number).and_then(Option::as_ref);
        let loaded = loaded.ok_or(InstallError::NoModule)?;
        let (header, own) = (&loaded.header, image.header());
        if loaded.estate != Estate::plan(&image, MODULE_PAGES)?
            || (header.uuid, header.version) != (own.uuid, own.version)
        {
            return Err(InstallError::OtherFile);
        }
        let mut header = loaded.header;
        let estate = if region.apply(&mut header) {
            Estate::plan_for(&image, &header, MODULE_PAGES)?
        } else {
            loaded.estate.clone()
        };
        let instance = Instance {
            header,
            estate,
            domain: self.domains.create(number as u32)?,
            module: number,
            slot_start: slot_start(number),
            held: Holdings::new(),
        };
        self.instances[place] = Some(instance);
        if let Some(loaded) = &mut self.modules[number] {
            loaded.instances += 1;
        }
        let furnished = self
            .furnish(place, &image)
            .and_then(|()| Ok(self.attach(place)?));
        if let Err(error) = furnished {
            self.remove(place);
            return Err(error);
        }
        self.instance(place).ok_or(InstallError::NoModule)
    }

    /// Loads a module and makes an instance of it, with which the module goes.
    ///
    /// # Errors
    /// As of [`Self::load`] and [`Self::create`].
    pub fn install(&mut self, place: usize, file: &[u8]) -> Result<&Instance, InstallError> {
        if !matches!(self.instances.get(place), Some(None)) {
            // What is wrong with the file comes first, as in `create`.
            let image = Image::parse(file, MODULE_PAGES)?;
            Estate::plan(&image, MODULE_PAGES)?;
            return Err(InstallError::NoPlace(self.instances.len()));
        }
        let number = self.load(file)?;
        if let Err(error) = self.create(place, number, file, RegionPages::default()) {
            // It has no instance.
            let _ = self.unload(number);
            return Err(error);
        }
        if let Some(loaded) = &mut self.modules[number] {
            loaded.is_kept = false;
        }
        self.instance(place).ok_or(InstallError::NoModule)
    }

    /// Ends an instance; everything it had returns. Its connections stay, for the next at this
    /// place. Nothing happens where there is none.
    pub fn remove(&mut self, place: usize) {
        let Some(instance) = self.instances.get_mut(place).and_then(Option::take) else {
            return;
        };
        self.tenants[place].move_out();
        self.detach(place);
        // The thread may not have been made; the handle is the one that `create` gave, and goes
        // stale here.
        let _ = self.domains.remove_thread(thread_of(place));
        let ended = self.domains.destroy(&mut self.machine, instance.domain);
        let Instance {
            mut held, module, ..
        } = instance;
        if ended.is_ok() {
            // Frames that a domain may still reach are never handed out again.
            held.give_back(&mut self.pool, &mut self.machine);
        }
        // Nor is the text that such a domain may still run: its module stays in use for good.
        if let Some(loaded) = self.modules[module].as_mut().filter(|_| ended.is_ok()) {
            loaded.instances -= 1;
            if loaded.instances == 0 && !loaded.is_kept {
                let _ = self.unload(module);
            }
        }
    }

    fn furnish(&mut self, place: usize, image: &Image<'_>) -> Result<(), InstallError> {
        let Some(mut instance) = self.instances[place].take() else {
            return Err(InstallError::NoModule);
        };
        let furnished = self.furnish_instance(place, &mut instance, image);
        self.instances[place] = Some(instance);
        furnished
    }

    fn furnish_instance(
        &mut self,
        place: usize,
        instance: &mut Instance,
        image: &Image<'_>,
    ) -> Result<(), InstallError> {
        let (domain, start) = (instance.domain, instance.slot_start);
        self.domains.add_thread(thread_of(place), domain)?;
        for part in instance.estate.parts() {
            let (run, tenure) = if part.is_shared() {
                let loaded = self.modules[instance.module].as_ref();
                let mut runs = loaded.ok_or(InstallError::NoModule)?.held.iter();
                let run = runs.find(|(first, _)| *first == part.first);
                (run.ok_or(InstallError::NoModule)?.1, Tenure::Constant)
            } else {
                (self.take(&mut instance.held, part)?, Tenure::Own)
            };
            let at = instance.start_of(part);
            let partition = Partition::new(at, part.pages, part.rights, tenure)?;
            let pool = &self.pool;
            self.domains
                .add_partition(&mut self.machine, domain, partition, |page| {
                    frames_behind(pool, run, page)
                })?;
        }
        self.place_image(start, image, &instance.estate, &instance.held);
        let region = instance.estate.part(Purpose::Region);
        // What an earlier instance left here is nobody's.
        self.said.take_traces(place);
        self.tenants[place].move_in(
            domain,
            Geometry {
                bytes: region.map_or(0, |part| part.pages.0 * PAGE_BYTES),
                line: PLATFORM.cache_line,
                base: start.0 + region.map_or(0, Part::offset),
            },
        )?;
        Ok(())
    }

    fn take(&mut self, held: &mut Holdings, part: &Part) -> Result<Run, PageError> {
        held.take(&mut self.pool, &mut self.machine, part.first, part.pages.0)
    }

    /// Copies as much of the file as lies in these holdings and adds the load bias to its words, all
    /// through the kernel's own mapping, then makes it visible to fetches and to the uncached alias.
    fn place_image(
        &mut self,
        start: VirtAddr,
        image: &Image<'_>,
        estate: &Estate,
        held: &Holdings,
    ) {
        let (pool, machine) = (&self.pool, &mut self.machine);
        for segment in image.segments() {
            let bytes = image.bytes(segment);
            let offset = estate.offset_of_linked(segment.address);
            for (frame, piece) in held.pieces(pool, offset, bytes.len()) {
                machine.write(frame, &bytes[piece]);
            }
        }
        let bias = start.0.wrapping_add(estate.offset_of_linked(0));
        for Fixup { address, value } in image.fixups() {
            // A word is aligned to 4 and so lies in one frame.
            for (place, _) in held.pieces(pool, estate.offset_of_linked(address), 4) {
                let linked = value.unwrap_or_else(|| machine.load_word(place));
                machine.store_word(place, linked.wrapping_add(bias));
            }
        }
        for segment in image.segments() {
            let bytes = segment.memory_bytes as usize;
            let offset = estate.offset_of_linked(segment.address);
            for (frame, _) in held.pieces(pool, offset, bytes) {
                machine.publish(PhysAddr(frame.0 & !(PAGE_BYTES - 1)));
            }
        }
    }
}

/// A module's slot has its number.
fn slot_start(number: usize) -> VirtAddr {
    PLATFORM.address_of(number as u32 * SLOT_BYTES, Alias::Cached)
}

/// An instance's thread has the number of its place.
const fn thread_of(place: usize) -> ThreadId {
    ThreadId(place as u16)
}
