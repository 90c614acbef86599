//! The name that C has for sizes. cbindgen knows it, and makes `uintptr_t` of `usize`.

/// Bytes, or a number of things.
#[allow(non_camel_case_types, reason = "it is C's")]
pub type size_t = usize;
