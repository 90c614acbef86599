//! What the kernel does for each action, and what must come of it.

use domains::{Cause, Consequence, DomainError, Fault, Partition, Tenure, ThreadId};
use mmu::model::{Answering, ModelFault};
use mmu::{
    Access, Alias, Frames, PAGE_BYTES, PageCount, PhysRange, Rights, Ring, Stale, VirtAddr,
    VirtRange,
};

use super::notes::{Life, Page};
use super::state::{core_id, frame_address};
use super::{Action, Bug, CORES, FRAMES, LifeCycle, PAGES, PLATFORM, State};

fn address(page: usize, alias: Alias) -> VirtAddr {
    PLATFORM.address_of(page as u32 * PAGE_BYTES, alias)
}

fn thread(core: usize) -> ThreadId {
    ThreadId(core as u16)
}

impl LifeCycle {
    pub(super) fn act(&self, state: &mut State, action: Action) {
        match action {
            Action::Create(place) => create(state, place),
            Action::Destroy {
                core,
                place,
                answered,
            } => self.destroy(state, core, place, answered),
            Action::Add {
                core,
                place,
                page,
                rights,
                tenure,
            } => self.add(state, core, place, page, rights, tenure),
            Action::Share { core, place, page } => share(state, core, place, page),
            Action::Remove {
                core,
                place,
                page,
                answered,
            } => self.remove(state, core, place, page, answered),
            Action::Enter { core, place } => self.enter(state, core, place),
            Action::Leave(core) => {
                state.notes.runs[core] = None;
                let left = state.domains.remove_thread(thread(core));
                if left.is_err() {
                    state.complain(|| format!("a thread could not leave: {left:?}"));
                }
            }
            Action::Touch {
                core,
                page,
                alias,
                access,
            } => self.touch(state, core, page, alias, access),
            Action::Evict(core) => state.machine.evict_all(core_id(core)),
            Action::Answer(core) => {
                state.machine.let_answer(core_id(core));
            }
        }
    }

    fn add(
        &self,
        state: &mut State,
        core: usize,
        place: usize,
        page: usize,
        rights: Rights,
        tenure: Tenure,
    ) {
        let (Some(life), Some(frame)) = (state.notes.lives[place], state.notes.free_frame()) else {
            return;
        };
        state.machine.run_on(core_id(core));
        let pages = PageCount(1);
        let start = address(page, Alias::Cached);
        let partition = Partition::new(start, pages, rights, tenure).expect("lawful kinds only");
        // What is another's own, or text of another, is never given.
        let taken = (0..FRAMES).find(|frame| state.notes.is_used(*frame));
        if let Some(taken) = taken.filter(|_| rights.contains(Rights::WRITE)) {
            let first = frame_address(taken);
            let behind = |page| PhysRange::rest(first, page, pages);
            let domain = state.domains_as_text();
            let writers = state
                .notes
                .lives
                .iter()
                .flatten()
                .flat_map(|life| life.pages);
            let takes_producer = tenure == Tenure::Buffer
                && writers
                    .flatten()
                    .filter(|page| page.frame == taken)
                    .all(|page| {
                        page.tenure == Tenure::Buffer && !page.rights.contains(Rights::WRITE)
                    });
            if !takes_producer {
                let given =
                    state
                        .domains
                        .add_partition(&mut state.machine, life.handle, partition, behind);
                if given.is_ok() || state.domains_as_text() != domain {
                    state.complain(|| format!("frame {taken} was given twice: {given:?}"));
                }
            }
        }
        let first = frame_address(frame);
        if !self.has(Bug::NotZeroed) {
            state.machine.zero_frame(first);
        }
        let behind = |page| PhysRange::rest(first, page, pages);
        let given = state
            .domains
            .add_partition(&mut state.machine, life.handle, partition, behind);
        if given.is_err() {
            state.complain(|| format!("a free frame was not given: {given:?}"));
        }
        state.notes.had[frame] = 0;
        note_page(state, place, page, frame, rights, tenure);
    }

    fn remove(&self, state: &mut State, core: usize, place: usize, page: usize, answered: bool) {
        let Some(life) = state.notes.lives[place] else {
            return;
        };
        let start = address(page, Alias::Cached);
        let removed = self.revoke(state, core, answered, |state| {
            state
                .domains
                .remove_partition(&mut state.machine, life.handle, start)
        });
        if removed && let Some(life) = &mut state.notes.lives[place] {
            let page = life.pages[page].take();
            self.release(state, core, page);
        }
    }

    fn destroy(&self, state: &mut State, core: usize, place: usize, answered: bool) {
        let Some(life) = state.notes.lives[place] else {
            return;
        };
        let runs = state.notes.runs.contains(&Some(place));
        if runs && self.has(Bug::ThreadsIgnored) {
            for core in 0..CORES {
                let _ = state.domains.remove_thread(thread(core));
            }
        } else if runs {
            let destroyed = state.domains.destroy(&mut state.machine, life.handle);
            if !matches!(destroyed, Err(DomainError::HasThreads(_))) {
                state.complain(|| format!("threads were ignored: {destroyed:?}"));
            }
            return;
        }
        let destroyed = self.revoke(state, core, answered, |state| {
            state.domains.destroy(&mut state.machine, life.handle)
        });
        if destroyed {
            state.notes.lives[place] = None;
            for page in life.pages {
                self.release(state, core, page);
            }
            // The handle says nothing any more.
            if state.domains.partitions(life.handle).is_ok() {
                state.complain(|| "a handle outlived its domain".to_owned());
            }
        }
    }

    /// A call that other cores have to answer. Whether it was done; if not, nothing changed.
    fn revoke(
        &self,
        state: &mut State,
        core: usize,
        answered: bool,
        call: impl FnOnce(&mut State) -> Result<(), DomainError>,
    ) -> bool {
        state.machine.run_on(core_id(core));
        let answering = if answered {
            Answering::AtOnce
        } else {
            Answering::Never
        };
        let other = core_id(1 - core);
        state.machine.answering(other, answering);
        let before = state.domains_as_text();
        let outcome = call(state);
        state.machine.answering(other, Answering::AtOnce);
        match outcome {
            Ok(()) => true,
            Err(DomainError::Unanswered(silent)) if !answered && silent.core == other => {
                if state.domains_as_text() != before {
                    state.complain(|| "a refused call changed the domains".to_owned());
                }
                self.has(Bug::RefusalIgnored)
            }
            Err(refusal) => {
                state.complain(|| format!("refused: {refusal:?}"));
                false
            }
        }
    }

    /// What was a domain's page is zeroed if nobody has it any more.
    fn release(&self, state: &mut State, core: usize, page: Option<Page>) {
        let Some(page) = page.filter(|page| !state.notes.is_used(page.frame)) else {
            return;
        };
        if self.has(Bug::NotZeroed) {
            return;
        }
        state.machine.run_on(core_id(core));
        state.machine.zero_frame(frame_address(page.frame));
    }

    fn enter(&self, state: &mut State, core: usize, place: usize) {
        let Some(life) = state.notes.lives[place] else {
            return;
        };
        state.machine.run_on(core_id(core));
        let _ = state.domains.add_thread(thread(core), life.handle);
        let image = if self.has(Bug::EnteredUnseen) {
            state.domains.clone().enter(life.handle, core_id(core))
        } else {
            state.domains.enter(life.handle, core_id(core))
        };
        match (image, state.domains.asid(life.handle)) {
            (Ok(image), Ok(asid)) => image.apply(&mut state.machine, asid),
            other => state.complain(|| format!("a domain could not be entered: {other:?}")),
        }
        state.notes.runs[core] = Some(place);
    }

    fn touch(&self, state: &mut State, core: usize, page: usize, alias: Alias, access: Access) {
        let (life, at) = (state.notes.running(core), address(page, alias));
        let granted = life.and_then(|life| life.pages[page]);
        let granted = granted.filter(|page| page.rights.contains(access.needs()));
        state.machine.run_on(core_id(core));
        let byte = life.map_or(63, |life| life.number);
        let mut outcome = try_access(state, at, access, byte);
        if let (Err(fault), Some(life)) = (outcome, life) {
            let consequence = judge(state, life, fault);
            match (granted, consequence) {
                (Some(_), Consequence::Resume(page)) if !self.has(Bug::OutdatedStops) => {
                    let page = VirtRange::new(page, PageCount(1)).expect("a page");
                    Stale::entries_of(page).drop_entries(&mut state.machine);
                    outcome = try_access(state, at, access, byte);
                }
                (None, Consequence::StopModule) => return,
                _ => {}
            }
        }
        let right = match (outcome, granted) {
            (Ok(found), Some(page)) => {
                access == Access::Write || state.notes.may_find(page.frame, found)
            }
            _ => false,
        };
        if !right {
            state.complain(|| format!("{access} at {at} came to {outcome:x?} with {granted:?}"));
        }
    }
}

fn create(state: &mut State, place: usize) {
    let created = state.domains.create(0);
    let number = created.and_then(|handle| state.domains.asid(handle));
    match (created, number) {
        (Ok(handle), Ok(asid)) => {
            state.notes.lives[place] = Some(Life {
                handle,
                number: asid.number(),
                pages: [None; PAGES],
            });
        }
        _ => state.complain(|| format!("no domain was made: {created:?}")),
    }
}

fn share(state: &mut State, core: usize, place: usize, page: usize) {
    let (Some(to), Some(from)) = (state.notes.lives[place], state.notes.lives[1 - place]) else {
        return;
    };
    let Some(shared) = from.pages[page] else {
        return;
    };
    state.machine.run_on(core_id(core));
    let at = address(page, Alias::Cached);
    let from = (from.handle, at);
    let read = Rights::READ;
    let given = state
        .domains
        .share_partition(&mut state.machine, from, to.handle, at, read);
    let may = match shared.tenure {
        Tenure::Own => false,
        Tenure::Constant => true,
        Tenure::Buffer => shared.rights.contains(Rights::WRITE),
    };
    if given.is_ok() != may {
        state.complain(|| format!("sharing {shared:?} came to {given:?}"));
    }
    if given.is_ok() {
        note_page(state, place, page, shared.frame, read, shared.tenure);
    }
}

fn note_page(
    state: &mut State,
    place: usize,
    page: usize,
    frame: usize,
    rights: Rights,
    tenure: Tenure,
) {
    if let Some(life) = &mut state.notes.lives[place] {
        life.pages[page] = Some(Page {
            frame,
            rights,
            tenure,
        });
        state.notes.had[frame] |= 1 << life.number;
    }
}

fn try_access(state: &mut State, at: VirtAddr, access: Access, byte: u8) -> Result<u8, ModelFault> {
    match access {
        Access::Read => state.machine.user_load(at),
        Access::Write => state.machine.user_store(at, byte).map(|()| byte),
        Access::Execute => state.machine.user_fetch(at),
    }
}

fn judge(state: &State, life: Life, fault: ModelFault) -> Consequence {
    let fault = Fault {
        cause: Cause(fault.cause),
        address: fault.address,
        pc: VirtAddr(0),
    };
    state
        .domains
        .judge(life.handle, Ring::Module, fault)
        .consequence
}
