//! Pipelines of modules, as the host's requests build them: tick by tick, earliest deadline first,
//! every entry point in the module's own domain.
//!
//! Time is what modules have taken: a tick is so many cycles of theirs. When none has anything to do,
//! the rest of the tick is skipped.

mod actor;
mod configs;
mod deaths;
mod flow;
mod perform;
pub mod request;

use abi::{EntryPoint, MESSAGE_BODY_BYTES, Message};
use heapless::{Deque, Vec};
use vregion::region::SealError;
use zerocopy::IntoBytes;

use crate::audio::Side;
use crate::config::{BUFFERS, CORES, INSTANCES, MODULES};
use crate::host_files::FileHandle;
use crate::job::Job;
use crate::keeper::Keeper;
use crate::report::words::Words;
use crate::report::{Replied, Revived};
use crate::session::{Failed, Host};
use crate::turns::{Cycles, End, Order, Turn, Turns};

use actor::{Actor, STEPS, Stage, Step};
use flow::Flow;
use request::{Injected, OnDeath, RequestError};

/// Ticks of 1 ms in which an entry point other than `process` must be done.
pub const REQUEST_TICKS: u32 = 100;
/// Turns that are begun in one tick at most, so that modules which take no time end it too.
const MOST_TURNS: u32 = 4_000;

/// Everything about the pipelines of a session.
pub(crate) struct Pipelines<'k, 'h, H> {
    keeper: &'k mut Keeper<'h, H>,
    tick_cycles: u32,
    requests: FileHandle,
    blobs: Option<FileHandle>,
    now: u32,
    /// Cores that modules run on.
    cores: u32,
    /// Cycles of this tick that are left on each core.
    left: Cycles,
    turns: Turns,
    files: [Option<&'static [u8]>; MODULES],
    loaded: [Option<usize>; MODULES],
    actors: [Option<Actor>; INSTANCES],
    flows: Vec<Flow, BUFFERS>,
    /// Requests that were begun.
    begun: u32,
    /// The request that is being done: when it was begun, and what went wrong.
    current: Option<(u64, Option<RequestError>)>,
    has_ended: bool,
}

impl<'k, 'h, H: Host> Pipelines<'k, 'h, H> {
    /// Does all requests of a file.
    ///
    /// # Errors
    /// Only of the host's files; what becomes of requests and modules stands in the report.
    pub(crate) fn run(keeper: &'k mut Keeper<'h, H>, job: &Job) -> Result<u32, Failed> {
        use crate::job::HostFile;
        let cores = job.cores.max(1);
        if cores > CORES as u32 || cores != 1 && !keeper.host.start_cores(cores) {
            return Err(Failed::Cores(cores));
        }
        let requests = keeper.host.open(HostFile::Requests.name());
        let mut pipelines = Pipelines {
            requests: requests.ok_or(Failed::File(HostFile::Requests))?,
            blobs: keeper.host.open(HostFile::Blobs.name()),
            keeper,
            tick_cycles: job.period_cycles.max(1),
            now: 0,
            cores,
            left: [0; CORES],
            turns: Turns::new(),
            files: [None; MODULES],
            loaded: [None; MODULES],
            actors: [const { None }; INSTANCES],
            flows: Vec::new(),
            begun: 0,
            current: None,
            has_ended: false,
        };
        let result = pipelines.ticks();
        pipelines.close();
        result
    }

    fn ticks(&mut self) -> Result<u32, Failed> {
        while !self.has_ended {
            self.left = self.turns.settle_time(self.tick_cycles);
            self.turns.expire(self.keeper.host, self.now);
            self.settle_ended();
            (0..INSTANCES).for_each(|place| self.revive(place));
            self.feed();
            self.run_tick();
            self.turns.recall(self.keeper.host, &mut self.left);
            self.keeper.hear();
            self.drain()?;
            self.now += 1;
            self.keeper.period = self.now;
            self.keeper.host.set_ticks(self.now);
        }
        Ok(self.flows.iter().map(|flow| flow.frames).max().unwrap_or(0))
    }

    /// Runs what is ready until the tick's cycles are used up or nothing is ready.
    fn run_tick(&mut self) {
        for _ in 0..MOST_TURNS {
            let has_begun = self.take_requests();
            // Who was waited for on another core, so that a request could be done, may have ended.
            self.settle_ended();
            for place in 0..INSTANCES {
                self.advance(place);
            }
            // What a module has no entry point for is done already.
            self.finish_request();
            if (self.turns).run_until_one_ends(self.keeper.host, &mut self.left) {
                // There is room for what all can say in one entry point each.
                self.keeper.hear();
                self.settle_ended();
            } else if !has_begun {
                return;
            }
        }
    }

    /// The clock: cycles since the session began to play, on the core that has taken most.
    fn clock(&self) -> u64 {
        let left = self.left.into_iter().fold(self.tick_cycles, u32::min);
        u64::from(self.now) * u64::from(self.tick_cycles) + u64::from(self.tick_cycles - left)
    }

    fn feed(&mut self) {
        for index in 0..self.flows.len() {
            if matches!(self.flows[index].from, request::Endpoint::File(_))
                && self.is_running(self.flows[index].instance_of_file())
            {
                self.flows[index].feed(self.keeper);
            }
        }
    }

    fn drain(&mut self) -> Result<(), Failed> {
        for index in 0..self.flows.len() {
            let flow = &self.flows[index];
            let place = flow.instance_of_file();
            if matches!(flow.to, request::Endpoint::File(_)) && self.is_running(place) {
                let actor = place.and_then(|place| self.actors[place].as_ref());
                let first = actor.map_or(0, |actor| flow.bytes_of(actor.period_us));
                if !self.flows[index].drain(self.keeper, first) {
                    return Err(Failed::File(crate::job::HostFile::Output));
                }
            }
        }
        Ok(())
    }

    /// Whether audio goes through an instance, or past it.
    fn is_running(&self, place: Option<usize>) -> bool {
        place
            .and_then(|place| self.actors[place].as_ref())
            .is_some_and(|actor| actor.stage == Stage::Running || actor.is_bypassed())
    }

    /// Begins what an instance is to do next: what it was asked for, else a period; or lets a period
    /// go by without it.
    fn advance(&mut self, place: usize) {
        if self.turns.has(place) {
            return;
        }
        while let Some(actor) = &mut self.actors[place] {
            if let Some(step) = actor.todo.pop_front() {
                if self.begin_step(place, step) {
                    return;
                }
                continue;
            }
            let stage = actor.stage;
            if stage == Stage::Running {
                if let Some((bytes, deadline)) = self.ready(place) {
                    self.begin_process(place, bytes, deadline);
                }
                return;
            }
            if !actor.is_bypassed() || self.ready(place).is_none() {
                return;
            }
            self.pass_by(place);
        }
    }

    /// Begins an entry point; where the module does without it, nothing is to be done. Whether it was
    /// begun.
    fn begin_step(&mut self, place: usize, step: Step) -> bool {
        let instance = (self.keeper.host).system(|system| {
            let entry = system.instance(place)?.entry(step.entry);
            Some((entry, system.message_at(place)?.0))
        });
        let Some((entry, message)) = instance else {
            self.fail(step.request, RequestError::NoInstance(place as u32));
            return false;
        };
        if entry == 0 {
            if matches!(step.entry, EntryPoint::SetConfig | EntryPoint::GetConfig) {
                self.fail(step.request, RequestError::NoEntry(step.entry));
            } else {
                self.step_is_done(place, step.entry, step.arguments);
            }
            return false;
        }
        let mut arguments = step.arguments;
        match step.entry {
            EntryPoint::SetConfig => {
                self.put_fragment(place, &step);
                arguments = [message, 0, 0];
            }
            EntryPoint::GetConfig => {
                let asked = Message {
                    id: step.id,
                    bytes: MESSAGE_BODY_BYTES,
                    ..Message::default()
                };
                self.put_message(place, 0, asked.as_bytes());
                arguments = [message, 0, 0];
            }
            EntryPoint::Init => arguments[0] = self.keeper.lives[place].restarts,
            EntryPoint::Prepare => arguments = self.stream_of(place),
            _ => {}
        }
        let order = Order {
            deadline: self.now + REQUEST_TICKS,
            request: step.request,
            ..Order::new(place, step.entry, arguments, u32::MAX)
        };
        let has_begun = self.turns.begin(self.keeper.host, order);
        if let Some(actor) = self.actors[place].as_mut().filter(|_| has_begun) {
            // It stays at the head until it is done.
            let _ = actor.todo.push_front(step);
        }
        has_begun
    }

    /// What `prepare` is told: of the first source, else of the first sink.
    fn stream_of(&self, place: usize) -> [u32; 3] {
        let Some(actor) = &self.actors[place] else {
            return [0; 3];
        };
        let flow = flow_at(&self.flows, place, Side::Consumer, 0)
            .or_else(|| flow_at(&self.flows, place, Side::Producer, 0));
        flow.map_or([0; 3], |flow| {
            [flow.rate, flow.channels, flow.frames_of(actor.period_us)]
        })
    }

    /// Whether every source of an instance has a period and every sink space for one: the bytes at
    /// the first of each, and the tick by which it should be done. That is before the first of its
    /// sinks runs dry, else a period away.
    fn ready(&mut self, place: usize) -> Option<([u32; 2], u32)> {
        let period_us = self.actors[place].as_ref()?.period_us;
        let mut bytes = [0; 2];
        let mut least = None::<u32>;
        let mut has_any = false;
        for index in 0..self.flows.len() {
            let flow = &self.flows[index];
            let Some((side, pin)) = flow.pin_of(place).filter(|_| !flow.is_ending) else {
                continue;
            };
            has_any = true;
            let period = flow.bytes_of(period_us);
            let level = flow.level(self.keeper);
            match side {
                Side::Consumer if level < period => return None,
                Side::Producer if flow.space(self.keeper) < period => return None,
                Side::Producer => {
                    let left = flow.time_left(level);
                    least = Some(least.map_or(left, |least| least.min(left)));
                }
                Side::Consumer => {}
            }
            if pin == 0 {
                bytes[usize::from(side == Side::Producer)] = period;
            }
        }
        let period = period_us.div_ceil(1000);
        // An empty sink is not late before its first period.
        let left = least.filter(|left| *left != 0).unwrap_or(period);
        has_any.then_some((bytes, self.now + left))
    }

    fn begin_process(&mut self, place: usize, bytes: [u32; 2], deadline: u32) {
        let [source, sink] = (self.keeper.host).system(|system| system.begin_process(place, bytes));
        let [_, _, frames] = self.stream_of(place);
        let Some(actor) = &mut self.actors[place] else {
            return;
        };
        let fault = actor.fault.take();
        let budget = match fault {
            Some(Injected::Overrun) => 1,
            _ => actor.budget,
        };
        let order = Order {
            deadline,
            goes_astray: fault == Some(Injected::Jump),
            ..Order::new(place, EntryPoint::Process, [source, sink, frames], budget)
        };
        self.turns.begin(self.keeper.host, order);
    }

    /// A period goes by a dead instance.
    fn pass_by(&mut self, place: usize) {
        let Some(actor) = &mut self.actors[place] else {
            return;
        };
        actor.missed += 1;
        let (period_us, on_death) = (actor.period_us, actor.on_death);
        let [source, sink] =
            [Side::Consumer, Side::Producer].map(|side| flow_at(&self.flows, place, side, 0));
        let carried = match (on_death, source, sink) {
            (OnDeath::Bypass, Some(from), Some(to))
                if (from.rate, from.channels) == (to.rate, to.channels) =>
            {
                Flow::carry(self.keeper, source, sink, from.bytes_of(period_us));
                [Some(from.number), Some(to.number)]
            }
            _ => [None; 2],
        };
        for flow in &self.flows {
            let bytes = flow.bytes_of(period_us);
            match flow.pin_of(place) {
                _ if carried.contains(&Some(flow.number)) => {}
                Some((Side::Consumer, _)) => Flow::carry(self.keeper, Some(flow), None, bytes),
                Some((Side::Producer, _)) => Flow::carry(self.keeper, None, Some(flow), bytes),
                None => {}
            }
        }
    }

    /// What follows from turns that have ended.
    fn settle_ended(&mut self) {
        while let Some(turn) = self.turns.take_ended() {
            self.settle(&turn);
        }
        self.finish_request();
    }

    fn settle(&mut self, turn: &Turn) {
        let place = turn.place();
        let Some(actor) = &mut self.actors[place] else {
            return;
        };
        if turn.entry() == EntryPoint::Process {
            self.keeper.lives[place].timing.add(turn.spent());
            actor.late += u32::from(self.now > turn.order().deadline);
        }
        let result = match turn.end() {
            Some(End::Returned(result)) => result,
            _ => return self.die(turn, RequestError::Stopped(turn.entry())),
        };
        let entry = turn.entry();
        let returned = RequestError::Returned { entry, result };
        match (entry, result) {
            (EntryPoint::Process, 0..) => self.process_is_done(place),
            // A module may refuse a configuration, or not have it, and live on.
            (EntryPoint::SetConfig | EntryPoint::GetConfig, ..0) => {
                let step = actor.todo.pop_front();
                self.fail(step.map_or(0, |step| step.request), returned);
            }
            (_, ..0) => self.die(turn, returned),
            (_, 0..) => {
                let Some(step) = actor.todo.pop_front() else {
                    return;
                };
                match self.finish_step(place, step) {
                    Ok(()) => self.step_is_done(place, entry, step.arguments),
                    Err(error) => {
                        self.fail(step.request, error);
                        self.die(turn, error);
                    }
                }
            }
        }
    }

    fn process_is_done(&mut self, place: usize) {
        let bytes = [Side::Consumer, Side::Producer].map(|side| {
            let period_us = self.actors[place]
                .as_ref()
                .map_or(0, |actor| actor.period_us);
            let flow = flow_at(&self.flows, place, side, 0);
            flow.map_or(0, |flow| flow.bytes_of(period_us))
        });
        (self.keeper.host).system(|system| system.end_process(place, bytes));
    }

    /// What the kernel does after an entry point has returned well.
    fn finish_step(&mut self, place: usize, step: Step) -> Result<(), RequestError> {
        match step.entry {
            EntryPoint::Prepare => {
                let sealed = (self.keeper.host).system(|system| system.seal(place));
                // After a `reset` it is prepared once more, and what is sealed stays so.
                sealed.or_else(|error| match error {
                    SealError::Sealed => Ok(()),
                    _ => Err(error),
                })?;
            }
            EntryPoint::SetConfig => {
                let [at, end, total] = step.arguments;
                let next = at.saturating_add(MESSAGE_BODY_BYTES).min(end);
                let Some(actor) = &mut self.actors[place] else {
                    return Ok(());
                };
                if next == end {
                    actor.keep_config(step);
                } else {
                    let rest = Step {
                        arguments: [next, end, total],
                        ..step
                    };
                    // There was room for the part that is done.
                    let _ = actor.todo.push_front(rest);
                }
            }
            EntryPoint::GetConfig => self.answer(place),
            _ => {}
        }
        Ok(())
    }

    fn step_is_done(&mut self, place: usize, entry: EntryPoint, arguments: [u32; 3]) {
        let clock = self.clock();
        let Some(actor) = &mut self.actors[place] else {
            return;
        };
        if actor.step_is_done(entry, arguments[0])
            && let Some(died) = actor.died.take()
        {
            let cycles = clock - died;
            let record = Revived {
                place: place as u32,
                restarts: self.keeper.lives[place].restarts,
                ticks: (cycles / u64::from(self.tick_cycles)) as u32,
                cycles: cycles.min(u64::from(u32::MAX)) as u32,
            };
            self.keeper.reporter.put(self.keeper.host, &record);
        }
        if entry == EntryPoint::Free {
            (self.turns).take_of(self.keeper.host, place, &mut self.left);
            self.keeper.remove(place);
            self.round_off(place);
            self.leave(place);
        }
    }

    /// With what a life at a place begins: `init`, and `bind` for each buffer that is there.
    fn first_steps(&self, place: usize, request: u32) -> Deque<Step, STEPS> {
        let mut todo = Deque::new();
        // There is room for all.
        let _ = todo.push_back(Step::new(EntryPoint::Init, [0; 3], request));
        for flow in self.flows.iter().filter(|flow| !flow.is_ending) {
            if let Some((side, pin)) = flow.pin_of(place) {
                let _ = todo.push_back(bind_step(side, pin, flow.frame_bytes(), request));
            }
        }
        todo
    }

    /// Notes what went wrong with the request that is being done, if it is that one.
    fn fail(&mut self, request: u32, error: RequestError) {
        if let Some((_, failed)) = &mut self.current
            && request == self.begun
        {
            failed.get_or_insert(error);
        }
    }

    /// Reports the request that is being done once nothing is left to do for it.
    fn finish_request(&mut self) {
        let number = self.begun;
        let is_for_it = |step: &Step| step.request == number;
        let is_done = (self.actors.iter().flatten()).all(|actor| !actor.todo.iter().any(is_for_it));
        if !is_done {
            return;
        }
        self.end_flows();
        if let Some((begun, failed)) = self.current.take() {
            let record = Replied {
                request: number,
                tick: self.now,
                cycles: (self.clock() - begun).min(u64::from(u32::MAX)) as u32,
                why: failed.map_or(Words::NONE, |error| Words::of(&error)),
            };
            self.keeper.reporter.put(self.keeper.host, &record);
        }
    }

    /// Ends what still runs, and reports what went through.
    fn close(&mut self) {
        for place in 0..INSTANCES {
            (self.turns).take_of(self.keeper.host, place, &mut self.left);
            self.report_actor(place);
            if self.keeper.is_alive(place) {
                self.keeper.remove(place);
            }
        }
        for flow in core::mem::take(&mut self.flows) {
            self.report_flow(&flow);
        }
    }
}

/// The buffer at a pin of an instance.
fn flow_at(flows: &[Flow], place: usize, side: Side, pin: usize) -> Option<&Flow> {
    (flows.iter()).find(|flow| flow.pin_of(place) == Some((side, pin)))
}

fn bind_step(side: Side, pin: usize, frame_bytes: u32, request: u32) -> Step {
    let side = u32::from(side == Side::Producer);
    Step::new(EntryPoint::Bind, [side, pin as u32, frame_bytes], request)
}
