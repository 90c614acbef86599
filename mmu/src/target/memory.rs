//! Physical memory through the kernel's own two mappings of it.

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use super::instructions::{self, BLOCK_BYTES};
use crate::{CacheMode, PAGE_BYTES, PhysAddr, Platform, Pte};

/// Where the kernel's boot code wires all RAM, write-back, ring 0, without execution.
const CACHED_MAP: u32 = 0xd000_0000;
/// The same past the data cache.
const UNCACHED_MAP: u32 = 0xd800_0000;

/// The frames that the kernel may touch through these maps: the page tables' and the modules'.
#[derive(Debug)]
pub(super) struct DirectMap {
    platform: Platform,
    /// Bytes of tables that have a twin behind them.
    twin_bytes: u32,
    /// Bytes of module frames.
    module_bytes: u32,
    /// From one page's frame to the next's.
    step: u32,
}

impl DirectMap {
    pub(super) const fn new(platform: &Platform) -> DirectMap {
        DirectMap {
            platform: *platform,
            twin_bytes: (platform.table_frames.frames - 1) * PAGE_BYTES,
            module_bytes: platform.module_frames.frames * PAGE_BYTES,
            step: PAGE_BYTES,
        }
    }

    /// The kernel's address of `bytes` bytes at `at`. An address outside the frames is a bug of
    /// the kernel and stops it: it must not become an access.
    fn place(&self, at: PhysAddr, bytes: u32, via: CacheMode) -> u32 {
        let inside = |range: crate::PhysRange| at.0 >= range.start.0 && at.0 < range.end().0;
        let known = inside(self.platform.table_frames) || inside(self.platform.module_frames);
        assert!(known && bytes <= PAGE_BYTES - at.0 % PAGE_BYTES);
        let map = match via {
            CacheMode::WriteBack => CACHED_MAP,
            CacheMode::Bypass => UNCACHED_MAP,
        };
        map + at.0
    }

    pub(super) fn load_word(&self, at: PhysAddr, via: CacheMode) -> u32 {
        let place = self.place(at, 4, via) as *const AtomicU32;
        // SAFETY: `place` checked that the word is RAM in the direct map; callers pass multiples
        // of 4. Relaxed atomics, because a module may write the same frame through its own
        // mapping: each fetch happens once and tears nothing.
        unsafe { (*place).load(Ordering::Relaxed) }
    }

    pub(super) fn fill_words(
        &self,
        at: PhysAddr,
        first: u32,
        step: u32,
        count: u32,
        via: CacheMode,
    ) {
        let mut place = self.place(at, count * 4, via) as *const AtomicU32;
        let mut word = first;
        let mut put = |offset: usize| {
            // SAFETY: `place` checked all `count` words; atomics as for `load_word`.
            unsafe { (*place.add(offset)).store(word, Ordering::Relaxed) };
            word = word.wrapping_add(step);
            if offset == 3 {
                place = place.wrapping_add(4);
            }
        };
        for _ in 0..count / 4 {
            put(0);
            put(1);
            put(2);
            put(3);
        }
        (0..count as usize % 4).for_each(put);
    }

    pub(super) fn load(&self, at: PhysAddr, into: &mut [u8]) {
        if into.is_empty() {
            return;
        }
        let place = self.place(at, into.len() as u32, CacheMode::Bypass);
        if (place | into.len() as u32).is_multiple_of(4) {
            for (word, bytes) in into.chunks_exact_mut(4).enumerate() {
                let word = (place as *const AtomicU32).wrapping_add(word);
                // SAFETY: `place` checked the whole range; atomics as for `load_word`.
                let value = unsafe { (*word).load(Ordering::Relaxed) };
                bytes.copy_from_slice(&value.to_le_bytes());
            }
            return;
        }
        for (offset, byte) in into.iter_mut().enumerate() {
            let place = (place as *const AtomicU8).wrapping_add(offset);
            // SAFETY: as above.
            *byte = unsafe { (*place).load(Ordering::Relaxed) };
        }
    }

    pub(super) fn store(&self, at: PhysAddr, from: &[u8]) {
        if from.is_empty() {
            return;
        }
        let place = self.place(at, from.len() as u32, CacheMode::Bypass);
        if (place | from.len() as u32).is_multiple_of(4) {
            for (word, bytes) in from.chunks_exact(4).enumerate() {
                let value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                let word = (place as *const AtomicU32).wrapping_add(word);
                // SAFETY: as for `load`.
                unsafe { (*word).store(value, Ordering::Relaxed) };
            }
            return;
        }
        for (offset, byte) in from.iter().enumerate() {
            let place = (place as *const AtomicU8).wrapping_add(offset);
            // SAFETY: as for `load`.
            unsafe { (*place).store(*byte, Ordering::Relaxed) };
        }
    }

    /// The kernel's address of `count` entries of a page table that has a twin, past the data cache.
    #[inline(always)]
    fn entries(&self, at: PhysAddr, count: u32) -> *const AtomicU32 {
        let offset = at.0.wrapping_sub(self.platform.table_frames.start.0);
        // A word at a multiple of 4 does not leave its frame.
        assert!(
            offset < self.twin_bytes && (count == 1 || count * 4 <= PAGE_BYTES - at.0 % PAGE_BYTES)
        );
        (UNCACHED_MAP + at.0) as *const AtomicU32
    }

    #[inline(always)]
    pub(super) fn load_entry(&self, at: PhysAddr) -> u32 {
        // SAFETY: `entries` checked it; atomics as for `load_word`.
        unsafe { (*self.entries(at, 1)).load(Ordering::Relaxed) }
    }

    /// Writes an entry and its twin.
    #[inline(always)]
    pub(super) fn store_entry(&self, at: PhysAddr, entry: Pte, twin: Pte) {
        let one = self.entries(at, 1);
        let two = one.wrapping_byte_add(PAGE_BYTES as usize);
        // SAFETY: `entries` checked the word and its twin; atomics as for `load_word`.
        unsafe {
            (*one).store(entry.bits(), Ordering::Relaxed);
            (*two).store(twin.bits(), Ordering::Relaxed);
        }
    }

    /// Writes two runs of entries at once: one check and one loop for both.
    #[optimize(speed)]
    pub(super) fn store_entries(&self, at: PhysAddr, first: Pte, twin: Pte, count: u32) {
        // The twin stands in the next frame, so that one check is for both.
        let mut one = self.entries(at, count);
        let mut two = one.wrapping_byte_add(PAGE_BYTES as usize);
        let (mut entry, mut twin) = (first.bits(), twin.bits());
        // In a register: the compiler would load each sum of it as a constant of its own.
        let step = self.step;
        let mut put = |offset: usize| {
            // SAFETY: `entries` checked all `count` words of both; atomics as for `load_word`.
            unsafe {
                (*one.add(offset)).store(entry, Ordering::Relaxed);
                (*two.add(offset)).store(twin, Ordering::Relaxed);
            }
            entry = entry.wrapping_add(step);
            twin = twin.wrapping_add(step);
            if offset == 3 {
                one = one.wrapping_add(4);
                two = two.wrapping_add(4);
            }
        };
        for _ in 0..count / 4 {
            put(0);
            put(1);
            put(2);
            put(3);
        }
        (0..count as usize % 4).for_each(put);
    }

    /// Writes the range's lines back and drops them from the data cache.
    #[optimize(speed)]
    pub(super) fn drop_lines(&self, at: PhysAddr, bytes: u32) {
        let start = self.place(at, bytes, CacheMode::WriteBack);
        let end = start + bytes;
        let mut line = start & !(self.platform.cache_line - 1);
        let after_blocks = line + (end - line) / BLOCK_BYTES * BLOCK_BYTES;
        if line != after_blocks {
            instructions::write_back_and_drop_blocks(line, after_blocks);
            line = after_blocks;
        }
        while line < end {
            instructions::write_back_and_drop_line(line);
            line += self.platform.cache_line;
        }
    }

    /// The same for a frame of a module.
    #[optimize(speed)]
    #[inline(never)]
    pub(super) fn drop_frame_lines(&self, frame: PhysAddr) {
        let offset = frame.0.wrapping_sub(self.platform.module_frames.start.0);
        // No byte changes where the address is none of a frame's start.
        assert!(offset < self.module_bytes);
        let start = CACHED_MAP + frame.0;
        instructions::write_back_and_drop_blocks(start, start + PAGE_BYTES);
    }

    /// Calls `act` with a cached direct-map address in each cache line of a range inside a frame.
    pub(super) fn each_line(&self, at: PhysAddr, bytes: u32, act: impl Fn(u32)) {
        let line = self.platform.cache_line;
        let start = self.place(at, bytes, CacheMode::WriteBack);
        let mut place = start & !(line - 1);
        while place < start + bytes {
            act(place);
            place += line;
        }
    }

    /// Calls `act` with an address for every line of a whole cache, by index.
    pub(super) fn each_index(&self, act: impl Fn(u32)) {
        (0..self.platform.cache_bytes)
            .step_by(self.platform.cache_line as usize)
            .for_each(|offset| act(CACHED_MAP + offset));
    }
}
