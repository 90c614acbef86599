//! What the death of an instance leaves, and how it comes back.

use abi::EntryPoint;
use heapless::Deque;

use super::Pipelines;
use super::actor::{Actor, Stage, Step};
use super::flow::Flow;
use super::request::RequestError;
use crate::audio::Side;
use crate::session::Host;
use crate::system::System;
use crate::turns::Turn;

impl<H: Host> Pipelines<'_, '_, H> {
    /// The end of an instance that is gone for good.
    pub(super) fn leave(&mut self, place: usize) {
        self.report_actor(place);
        self.actors[place] = None;
    }

    /// Fills up with silence what an instance that is gone had begun to write of a period, and drops
    /// what it had begun to read, so that the next at its place and its neighbours meet whole ones.
    pub(super) fn round_off(&mut self, place: usize) {
        let period_us = (self.actors[place].as_ref()).map_or(0, |actor| actor.period_us);
        for flow in &self.flows {
            let Some((side, _)) = flow.pin_of(place) else {
                continue;
            };
            let stats = |system: &mut System<H::Machine>| {
                system.ring(flow.index).map_or((0, 0), |ring| {
                    let stats = ring.stats();
                    (stats.read, stats.written)
                })
            };
            let (read, written) = self.keeper.host.system(stats);
            let period = u64::from(flow.bytes_of(period_us));
            let rest = |moved: u64| (moved.next_multiple_of(period) - moved) as u32;
            match side {
                Side::Consumer => Flow::carry(self.keeper, Some(flow), None, rest(read)),
                Side::Producer => Flow::carry(self.keeper, None, Some(flow), rest(written)),
            }
        }
    }

    /// Buries an instance, and brings it back where it has lives left.
    pub(super) fn die(&mut self, turn: &Turn, error: RequestError) {
        let place = turn.place();
        self.keeper.lose(turn);
        self.is_dead(place, error);
    }

    pub(super) fn is_dead(&mut self, place: usize, error: RequestError) {
        let clock = self.clock();
        let Some(actor) = &mut self.actors[place] else {
            return;
        };
        actor.stage = Stage::Dead;
        actor.deaths += 1;
        actor.died.get_or_insert(clock);
        let todo = core::mem::replace(&mut actor.todo, Deque::new());
        if error == RequestError::Stopped(EntryPoint::SetConfig)
            && let Some(step) = todo.front()
        {
            // What it died of it is not given again.
            actor.forget_config(step.id);
        }
        for step in &todo {
            self.fail(step.request, error);
        }
        self.round_off(place);
        if todo.iter().any(|step| step.entry == EntryPoint::Free) {
            // It was to go.
            self.leave(place);
        }
        self.revive(place);
    }

    /// Brings an instance back that is dead and has lives left: once in a tick, so that one which dies
    /// at once takes no more of the kernel's time.
    pub(super) fn revive(&mut self, place: usize) {
        let now = self.now;
        let Some(actor) = &mut self.actors[place] else {
            return;
        };
        if actor.stage != Stage::Dead || actor.restarts == 0 || actor.revived == Some(now) {
            return;
        }
        actor.revived = Some(now);
        actor.restarts -= u32::from(actor.restarts != u32::MAX);
        let way = Actor::way(Stage::Initialised, actor.wanted).unwrap_or(&[]);
        if self.keeper.install(place).is_err() {
            return;
        }
        let mut todo = self.first_steps(place, 0);
        if let Some(actor) = &mut self.actors[place] {
            for config in &actor.configs {
                let _ = todo.push_back(*config);
            }
            for (entry, argument) in way {
                let _ = todo.push_back(Step::new(*entry, [*argument, 0, 0], 0));
            }
            actor.stage = Stage::Created;
            actor.todo = todo;
        }
    }
}
