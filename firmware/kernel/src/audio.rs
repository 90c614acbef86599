//! The audio of modules: for each place, a buffer that it reads and one that it writes.

use mmu::VirtAddr;
use syscalls::AudioBuffer;
use vregion::ring::Ring;

use crate::config::MODULES;

/// A ring that nothing goes through.
const NO_RING: Ring = match Ring::new(1) {
    Ok(ring) => ring,
    Err(_) => panic!("a ring can have one byte"),
};

/// A buffer that nobody is bound to.
const NO_BUFFER: AudioBuffer = AudioBuffer {
    ring: NO_RING,
    read_at: VirtAddr(0),
    written_at: VirtAddr(0),
};

/// All buffers.
#[derive(Debug)]
pub struct Audio {
    /// Of each place in turn, what it reads and what it writes.
    buffers: [AudioBuffer; 2 * MODULES],
}

impl Audio {
    /// Nothing to play.
    #[must_use]
    pub const fn new() -> Audio {
        Audio {
            buffers: [const { NO_BUFFER }; 2 * MODULES],
        }
    }

    /// The buffers, by the indexes that pins have.
    pub fn buffers(&mut self) -> &mut [AudioBuffer] {
        &mut self.buffers
    }

    /// Begins a period of that many bytes: all of them to read, and space for as many. Where each
    /// lies as the module sees it. What the first source and the first sink are bound to.
    pub fn begin(
        &mut self,
        place: usize,
        bytes: u32,
        source: VirtAddr,
        sink: VirtAddr,
    ) -> [Option<u16>; 2] {
        // A period without bytes is none.
        let (Ok(mut filled), Ok(empty)) = (Ring::new(bytes), Ring::new(bytes)) else {
            return [None; 2];
        };
        // An empty ring takes what it is made for.
        let _ = filled.get_space(bytes);
        let _ = filled.commit_space(bytes);
        let index = 2 * place;
        let Some([read, written]) = self.buffers.get_mut(index..index + 2) else {
            return [None; 2];
        };
        for (buffer, ring, base) in [(read, filled, source), (written, empty, sink)] {
            *buffer = AudioBuffer {
                ring,
                read_at: base,
                written_at: base,
            };
        }
        [Some(index as u16), Some(index as u16 + 1)]
    }

    /// Bytes that a module has committed in this period.
    #[must_use]
    pub fn committed(&self, place: usize) -> u32 {
        (self.buffers.get(2 * place + 1)).map_or(0, |buffer| buffer.ring.stats().written as u32)
    }
}
