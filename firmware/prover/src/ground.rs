//! The ground of a comparison: few frames, few domains, and tables that no domain has, so that
//! everything meets everything else soon.

use domains::{Cause, DomainHandle, Domains, Fault, Partition, Tenure, ThreadId};
use mmu::{
    Access, Alias, Asid, AsidPool, DC233C, Frames, PAGE_BYTES, PageCount, PhysAddr, PhysRange,
    Platform, Pte, Rights, Ring, SLOT_BYTES, SLOT_PAGES, Stale, SwitchImage, Table, VirtAddr, Way,
};

use crate::{Outcome, Step, UserCore};

/// Domains with a name.
const NAMES: usize = 6;
/// The one thread.
const THREAD: ThreadId = ThreadId(0);
/// Module frames.
const FRAMES: usize = 16;
/// Tables that no domain has.
pub const RAW_TABLES: u32 = 4;
const RAW_ASIDS: usize = 3;
const DOMAIN_TABLES: u32 = 2 * NAMES as u32;

/// Where it lies: a small part of [`DC233C`].
pub const BOARD: Platform = Platform {
    table_frames: PhysRange {
        frames: DOMAIN_TABLES + RAW_TABLES,
        ..DC233C.table_frames
    },
    module_frames: PhysRange {
        frames: FRAMES as u32,
        ..DC233C.module_frames
    },
    ..DC233C
};

/// Bytes of each frame that hold code; the rest is for stores.
pub const LANDING_BYTES: u32 = PAGE_BYTES / 2;
/// From one piece of code to the next.
pub const LANDING_STEP: u32 = 16;

/// `movi a2, frame; break 1, 15`.
const fn landing(frame: u32) -> [u8; LANDING_STEP as usize] {
    let mut code = [0; LANDING_STEP as usize];
    code[0] = 0x22;
    code[1] = 0xa0;
    code[2] = frame as u8;
    code[3] = 0xf0;
    code[4] = 0x41;
    code
}

/// All that steps work on.
#[derive(Debug)]
pub struct Ground<C> {
    core: C,
    domains: Domains<NAMES, FRAMES, 1>,
    names: [Option<DomainHandle>; NAMES],
    asids: [Option<Asid>; RAW_ASIDS],
    /// The domain that was entered last, if no such table was entered since.
    running: Option<DomainHandle>,
}

impl<C: UserCore> Ground<C> {
    /// No domains; each frame with code in its first half and a pattern in its second; empty
    /// tables.
    pub fn new(mut core: C) -> Ground<C> {
        fill(&mut core);
        for number in 0..RAW_TABLES {
            Table::new(&mut core, raw_table(number));
        }
        let domains = Domains::new(&BOARD, &mut core);
        let mut pool = AsidPool::new();
        Ground {
            domains,
            core,
            names: [None; NAMES],
            asids: core::array::from_fn(|_| pool.take().ok()),
            running: None,
        }
    }

    /// Takes a step.
    pub fn take(&mut self, step: Step) -> Outcome {
        match step {
            Step::Create { name, slot } => {
                let name = name as usize % NAMES;
                if self.names[name].is_some() {
                    return Outcome::done(1);
                }
                let made = self.domains.create(slot);
                self.names[name] = made.ok();
                Outcome::of(made)
            }
            Step::Destroy { name } => self.with(name, |ground, handle| {
                let gone = ground.domains.destroy(&mut ground.core, handle);
                if gone.is_ok() {
                    ground.names[name as usize % NAMES] = None;
                }
                Outcome::of(gone)
            }),
            Step::Add {
                name,
                pages,
                terms,
                frame,
                stride,
            } => self.with(name, |ground, handle| {
                ground.add(handle, pages, terms, frame, stride)
            }),
            Step::Remove { name, page } => self.with(name, |ground, handle| {
                let start = ground.address(handle, page);
                Outcome::of(
                    ground
                        .domains
                        .remove_partition(&mut ground.core, handle, start),
                )
            }),
            Step::Share {
                from,
                page,
                to,
                at,
                rights,
            } => self.with(from, |ground, from| {
                ground.with(to, |ground, to| {
                    let start = ground.address(from, page);
                    let at = ground.address(to, at);
                    let rights = Rights::from_bits_truncate(rights as u8);
                    Outcome::of(ground.domains.share_partition(
                        &mut ground.core,
                        (from, start),
                        to,
                        at,
                        rights,
                    ))
                })
            }),
            Step::Enter { name } => self.with(name, |ground, handle| {
                let core = ground.core.core();
                let image = ground.domains.enter(handle, core);
                let asid = ground.domains.asid(handle);
                if let (Ok(image), Ok(asid)) = (image, asid) {
                    image.apply(&mut ground.core, asid);
                    ground.running = Some(handle);
                }
                Outcome::of(image)
            }),
            Step::Access {
                deed,
                address,
                value,
            } => {
                let ended = self.core.act(deed, VirtAddr(address), value);
                self.judge(ended)
            }
            Step::SetEntry { table, index, pte } => {
                let address = VirtAddr(index % SLOT_PAGES * PAGE_BYTES);
                Table::at(raw_table(table)).set_entry(&mut self.core, address, harmless(pte));
                Outcome::done(0)
            }
            Step::EnterRaw { asid, slot, table } => {
                if let Some(asid) = self.asids[asid as usize % RAW_ASIDS] {
                    let slot = slot % BOARD.slots();
                    let tables = [raw_table(table), raw_table(table + 1)];
                    SwitchImage::new(&BOARD, asid, slot, tables[0], tables[1])
                        .apply(&mut self.core, asid);
                    self.running = None;
                }
                Outcome::done(0)
            }
            Step::Forget { stale } => {
                Stale::from_bits_truncate(stale).drop_entries(&mut self.core);
                Outcome::done(0)
            }
            Step::DropWay { address, way } => {
                self.core.drop_autorefill(VirtAddr(address), way as u8 % 4);
                self.core.synchronize();
                Outcome::done(0)
            }
            Step::Wire { address, pte } => {
                let address = VirtAddr(address).page_start();
                let entry = if address.0 & !(SLOT_BYTES - 1) == BOARD.table_window.0 {
                    // What the MMU reads entries from must be a table.
                    Pte::from_bits(raw_table(pte >> 12).0 | pte & 0xfff)
                } else if BOARD.offset_of(address).is_some() {
                    harmless(pte)
                } else {
                    // The kernel's own addresses would be hit twice.
                    return Outcome::done(1);
                };
                self.core.wire_data(Way::Nine, address, entry);
                self.core.synchronize();
                Outcome::done(0)
            }
            Step::May {
                name,
                address,
                bytes,
                access,
            } => self.with(name, |ground, handle| {
                let access = match access % 3 {
                    0 => Access::Read,
                    1 => Access::Write,
                    _ => Access::Execute,
                };
                let may = ground.domains.may(handle, VirtAddr(address), bytes, access);
                Outcome::done(u32::from(may.is_ok()))
            }),
            Step::Inherit { from, to } => self.with(from, |ground, from| {
                ground.with(to, |ground, to| {
                    let core = &mut ground.core;
                    Outcome::of(ground.domains.inherit_partitions(core, from, to))
                })
            }),
            Step::Join { name } => self.with(name, |ground, handle| {
                Outcome::of(ground.domains.add_thread(THREAD, handle))
            }),
            Step::Part => Outcome::of(self.domains.remove_thread(THREAD)),
            Step::Sound => Outcome::done(u32::from(self.is_sound())),
            Step::Restore => self.restore(),
        }
    }

    /// No domain, no thread in one, every frame as it was made.
    fn restore(&mut self) -> Outcome {
        // Whether it was in one does not matter.
        let _ = self.domains.remove_thread(THREAD);
        let mut all = Outcome::done(0);
        for name in &mut self.names {
            if let Some(handle) = name.take() {
                let gone = Outcome::of(self.domains.destroy(&mut self.core, handle));
                if gone.code != Outcome::DONE {
                    all = gone;
                }
            }
        }
        self.running = None;
        fill(&mut self.core);
        all
    }

    /// Whether the rules of domains hold.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.domains.check(&self.core).is_ok()
    }

    /// The outcome of an access with what a kernel would make of it, if it is a fault. The domain
    /// may be gone meanwhile: whatever still runs in it is judged by that.
    fn judge(&self, ended: Outcome) -> Outcome {
        match self.running {
            Some(domain) if ended.is_fault() => {
                let fault = Fault {
                    cause: Cause(ended.code),
                    address: VirtAddr(ended.address),
                    pc: VirtAddr(0),
                };
                ended.judged(self.domains.judge(domain, Ring::Module, fault))
            }
            _ => ended,
        }
    }

    fn with(&mut self, name: u32, act: impl FnOnce(&mut Self, DomainHandle) -> Outcome) -> Outcome {
        match self.names[name as usize % NAMES] {
            Some(handle) => act(self, handle),
            None => Outcome::done(1),
        }
    }

    fn add(
        &mut self,
        handle: DomainHandle,
        pages: u32,
        terms: u32,
        first: u32,
        stride: u32,
    ) -> Outcome {
        let start = self.address(handle, pages);
        let tenure = match terms >> 8 & 3 {
            0 | 3 => Tenure::Own,
            1 => Tenure::Constant,
            _ => Tenure::Buffer,
        };
        let rights = Rights::from_bits_truncate(terms as u8);
        let partition = Partition::new(start, PageCount(pages >> 10), rights, tenure);
        Outcome::of(partition.and_then(|partition| {
            self.domains
                .add_partition(&mut self.core, handle, partition, |page| PhysRange {
                    start: frame(
                        first.wrapping_add(page.wrapping_mul(stride)) % (FRAMES as u32 + 1),
                    ),
                    frames: 1,
                })
        }))
    }

    /// The cached address of a page of a domain's slot.
    fn address(&self, handle: DomainHandle, page: u32) -> VirtAddr {
        let slot = self.domains.slot(handle).unwrap_or(0);
        let offset = slot * SLOT_BYTES + page % SLOT_PAGES * PAGE_BYTES;
        BOARD.address_of(offset, Alias::Cached)
    }
}

/// Gives each frame code in its first half and a pattern in its second.
fn fill(core: &mut impl UserCore) {
    for number in 0..FRAMES as u32 {
        let start = frame(number);
        core.zero_frame(start);
        let code = landing(number);
        for at in (0..LANDING_BYTES).step_by(LANDING_STEP as usize) {
            core.write(PhysAddr(start.0 + at), &code);
        }
        for at in (LANDING_BYTES..PAGE_BYTES).step_by(4) {
            let word = number << 16 | at;
            core.write(PhysAddr(start.0 + at), &word.to_le_bytes());
        }
        core.publish(start);
    }
}

/// The module frame of that number; one past the last is none.
fn frame(number: u32) -> PhysAddr {
    PhysAddr(BOARD.module_frames.start.0 + number * PAGE_BYTES)
}

fn raw_table(number: u32) -> PhysAddr {
    let number = DOMAIN_TABLES + number % RAW_TABLES;
    PhysAddr(BOARD.table_frames.start.0 + number * PAGE_BYTES)
}

/// Any ring and any attribute, but a frame that is a module's: what user code can break must be
/// the ground's own.
fn harmless(pte: u32) -> Pte {
    let frame = frame((pte >> 12) % FRAMES as u32);
    Pte::from_bits(frame.0 | pte & 0xfff)
}

/// What [`Deed::Execute`] gives where these bytes stand, if they are a piece of the pattern.
#[cfg(any(test, feature = "model"))]
pub(crate) fn frame_of_landing(code: [u8; 6]) -> Option<u32> {
    let frame = u32::from(code[2]);
    (code[..] == landing(frame)[..6]).then_some(frame)
}
