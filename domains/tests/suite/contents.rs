//! What the bytes of the frames are, in memory and in the caches of each core: slow, byte by byte.

use std::collections::BTreeMap;

use mmu::model::HeldLine;
use mmu::{Access, Alias, CoreId, Frames, PhysAddr, Side};

use crate::rig::{BOARD, CORES, Rig, core};

/// Follows every byte that is ever touched; no two of them may lie in one line, so that a byte
/// stands for its line.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    memory: BTreeMap<PhysAddr, u8>,
    /// The byte and whether it is dirty.
    data: BTreeMap<(CoreId, PhysAddr), (u8, bool)>,
    instructions: BTreeMap<(CoreId, PhysAddr), u8>,
}

/// What memory holds that nobody wrote.
const FILL: u8 = 0xa5;

fn line(at: PhysAddr) -> PhysAddr {
    PhysAddr(at.0 & !(BOARD.cache_line - 1))
}

impl Contents {
    fn memory(&self, at: PhysAddr) -> u8 {
        self.memory.get(&at).copied().unwrap_or(FILL)
    }

    /// What an access that is granted gives; a store gives back its byte.
    pub fn access(
        &mut self,
        core: CoreId,
        access: Access,
        alias: Alias,
        at: PhysAddr,
        byte: u8,
    ) -> u8 {
        let memory = self.memory(at);
        match (access, alias) {
            (Access::Read | Access::Execute, Alias::Uncached) => memory,
            (Access::Read, Alias::Cached) => {
                self.data.entry((core, at)).or_insert((memory, false)).0
            }
            (Access::Execute, Alias::Cached) => {
                *self.instructions.entry((core, at)).or_insert(memory)
            }
            (Access::Write, Alias::Cached) => {
                self.data.insert((core, at), (byte, true));
                byte
            }
            (Access::Write, Alias::Uncached) => {
                self.memory.insert(at, byte);
                byte
            }
        }
    }

    /// The kernel wrote the byte past the cache.
    pub fn written(&mut self, at: PhysAddr, byte: u8) {
        self.memory.insert(at, byte);
    }

    /// What the kernel reads past the cache.
    pub fn read(&self, at: PhysAddr) -> u8 {
        self.memory(at)
    }

    /// Follows what left the caches, written back if it was dirty: lines may leave at any time,
    /// those of a core that answers sooner first, those of the core that asked last.
    pub fn follow(&mut self, rig: &Rig, order: impl Iterator<Item = CoreId>) {
        for core in order {
            let lines = rig.machine.lines(core);
            let held = |side, at| {
                lines
                    .iter()
                    .any(|held: &HeldLine| held.side == side && held.at == line(at))
            };
            let mine = self
                .data
                .range((core, PhysAddr(0))..=(core, PhysAddr(u32::MAX)));
            let gone: Vec<(PhysAddr, (u8, bool))> = mine
                .map(|((_, at), held)| (*at, *held))
                .filter(|(at, _)| !held(Side::Data, *at))
                .collect();
            for (at, (byte, dirty)) in gone {
                self.data.remove(&(core, at));
                if dirty {
                    self.memory.insert(at, byte);
                }
            }
            self.instructions
                .retain(|(other, at), _| *other != core || held(Side::Instruction, *at));
        }
    }

    /// At the end, with all lines evicted: each byte is in memory, and nothing else was touched.
    pub fn check(&mut self, rig: &mut Rig) {
        for number in 0..CORES {
            rig.machine.evict_all(core(number));
            self.follow(rig, [core(number)].into_iter());
        }
        let first = BOARD.module_frames.start;
        for number in 0..BOARD.module_frames.frames {
            let frame = PhysAddr(first.0 + number * mmu::PAGE_BYTES);
            let mut bytes = [0; mmu::PAGE_BYTES as usize];
            rig.machine.read(frame, &mut bytes);
            for (offset, byte) in bytes.into_iter().enumerate() {
                let at = PhysAddr(frame.0 + offset as u32);
                assert_eq!(byte, self.memory(at), "the byte at {at}");
            }
        }
    }
}
