//! Malformed module files, made from a sound one: each field of each structure that the format has,
//! with several wrong values; each relocation; and cuts at each structure.
//!
//! What must become of a file is said here from the format alone (docs/module-format.md), not by asking
//! the loader.

mod cuts;
mod elf;
mod headers;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use elf::Elf;

/// A file with one thing wrong.
#[derive(Clone, Debug)]
pub struct Malformed {
    /// Its name; no two are alike, and from the same sound file they are the same each time.
    pub name: String,
    /// What is wrong with it, in one line.
    pub what: String,
    /// All of it.
    pub bytes: Vec<u8>,
    /// What must become of it.
    pub must: Must,
}

/// What must become of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Must {
    /// It is refused, by a sentence with these words, and nothing of it stays.
    Refuse(String),
    /// It is loaded and does what the sound file does: nobody reads what is wrong.
    Load,
    /// It is refused or loaded: it may say nothing wrong of itself, but its code or its words are others.
    /// What it does then, it does in its own domain.
    Contain,
}

impl Must {
    fn refuse(words: impl Into<String>) -> Must {
        Must::Refuse(words.into())
    }
}

/// Every malformed file that can be made of a sound one; none where that is not a module file. Each is
/// a copy of the whole file, and there is a handful for each relocation: take a small one.
pub fn corpus(good: &[u8]) -> Vec<Malformed> {
    let mut maker = Maker {
        good,
        all: Vec::new(),
        names: HashSet::new(),
    };
    if let Some(elf) = Elf::read(good) {
        headers::file(&mut maker, &elf);
        headers::program(&mut maker, &elf);
        headers::together(&mut maker, &elf);
        tables::dynamic(&mut maker, &elf);
        tables::module_header(&mut maker, &elf);
        tables::relocations(&mut maker, &elf);
        cuts::cuts(&mut maker, &elf);
    }
    maker.all
}

/// Makes files of a sound one.
struct Maker<'g> {
    good: &'g [u8],
    all: Vec<Malformed>,
    names: HashSet<String>,
}

/// A number in the file.
#[derive(Clone, Debug)]
struct Field {
    /// What it is called, and whose it is.
    name: String,
    /// Where it is.
    at: usize,
    /// How many bytes it has, up to four.
    bytes: usize,
}

impl Field {
    fn new(name: impl Into<String>, at: usize, bytes: usize) -> Field {
        let name = name.into();
        Field { name, at, bytes }
    }

    /// The largest number that it can hold.
    const fn most(&self) -> u32 {
        u32::MAX >> (32 - 8 * self.bytes)
    }
}

impl Maker<'_> {
    /// What the sound file has there.
    fn value(&self, field: &Field) -> u32 {
        let bytes = self.good.get(field.at..field.at + field.bytes);
        let bytes = bytes.unwrap_or_default().iter().rev();
        bytes.fold(0, |value, byte| value << 8 | u32::from(*byte))
    }

    /// The file with another number in a field. Nothing, where that is what the sound file has.
    fn set(&mut self, field: &Field, value: u32, must: Must) {
        let (value, good) = (value & field.most(), self.value(field));
        let name = format!("{} = {}", field.name, shown(value));
        let what = format!("{} is {}, not {}", field.name, shown(value), shown(good));
        self.set_all(&[(field, value)], name, what, must);
    }

    /// The file with several numbers at once.
    fn set_all(&mut self, numbers: &[(&Field, u32)], name: String, what: String, must: Must) {
        let mut bytes = self.good.to_vec();
        for (field, value) in numbers {
            let value = value.to_le_bytes();
            let value = value.get(..field.bytes).unwrap_or_default();
            write(&mut bytes, field.at, value);
        }
        self.put(name, what, bytes, must);
    }

    /// Takes a file, unless it is the sound one or one of that name is there.
    fn put(&mut self, name: String, what: String, bytes: Vec<u8>, must: Must) {
        if bytes != self.good && self.names.insert(name.clone()) {
            self.all.push(Malformed {
                name,
                what,
                bytes,
                must,
            });
        }
    }

    /// 0 and the largest number in a field that nobody reads.
    fn set_unread(&mut self, field: &Field) {
        self.set(field, 0, Must::Load);
        self.set(field, u32::MAX, Must::Load);
    }

    /// 0, one less, one more and the largest number in a field for which each has the same end.
    fn set_around(&mut self, field: &Field, must: &Must) {
        let good = self.value(field);
        for value in [0, good.wrapping_sub(1), good.wrapping_add(1), field.most()] {
            self.set(field, value, must.clone());
        }
    }
}

/// Writes bytes into a file, as far as it goes.
fn write(file: &mut [u8], at: usize, bytes: &[u8]) {
    let place = file.get_mut(at..).unwrap_or_default();
    for (place, byte) in place.iter_mut().zip(bytes) {
        *place = *byte;
    }
}

/// A number as it stands in a name: in tens while it is small.
fn shown(value: u32) -> String {
    match value {
        0..=4096 => value.to_string(),
        _ => format!("{value:#x}"),
    }
}
