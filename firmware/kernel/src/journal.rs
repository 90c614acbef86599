//! What the kernel notes as it goes. On the target each event is a line of its defmt log.

use abi::EntryPoint;

use crate::turns::Kill;

/// Something worth a line.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// A module was loaded: its place, its first page's address, its pages.
    Loaded(usize, u32, u32),
    /// A module file was refused.
    Refused(usize),
    /// A module was stopped in an entry point.
    Stopped(usize, EntryPoint, Kill),
    /// An entry point returned an error.
    Failed(usize, EntryPoint, i32),
    /// A module said something.
    Said(usize, &'e str),
    /// The session is over: periods played.
    Ended(u32),
}

/// Takes events.
pub trait Journal {
    /// Notes one.
    fn note(&mut self, event: Event<'_>);
}
