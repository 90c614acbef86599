//! How much text the allocators are: their functions in the image that weighs them.

use std::collections::BTreeSet;
use std::path::Path;

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

use crate::error::Failure;

/// The name of the figure where everything is made small.
pub const TEXT: &str = "vregion.text.bytes";
/// The name of the figure where hot paths are made fast.
pub const SPEED_TEXT: &str = "vregion.text.speed.bytes";

/// Whose functions are counted, as they are written in mangled names: those of the crate, and those of
/// the image into which its operations are inlined.
const CRATES: [&str; 5] = [
    "7vregion",
    "6scales4ours",
    "6scales7buffers",
    "6scales7objects",
    "6scales4rest",
];
/// Const arguments of tables that are there only to show how costs grow: 16,384, 2,048, 128. Each
/// function is counted for one size of table.
const LARGE: [&str; 3] = ["Kj4000_", "Kj800_", "Kj80_"];

/// Counts the text of a scales image.
pub fn measure(image: &Path) -> Result<f64, Failure> {
    let bytes = std::fs::read(image).map_err(Failure::file("read", image))?;
    let text = text_bytes(&bytes).map_err(|error| Failure::Malformed {
        path: image.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(text as f64)
}

fn is_counted(name: &str) -> bool {
    // The measuring itself is in `weigh` and `target`.
    let ours = CRATES.iter().any(|of| name.contains(of));
    let measuring = name.contains("6target5image") || name.contains("5weigh");
    ours && !measuring && !LARGE.iter().any(|argument| name.contains(argument))
}

/// The sizes of all functions that are counted, and 4 bytes for each literal that they load.
fn text_bytes(image: &[u8]) -> Result<u64, object::Error> {
    let elf = object::File::parse(image)?;
    let (mut bytes, mut literals) = (0, BTreeSet::new());
    for symbol in elf.symbols() {
        if symbol.kind() != SymbolKind::Text || !is_counted(symbol.name()?) {
            continue;
        }
        bytes += symbol.size();
        let section = symbol.section_index();
        let section = section
            .map(|index| elf.section_by_index(index))
            .transpose()?;
        let code = match section {
            Some(section) => section.data_range(symbol.address(), symbol.size())?,
            None => None,
        };
        literals.extend(literals_of(
            code.unwrap_or_default(),
            symbol.address() as u32,
        ));
    }
    Ok(bytes + 4 * literals.len() as u64)
}

/// The places of the literals that `l32r` loads in a function.
fn literals_of(code: &[u8], address: u32) -> BTreeSet<u32> {
    let mut places = BTreeSet::new();
    let mut at = 0;
    while let Some([first, rest @ ..]) = code.get(at..) {
        if first & 0xf == 1
            && let [low, high, ..] = rest
        {
            // The distance is in words, and always backwards.
            let words = 0xffff_0000 | u32::from(u16::from_le_bytes([*low, *high]));
            let from = (address + at as u32 + 3) & !3;
            places.insert(from.wrapping_add(words << 2));
        }
        // Instructions whose first four bits are 8 to 13 have two bytes.
        at += if first & 0xf < 8 { 3 } else { 2 };
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_size_of_each_function_is_counted() {
        assert!(is_counted(
            "_RNvMNtCs1_7vregion4heapINtB2_4HeapKj100_E6search"
        ));
        assert!(!is_counted(
            "_RNvMNtCs1_7vregion4heapINtB2_4HeapKj4000_E6search"
        ));
        assert!(is_counted(
            "_RNvXs_NtCs1_6scales4oursNtB4_8LifetimeNtNtB7_7subject7Subject5alloc"
        ));
        assert!(!is_counted("_RNvMs_NtCs1_6scales5weighNtB4_6Scales4fill"));
    }

    #[test]
    fn literals_are_found_once() {
        // l32r a9, -4 words; add.n a2, a2, a3; l32r of the same place.
        let code = [0x91, 0xfc, 0xff, 0x3a, 0x22, 0x91, 0xfa, 0xff];
        assert_eq!(literals_of(&code, 0x1000), BTreeSet::from([0xff0]));
    }
}
