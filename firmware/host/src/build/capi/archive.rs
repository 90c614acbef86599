//! Static libraries: objects in one file, and an index of what they define.

use std::path::{Path, PathBuf};

use object::read::elf::ElfFile32;
use object::{Endianness, Object, ObjectSymbol};

use crate::error::Failure;
use crate::files;

/// The start of every archive, and the end of every header in it.
const MAGIC: &[u8] = b"!<arch>\n";
const HEADER_END: &[u8] = b"`\n";
const HEADER_BYTES: usize = 60;

/// Writes objects, with the names that they get, into an archive that a linker can search.
pub fn write(members: &[(&str, PathBuf)], archive: &Path) -> Result<(), Failure> {
    let mut contents = Vec::new();
    let mut defined = Vec::new();
    for (name, path) in members {
        let bytes = std::fs::read(path).map_err(Failure::file("read", path))?;
        defined.push(symbols(&bytes, path)?);
        contents.push((*name, bytes));
    }
    files::write(archive, &joined(&contents, &defined))
}

/// The global names that an object defines.
fn symbols(bytes: &[u8], path: &Path) -> Result<Vec<String>, Failure> {
    let malformed = |error: object::Error| Failure::Malformed {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let file = ElfFile32::<Endianness>::parse(bytes).map_err(malformed)?;
    let mut names = Vec::new();
    for symbol in file.symbols() {
        if symbol.is_global() && symbol.is_definition() {
            names.push(symbol.name().map_err(malformed)?.to_owned());
        }
    }
    Ok(names)
}

/// The archive: the index, and the members in order.
fn joined(members: &[(&str, Vec<u8>)], defined: &[Vec<String>]) -> Vec<u8> {
    let count: usize = defined.iter().map(Vec::len).sum();
    let names: usize = defined.iter().flatten().map(|name| name.len() + 1).sum();
    let index_bytes = 4 + 4 * count + names;
    let mut place = MAGIC.len() + HEADER_BYTES + even(index_bytes);
    let mut index = (count as u32).to_be_bytes().to_vec();
    for ((_, bytes), names) in members.iter().zip(defined) {
        for _ in names {
            index.extend((place as u32).to_be_bytes());
        }
        place += HEADER_BYTES + even(bytes.len());
    }
    for name in defined.iter().flatten() {
        index.extend(name.bytes());
        index.push(0);
    }
    let mut archive = MAGIC.to_vec();
    member(&mut archive, "/", &index);
    for (name, bytes) in members {
        member(&mut archive, &format!("{name}/"), bytes);
    }
    archive
}

/// A header without time and owner, and the content up to an even place.
fn member(archive: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let header = format!(
        "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}",
        0,
        0,
        0,
        644,
        bytes.len()
    );
    archive.extend(header.bytes());
    archive.extend(HEADER_END);
    archive.extend(bytes);
    archive.resize(even(archive.len()), b'\n');
}

const fn even(bytes: usize) -> usize {
    bytes.next_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_begin_where_the_index_says() {
        let members = [("a.o", b"one".to_vec()), ("b.o", b"four".to_vec())];
        let defined = [vec!["f".to_owned(), "g".to_owned()], vec!["h".to_owned()]];
        let archive = joined(&members, &defined);
        assert!(archive.starts_with(MAGIC));
        let word = |at: usize| u32::from_be_bytes(archive[at..at + 4].try_into().unwrap()) as usize;
        let index = MAGIC.len() + HEADER_BYTES;
        assert_eq!(word(index), 3);
        let places = [word(index + 4), word(index + 8), word(index + 12)];
        assert_eq!(places[0], places[1]);
        assert!(archive[places[0]..].starts_with(b"a.o/ "));
        assert!(archive[places[2]..].starts_with(b"b.o/ "));
        assert!(archive[index + 16..].starts_with(b"f\0g\0h\0"));
        assert!(archive.ends_with(b"four"));
    }
}
