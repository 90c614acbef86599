//! Files that end too early, or too late.

use super::elf::{
    DYNAMIC, DYNAMIC_ENTRY, Elf, FILE_HEADER, MODULE_HEADER, PROGRAM_HEADER, RELOCATION, SYMBOL,
    SYMTAB,
};
use super::{Maker, Must};

/// Cuts at the start and the end of each structure, and one byte beside; and files with bytes behind.
pub(super) fn cuts(maker: &mut Maker<'_>, elf: &Elf) {
    for (name, start, end) in structures(elf) {
        for (place, at) in [("start", start), ("end", end)] {
            for (beside, bytes) in [
                ("one byte before", at.wrapping_sub(1)),
                ("at", at),
                ("one byte behind", at + 1),
            ] {
                if let Some(left) = maker.good.get(..bytes) {
                    let name = format!("cut {beside} the {place} of {name}");
                    let what = format!("the file ends after {bytes} of its {} bytes", elf.bytes);
                    let left = left.to_vec();
                    if !maker.all.iter().any(|other| other.bytes == left) {
                        maker.put(name, what, left, cut(elf, bytes));
                    }
                }
            }
        }
    }
    for (name, more) in [
        ("one byte more", vec![0]),
        ("a page more", vec![0xff; 4096]),
        ("the file twice", maker.good.to_vec()),
    ] {
        let bytes = [maker.good, &more].concat();
        let what = format!("{} bytes stand behind the file", more.len());
        maker.put(String::from(name), what, bytes, Must::Load);
    }
}

/// Name, first byte and the byte behind the last of each structure.
fn structures(elf: &Elf) -> Vec<(String, usize, usize)> {
    let mut all = vec![
        (String::from("e_ident"), 0, 16),
        (String::from("the ELF header"), 0, FILE_HEADER),
    ];
    for header in &elf.headers {
        let name = format!("program header {}", header.index);
        all.push((name, header.at, header.at + PROGRAM_HEADER));
    }
    let mut add = |name: &str, start: usize, bytes: usize| {
        all.push((name.to_owned(), start, start + bytes));
    };
    for header in &elf.headers {
        if header.file_bytes > 0 {
            add(
                &header.name,
                header.offset as usize,
                header.file_bytes as usize,
            );
        }
    }
    add("the module header", elf.module_header_at, MODULE_HEADER);
    add(
        "the relocations",
        elf.relocations_at,
        elf.relocations * RELOCATION,
    );
    let middle = elf.relocations_at + elf.relocations / 2 * RELOCATION;
    add("a relocation amid them", middle, RELOCATION);
    if let Some((_, _, at)) = elf.dynamic.first() {
        add("the first dynamic entry", *at, DYNAMIC_ENTRY);
    }
    let symbols = elf.dynamic(SYMTAB).unwrap_or(0);
    if let Some(held) = elf.loads().find(|load| load.holds(symbols)) {
        let at = held.offset + (symbols - held.address);
        add("the symbols", at as usize, SYMBOL);
    }
    add("the file", 0, elf.bytes);
    all
}

/// What becomes of the first `bytes` bytes: what a loader needs first is missed first.
fn cut(elf: &Elf, bytes: usize) -> Must {
    let past = |offset: u32, length: usize| offset as usize + length > bytes;
    let mut tables = elf.headers.iter().filter(|header| header.kind == DYNAMIC);
    if bytes < FILE_HEADER {
        Must::refuse("ELF header")
    } else if bytes < elf.headers_at + elf.headers.len() * PROGRAM_HEADER {
        Must::refuse("program header table")
    } else if elf
        .loads()
        .any(|load| past(load.offset, load.file_bytes as usize))
    {
        Must::refuse("loadable segment")
    } else if past(elf.module_header_at as u32, MODULE_HEADER) {
        Must::refuse("module header")
    } else if tables.any(|table| past(table.offset, table.file_bytes as usize)) {
        Must::refuse("dynamic section")
    } else {
        Must::Load
    }
}
