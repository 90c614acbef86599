//! Physical memory through the kernel's own mapping of it.

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use crate::{PAGE_BYTES, PhysAddr, Platform};

/// Where the kernel's boot code wires all RAM, write-back, ring 0, without execution.
const DIRECT_MAP: u32 = 0xd000_0000;

/// The frames that the kernel may touch through this map: the page tables' and the modules'.
#[derive(Debug)]
pub(super) struct DirectMap {
    platform: Platform,
}

impl DirectMap {
    pub(super) const fn new(platform: &Platform) -> DirectMap {
        DirectMap {
            platform: *platform,
        }
    }

    /// The kernel's address of `bytes` bytes at `at`. An address outside the frames is a bug of
    /// the kernel and stops it: it must not become an access.
    fn place(&self, at: PhysAddr, bytes: usize) -> u32 {
        let inside = |range: crate::PhysRange| at.0 >= range.start.0 && at.0 < range.end().0;
        let known = inside(self.platform.table_frames) || inside(self.platform.module_frames);
        assert!(known && bytes <= (PAGE_BYTES - at.0 % PAGE_BYTES) as usize);
        DIRECT_MAP + at.0
    }

    pub(super) fn load_word(&self, at: PhysAddr) -> u32 {
        let place = self.place(at, 4) as *const AtomicU32;
        // SAFETY: `place` checked that the word is RAM in the direct map; callers pass multiples
        // of 4. Relaxed atomics, because a module may write the same frame through its own
        // mapping: each fetch happens once and tears nothing.
        unsafe { (*place).load(Ordering::Relaxed) }
    }

    pub(super) fn store_word(&self, at: PhysAddr, word: u32) {
        let place = self.place(at, 4) as *const AtomicU32;
        // SAFETY: as for `load_word`.
        unsafe { (*place).store(word, Ordering::Relaxed) }
    }

    pub(super) fn read(&self, at: PhysAddr, into: &mut [u8]) {
        if into.is_empty() {
            return;
        }
        let place = self.place(at, into.len());
        if (place | into.len() as u32).is_multiple_of(4) {
            for (word, bytes) in into.chunks_exact_mut(4).enumerate() {
                bytes.copy_from_slice(
                    &self
                        .load_word(PhysAddr(at.0 + word as u32 * 4))
                        .to_le_bytes(),
                );
            }
            return;
        }
        for (offset, byte) in into.iter_mut().enumerate() {
            // SAFETY: `place` checked the whole range; relaxed atomics as for `load_word`.
            *byte = unsafe {
                (*((place as usize + offset) as *const AtomicU8)).load(Ordering::Relaxed)
            };
        }
    }

    pub(super) fn write(&self, at: PhysAddr, from: &[u8]) {
        if from.is_empty() {
            return;
        }
        let place = self.place(at, from.len());
        if (place | from.len() as u32).is_multiple_of(4) {
            for (word, bytes) in from.chunks_exact(4).enumerate() {
                let value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                self.store_word(PhysAddr(at.0 + word as u32 * 4), value);
            }
            return;
        }
        for (offset, byte) in from.iter().enumerate() {
            // SAFETY: as for `read`.
            unsafe {
                (*((place as usize + offset) as *const AtomicU8)).store(*byte, Ordering::Relaxed);
            }
        }
    }

    pub(super) fn zero_frame(&self, frame: PhysAddr) {
        let place = self.place(frame, PAGE_BYTES as usize) as *const AtomicU32;
        for word in 0..PAGE_BYTES as usize / 4 {
            // SAFETY: `place` checked the whole frame.
            unsafe { (*place.add(word)).store(0, Ordering::Relaxed) }
        }
    }

    /// Calls `act` with a direct-map address in each cache line of a range inside one frame.
    pub(super) fn each_line(&self, at: PhysAddr, bytes: usize, act: impl Fn(u32)) {
        let line = self.platform.cache_line;
        let start = self.place(at, bytes);
        let mut place = start & !(line - 1);
        while place < start + bytes as u32 {
            act(place);
            place += line;
        }
    }
}
