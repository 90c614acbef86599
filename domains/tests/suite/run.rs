//! Steps on domains beside the oracle.

use domains::{DomainError, DomainHandle, Domains, Partition};
use mmu::model::Answering;
use mmu::{Alias, CoreId, PAGE_BYTES, PageCount, PhysAddr, Rights, Side, Unanswered, VirtAddr};

use crate::contents::Contents;
use crate::oracle::{Grant, Oracle};
use crate::rig::{BOARD, CORES, DOMAINS, Rig, THREADS, core, frame, place, runs};
use crate::steps::{Action, Asked, Step};

pub struct Run {
    pub rig: Rig,
    pub oracle: Oracle,
    pub contents: Contents,
    /// What each core runs.
    pub running: [Option<DomainHandle>; CORES as usize],
    answering: [Answering; CORES as usize],
    dead: Vec<DomainHandle>,
    pub acting: CoreId,
    pub stored: u8,
}

pub type Done = Result<(), DomainError>;

impl Run {
    pub fn new() -> Run {
        Run {
            rig: Rig::new(),
            oracle: Oracle::default(),
            contents: Contents::default(),
            running: [None; CORES as usize],
            answering: [Answering::AtOnce; CORES as usize],
            dead: Vec::new(),
            acting: CoreId::BOOT,
            stored: 0,
        }
    }

    pub fn step(&mut self, step: &Step) {
        self.acting = core(step.core);
        self.rig.on(step.core);
        self.act(&step.action);
        let order = self.order();
        self.contents.follow(&self.rig, order.into_iter());
        self.check();
    }

    fn act(&mut self, action: &Action) -> Option<()> {
        match *action {
            Action::Create(slot) => self.create(slot, &[]),
            Action::CreateWith(slot, ref asked) => self.create(slot, asked),
            Action::Destroy(domain) => self.destroy(self.pick(domain)?),
            Action::Grant(domain, ref asked) => self.grant(self.pick(domain)?, asked),
            Action::Share(from, first, to, at, rights) => {
                let (from, to) = (self.pick(from)?, self.pick(to)?);
                self.share((from, first), (to, at), rights);
            }
            Action::Inherit(from, to) => self.inherit(self.pick(from)?, self.pick(to)?),
            Action::Revoke(domain, first) => self.revoke(self.pick(domain)?, first),
            Action::AddThread(thread, domain) => self.add_thread(thread, self.pick(domain)?),
            Action::RemoveThread(thread) => self.remove_thread(thread),
            Action::InheritThread(child, parent) => self.inherit_thread(child, parent),
            Action::Enter(domain) => self.enter(self.pick(domain)?),
            Action::Touch(page) => self.touch(page),
            Action::May(domain, start, bytes) => self.decide(self.pick(domain)?, start, bytes),
            Action::Prove(domain, page, write) => self.prove(self.pick(domain)?, page, write),
            Action::Stale(which) => {
                let stale = self.dead.get(which % self.dead.len().max(1));
                self.knock(*stale?);
            }
            Action::Answers(number, how) => {
                self.answering[number as usize] = how;
                self.rig.machine.answering(core(number), how);
            }
            Action::LetAnswer(number) => _ = self.rig.machine.let_answer(core(number)),
            Action::Evict(number, None) => self.rig.machine.evict_all(core(number)),
            Action::Evict(number, Some((at, last))) => {
                let offset = if last { PAGE_BYTES - 1 } else { 0 };
                let at = PhysAddr(frame(at).0 + offset);
                self.rig.machine.evict_line(core(number), at);
            }
        }
        Some(())
    }

    /// The domain a step means, if there is any.
    fn pick(&self, domain: usize) -> Option<usize> {
        let alive = self.oracle.domains.len();
        (alive > 0).then(|| domain % alive)
    }

    /// The cores in the order in which their lines go to memory.
    fn order(&self) -> Vec<CoreId> {
        let mut cores: Vec<CoreId> = (0..CORES).map(core).collect();
        cores.sort_by_key(|core| {
            let polls = match self.answering[core.number()] {
                Answering::AtOnce => 0,
                Answering::AfterPolls(polls) => polls,
                Answering::Never => u32::MAX - 1,
            };
            (
                if *core == self.acting {
                    u32::MAX
                } else {
                    polls
                },
                *core,
            )
        });
        cores
    }

    /// The core that would not answer if the domain were to be forgotten.
    fn silent(&self, domain: usize) -> Option<DomainError> {
        let mut asked = self.oracle.domains[domain].seen_by.iter();
        let silent = asked.find(|core| {
            **core != self.acting && self.answering[core.number()] == Answering::Never
        })?;
        let (core, polls) = (*silent, BOARD.shootdown_polls);
        Some(Unanswered { core, polls }.into())
    }

    fn asked(&self, slot: u32, asked: &Asked) -> Grant {
        let start = i64::from(place(slot, asked.first, Alias::Cached).0) + asked.shift;
        Grant {
            start: VirtAddr(start as u32),
            rights: asked.rights,
            tenure: asked.tenure,
            frames: asked.frames(),
        }
    }

    fn create(&mut self, slot: u32, asked: &[Asked]) {
        // What has a flaw of its own is no partition and cannot be asked for.
        let grants: Vec<Grant> = asked
            .iter()
            .map(|asked| self.asked(slot % BOARD.slots(), asked))
            .collect();
        let grants = grants.into_iter().filter(|grant| grant.flaws().is_empty());
        // Only frames in one run can be asked for in this way.
        let grants: Vec<Grant> = grants
            .filter(|grant| runs(&grant.frames)(0).frames == grant.pages())
            .collect();
        let list: Vec<(Partition, PhysAddr)> = grants
            .iter()
            .map(|grant| (partition(grant).unwrap(), grant.frames[0]))
            .collect();
        let slots = BOARD.slots();
        let full = self.oracle.domains.len() == DOMAINS;
        let (machine, domains) = (&mut self.rig.machine, &mut self.rig.domains);
        let made = domains.create_with(machine, slot, &list);
        let expected = if slot >= slots {
            vec![DomainError::NoSlot { slot, slots }]
        } else if full {
            vec![DomainError::NoDomain(DOMAINS)]
        } else {
            let mut trial = self.oracle.clone();
            // Any handle will do for a trial.
            trial.create(self.dead.first().copied().unwrap_or(some_handle()), slot);
            let new = trial.domains.len() - 1;
            let objections = grants.iter().find_map(|grant| {
                let objections = trial.objections(new, grant);
                if objections.is_empty() {
                    trial.grant(new, grant);
                }
                (!objections.is_empty()).then_some(objections)
            });
            if let (Ok(handle), None) = (made, &objections) {
                assert!(!self.dead.contains(&handle), "a handle came back");
                trial.domains[new].handle = handle;
                self.oracle = trial;
                self.rig.made.push(handle);
            }
            objections.unwrap_or_default()
        };
        agree(made.map(|_| ()), &expected);
    }

    fn destroy(&mut self, domain: usize) {
        let handle = self.oracle.domains[domain].handle;
        let members = self.oracle.members(handle);
        let expected = match (members, self.silent(domain)) {
            (0, None) => vec![],
            (0, Some(silent)) => vec![silent],
            _ => vec![DomainError::HasThreads(members)],
        };
        let done = self.rig.destroy(handle);
        agree(done, &expected);
        if done.is_ok() {
            self.oracle.domains.remove(domain);
            self.dead.push(handle);
            // Its threads are gone, so nothing of it runs any more.
            for running in &mut self.running {
                running.take_if(|running| *running == handle);
            }
        }
    }

    fn grant(&mut self, domain: usize, asked: &Asked) {
        let grant = self.asked(self.oracle.domains[domain].slot, asked);
        let handle = self.oracle.domains[domain].handle;
        let objections = self.oracle.objections(domain, &grant);
        let done = partition(&grant).and_then(|partition| {
            let frames = runs(&grant.frames);
            let machine = &mut self.rig.machine;
            self.rig
                .domains
                .add_partition(machine, handle, partition, frames)
        });
        self.granted(domain, &grant, done, &objections);
    }

    fn share(&mut self, from: (usize, u32), to: (usize, u32), rights: mmu::Rights) {
        let (slot, owner) = (
            self.oracle.domains[from.0].slot,
            self.oracle.domains[from.0].handle,
        );
        let start = place(slot, from.1, Alias::Cached);
        let (slot, handle) = (
            self.oracle.domains[to.0].slot,
            self.oracle.domains[to.0].handle,
        );
        let at = place(slot, to.1, Alias::Cached);
        let machine = &mut self.rig.machine;
        let done = self
            .rig
            .domains
            .share_partition(machine, (owner, start), handle, at, rights);
        let Some(shared) = self.oracle.partition(from.0, from.1) else {
            return agree(done, &[DomainError::NotFound(start)]);
        };
        let grant = Grant {
            start: at,
            rights,
            ..shared
        };
        let objections = self.oracle.objections(to.0, &grant);
        self.granted(to.0, &grant, done, &objections);
    }

    fn granted(&mut self, domain: usize, grant: &Grant, done: Done, objections: &[DomainError]) {
        agree(done, objections);
        if done.is_ok() {
            self.oracle.grant(domain, grant);
        }
    }

    fn inherit(&mut self, from: usize, to: usize) {
        let firsts: Vec<u32> = self.oracle.domains[from]
            .partitions
            .keys()
            .copied()
            .collect();
        let mut trial = self.oracle.clone();
        let mut objections = Vec::new();
        let many = firsts.len() + self.oracle.domains[to].partitions.len();
        if many > domains::MAX_PARTITIONS {
            objections.push(DomainError::NoPartition(domains::MAX_PARTITIONS));
        }
        for first in firsts {
            let grant = self.oracle.partition(from, first).unwrap();
            let against = trial.objections(to, &grant);
            if against.is_empty() {
                trial.grant(to, &grant);
            }
            objections.extend(against);
        }
        let handles = [from, to].map(|domain| self.oracle.domains[domain].handle);
        let done = self.rig.inherit(handles[0], handles[1]);
        agree(done, &objections);
        if done.is_ok() {
            self.oracle = trial;
        }
    }

    fn revoke(&mut self, domain: usize, first: u32) {
        let tenancy = &self.oracle.domains[domain];
        let (handle, start) = (tenancy.handle, place(tenancy.slot, first, Alias::Cached));
        let seen_by = tenancy.seen_by.clone();
        let revoked = self.oracle.partition(domain, first);
        let expected = match (&revoked, self.silent(domain)) {
            (None, _) => vec![DomainError::NotFound(start)],
            (_, silent) => silent.into_iter().collect(),
        };
        let machine = &mut self.rig.machine;
        let done = self.rig.domains.remove_partition(machine, handle, start);
        agree(done, &expected);
        if let (Ok(()), Some(revoked)) = (done, revoked) {
            self.oracle.revoke(domain, first);
            for core in seen_by.iter().copied().chain([self.acting]) {
                for line in self.rig.machine.lines(core) {
                    let frame = PhysAddr(line.at.0 & !(PAGE_BYTES - 1));
                    // A line may be of another domain that has the frame still: where this one
                    // never ran, or could not execute.
                    let may_be_anothers = !seen_by.contains(&core)
                        || line.side == Side::Instruction
                            && !revoked.rights.contains(Rights::EXECUTE);
                    let is_kept = self.rig.domains.owners(frame) > 0 && may_be_anothers;
                    assert!(
                        is_kept || !revoked.frames.contains(&frame),
                        "core {core} has {line:?}"
                    );
                }
            }
        }
    }

    fn enter(&mut self, domain: usize) {
        let tenancy = &mut self.oracle.domains[domain];
        tenancy.seen_by.insert(self.acting);
        self.running[self.acting.number()] = Some(tenancy.handle);
        self.rig.switch(tenancy.handle);
    }

    /// Everything ends, every core answers, and nothing is left anywhere.
    pub fn end(mut self) {
        self.contents.check(&mut self.rig);
        self.oracle.threads.clear();
        for thread in 0..THREADS as u16 {
            let _ = self.rig.domains.remove_thread(domains::ThreadId(thread));
        }
        for number in 0..CORES {
            self.answering[number as usize] = Answering::AtOnce;
            self.rig.machine.answering(core(number), Answering::AtOnce);
        }
        while !self.oracle.domains.is_empty() {
            self.destroy(0);
            self.check();
        }
        assert_eq!(self.rig.resources(), Rig::new().resources());
        assert_eq!(self.rig.machine.asids_remembered(), []);
    }
}

/// Refused for a reason that there is, or done where there is none.
#[track_caller]
pub fn agree(done: Done, reasons: &[DomainError]) {
    match done {
        Ok(()) => assert_eq!(reasons, [], "done all the same"),
        Err(error) => assert!(
            reasons.contains(&error),
            "{error:?}, not one of {reasons:?}"
        ),
    }
}

fn partition(grant: &Grant) -> Result<Partition, DomainError> {
    Partition::new(
        grant.start,
        PageCount(grant.pages()),
        grant.rights,
        grant.tenure,
    )
}

fn some_handle() -> DomainHandle {
    let mut machine = mmu::model::ModelMachine::new(BOARD);
    let mut domains = Domains::<1, 8, 1>::new(&BOARD, &mut machine);
    domains.create(0).unwrap()
}
