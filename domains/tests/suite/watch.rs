//! What user code and the kernel see between the steps, and what must hold after each.

use domains::{Consequence, Denied, DomainError, DomainHandle, Fault, Offence, ThreadId};
use mmu::model::ModelFault;
use mmu::{Access, Alias, CoreId, Ring, VirtAddr};

use crate::rig::{ACCESSES, ALIASES, BOARD, FRAMES, THREADS, frame, miss, page, place, prohibited};
use crate::rules;
use crate::run::Run;
use crate::steps::tracked;

impl Run {
    pub fn touch(&mut self, page: u32) {
        let Some(domain) = self.running[self.acting.number()].and_then(|h| self.oracle.find(h))
        else {
            return;
        };
        let slot = self.oracle.domains[domain].slot;
        for alias in ALIASES {
            for access in ACCESSES {
                self.access(
                    domain,
                    access,
                    tracked(slot, page, access == Access::Write, alias),
                );
                self.access(
                    domain,
                    access,
                    tracked(slot, page, access != Access::Write, alias),
                );
            }
        }
        for address in [
            0,
            u32::MAX,
            frame(0).0,
            place((slot + 1) % 128, page, Alias::Cached).0,
        ] {
            self.access(domain, Access::Read, VirtAddr(address));
        }
    }

    /// One access by user code does exactly what the oracle says, if need be after the core forgot
    /// what it knew from before a grant.
    fn access(&mut self, domain: usize, access: Access, address: VirtAddr) {
        self.stored = self.stored.wrapping_add(1);
        let byte = self.stored;
        let granted = self.oracle.at(domain, address);
        let granted = granted.filter(|(_, rights)| rights.contains(access.needs()));
        let expected = match granted {
            Some((at, _)) => {
                let (_, alias) = BOARD.offset_of(address).unwrap();
                Ok(self.contents.access(self.acting, access, alias, at, byte))
            }
            _ if self.oracle.in_slot(domain, address) => Err(prohibited(access)),
            _ => Err(miss(access)),
        };
        let mut got = self.rig.access(access, address, byte);
        if let Err(fault) = got {
            let handle = self.oracle.domains[domain].handle;
            if self.resumes(handle, fault, access, expected.is_ok()) {
                got = self.rig.access(access, address, byte);
            }
        }
        let expected = expected.map_err(|cause| ModelFault { cause, address });
        assert_eq!(got, expected, "{access:?} at {address} by {domain}");
    }

    /// Whether the kernel lets the module go on; it says so exactly of what was granted.
    fn resumes(
        &mut self,
        handle: DomainHandle,
        fault: ModelFault,
        access: Access,
        granted: bool,
    ) -> bool {
        let ModelFault { cause, address } = fault;
        let cause = domains::Cause(cause);
        let pc = VirtAddr(0);
        let verdict = self
            .rig
            .domains
            .judge(handle, Ring::Module, Fault { cause, address, pc });
        match verdict.consequence {
            Consequence::Resume(page) => {
                assert!(granted, "it went on with {access:?} at {address}");
                self.rig.forget(page);
                true
            }
            _ => {
                assert!(!granted && matches!(verdict.offence, Offence::Access { .. }));
                false
            }
        }
    }

    pub fn decide(&mut self, domain: usize, start: VirtAddr, bytes: u32) {
        let handle = self.oracle.domains[domain].handle;
        for access in ACCESSES {
            let expected = self.oracle.may(domain, start, bytes, access);
            let got = self.rig.domains.may(handle, start, bytes, access);
            assert_eq!(got, expected, "{access:?} of {bytes} bytes at {start}");
        }
    }

    pub fn prove(&mut self, domain: usize, page: u32, write: bool) {
        let tenancy = &self.oracle.domains[domain];
        let start = tracked(
            tenancy.slot,
            page,
            true,
            ALIASES[usize::from(self.stored % 2)],
        );
        let (handle, acting) = (tenancy.handle, self.acting);
        let access = if write { Access::Write } else { Access::Read };
        let expected = self.oracle.may(domain, start, 1, access);
        let (machine, domains) = (&mut self.rig.machine, &self.rig.domains);
        let proven = domains.prove(handle, start, 1, access);
        let Ok(proof) = proven else {
            assert_eq!(proven.map(|_| ()), expected);
            return;
        };
        assert_eq!(expected, Ok(()));
        let mut byte = [self.stored];
        if write {
            proof.write(machine, &byte).unwrap();
        } else {
            proof.read(machine, &mut byte).unwrap();
        }
        self.contents.follow(&self.rig, [acting].into_iter());
        let (at, _) = self.oracle.at(domain, start).unwrap();
        if write {
            self.contents.written(at, byte[0]);
        } else {
            assert_eq!(byte[0], self.contents.read(at), "the byte at {at}");
        }
    }

    /// A stale handle opens nothing.
    pub fn knock(&mut self, stale: DomainHandle) {
        let refused = DomainError::StaleHandle;
        self.rig
            .refuses(refused, |rig| rig.grant(stale, 6, &[0], mmu::Rights::DATA));
        self.rig.refuses(refused, |rig| rig.revoke(stale, 0));
        self.rig.refuses(refused, |rig| rig.destroy(stale));
        self.rig
            .refuses(refused, |rig| rig.domains.add_thread(ThreadId(0), stale));
        self.rig.refuses(refused, |rig| {
            rig.domains.enter(stale, CoreId::BOOT).map(|_| ())
        });
        let denied = self.rig.domains.may(stale, page(0), 0, Access::Read);
        assert_eq!(denied, Err(Denied::StaleHandle));
    }

    /// What must hold after every step.
    pub fn check(&mut self) {
        rules::all(&self.rig);
        assert_eq!(
            self.rig.domains.frames_in_use(),
            self.oracle.frames_in_use()
        );
        for number in 0..FRAMES as u32 {
            let uses = self.oracle.uses(frame(number)).len() as u32;
            assert_eq!(self.rig.domains.owners(frame(number)), uses);
        }
        for (domain, tenancy) in self.oracle.domains.iter().enumerate() {
            let partitions = self.rig.domains.partitions(tenancy.handle);
            assert_eq!(partitions, Ok(&self.oracle.partitions(domain)[..]));
        }
        for thread in 0..THREADS as u16 {
            let expected = self.oracle.threads.get(&thread).copied();
            assert_eq!(self.rig.domains.domain_of(ThreadId(thread)).ok(), expected);
        }
    }
}
