//! What the targets of a fuzzer have in common: numbers from bytes.
//!
//! Each target is a test of this crate. `cargo test -p fuzz-targets` runs all of them on random bytes,
//! for a bounded time. Guided by what the code does, and for as long as one likes:
//!
//! ```text
//! cargo install cargo-bolero
//! cargo bolero test --package fuzz-targets --sanitizer NONE --rustc-bootstrap region
//! ```
//!
//! (`pages`, `virtual_heap` and `object_pool` likewise.) What it finds it writes beside the target, and
//! `cargo test` then runs that first.
#![forbid(unsafe_code)]

// Brings what instrumented code calls, which a fuzzer has for every test of the package.
#[cfg(test)]
use bolero as _;

/// Bytes of a fuzzer, from which steps are made: a number takes as few of them as it can, so that a
/// changed byte changes little else.
pub struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    /// All of them.
    #[must_use]
    pub const fn new(bytes: &'b [u8]) -> Self {
        Bytes(bytes)
    }

    /// The next byte, `None` after the last.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number below `end`, which is not 0, from as many bytes as that has.
    pub fn below(&mut self, end: u32) -> Option<u32> {
        let mut number = 0;
        let mut most = end - 1;
        while most > 0 {
            number = number << 8 | u32::from(self.byte()?);
            most >>= 8;
        }
        Some(number % end)
    }

    /// Which of many: a number that is taken modulo their count.
    pub fn pick(&mut self) -> Option<usize> {
        Some(self.below(1 << 16)? as usize)
    }

    /// As many steps as there are bytes for, at most `most`.
    pub fn steps<S>(mut self, most: usize, mut step: impl FnMut(&mut Self) -> Option<S>) -> Vec<S> {
        let steps = core::iter::from_fn(|| step(&mut self));
        steps.take(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_the_bytes_they_need() {
        let mut bytes = Bytes::new(&[7, 1, 2, 255]);
        assert_eq!(bytes.below(1), Some(0));
        assert_eq!(bytes.below(256), Some(7));
        assert_eq!(bytes.below(257), Some(0x102 % 257));
        assert_eq!(bytes.below(10), Some(5));
        assert_eq!(bytes.below(10), None);
    }

    #[test]
    fn steps_end_with_the_bytes() {
        let pair = |bytes: &mut Bytes<'_>| Some((bytes.byte()?, bytes.byte()?));
        assert_eq!(
            Bytes::new(&[1, 2, 3, 4, 5]).steps(9, pair),
            [(1, 2), (3, 4)]
        );
        assert_eq!(Bytes::new(&[1, 2, 3, 4, 5]).steps(1, pair).len(), 1);
    }
}
