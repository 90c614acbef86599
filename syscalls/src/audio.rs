//! Audio buffers as the kernel keeps them: who reads and writes where. Modules hold bytes of audio,
//! never these numbers.

use mmu::VirtAddr;
use vregion::ring::Ring;

use crate::quota::PINS;

/// A buffer between two sides, each of which sees it at an address of its own.
#[derive(Clone, Debug)]
pub struct AudioBuffer {
    /// What is where.
    pub ring: Ring,
    /// Where who reads sees its first byte.
    pub read_at: VirtAddr,
    /// Where who writes sees it.
    pub written_at: VirtAddr,
}

/// Which buffer each pin of a module is bound to, by index; `None` where nothing is.
pub type Pins = [Option<u16>; PINS];
