//! Checks of a topology that need no other files: names, ends of buffers, circles.

use kernel::config::{CORES, INSTANCES};

use super::{End, Topology, TopologyError};

impl Topology {
    pub(super) fn check_names(&self) -> Result<(), TopologyError> {
        match self.modules.len() {
            0 => return Err(TopologyError::NoModule),
            1..=INSTANCES => {}
            count => return Err(TopologyError::TooMany(count)),
        }
        for (index, module) in self.modules.iter().enumerate() {
            if self.modules[..index]
                .iter()
                .any(|other| other.name == module.name)
            {
                return Err(TopologyError::TwoOf(module.name.clone()));
            }
            if module.core >= CORES as u32 {
                return Err(TopologyError::NoCore {
                    name: module.name.clone(),
                    core: module.core,
                });
            }
        }
        let configs = self.configs.iter().map(|config| &config.module);
        let asks = self.asks.iter().map(|ask| &ask.module);
        let faults = self.faults.iter().map(|fault| &fault.module);
        for name in configs.chain(asks).chain(faults) {
            self.place(name)?;
        }
        let pipelines = self.pipelines();
        for state in &self.states {
            if !pipelines.contains_key(&*state.pipeline) {
                return Err(TopologyError::NoPipeline(state.pipeline.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn check_ends(&self) -> Result<(), TopologyError> {
        let mut is_connected = vec![false; self.modules.len()];
        for (index, buffer) in self.buffers.iter().enumerate() {
            let (from, to) = (buffer.from.to_string(), buffer.to.to_string());
            if let (End::File(_), End::File(_)) = (&buffer.from, &buffer.to) {
                return Err(TopologyError::NoModuleAt { from, to });
            }
            for end in [&buffer.from, &buffer.to] {
                if let End::Pin { name, .. } = end {
                    is_connected[self.place(name)? as usize] = true;
                }
            }
            for other in &self.buffers[..index] {
                if matches!(buffer.to, End::File(_)) && other.to == buffer.to {
                    return Err(TopologyError::TwoOutputs(to));
                }
                let taken = |side| TopologyError::PinTaken {
                    side,
                    end: if side == "sink" {
                        from.clone()
                    } else {
                        to.clone()
                    },
                };
                if matches!(buffer.from, End::Pin { .. }) && other.from == buffer.from {
                    return Err(taken("sink"));
                }
                if matches!(buffer.to, End::Pin { .. }) && other.to == buffer.to {
                    return Err(taken("source"));
                }
            }
        }
        if let Some(alone) = is_connected.iter().position(|connected| !connected) {
            return Err(TopologyError::Alone(self.modules[alone].name.clone()));
        }
        if !self
            .buffers
            .iter()
            .any(|buffer| matches!(buffer.from, End::File(_)))
        {
            return Err(TopologyError::NoInput);
        }
        Ok(())
    }

    pub(super) fn check_unbinds(&self) -> Result<(), TopologyError> {
        let mut is_gone = vec![false; self.buffers.len()];
        for unbind in &self.unbinds {
            let index = self.buffer(&unbind.from, &unbind.to)?;
            if std::mem::replace(&mut is_gone[index], true) {
                return Err(TopologyError::UnboundTwice {
                    from: unbind.from.to_string(),
                    to: unbind.to.to_string(),
                });
            }
        }
        Ok(())
    }

    /// Buffers, each behind those that come in where it comes out. Fails where there is a circle.
    pub fn in_order(&self) -> Result<Vec<usize>, TopologyError> {
        let mut order: Vec<usize> = Vec::new();
        let mut left: Vec<usize> = (0..self.buffers.len()).collect();
        while !left.is_empty() {
            let waits = |index: &usize| {
                let End::Pin { name, .. } = &self.buffers[*index].from else {
                    return false;
                };
                left.iter().any(|other| {
                    matches!(&self.buffers[*other].to, End::Pin { name: to, .. } if to == name)
                })
            };
            let (later, now): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
            if now.is_empty() {
                return Err(TopologyError::Circle(self.circle(&left)));
            }
            order.extend(now);
            left = later;
        }
        Ok(order)
    }

    pub(super) fn check_circles(&self) -> Result<(), TopologyError> {
        self.in_order().map(drop)
    }

    /// The names along a circle that these buffers hold.
    fn circle(&self, buffers: &[usize]) -> String {
        let names = |index: usize| {
            let buffer = &self.buffers[index];
            match (&buffer.from, &buffer.to) {
                (End::Pin { name: from, .. }, End::Pin { name: to, .. }) => Some((from, to)),
                _ => None,
            }
        };
        let edges: Vec<_> = buffers.iter().filter_map(|index| names(*index)).collect();
        let mut way: Vec<&String> = Vec::new();
        // Backwards: what waits has somebody to wait for, so this comes round.
        let mut at = edges.first().map(|(from, _)| *from);
        while let Some(name) = at {
            if let Some(start) = way.iter().position(|before| *before == name) {
                way.drain(..start);
                way.push(name);
                way.reverse();
                break;
            }
            way.push(name);
            at = edges
                .iter()
                .find(|(_, to)| *to == name)
                .map(|(from, _)| *from);
        }
        let names: Vec<&str> = way.iter().map(|name| name.as_str()).collect();
        names.join(" -> ")
    }
}
