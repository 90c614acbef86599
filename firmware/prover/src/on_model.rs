//! User code on the model.

use mmu::VirtAddr;
use mmu::model::{ModelMachine, UserAccess, Width};

use crate::ground::frame_of_landing;
use crate::{Deed, Outcome, UserCore};

impl UserCore for ModelMachine {
    fn act(&mut self, deed: Deed, address: VirtAddr, value: u32) -> Outcome {
        let ended = match deed {
            Deed::LoadByte => self.user(address, UserAccess::Load(Width::Byte)),
            Deed::LoadHalf => self.user(address, UserAccess::Load(Width::Half)),
            Deed::LoadWord => self.user(address, UserAccess::Load(Width::Word)),
            Deed::StoreByte => self.user(address, UserAccess::Store(Width::Byte, value)),
            Deed::StoreHalf => self.user(address, UserAccess::Store(Width::Half, value)),
            Deed::StoreWord => self.user(address, UserAccess::Store(Width::Word, value)),
            Deed::Execute => {
                let mut code = [0; 6];
                self.user_fetch_bytes(address, &mut code)
                    .map(|()| frame_of_landing(code).unwrap_or(u32::MAX))
            }
        };
        match ended {
            Ok(_) if deed.stores() => Outcome::done(0),
            Ok(value) => Outcome::done(value),
            Err(fault) => Outcome::fault(fault.cause, fault.address.0),
        }
    }
}
