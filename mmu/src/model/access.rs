//! Accesses by user code: ring 2, on the core that runs.

use super::fault::{ModelFault, cause};
use super::{ModelMachine, Place};
use crate::{Access, PAGE_BYTES, VirtAddr};

/// How many bytes an access moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// One.
    Byte,
    /// Two, at a multiple of two.
    Half,
    /// Four, at a multiple of four.
    Word,
}

impl Width {
    /// The number.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            Width::Byte => 1,
            Width::Half => 2,
            Width::Word => 4,
        }
    }
}

/// What user code does at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserAccess {
    /// Loads.
    Load(Width),
    /// Stores the low bytes of a word.
    Store(Width, u32),
    /// Executes. An instruction may start at any address.
    Fetch,
}

/// Accesses by user code on the core that runs. None of them panics, but for one case: an entry
/// that gives a module a frame outside the platform's frames is a bug of whoever wrote it, and the
/// model stops there.
impl ModelMachine {
    /// An access. A load gives its bytes in the low bits, a fetch one byte, a store 0.
    ///
    /// # Errors
    /// The exception that the core would take. Alignment comes first, before any translation.
    pub fn user(&mut self, address: VirtAddr, access: UserAccess) -> Result<u32, ModelFault> {
        let aligned = |width: Width| {
            if address.0.is_multiple_of(width.bytes()) {
                Ok(width.bytes() as usize)
            } else {
                Err(ModelFault {
                    cause: cause::UNALIGNED,
                    address,
                })
            }
        };
        let mut word = [0; 4];
        match access {
            UserAccess::Load(width) => {
                let into = &mut word[..aligned(width)?];
                let place = self.translate(address, Access::Read)?;
                let (core, ram) = self.acting();
                core.read(ram, place, into);
            }
            UserAccess::Store(width, value) => {
                let bytes = aligned(width)?;
                let place = self.translate(address, Access::Write)?;
                let (core, ram) = self.acting();
                core.write(ram, place, &value.to_le_bytes()[..bytes]);
            }
            UserAccess::Fetch => self.user_fetch_bytes(address, &mut word[..1])?,
        }
        Ok(u32::from_le_bytes(word))
    }

    /// Fetches bytes, with one translation for each page they lie in: what comes of the pages
    /// before the one that faults is fetched. The last page is followed by the first.
    ///
    /// # Errors
    /// The exception that the core would take, at the first byte of the page at fault.
    pub fn user_fetch_bytes(
        &mut self,
        address: VirtAddr,
        into: &mut [u8],
    ) -> Result<(), ModelFault> {
        let mut at = address;
        let mut rest = into;
        while !rest.is_empty() {
            let left = (PAGE_BYTES - at.page_offset()) as usize;
            let (piece, after) = rest.split_at_mut(left.min(rest.len()));
            let place = self.translate(at, Access::Execute)?;
            let (core, ram) = self.acting();
            core.fetch(ram, place, piece);
            at = VirtAddr(at.0.wrapping_add(piece.len() as u32));
            rest = after;
        }
        Ok(())
    }

    /// A load of one byte.
    ///
    /// # Errors
    /// As [`ModelMachine::user`].
    pub fn user_load(&mut self, address: VirtAddr) -> Result<u8, ModelFault> {
        self.user(address, UserAccess::Load(Width::Byte))
            .map(|word| word as u8)
    }

    /// A store of one byte.
    ///
    /// # Errors
    /// As [`ModelMachine::user`].
    pub fn user_store(&mut self, address: VirtAddr, byte: u8) -> Result<(), ModelFault> {
        self.user(address, UserAccess::Store(Width::Byte, byte.into()))
            .map(|_| ())
    }

    /// A fetch of one byte.
    ///
    /// # Errors
    /// As [`ModelMachine::user`].
    pub fn user_fetch(&mut self, address: VirtAddr) -> Result<u8, ModelFault> {
        self.user(address, UserAccess::Fetch).map(|word| word as u8)
    }

    fn translate(&mut self, address: VirtAddr, access: Access) -> Result<Place, ModelFault> {
        let (core, ram) = self.acting();
        core.translate(ram, address, access)
    }
}
