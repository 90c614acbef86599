//! Removing what the TLBs remember.

use crate::{Machine, VirtAddr};

/// Ways that the hardware refills by itself.
const AUTOREFILL_WAYS: u8 = 4;

/// Makes both TLBs of this core forget the page that holds `address`, in whatever domain.
///
/// It goes by way and index and so removes at most three other pages' entries along with it,
/// which come back by refill; in return it needs no probe, which would see only the running
/// domain's entries. The caller synchronizes after the last page. 8 instructions on the core.
pub fn forget_page(machine: &mut impl Machine, address: VirtAddr) {
    for way in 0..AUTOREFILL_WAYS {
        machine.drop_autorefill(address, way);
    }
}
