//! Two tenants on the model machine, each with text, constants and a region.

use abi::{AllocFlags, CALL_COUNT, Call, Errno, TraceRecord};
use domains::{DomainHandle, Domains, Partition, Tenure};
use mmu::model::ModelMachine;
use mmu::{
    Alias, DC233C, Frames, PAGE_BYTES, PageCount, PhysAddr, PhysRange, Platform, Rights,
    SLOT_BYTES, VirtAddr,
};
use syscalls::{
    Arguments, AudioBuffer, Audit, CallCount, Clock, Consequence, DomainMemory, Kernel, Outcome,
    Reason, Refusal, Sink, Tenant, serve,
};
use vregion::region::{Geometry, RegionStats};

pub const TENANTS: usize = 2;
pub const AUDIT: usize = 8;
/// Frames of a tenant: one of text, one of constants, three of region.
const SHARE: u32 = 5;
const FRAMES: usize = TENANTS * SHARE as usize;
const THREADS: usize = TENANTS;
/// Frames of page tables: two for each domain.
const TABLES: u32 = 2 * TENANTS as u32;
pub const REGION_PAGES: u32 = 3;
pub const REGION_BYTES: u32 = REGION_PAGES * PAGE_BYTES;

/// Page of the slot at which each part begins; the pages between are guards.
pub const TEXT: u32 = 1;
pub const CONSTANTS: u32 = 2;
pub const REGION: u32 = 4;

const BOARD: Platform = Platform {
    table_frames: PhysRange {
        start: DC233C.table_frames.start,
        frames: TABLES,
    },
    module_frames: PhysRange {
        start: PhysAddr(DC233C.table_frames.start.0 + TABLES * PAGE_BYTES),
        frames: FRAMES as u32,
    },
    // Longer than the core's own: lines that matter must be the platform's.
    cache_line: 64,
    ..DC233C
};

/// When everything happens here.
pub const CLOCK: Clock = Clock {
    ticks: 77,
    cycles: 0x1234_5678,
};
/// Trace records that a tenant can leave here.
pub const TRACES: usize = 3;

/// Lines that were logged, and by whom; and trace records, likewise.
#[derive(Default)]
pub struct Log(pub Vec<(u32, String)>, pub Vec<(u32, [u32; 4], u32)>);

impl Sink for Log {
    fn line(&mut self, tenant: u32, text: &str) {
        self.0.push((tenant, text.into()));
    }

    fn trace(&mut self, tenant: u32, record: TraceRecord, cycles: u32) -> bool {
        let free = self.1.len() < TRACES;
        if free {
            self.1.push((tenant, record.words, cycles));
        }
        free
    }
}

pub struct Rig {
    pub machine: ModelMachine,
    pub domains: Domains<TENANTS, FRAMES, THREADS>,
    pub tenants: [Tenant; TENANTS],
    pub handles: [DomainHandle; TENANTS],
    pub audit: Audit<AUDIT>,
    pub log: Log,
    /// Whether ordinary calls go the short way.
    pub shortly: bool,
    /// Audio buffers; tests bind pins to them.
    pub buffers: Vec<AudioBuffer>,
}

/// Everything that a refused call must not change.
#[derive(Debug, PartialEq, Eq)]
pub struct Before {
    frames: Vec<u8>,
    regions: [RegionStats; TENANTS],
    charged: [u32; TENANTS],
    lines: usize,
}

impl Rig {
    pub fn new() -> Rig {
        let mut machine = ModelMachine::new(BOARD);
        let mut domains = Domains::new(&BOARD, &mut machine);
        let mut tenants = [const { Tenant::new() }; TENANTS];
        let handles = [0, 1].map(|id: usize| {
            let handle = domains.create(id as u32).unwrap();
            let first = id as u32 * SHARE;
            for (page, pages, skip, rights) in [
                (TEXT, 1, 0, Rights::TEXT),
                (CONSTANTS, 1, 1, Rights::READ),
                (REGION, REGION_PAGES, 2, Rights::DATA),
            ] {
                let start = VirtAddr(address(id, page, Alias::Cached));
                let pages = PageCount(pages);
                let partition = Partition::new(start, pages, rights, Tenure::Own).unwrap();
                domains
                    .add_partition(&mut machine, handle, partition, |page| {
                        PhysRange::rest(frame(first + skip), page, pages)
                    })
                    .unwrap();
            }
            tenants[id]
                .move_in(
                    handle,
                    Geometry {
                        bytes: REGION_BYTES,
                        line: BOARD.cache_line,
                        base: address(id, REGION, Alias::Cached),
                    },
                )
                .unwrap();
            handle
        });
        Rig {
            machine,
            domains,
            tenants,
            handles,
            audit: Audit::new(),
            log: Log::default(),
            shortly: true,
            buffers: Vec::new(),
        }
    }

    /// A call by tenant `id`. As in the kernel, by the short way where it is ordinary, unless that
    /// is switched off.
    pub fn call_by(&mut self, id: usize, number: u32, arguments: Arguments) -> Outcome {
        let [a, b, c, ..] = arguments;
        let tenant = &mut self.tenants[id];
        let ordinary = match Call::from_number(number) {
            Some(Call::Alloc) if self.shortly => tenant.alloc_ordinarily(a, b, c),
            Some(Call::Free) if self.shortly => tenant.free_ordinarily(a),
            _ => None,
        };
        if let Some(value) = ordinary {
            return Outcome::Return(value);
        }
        let kernel = Kernel {
            memory: DomainMemory {
                domains: &self.domains,
                machine: &mut self.machine,
            },
            clock: CLOCK,
            buffers: &mut self.buffers,
        };
        serve(
            number,
            arguments,
            id as u32,
            &mut self.tenants[id],
            kernel,
            &mut self.audit,
            &mut self.log,
        )
    }

    /// A call by tenant 0 with up to three arguments.
    pub fn call(&mut self, call: Call, arguments: [u32; 3]) -> Outcome {
        let [a, b, c] = arguments;
        self.call_by(0, call.number(), [a, b, c, 0, 0])
    }

    /// The call is refused for that reason and about that address; it has the consequence that
    /// the reason has, stands on the audit trail, is counted, and changes nothing else.
    #[track_caller]
    pub fn refused(&mut self, call: Call, arguments: [u32; 3], reason: Reason, address: u32) {
        let before = self.before();
        let counts = self.tenants[0].calls;
        let total = self.audit.total();
        let outcome = self.call(call, arguments);
        let refusal = Refusal::new(call, reason, address);
        match reason.consequence() {
            Consequence::Stop => assert_eq!(outcome, Outcome::Stop(refusal)),
            Consequence::Return(errno) => {
                assert_eq!(
                    self.audit.entries().last().unwrap().refusal(),
                    Some(refusal)
                );
                assert_eq!(outcome, Outcome::Return(errno.to_register()));
            }
        }
        let last = self
            .audit
            .entries()
            .last()
            .map(|entry| (entry.tenant, entry.refusal()));
        assert_eq!(last, Some((0, Some(refusal))));
        assert_eq!(self.audit.total(), total + 1);
        let mut expected = counts;
        expected[call.index()].made += 1;
        expected[call.index()].refused += 1;
        assert_eq!(self.tenants[0].calls, expected);
        assert!(self.before() == before, "a refused call left a trace");
    }

    /// The value that the call returns; it is not refused.
    #[track_caller]
    pub fn returns(&mut self, call: Call, arguments: [u32; 3]) -> u32 {
        let total = self.audit.total();
        let outcome = self.call(call, arguments);
        assert_eq!(self.audit.total(), total, "{outcome:?}");
        match outcome {
            Outcome::Return(value) => value,
            other => panic!("{call:?} {arguments:?} gave {other:?}"),
        }
    }

    #[track_caller]
    pub fn alloc(&mut self, bytes: u32, align: u32, flags: AllocFlags) -> u32 {
        let address = self.returns(Call::Alloc, [bytes, align, flags.bits()]);
        assert!(!Errno::is_error(address));
        address
    }

    pub fn before(&self) -> Before {
        Before {
            frames: self.frames().concat(),
            regions: [0, 1].map(|id: usize| RegionStats {
                // An allocation that was undone may be remembered as a peak.
                peak: 0,
                ..self.tenants[id].region.stats()
            }),
            charged: [0, 1].map(|id: usize| self.tenants[id].lines),
            lines: self.log.0.len(),
        }
    }

    /// The bytes of every frame: the tables' and the tenants'.
    pub fn frames(&self) -> Vec<[u8; PAGE_BYTES as usize]> {
        // A clone, so that looking changes no cache.
        let mut machine = self.machine.clone();
        (0..TABLES + FRAMES as u32)
            .map(|number| {
                let mut bytes = [0; PAGE_BYTES as usize];
                let start = BOARD.table_frames.start.0 + number * PAGE_BYTES;
                machine.read(PhysAddr(start), &mut bytes);
                bytes
            })
            .collect()
    }

    /// Puts bytes where a tenant would see them at that offset of a page, whatever its rights.
    pub fn poke(&mut self, id: usize, page: u32, offset: u32, bytes: &[u8]) {
        let start = frame(frame_number(id, page).unwrap()).0 + offset;
        self.machine.write(PhysAddr(start), bytes);
    }

    /// What stands there.
    pub fn peek(&self, id: usize, page: u32, offset: u32, bytes: usize) -> Vec<u8> {
        let start = frame(frame_number(id, page).unwrap()).0 + offset;
        let mut into = vec![0; bytes];
        self.machine.clone().read(PhysAddr(start), &mut into);
        into
    }

    pub fn counts(&self, call: Call) -> CallCount {
        self.tenants[0].calls[call.index()]
    }
}

/// Which of [`Rig::frames`] a tenant may write.
pub fn is_writable_by(id: usize, frame: usize) -> bool {
    let first = TABLES as usize + id * SHARE as usize + 2;
    (first..first + REGION_PAGES as usize).contains(&frame)
}

/// The frame behind a page of a tenant's slot.
fn frame_number(id: usize, page: u32) -> Option<u32> {
    let first = id as u32 * SHARE;
    match page {
        TEXT => Some(first),
        CONSTANTS => Some(first + 1),
        _ => (REGION..REGION + REGION_PAGES)
            .contains(&page)
            .then(|| first + 2 + page - REGION),
    }
}

fn frame(number: u32) -> PhysAddr {
    BOARD.module_frames.frame(number).unwrap()
}

/// The address of a page of a tenant's slot.
pub fn address(id: usize, page: u32, alias: Alias) -> u32 {
    let offset = id as u32 * SLOT_BYTES + page * PAGE_BYTES;
    BOARD.address_of(offset, alias).0
}

/// The cached address of tenant 0's region.
pub fn region() -> u32 {
    address(0, REGION, Alias::Cached)
}

/// What to add to a cached address for its uncached twin.
pub fn twin(cached: u32) -> u32 {
    cached - BOARD.cached_window.0 + BOARD.uncached_window.0
}

pub const ALIASES: [Alias; 2] = [Alias::Cached, Alias::Uncached];
pub const CALLS: usize = CALL_COUNT;
