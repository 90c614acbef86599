//! Whether text and constants of loaded modules are what they were: what every module may trust to be so,
//! whatever another does.

use mmu::{Machine, PAGE_BYTES};

use crate::backing::{Holdings, Pool};
use crate::system::System;

/// Bytes that are fetched at once.
const FETCHED: u32 = 64;

/// A sum over all bytes of these frames, in their order.
pub(crate) fn sum(machine: &impl Machine, pool: &Pool, held: &Holdings) -> u32 {
    let mut sum = 0u32;
    for (first, run) in held.iter() {
        let (start, bytes) = (first * PAGE_BYTES, run.count.0 * PAGE_BYTES);
        for (frame, _) in held.pieces(pool, start, bytes as usize) {
            for offset in (0..PAGE_BYTES).step_by(FETCHED as usize) {
                let mut words = [[0; 4]; FETCHED as usize / 4];
                machine.load(mmu::PhysAddr(frame.0 + offset), words.as_flattened_mut());
                for word in words {
                    sum = sum.rotate_left(1).wrapping_add(u32::from_le_bytes(word));
                }
            }
        }
    }
    sum
}

impl<M: Machine> System<M> {
    /// Whether text and constants of every loaded module are as they were loaded. O(their bytes).
    #[must_use]
    pub fn constants_are_unharmed(&self) -> bool {
        let mut all = self.modules.iter().flatten();
        all.all(|loaded| sum(&self.machine, &self.pool, &loaded.held) == loaded.sum)
    }
}
