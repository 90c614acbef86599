//! What modules said and nobody has read yet: lines of text, and trace records.

use abi::TraceRecord;
use board::traces::{TraceRing, Traced};
use heapless::{Deque, String};
use syscalls::{LOG_LINE_BYTES, LOG_LINES_PER_ENTRY, Sink};

use crate::config::INSTANCES;

/// Lines kept: all that every module can log before the session reads them.
const LINES: usize = INSTANCES * LOG_LINES_PER_ENTRY as usize;

/// A line and whose it is.
#[derive(Clone, Debug)]
pub struct Line {
    /// The module's place.
    pub place: usize,
    /// What it said.
    pub text: String<LOG_LINE_BYTES>,
}

/// All of it.
#[derive(Debug)]
pub struct Said {
    lines: Deque<Line, LINES>,
    traces: [TraceRing; INSTANCES],
    /// Records that came by way of a served call, which are counted as calls already.
    served: [u32; INSTANCES],
}

impl Said {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Said {
        Said {
            lines: Deque::new(),
            traces: [const { TraceRing::new() }; INSTANCES],
            served: [0; INSTANCES],
        }
    }

    /// The oldest line.
    pub fn take_line(&mut self) -> Option<Line> {
        self.lines.pop_front()
    }

    /// Where the records of a place go.
    #[must_use]
    pub fn ring(&self, place: usize) -> Option<&TraceRing> {
        self.traces.get(place)
    }

    /// The records of a place since the last time this was asked, and how many of them the entry
    /// code took by itself.
    pub fn take_traces(&mut self, place: usize) -> (&[Traced], u32) {
        let (Some(ring), Some(served)) = (self.traces.get_mut(place), self.served.get_mut(place))
        else {
            return (&[], 0);
        };
        let records = ring.take();
        let served = core::mem::take(served);
        (records, (records.len() as u32).saturating_sub(served))
    }
}

impl Sink for Said {
    fn line(&mut self, tenant: u32, text: &str) {
        let mut line = Line {
            place: tenant as usize,
            text: String::new(),
        };
        if line.text.push_str(text).is_ok() {
            let _ = self.lines.push_back(line);
        }
    }

    fn trace(&mut self, tenant: u32, record: TraceRecord, cycles: u32) -> bool {
        let place = tenant as usize;
        let taken =
            (self.traces.get_mut(place)).is_some_and(|ring| ring.append(record.words, cycles));
        if taken && let Some(served) = self.served.get_mut(place) {
            *served += 1;
        }
        taken
    }
}
