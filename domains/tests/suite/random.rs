//! Random steps on domains, beside the oracle, with accesses by user code after every one.

use domains::{DomainError, DomainHandle};
use mmu::{
    Access, AddressError, Alias, Machine, PAGE_BYTES, PhysAddr, Rights, SLOT_PAGES, VirtAddr,
};
use proptest::prelude::*;

use crate::oracle::{Grant, Oracle, Tenancy};
use crate::rig::{
    ACCESSES, ALIASES, ASIDS, BOARD, DOMAINS, FRAMES, Rig, TABLES, frame, miss, place, prohibited,
};

#[derive(Clone, Debug)]
enum Step {
    Create {
        slot: u32,
    },
    Destroy {
        domain: usize,
    },
    Grant {
        domain: usize,
        first: u32,
        pages: u32,
        rights: Rights,
        frames: Frames,
        shift: i64,
    },
    Revoke {
        domain: usize,
        first: u32,
    },
    Touch {
        domain: usize,
        first: u32,
    },
    May {
        domain: usize,
        start: VirtAddr,
        bytes: u32,
    },
    Stale {
        which: usize,
    },
}

/// Frames by number: `first`, `first + step`, and so on; `foreign` stands at page `at`.
#[derive(Clone, Debug)]
struct Frames {
    first: u32,
    step: u32,
    foreign: Option<(usize, PhysAddr)>,
}

impl Frames {
    fn list(&self, pages: u32) -> Vec<PhysAddr> {
        let number = |page| (self.first + page * self.step) % FRAMES as u32;
        let mut frames: Vec<PhysAddr> = (0..pages.min(8)).map(|page| frame(number(page))).collect();
        if let Some((at, bad)) = self.foreign
            && let Some(place) = frames.get_mut(at)
        {
            *place = bad;
        }
        frames
    }
}

/// Pages at which things happen.
const PAGES: [u32; 9] = [0, 1, 2, 3, 4, 5, 6, SLOT_PAGES - 2, SLOT_PAGES - 1];

fn any_page() -> impl Strategy<Value = u32> {
    prop::sample::select(&PAGES[..])
}

fn any_rights() -> impl Strategy<Value = Rights> {
    prop_oneof![
        4 => Just(Rights::DATA),
        2 => Just(Rights::READ),
        2 => Just(Rights::TEXT),
        1 => (0..8u8).prop_map(Rights::from_bits_truncate),
    ]
}

fn any_frames() -> impl Strategy<Value = Frames> {
    let bad = prop_oneof![
        Just(BOARD.table_frames.start),
        Just(frame(FRAMES as u32)),
        Just(PhysAddr(frame(1).0 + 64)),
        Just(PhysAddr(u32::MAX)),
        Just(PhysAddr(0)),
    ];
    let foreign = prop::option::weighted(0.1, (0..4usize, bad));
    (0..FRAMES as u32, 0..4u32, foreign).prop_map(|(first, step, foreign)| Frames {
        first,
        step,
        foreign,
    })
}

fn any_claim() -> impl Strategy<Value = (VirtAddr, u32)> {
    let slot = prop::sample::select(vec![0u32, 1, 127]);
    let alias = prop::sample::select(&ALIASES[..]);
    let near = (slot, any_page(), alias, -3..4i64).prop_map(|(slot, page, alias, offset)| {
        VirtAddr((i64::from(place(slot, page, alias).0) + offset) as u32)
    });
    let start = prop_oneof![8 => near, 1 => any::<u32>().prop_map(VirtAddr)];
    let bytes = prop_oneof![
        Just(0u32),
        Just(1),
        1..9u32,
        PAGE_BYTES - 4..PAGE_BYTES + 5,
        3 * PAGE_BYTES - 4..3 * PAGE_BYTES + 5,
        Just(u32::MAX),
        0x6000_0000..0xb000_0000u32,
        any::<u32>(),
    ];
    (start, bytes)
}

fn any_step() -> impl Strategy<Value = Step> {
    let domain = 0..DOMAINS;
    let slot = prop::sample::select(vec![0u32, 0, 0, 1, 127, 128, u32::MAX]);
    let pages = prop_oneof![
        20 => 1..5u32,
        1 => prop::sample::select(vec![0, 1024, 1025, 0x10_0000, u32::MAX]),
    ];
    let shift = prop_oneof![
        20 => Just(0i64),
        1 => prop::sample::select(vec![
            1,
            2048,
            -i64::from(PAGE_BYTES),
            i64::from(SLOT_PAGES * PAGE_BYTES),
            -0x6000_0000,
            0x5fff_f000,
        ]),
    ];
    let grant = (
        domain.clone(),
        any_page(),
        pages,
        any_rights(),
        any_frames(),
        shift,
    );
    prop_oneof![
        3 => slot.prop_map(|slot| Step::Create { slot }),
        1 => domain.clone().prop_map(|domain| Step::Destroy { domain }),
        12 => grant.prop_map(|(domain, first, pages, rights, frames, shift)| {
            Step::Grant { domain, first, pages, rights, frames, shift }
        }),
        6 => (domain.clone(), any_page())
            .prop_map(|(domain, first)| Step::Revoke { domain, first }),
        4 => (domain.clone(), any_page())
            .prop_map(|(domain, first)| Step::Touch { domain, first }),
        6 => (domain, any_claim())
            .prop_map(|(domain, (start, bytes))| Step::May { domain, start, bytes }),
        1 => any::<usize>().prop_map(|which| Step::Stale { which }),
    ]
}

struct Run {
    rig: Rig,
    oracle: Oracle,
    dead: Vec<DomainHandle>,
    stored: u8,
}

impl Run {
    /// The domain a step means, if there is any.
    fn pick(&self, domain: usize) -> Option<usize> {
        let alive = self.oracle.domains.len();
        (alive > 0).then(|| domain % alive)
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Create { slot } => self.create(slot),
            Step::Destroy { domain } => {
                if let Some(domain) = self.pick(domain) {
                    self.destroy(domain);
                }
            }
            Step::Grant {
                domain,
                first,
                pages,
                rights,
                ref frames,
                shift,
            } => {
                if let Some(domain) = self.pick(domain) {
                    let slot = self.oracle.domains[domain].slot;
                    let start = place(slot, first, Alias::Cached);
                    let start = VirtAddr((i64::from(start.0) + shift) as u32);
                    let frames = frames.list(pages);
                    let grant = Grant {
                        start,
                        pages,
                        rights,
                        frames,
                    };
                    self.grant(domain, first, &grant);
                }
            }
            Step::Revoke { domain, first } => {
                if let Some(domain) = self.pick(domain) {
                    self.revoke(domain, first);
                }
            }
            Step::Touch { domain, first } => {
                if let Some(domain) = self.pick(domain) {
                    self.touch(domain, first);
                }
            }
            Step::May {
                domain,
                start,
                bytes,
            } => {
                if let Some(domain) = self.pick(domain) {
                    self.decide(domain, start, bytes);
                }
            }
            Step::Stale { which } => {
                if !self.dead.is_empty() {
                    self.knock(self.dead[which % self.dead.len()]);
                }
            }
        }
    }

    fn create(&mut self, slot: u32) {
        let made = self.rig.domains.create(&mut self.rig.machine, slot);
        let slots = BOARD.slots();
        let full = self.oracle.domains.len() == DOMAINS;
        match made {
            Ok(handle) => {
                assert!(slot < slots && !full);
                assert!(!self.dead.contains(&handle), "a handle came back");
                self.oracle.domains.push(Tenancy {
                    handle,
                    slot,
                    partitions: [].into(),
                    pages: [].into(),
                });
            }
            Err(DomainError::NoSlot { .. }) => assert!(slot >= slots),
            Err(error) => assert!(full && error == DomainError::NoDomain(DOMAINS)),
        }
    }

    fn destroy(&mut self, domain: usize) {
        let handle = self.oracle.domains.remove(domain).handle;
        let asid = self.rig.domains.asid(handle).unwrap().number();
        self.rig.switch(handle);
        let _ = self.rig.access(Access::Read, place(0, 0, Alias::Cached), 0);
        self.rig.destroy(handle).unwrap();
        assert!(!self.rig.machine.asids_remembered().contains(&asid));
        self.dead.push(handle);
    }

    fn grant(&mut self, domain: usize, first: u32, grant: &Grant) {
        let objections = self.oracle.objections(domain, grant);
        self.touch(domain, first);
        let handle = self.oracle.domains[domain].handle;
        let granted = self.rig.domains.add_partition(
            &mut self.rig.machine,
            handle,
            grant.start,
            mmu::PageCount(grant.pages),
            grant.rights,
            |page| {
                let beyond = PhysAddr(u32::MAX);
                grant.frames.get(page as usize).copied().unwrap_or(beyond)
            },
        );
        match granted {
            Ok(()) => {
                assert_eq!(objections, [], "granted all the same");
                self.oracle.grant(domain, grant);
            }
            // A long range has more pages than the list of frames.
            Err(DomainError::ForeignFrame(PhysAddr(u32::MAX))) if grant.pages > 8 => {}
            Err(error) => assert!(
                objections.contains(&error),
                "{error:?}, not one of {objections:?}"
            ),
        }
        self.touch(domain, first);
    }

    fn revoke(&mut self, domain: usize, first: u32) {
        self.touch(domain, first);
        let Tenancy { handle, slot, .. } = self.oracle.domains[domain];
        let start = place(slot, first, Alias::Cached);
        let revoked = self
            .rig
            .domains
            .remove_partition(&mut self.rig.machine, handle, start);
        if self.oracle.revoke(domain, first) {
            assert_eq!(revoked, Ok(()));
        } else {
            assert_eq!(revoked, Err(DomainError::NotFound(start)));
        }
        self.touch(domain, first);
    }

    /// Few enough accesses that no TLB entry is pushed out.
    fn touch(&mut self, domain: usize, first: u32) {
        self.rig.switch(self.oracle.domains[domain].handle);
        let slot = self.oracle.domains[domain].slot;
        for page in [first, (first + 1) % SLOT_PAGES] {
            for alias in ALIASES {
                for access in ACCESSES {
                    self.access(domain, access, place(slot, page, alias));
                }
            }
        }
    }

    /// One access by user code does exactly what the oracle says.
    fn access(&mut self, domain: usize, access: Access, address: VirtAddr) {
        self.stored = self.stored.wrapping_add(1);
        let byte = self.stored;
        let got = self.rig.access(access, address, byte);
        let granted = self.oracle.at(domain, address);
        let expected = match granted {
            Some((at, rights)) if rights.contains(access.needs()) => {
                let mut there = [0];
                self.rig.machine.read(at, &mut there);
                Ok(there[0])
            }
            _ if self.oracle.in_slot(domain, address) => Err(prohibited(access)),
            _ => Err(miss(access)),
        };
        let got = got.map_err(|fault| fault.cause);
        assert_eq!(got, expected, "{access:?} at {address} by {domain}");
    }

    fn decide(&mut self, domain: usize, start: VirtAddr, bytes: u32) {
        let handle = self.oracle.domains[domain].handle;
        for access in ACCESSES {
            let expected = self.oracle.may(domain, start, bytes, access);
            let got = self.rig.domains.may(handle, start, bytes, access);
            assert_eq!(got, expected, "{access:?} of {bytes} bytes at {start}");
        }
    }

    /// A stale handle opens nothing.
    fn knock(&mut self, stale: DomainHandle) {
        let refused = DomainError::StaleHandle;
        let data = Rights::DATA;
        assert_eq!(self.rig.grant(stale, 6, &[0], data), Err(refused));
        assert_eq!(self.rig.revoke(stale, 0), Err(refused));
        assert_eq!(self.rig.destroy(stale), Err(refused));
        assert_eq!(self.rig.domains.asid(stale), Err(refused));
    }

    /// What must hold after every step.
    fn check(&mut self) {
        let alive = self.oracle.domains.len() as u32;
        let expected = [
            alive,
            TABLES as u32 - 2 * alive,
            ASIDS - alive,
            self.oracle.frames_mapped(),
        ];
        assert_eq!(self.rig.resources(), expected);
        for number in 0..FRAMES as u32 {
            let uses = self.oracle.mappings(frame(number));
            let mappings = self.rig.domains.mappings(frame(number));
            assert_eq!(mappings, uses.len() as u32);
            let some = |right| uses.iter().any(|rights| rights.contains(right));
            assert!(!(some(Rights::WRITE) && some(Rights::EXECUTE)), "W^X");
        }
        assert_eq!(self.rig.domains.first_stray_entry(&self.rig.machine), None);
        let owned: Vec<u8> = (self.oracle.domains.iter())
            .map(|domain| self.rig.domains.asid(domain.handle).unwrap().number())
            .collect();
        for asid in self.rig.machine.asids_remembered() {
            assert!(owned.contains(&asid), "ASID {asid} is nobody's");
        }
        for domain in 0..self.oracle.domains.len() {
            self.rig.switch(self.oracle.domains[domain].handle);
            self.sweep(domain);
        }
    }

    fn sweep(&mut self, domain: usize) {
        let slot = self.oracle.domains[domain].slot;
        for page in PAGES {
            for alias in ALIASES {
                let start = place(slot, page, alias).0;
                for access in ACCESSES {
                    self.access(domain, access, VirtAddr(start));
                    self.access(domain, access, VirtAddr(start + PAGE_BYTES - 1));
                }
            }
        }
        let elsewhere = [
            place((slot + 1) % 128, 0, Alias::Cached),
            place((slot + 1) % 128, 1, Alias::Uncached),
            place((slot + 127) % 128, SLOT_PAGES - 1, Alias::Cached),
            VirtAddr(0),
            VirtAddr(u32::MAX),
            VirtAddr(frame(0).0),
        ];
        for address in elsewhere {
            for access in ACCESSES {
                self.access(domain, access, address);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn domains_agree_with_the_oracle(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut run = Run {
            rig: Rig::new(),
            oracle: Oracle::default(),
            dead: Vec::new(),
            stored: 0,
        };
        for step in &steps {
            run.step(step);
            run.check();
        }
        while !run.oracle.domains.is_empty() {
            run.destroy(0);
            run.check();
        }
        prop_assert_eq!(run.rig.resources(), [0, TABLES as u32, ASIDS, 0]);
        prop_assert_eq!(run.rig.machine.asids_remembered(), []);
    }
}

#[test]
fn the_oracle_itself_objects_to_what_it_should() {
    let mut oracle = Oracle::default();
    let mut rig = Rig::new();
    oracle.domains.push(Tenancy {
        handle: rig.create(0),
        slot: 0,
        partitions: [].into(),
        pages: [].into(),
    });
    let grant = |start: u32, pages: u32| Grant {
        start: VirtAddr(start),
        pages,
        rights: Rights::DATA,
        frames: vec![frame(0)],
    };
    let base = BOARD.cached_window.0;
    assert_eq!(oracle.objections(0, &grant(base, 1)), []);
    assert_eq!(
        oracle.objections(0, &grant(base + 1, 1)),
        [AddressError::Unaligned(base + 1).into()]
    );
    assert_eq!(oracle.objections(0, &grant(base - 4096, 1)).len(), 1);
}
