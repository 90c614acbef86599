//! Addresses worth attacking.

/// An address, some known only when the module runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This address.
    At(u32),
    /// The module's own code.
    OwnText,
    /// The module's own constants.
    OwnRodata,
    /// The module's own variables.
    OwnData,
    /// The module's own stack.
    OwnStack,
    /// The input buffer, which a module may only read.
    Input,
    /// The output buffer.
    Output,
    /// A fresh allocation.
    Allocation,
    /// A word inside a fresh allocation.
    InsideAllocation,
    /// An allocation that was freed.
    FreedAllocation,
    /// The start of the slot before the module's own: the module loaded before it.
    OtherModule,
    /// The page table of the module's own slot, in the kernel's window.
    OwnTable,
    /// The page table of its uncached twin.
    OwnTableUncached,
    /// The uncached twin of a place in a module.
    Uncached(&'static Place),
    /// So many bytes after a place.
    Off(&'static Place, i32),
}
