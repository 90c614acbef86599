//! Addresses: one stretch of them, seen through two aliases.

/// A stretch of addresses that begins at `cached`, and once more at `uncached`. Where there is no
/// second alias both are the same.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Where it begins through the data cache.
    pub cached: usize,
    /// Where it begins past the data cache.
    pub uncached: usize,
    /// Its bytes.
    pub bytes: u32,
}

impl Window {
    /// No address at all.
    pub const NONE: Window = Window {
        cached: 0,
        uncached: 0,
        bytes: 0,
    };

    /// How far into the window an address lies, through whichever alias.
    pub fn offset_of(&self, address: usize) -> Option<u32> {
        let into = |base| u32::try_from(address.wrapping_sub(base)).ok();
        [self.cached, self.uncached]
            .into_iter()
            .filter_map(into)
            .find(|offset| *offset < self.bytes)
    }

    /// The address of an offset.
    pub const fn address(&self, offset: u32, coherent: bool) -> usize {
        let base = if coherent { self.uncached } else { self.cached };
        base.wrapping_add(offset as usize)
    }

    /// A number that is aligned as the address of this offset is, as far as 256 MiB: allocators
    /// align in the address space, and count in 32 bits.
    pub const fn alignment_base(&self, offset: u32) -> u32 {
        self.cached.wrapping_add(offset as usize) as u32 & 0x0fff_ffff
    }
}
