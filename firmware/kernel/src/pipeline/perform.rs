//! Doing the host's requests, one after the other.

use abi::{EntryPoint, MESSAGE_BODY_BYTES};
use heapless::Vec;
use mmu::CoreId;
use zerocopy::IntoBytes;

use crate::audio::Side;
use crate::config::{INSTANCES, MODULES};
use crate::host_files::FileHandle;
use crate::install::InstallError;
use crate::report::{Acted, Flowed};
use crate::session::Host;
use crate::turns::Kill;

use super::actor::{Actor, Stage, Step};
use super::flow::Flow;
use super::request::{
    Creation, Endpoint, Injected, MOST_CONFIG_BYTES, Phase, Request, RequestError, RequestRecord,
};
use super::{Pipelines, bind_step};

/// The shortest and the longest period that a module can take, in microseconds.
const PERIODS_US: core::ops::RangeInclusive<u32> = 100..=100_000;
/// The highest rate and the most samples of a frame.
const MOST_RATE: u32 = 384_000;
const MOST_CHANNELS: u32 = 8;

impl<H: Host> Pipelines<'_, '_, H> {
    /// Begins requests that are due, as long as each is done at once. Whether there was one.
    pub(super) fn take_requests(&mut self) -> bool {
        let before = self.begun;
        while self.current.is_none() && !self.has_ended {
            let mut record = RequestRecord::default();
            let bytes = record.as_mut_bytes();
            let offset = self.begun.saturating_mul(bytes.len() as u32);
            let whole = bytes.len();
            if self.keeper.host.read_at(self.requests, offset, bytes) < whole {
                self.has_ended = true;
                break;
            }
            if record.tick > self.now {
                break;
            }
            self.begun += 1;
            self.current = Some((self.clock(), None));
            let begun = Request::from_record(&record).and_then(|request| self.begin(request));
            if let Err(error) = begun {
                self.fail(self.begun, error);
            }
            self.finish_request();
        }
        self.begun != before
    }

    fn begin(&mut self, request: Request) -> Result<(), RequestError> {
        match request {
            Request::Load(file) => self.load(file),
            Request::Unload(file) => self.unload(file),
            Request::Create(wanted) => self.create(&wanted),
            Request::Delete(place) => self.delete(place),
            Request::Bind {
                buffer,
                from,
                to,
                bytes,
                rate,
                channels,
            } => self.bind(buffer, [from, to], bytes, [rate, channels]),
            Request::Unbind(buffer) => self.unbind(buffer),
            Request::SetPhase { pipeline, phase } => self.set_phase(pipeline, phase),
            Request::SetConfig {
                place,
                id,
                offset,
                bytes,
            } => self.set_config(place, id, offset, bytes),
            Request::GetConfig { place, id } => {
                let request = self.begun;
                let step = Step {
                    id,
                    ..Step::new(EntryPoint::GetConfig, [0; 3], request)
                };
                self.push(place, step)
            }
            Request::Inject { place, fault } => self.inject(place, fault),
            Request::End => {
                self.has_ended = true;
                Ok(())
            }
        }
    }

    fn load(&mut self, file: u32) -> Result<(), RequestError> {
        let number = file as usize;
        if self.loaded.get(number) != Some(&None) {
            return Err(RequestError::NotLoaded(file));
        }
        if self.files[number].is_none() {
            let handle = self.open("module", file)?;
            self.files[number] = self.keeper.host.stage(handle, number);
        }
        let bytes = self.files[number].ok_or(RequestError::File(file))?;
        let loaded = self.keeper.host.system(|system| system.load(bytes))?;
        self.loaded[number] = Some(loaded);
        Ok(())
    }

    fn unload(&mut self, file: u32) -> Result<(), RequestError> {
        let loaded = self.loaded.get(file as usize).copied().flatten();
        let module = loaded.ok_or(RequestError::NotLoaded(file))?;
        // Who is dead and has lives left will want it.
        let wants = |actor: &&Actor| {
            actor.file == file && actor.stage == Stage::Dead && actor.restarts != 0
        };
        let waiting = self.actors.iter().flatten().filter(wants).count();
        if waiting != 0 {
            return Err(InstallError::InUse(waiting as u32).into());
        }
        self.keeper.host.system(|system| system.unload(module))?;
        self.loaded[file as usize] = None;
        Ok(())
    }

    /// A file of the host of that kind and number.
    fn open(&mut self, kind: &str, number: u32) -> Result<FileHandle, RequestError> {
        let mut name = heapless::String::<24>::new();
        let written = core::fmt::write(&mut name, format_args!("{kind}-{number}"));
        written.map_err(|_| RequestError::File(number))?;
        let file = match kind {
            "output" => self.keeper.host.create(&name),
            _ => self.keeper.host.open(&name),
        };
        file.ok_or(RequestError::File(number))
    }

    fn create(&mut self, wanted: &Creation) -> Result<(), RequestError> {
        let place = wanted.place as usize;
        if self.actors.get(place).is_none_or(Option::is_some) {
            return Err(RequestError::Place(wanted.place));
        }
        let period_us = wanted.period_us;
        let fits = |flow: &Flow| flow.pin_of(place).is_none() || flow.takes(period_us);
        if !PERIODS_US.contains(&period_us) || !self.flows.iter().all(fits) {
            return Err(RequestError::Period(period_us));
        }
        let core = CoreId::new(wanted.core).filter(|_| wanted.core < self.cores);
        let before = self.keeper.host.system(|system| system.core_of(place));
        // Both sides of a buffer were told where it lies by the cores that they run on.
        let is_bound = self.flows.iter().any(|flow| flow.pin_of(place).is_some());
        let core = core.filter(|core| !is_bound || *core == before);
        let core = core.ok_or(RequestError::Core(wanted.core))?;
        let loaded = self.loaded.get(wanted.file as usize).copied().flatten();
        let module = loaded.ok_or(RequestError::NotLoaded(wanted.file))?;
        self.keeper.host.system(|system| system.pin_to(place, core));
        let file = self.files[wanted.file as usize].unwrap_or_default();
        let life = &mut self.keeper.lives[place];
        *life = Default::default();
        life.file = file;
        life.module = Some(module);
        life.region = wanted.region;
        self.keeper.install_or(place)?;
        let todo = self.first_steps(place, self.begun);
        self.actors[place] = Some(Actor {
            file: wanted.file,
            pipeline: wanted.pipeline,
            period_us,
            restarts: wanted.restarts,
            on_death: wanted.on_death,
            budget: wanted.budget.max(1),
            stage: Stage::Created,
            wanted: Phase::Reset,
            todo,
            configs: Vec::new(),
            fault: None,
            died: None,
            revived: None,
            deaths: 0,
            late: 0,
            missed: 0,
        });
        Ok(())
    }

    fn delete(&mut self, place: u32) -> Result<(), RequestError> {
        let request = self.begun;
        let actor = self.actors.get_mut(place as usize).and_then(Option::as_mut);
        let actor = actor.ok_or(RequestError::NoInstance(place))?;
        actor.restarts = 0;
        actor.wanted = Phase::Reset;
        if actor.stage == Stage::Dead {
            self.leave(place as usize);
            return Ok(());
        }
        let way = Actor::way(actor.stage_to_come(), Phase::Reset).unwrap_or(&[]);
        for (entry, argument) in way {
            self.push(place, Step::new(*entry, [*argument, 0, 0], request))?;
        }
        self.push(place, Step::new(EntryPoint::Free, [0; 3], request))
    }

    fn bind(
        &mut self,
        buffer: u32,
        [from, to]: [Endpoint; 2],
        bytes: u32,
        [rate, channels]: [u32; 2],
    ) -> Result<(), RequestError> {
        if self.flows.iter().any(|flow| flow.number == buffer) || self.flows.is_full() {
            return Err(RequestError::Buffer(buffer));
        }
        if !(1..=MOST_RATE).contains(&rate) || !(1..=MOST_CHANNELS).contains(&channels) {
            return Err(RequestError::Format { rate, channels });
        }
        let pins = [from.pin(), to.pin()];
        let mut flow = Flow::new(buffer, [from, to], bytes, [rate, channels]);
        for pin in pins.into_iter().flatten() {
            let actor = self.actors.get(pin.place).and_then(Option::as_ref);
            let actor = actor.ok_or(RequestError::NoInstance(pin.place as u32))?;
            if !flow.takes(actor.period_us) {
                return Err(RequestError::Period(actor.period_us));
            }
        }
        flow.file = match (from, to) {
            (Endpoint::File(number), Endpoint::Pin { .. }) => {
                Some(self.open("input", number.into())?)
            }
            (Endpoint::Pin { .. }, Endpoint::File(number)) => {
                Some(self.open("output", number.into())?)
            }
            (Endpoint::File(number), Endpoint::File(_)) => {
                return Err(RequestError::File(number.into()));
            }
            _ => None,
        };
        let [producer, consumer] = pins;
        let connected = self
            .keeper
            .host
            .system(|system| system.connect(bytes, producer, consumer));
        flow.index = connected?;
        let frame_bytes = flow.frame_bytes();
        // There is room: it was looked at first.
        let _ = self.flows.push(flow);
        for (side, pin) in [(Side::Producer, producer), (Side::Consumer, consumer)] {
            let Some(pin) = pin else { continue };
            let step = bind_step(side, pin.pin, frame_bytes, self.begun);
            if self.is_alive(pin.place) {
                self.push(pin.place as u32, step)?;
            }
        }
        Ok(())
    }

    /// Tells both sides. The buffer goes when they know it: one that is in `process` is not left in
    /// the middle of it without what it was given.
    fn unbind(&mut self, buffer: u32) -> Result<(), RequestError> {
        let flow = self.flows.iter_mut().find(|flow| flow.number == buffer);
        let flow = flow.ok_or(RequestError::Buffer(buffer))?;
        flow.is_ending = true;
        for (side, end) in [(Side::Producer, flow.from), (Side::Consumer, flow.to)] {
            let Some(pin) = end.pin().filter(|pin| self.is_alive(pin.place)) else {
                continue;
            };
            let mut step = bind_step(side, pin.pin, 0, self.begun);
            step.entry = EntryPoint::Unbind;
            self.push(pin.place as u32, step)?;
        }
        Ok(())
    }

    /// Takes away the buffers that are to go.
    pub(super) fn end_flows(&mut self) {
        while let Some(index) = self.flows.iter().position(|flow| flow.is_ending) {
            let flow = self.flows.remove(index);
            self.report_flow(&flow);
            (self.keeper.host).system(|system| system.disconnect(flow.index));
        }
    }

    fn set_phase(&mut self, pipeline: u32, phase: Phase) -> Result<(), RequestError> {
        let mut done = Ok(());
        for place in 0..INSTANCES {
            let Some(actor) = &mut self.actors[place] else {
                continue;
            };
            if actor.pipeline != pipeline {
                continue;
            }
            if actor.stage == Stage::Dead {
                actor.wanted = phase;
                done = done.and(Err(RequestError::NoInstance(place as u32)));
                continue;
            }
            let Some(way) = Actor::way(actor.stage_to_come(), phase) else {
                done = done.and(Err(RequestError::State(place as u32)));
                continue;
            };
            actor.wanted = phase;
            for (entry, argument) in way {
                let step = Step::new(*entry, [*argument, 0, 0], self.begun);
                done = done.and(self.push(place as u32, step));
            }
        }
        done
    }

    fn set_config(
        &mut self,
        place: u32,
        id: u32,
        offset: u32,
        bytes: u32,
    ) -> Result<(), RequestError> {
        if bytes > MOST_CONFIG_BYTES || offset.checked_add(bytes).is_none() {
            return Err(RequestError::TooLong(bytes));
        }
        let last = (offset + bytes).saturating_sub(1);
        let reads = |blobs| self.keeper.host.read_at(blobs, last, &mut [0]) == 1;
        if bytes != 0 && !self.blobs.is_some_and(reads) {
            return Err(RequestError::Unread { offset, bytes });
        }
        const { assert!(MESSAGE_BODY_BYTES < MOST_CONFIG_BYTES) };
        let step = Step {
            id,
            ..Step::new(
                EntryPoint::SetConfig,
                [offset, offset + bytes, bytes],
                self.begun,
            )
        };
        self.push(place, step)
    }

    fn inject(&mut self, place: u32, fault: Injected) -> Result<(), RequestError> {
        let index = place as usize;
        if !self.is_alive(index) {
            return Err(RequestError::NoInstance(place));
        }
        if fault == Injected::Withdraw {
            let turn = (self.turns).take_of(self.keeper.host, index, &mut self.left);
            let (entry, spent) = match turn {
                Some(turn) => (turn.entry(), turn.spent()),
                None => (EntryPoint::Process, 0),
            };
            let end = crate::turns::End::Killed(Kill::Withdrawn);
            self.keeper.bury(index, entry, end, spent);
            self.is_dead(index, RequestError::Stopped(entry));
        } else if let Some(actor) = &mut self.actors[index] {
            actor.fault = Some(fault);
        }
        Ok(())
    }

    fn is_alive(&mut self, place: usize) -> bool {
        let actor = self.actors.get(place).and_then(Option::as_ref);
        actor.is_some_and(|actor| actor.stage != Stage::Dead)
    }

    /// Adds to what an instance has to do.
    fn push(&mut self, place: u32, step: Step) -> Result<(), RequestError> {
        let actor = self.actors.get_mut(place as usize).and_then(Option::as_mut);
        let alive = actor.filter(|actor| actor.stage != Stage::Dead);
        let actor = alive.ok_or(RequestError::NoInstance(place))?;
        (actor.todo.push_back(step)).map_err(|_| RequestError::State(place))
    }

    pub(super) fn report_actor(&mut self, place: usize) {
        let Some(actor) = &self.actors[place] else {
            return;
        };
        let record = Acted {
            place: place as u32,
            file: actor.file,
            deaths: actor.deaths,
            late: actor.late,
            missed: actor.missed,
        };
        self.keeper.reporter.put(self.keeper.host, &record);
    }

    pub(super) fn report_flow(&mut self, flow: &Flow) {
        let stats = |system: &mut crate::system::System<H::Machine>| {
            (system.ring(flow.index)).map_or((0, 0), |ring| {
                let stats = ring.stats();
                (stats.written as u32, stats.peak)
            })
        };
        let (written, peak) = self.keeper.host.system(stats);
        let record = Flowed {
            buffer: flow.number,
            written,
            peak,
            frames: flow.frames,
            silence: flow.silence,
        };
        self.keeper.reporter.put(self.keeper.host, &record);
    }
}

const _: () = assert!(
    MODULES >= INSTANCES,
    "each instance may be of a module of its own"
);
