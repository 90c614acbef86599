//! What no attack above would notice, were the rule of the design broken that it is about.

use abi::Call;

use super::{attacks, fault};
use crate::attack::{Attack, StackUse, Strike};
use crate::expect::{Expect, Where};
use crate::machine::{DIRECT_MAP, KERNEL_TEXT, SLOT_BYTES};
use crate::place::Place;

/// Behind the vector of the NMI, seen where the kernel's text can be written: what the kernel would
/// store below such a stack changes its text, and nothing that runs.
const BEHIND_NMI: u32 = DIRECT_MAP + KERNEL_TEXT + 0x2f0;

/// A page is more than is on the stack, and less than the stack: this is in the guard behind it.
const BEHIND_STACK: Place = Place::Off(&Place::OwnStack, 0x1000);

/// One slot down, at the same offset.
const DOWN: i32 = -SLOT_BYTES.cast_signed();

/// An attack for each rule that needs one more.
pub const RULES: [Attack; 4] = attacks! {
    "free an allocation in the slot before", "rule 2: an address is more than an offset",
        Expect::BadCall { call: Call::Free }, Strike::Free(Place::Off(&Place::Allocation, DOWN));
    "stack in kernel text, system call", "rule 4: what is stored there shows",
        fault(26, Where::Exactly(BEHIND_NMI)), Strike::Stack(StackUse::Call, BEHIND_NMI);
    "load behind the stack", "rule 5: a partition ends where it ends",
        fault(28, Where::OwnSlot), Strike::Load(BEHIND_STACK);
    "load behind the stack, uncached", "the same through the other alias",
        fault(28, Where::OwnSlotUncached), Strike::Load(Place::Uncached(&BEHIND_STACK));
};
