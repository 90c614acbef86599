//! What differs between cores and boards, as one typed constant each, checked when compiled.

use crate::kernel_map::{self, KernelEntry};
use crate::{PAGE_BYTES, PageCount, PhysAddr, VirtAddr};

/// Pages that one page of a page table maps.
pub const SLOT_PAGES: u32 = 1024;
/// Bytes that one page of a page table maps: a slot.
pub const SLOT_BYTES: u32 = SLOT_PAGES * PAGE_BYTES;

/// Frames from `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhysRange {
    /// First byte, the start of a frame.
    pub start: PhysAddr,
    /// How many frames.
    pub frames: u32,
}

impl PhysRange {
    /// One frame.
    #[must_use]
    #[inline]
    pub const fn page(frame: PhysAddr) -> PhysRange {
        PhysRange {
            start: frame,
            frames: 1,
        }
    }

    /// First byte behind the range. It wraps rather than overflows where the range does.
    #[must_use]
    pub const fn end(self) -> PhysAddr {
        PhysAddr(
            self.start
                .0
                .wrapping_add(self.frames.wrapping_mul(PAGE_BYTES)),
        )
    }

    /// The number of the frame inside the range, or `None` outside and inside of a frame.
    #[must_use]
    pub const fn index_of(self, frame: PhysAddr) -> Option<u32> {
        let offset = frame.0.wrapping_sub(self.start.0);
        if offset.is_multiple_of(PAGE_BYTES) && offset / PAGE_BYTES < self.frames {
            Some(offset / PAGE_BYTES)
        } else {
            None
        }
    }

    /// The frame of that number, or `None` beyond the last.
    #[must_use]
    pub const fn frame(self, index: u32) -> Option<PhysAddr> {
        if index < self.frames {
            Some(PhysAddr(
                self.start.0.wrapping_add(index.wrapping_mul(PAGE_BYTES)),
            ))
        } else {
            None
        }
    }

    /// The frames from page `page` on, of `pages` that begin with `first` and follow each other.
    /// Addresses wrap rather than overflow; a run that does is no module's.
    #[must_use]
    pub const fn rest(first: PhysAddr, page: u32, pages: PageCount) -> PhysRange {
        PhysRange {
            start: PhysAddr(first.0.wrapping_add(page.wrapping_mul(PAGE_BYTES))),
            frames: pages.0.saturating_sub(page),
        }
    }

    const fn overlaps(self, other: PhysRange) -> bool {
        self.start.0 < other.end().0 && other.start.0 < self.end().0
    }
}

/// Through which of its two addresses a byte is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alias {
    /// Through the data cache.
    Cached,
    /// Past it.
    Uncached,
}

/// Facts of a core and its board, and where things lie on it.
#[derive(Clone, Copy, Debug)]
pub struct Platform {
    /// Its name.
    pub name: &'static str,
    /// First address of the cached window.
    pub cached_window: VirtAddr,
    /// First address of the uncached window; the same offset in both is the same byte.
    pub uncached_window: VirtAddr,
    /// Bytes of each window.
    pub window_bytes: u32,
    /// Bytes of a data-cache line.
    pub cache_line: u32,
    /// Bytes of the larger of a core's two caches, or more.
    pub cache_bytes: u32,
    /// Where the MMU looks for page-table entries: one address for all domains.
    pub table_window: VirtAddr,
    /// Frames that hold page tables.
    pub table_frames: PhysRange,
    /// Frames that can be given to modules; none outside can ever be in a partition.
    pub module_frames: PhysRange,
    /// Cores that share this memory.
    pub cores: u32,
    /// How often a core looks for the answer to a shootdown before it gives up. More than a module
    /// can run without an interrupt.
    pub shootdown_polls: u32,
    /// What the kernel wires for itself on every core when it boots.
    pub kernel_map: &'static [KernelEntry],
}

/// QEMU's `sim` machine with the `dc233c` core, 128 MiB of RAM from physical address 0.
pub const DC233C: Platform = Platform {
    name: "dc233c",
    cached_window: VirtAddr(0xa000_0000),
    uncached_window: VirtAddr(0x4000_0000),
    window_bytes: 512 << 20,
    cache_line: 32,
    cache_bytes: 16 << 10,
    table_window: VirtAddr(0x8000_0000),
    table_frames: PhysRange {
        start: PhysAddr(0x0030_0000),
        frames: 512,
    },
    module_frames: PhysRange {
        start: PhysAddr(0x0050_0000),
        frames: 2048,
    },
    cores: 2,
    shootdown_polls: 10_000_000,
    kernel_map: kernel_map::DC233C,
};

/// Intel ACE 3.0 (Panther Lake): the windows of its L2 SRAM and five HiFi cores.
pub const ACE30: Platform = Platform {
    name: "ace30",
    cached_window: VirtAddr(0xa000_0000),
    uncached_window: VirtAddr(0x4000_0000),
    window_bytes: 512 << 20,
    cache_line: 64,
    cache_bytes: 64 << 10,
    table_window: VirtAddr(0x8000_0000),
    table_frames: PhysRange {
        start: PhysAddr(0xa010_0000),
        frames: 64,
    },
    module_frames: PhysRange {
        start: PhysAddr(0xa014_0000),
        frames: 512,
    },
    cores: 5,
    shootdown_polls: 10_000_000,
    kernel_map: kernel_map::ACE30,
};

const _: () = DC233C.check();
const _: () = ACE30.check();

impl Platform {
    /// Refuses to compile a platform whose facts contradict each other.
    const fn check(&self) {
        assert!(
            self.window_bytes.is_power_of_two() && self.window_bytes >= SLOT_BYTES,
            "a window must be a power of two of at least one slot"
        );
        assert!(
            self.cached_window.0.is_multiple_of(self.window_bytes)
                && self.uncached_window.0.is_multiple_of(self.window_bytes),
            "each window must be aligned to its size"
        );
        assert!(
            self.cached_window.0 != self.uncached_window.0,
            "the two windows must not be the same"
        );
        assert!(
            self.cache_line.is_power_of_two()
                && self.cache_line >= 32
                && self.cache_line <= PAGE_BYTES,
            "a cache line must be a power of two, of 32 bytes at least and no larger than a page"
        );
        assert!(
            self.cache_bytes.is_multiple_of(self.cache_line),
            "a cache holds whole lines"
        );
        assert!(
            self.table_window.0.is_multiple_of(SLOT_BYTES),
            "the table window must be aligned to 4 MiB, as PTEVADDR is"
        );
        assert!(
            self.table_frames.start.is_frame() && self.module_frames.start.is_frame(),
            "frames start at multiples of 4096"
        );
        assert!(
            !self.table_frames.overlaps(self.module_frames),
            "page tables must never lie in frames that modules can be given"
        );
        assert!(
            self.cores > 0 && self.cores as usize <= crate::CoreId::MOST,
            "there must be a core, and no more than can be told apart"
        );
        kernel_map::check(self.kernel_map);
        let mut rest = self.kernel_map;
        while let [entry, after @ ..] = rest {
            assert!(
                !entry.overlaps(self.cached_window, self.window_bytes)
                    && !entry.overlaps(self.uncached_window, self.window_bytes)
                    && !entry.overlaps(self.table_window, SLOT_BYTES),
                "the kernel's map must leave the windows and the page tables alone"
            );
            rest = after;
        }
    }

    /// Splits an address into its offset in a window and the window's alias; `None` outside both.
    #[must_use]
    pub const fn offset_of(&self, address: VirtAddr) -> Option<(u32, Alias)> {
        let cached = address.0.wrapping_sub(self.cached_window.0);
        if cached < self.window_bytes {
            return Some((cached, Alias::Cached));
        }
        let uncached = address.0.wrapping_sub(self.uncached_window.0);
        if uncached < self.window_bytes {
            Some((uncached, Alias::Uncached))
        } else {
            None
        }
    }

    /// The address of an offset in a window.
    #[must_use]
    pub const fn address_of(&self, offset: u32, alias: Alias) -> VirtAddr {
        let base = match alias {
            Alias::Cached => self.cached_window.0,
            Alias::Uncached => self.uncached_window.0,
        };
        VirtAddr(base.wrapping_add(offset & (self.window_bytes - 1)))
    }

    /// The cached twin of an address in either window.
    #[must_use]
    pub const fn cached(&self, address: VirtAddr) -> Option<VirtAddr> {
        match self.offset_of(address) {
            Some((offset, _)) => Some(self.address_of(offset, Alias::Cached)),
            None => None,
        }
    }

    /// The uncached twin of an address in either window.
    #[must_use]
    pub const fn uncached(&self, address: VirtAddr) -> Option<VirtAddr> {
        match self.offset_of(address) {
            Some((offset, _)) => Some(self.address_of(offset, Alias::Uncached)),
            None => None,
        }
    }

    /// How many slots a window has.
    #[must_use]
    pub const fn slots(&self) -> u32 {
        self.window_bytes / SLOT_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_each_others() {
        for platform in [DC233C, ACE30] {
            let cached = VirtAddr(platform.cached_window.0 + 0x12_3456);
            let uncached = platform.uncached(cached).unwrap();
            assert_eq!(uncached.0, platform.uncached_window.0 + 0x12_3456);
            assert_eq!(platform.cached(uncached), Some(cached));
            assert_eq!(platform.cached(cached), Some(cached));
            assert_eq!(platform.cached(VirtAddr(0)), None);
            let behind = VirtAddr(platform.cached_window.0 + platform.window_bytes);
            assert_eq!(platform.offset_of(behind), None);
        }
    }

    #[test]
    fn frames_have_numbers_only_inside() {
        let frames = DC233C.module_frames;
        assert_eq!(frames.index_of(frames.start), Some(0));
        assert_eq!(frames.index_of(frames.end()), None);
        assert_eq!(frames.index_of(PhysAddr(frames.start.0 + 4)), None);
        assert_eq!(frames.frame(frames.frames), None);
        assert_eq!(frames.frame(1), Some(PhysAddr(frames.start.0 + PAGE_BYTES)));
    }
}
