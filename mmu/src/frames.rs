//! What the kernel does with the bytes of a frame, coherent with whatever a module did to it
//! through either alias on this core.
//!
//! The kernel keeps no line of a module's frame in its data cache: it reads and writes past the
//! cache, after the lines that the module's cached alias left are written back.

use crate::{CacheMode, Machine, PAGE_BYTES, PhysAddr};

/// Reading, writing, zeroing and publishing frames, on any [`Machine`].
pub trait Frames: Machine {
    /// Copies bytes out of one frame, each fetched once. What a module wrote on this core through
    /// either alias is seen.
    fn read(&mut self, at: PhysAddr, into: &mut [u8]) {
        if into.is_empty() {
            return;
        }
        self.drop_lines(at, into.len() as u32);
        self.load(at, into);
    }

    /// Copies bytes into one frame. A module sees them through either alias, on any core that has
    /// no line of them.
    fn write(&mut self, at: PhysAddr, from: &[u8]) {
        if from.is_empty() {
            return;
        }
        self.drop_lines(at, from.len() as u32);
        self.store(at, from);
    }

    /// Fills a frame with zeros. No line of it is left in either cache of this core.
    fn zero_frame(&mut self, frame: PhysAddr) {
        self.fill_words(frame, 0, 0, PAGE_BYTES / 4, CacheMode::WriteBack);
        self.publish(frame);
    }

    /// Makes what was written to a frame through the data cache visible to instruction fetches and
    /// to the uncached alias. No line of it is left in either cache of this core.
    fn publish(&mut self, frame: PhysAddr) {
        self.drop_frame_lines(frame);
        self.drop_instructions(frame, PAGE_BYTES);
        self.synchronize();
    }
}

impl<M: Machine + ?Sized> Frames for M {}
