//! Module files: a shared ELF object with a module header.
//!
//! [`Image::parse`] looks at a file and touches nothing; what it returns is known to be sound, so
//! that loading it cannot fail half way for a reason that stands in the file. The same code runs
//! in the kernel and in `bulkhead inspect`.

mod error;
mod format;
mod header;
mod image;
mod relocation;

pub use error::{DynamicField, FilePart, LoadError};
pub use image::{Image, Segment};
pub use relocation::Fixup;
