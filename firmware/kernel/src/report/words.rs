//! Errors as words of a record: which variant, then what its sentence names. The host makes the
//! same error of them and prints it, so that no sentence stands in the kernel's image.

use abi::EntryPoint;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Words of the longest error: a request's, for a module that was not installed, for its file, for
/// three numbers in that.
pub const LONGEST: usize = 6;

/// An error in a record.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq)]
#[repr(C)]
pub struct Words {
    words: [u32; LONGEST],
}

impl Words {
    /// Those of no error.
    pub const NONE: Words = Words {
        words: [0; LONGEST],
    };

    /// An error's words.
    #[must_use]
    pub fn of(error: &impl InWords) -> Words {
        let mut writer = Writer::default();
        error.write(&mut writer);
        Words {
            words: writer.words,
        }
    }

    /// The error of these words; `None` where they are those of none.
    #[must_use]
    pub fn read<E: InWords>(&self) -> Option<E> {
        E::read(&mut Reader { rest: &self.words })
    }
}

impl From<[u32; LONGEST]> for Words {
    fn from(words: [u32; LONGEST]) -> Words {
        Words { words }
    }
}

impl From<Words> for [u32; LONGEST] {
    fn from(words: Words) -> [u32; LONGEST] {
        words.words
    }
}

/// What stands in a record as words.
pub trait InWords: Sized {
    /// Writes them.
    fn write(&self, to: &mut Writer);

    /// Reads them; `None` where they are those of no value.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

/// Words being written.
#[derive(Debug, Default)]
pub struct Writer {
    words: [u32; LONGEST],
    used: usize,
}

impl Writer {
    /// Writes the next.
    #[inline(always)]
    pub fn push(&mut self, word: u32) {
        debug_assert!(self.used < LONGEST, "an error has too many words");
        if let Some(place) = self.words.get_mut(self.used) {
            *place = word;
        }
        self.used += 1;
    }
}

/// Words being read.
#[derive(Debug)]
pub struct Reader<'w> {
    rest: &'w [u32],
}

impl Reader<'_> {
    /// Reads the next.
    pub fn take(&mut self) -> Option<u32> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

macro_rules! number_in_words {
    ($($number:ty),*) => {$(
        impl InWords for $number {
            #[inline(always)]
            fn write(&self, to: &mut Writer) {
                to.push(*self as u32);
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                from.take()?.try_into().ok()
            }
        }
    )*};
}
number_in_words!(u16, u32, usize);

impl InWords for i32 {
    #[inline(always)]
    fn write(&self, to: &mut Writer) {
        to.push(self.cast_unsigned());
    }

    fn read(from: &mut Reader<'_>) -> Option<i32> {
        from.take().map(u32::cast_signed)
    }
}

impl InWords for EntryPoint {
    #[inline(always)]
    fn write(&self, to: &mut Writer) {
        to.push(*self as u32);
    }

    fn read(from: &mut Reader<'_>) -> Option<EntryPoint> {
        let number = from.take()?;
        EntryPoint::ALL
            .into_iter()
            .find(|entry| *entry as u32 == number)
    }
}

/// Numbers the variants of an error. A variant that is left out does not compile.
macro_rules! in_words {
    ($error:ident {
        $($code:literal = $variant:ident $(($($item:ident),*))? $({ $($field:ident),* })?,)*
    }) => {
        impl $crate::report::words::InWords for $error {
            // Inlined, every word has a fixed place, and variants alike share their code.
            #[inline(always)]
            fn write(&self, to: &mut $crate::report::words::Writer) {
                to.push(match self {
                    $($error::$variant { .. } => $code,)*
                });
                match self {
                    $($error::$variant $(($($item),*))? $({ $($field),* })? => {
                        $($($crate::report::words::InWords::write($item, to);)*)?
                        $($($crate::report::words::InWords::write($field, to);)*)?
                    })*
                }
            }

            fn read(from: &mut $crate::report::words::Reader<'_>) -> Option<Self> {
                Some(match from.take()? {
                    $($code => {
                        $($(let $item = $crate::report::words::InWords::read(from)?;)*)?
                        $($(let $field = $crate::report::words::InWords::read(from)?;)*)?
                        $error::$variant $(($($item),*))? $({ $($field),* })?
                    })*
                    _ => return None,
                })
            }
        }
    };
}
pub(crate) use in_words;
