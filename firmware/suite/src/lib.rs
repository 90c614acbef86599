//! The isolation suite: everything that is tried against the border between a kernel and its
//! modules, as data. A host carries the cases out on a board and compares.
//!
//! There are five kinds. An *attack* is machine code of the hostile module (`hostile::ATTACKS`), in
//! a life of its own, in one of the entry points. A case on *domains* is a list of steps that an
//! image takes on the real MMU ([`DomainCase`]). A case on *cores* needs two of them. A *file* is a
//! module that is none. All are named, and what they answer is listed in [`sources`].
//!
//! To add a case: an attack is one entry of a table in `firmware/modules/hostile/src/catalogue`, a
//! case on domains one entry of a table in `domains/`.
#![forbid(unsafe_code)]

mod act;
mod domains;
mod entries;
pub mod sources;

pub use act::{Act, Must};
pub use domains::{DomainCase, cases as domain_cases};
pub use entries::{EntryCase, entry_cases};

#[cfg(test)]
mod tests;
