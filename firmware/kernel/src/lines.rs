//! Lines that modules logged and nobody has read yet.

use heapless::{Deque, String};
use syscalls::{LOG_LINE_BYTES, LOG_LINES_PER_ENTRY, LogSink};

use crate::config::MODULES;

/// Lines kept: all that every module can log before the session reads them.
const LINES: usize = MODULES * LOG_LINES_PER_ENTRY as usize;

/// A line and whose it is.
#[derive(Clone, Debug)]
pub struct Line {
    /// The module's place.
    pub place: usize,
    /// What it said.
    pub text: String<LOG_LINE_BYTES>,
}

/// The lines.
#[derive(Debug, Default)]
pub struct Lines {
    waiting: Deque<Line, LINES>,
}

impl Lines {
    /// None yet.
    #[must_use]
    pub const fn new() -> Lines {
        Lines {
            waiting: Deque::new(),
        }
    }

    /// The oldest line.
    pub fn take(&mut self) -> Option<Line> {
        self.waiting.pop_front()
    }
}

impl LogSink for Lines {
    fn line(&mut self, tenant: u32, text: &str) {
        let mut line = Line {
            place: tenant as usize,
            text: String::new(),
        };
        if line.text.push_str(text).is_ok() {
            let _ = self.waiting.push_back(line);
        }
    }
}
