//! The file header and the program headers.

use abi::HEADER_SEGMENT;
use mmu::PAGE_BYTES;

use super::elf::{
    DYNAMIC, EXECUTE, Elf, Header, LOAD, PROGRAM_HEADER, RELA, RELOCATION, SYMTAB, WRITE, word,
};
use super::{Field, Maker, Must, write};

/// As many pages as a module may have, and one more.
const TOO_MANY_BYTES: u32 = (kernel::config::MODULE_PAGES.0 + 1) * PAGE_BYTES;

/// Each field of the file header.
pub(super) fn file(maker: &mut Maker<'_>, elf: &Elf) {
    for at in 0..4 {
        let field = Field::new(format!("EI_MAG{at}"), at, 1);
        maker.set_around(&field, &Must::refuse("no ELF file"));
    }
    for (name, at) in [("EI_CLASS", 4), ("EI_DATA", 5)] {
        let field = Field::new(name, at, 1);
        maker.set_around(&field, &Must::refuse("ELF class"));
    }
    let field = Field::new("EI_VERSION", 6, 1);
    maker.set_around(&field, &Must::refuse("no ELF file"));
    for at in 7..16 {
        let name = match at {
            7 => String::from("EI_OSABI"),
            8 => String::from("EI_ABIVERSION"),
            _ => format!("e_ident[{at}]"),
        };
        maker.set(&Field::new(name, at, 1), 0xff, Must::Load);
    }

    let kind = Field::new("e_type", 16, 2);
    maker.set_around(&kind, &Must::refuse("e_type"));
    maker.set(&kind, 1, Must::refuse("e_type"));
    let machine = Field::new("e_machine", 18, 2);
    maker.set_around(&machine, &Must::refuse("e_machine"));
    // Those whose code a host or another DSP runs.
    for other in [3, 40, 62, 183, 243] {
        maker.set(&machine, other, Must::refuse("e_machine"));
    }
    for (name, at, bytes) in [
        ("e_version", 20, 4),
        ("e_entry", 24, 4),
        ("e_shoff", 32, 4),
        ("e_flags", 36, 4),
        ("e_ehsize", 40, 2),
        ("e_shentsize", 46, 2),
        ("e_shnum", 48, 2),
        ("e_shstrndx", 50, 2),
    ] {
        maker.set_unread(&Field::new(name, at, bytes));
    }

    let place = Field::new("e_phoff", 28, 4);
    let table = (elf.headers.len() * PROGRAM_HEADER) as u32;
    let end = elf.bytes as u32;
    let beyond = Must::refuse("program header table");
    for value in [
        end - table + 1,
        end - 1,
        end,
        u32::MAX - table + 1,
        u32::MAX - table + 2,
        u32::MAX,
    ] {
        maker.set(&place, value, beyond.clone());
    }
    // A table of something else.
    let here = elf.headers_at as u32;
    for value in [0, here - 1, here + 1, here + 4, here + table] {
        maker.set(&place, value, Must::Contain);
    }

    let size = Field::new("e_phentsize", 42, 2);
    maker.set_around(&size, &Must::refuse("e_phentsize"));
    maker.set(&size, 64, Must::refuse("e_phentsize"));
    let count = Field::new("e_phnum", 44, 2);
    maker.set(&count, 0, Must::refuse("no loadable segment"));
    maker.set(&count, 0xffff, beyond);
    let last = elf.headers.last().map(|header| header.kind);
    let one_less = match last {
        Some(HEADER_SEGMENT) => Must::refuse("no module header"),
        _ => Must::Contain,
    };
    let headers = elf.headers.len() as u32;
    maker.set(&count, headers - 1, one_less);
    let one_more = match word(maker.good, elf.headers_at + table as usize) {
        Some(LOAD | DYNAMIC | HEADER_SEGMENT) | None => Must::Contain,
        Some(_) => Must::Load,
    };
    maker.set(&count, headers + 1, one_more);
}

/// Each field of each program header.
pub(super) fn program(maker: &mut Maker<'_>, elf: &Elf) {
    for header in &elf.headers {
        match header.kind {
            LOAD if header.memory_bytes > 0 => segment(maker, elf, header),
            DYNAMIC => dynamic(maker, elf, header),
            HEADER_SEGMENT => module_header(maker, elf, header),
            _ => {}
        }
    }
}

/// A field of a program header, by its number.
fn field(header: &Header, number: usize) -> Field {
    const NAMES: [&str; 8] = [
        "p_type", "p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz", "p_flags", "p_align",
    ];
    let name = NAMES.get(number).copied().unwrap_or_default();
    Field::new(format!("{} {name}", header.name), header.at + 4 * number, 4)
}

fn segment(maker: &mut Maker<'_>, elf: &Elf, header: &Header) {
    maker.set_unread(&field(header, 3));
    maker.set_unread(&field(header, 7));

    // As if it were not there.
    let kind = field(header, 0);
    let lost = without(maker, elf, header);
    for value in [0, 4, 7, HEADER_SEGMENT + 1, u32::MAX] {
        maker.set(&kind, value, lost.clone());
    }
    maker.set(&field(header, 5), 0, lost);

    file_part(maker, elf, header);
    places(maker, elf, header);

    let flags = field(header, 6);
    let both = Must::refuse("writable and executable");
    for value in [WRITE | EXECUTE, 7, u32::MAX] {
        maker.set(&flags, value, both.clone());
    }
    // Bits without a meaning, and reading, which always comes along.
    let known = header.flags & (WRITE | EXECUTE);
    for value in [
        known,
        known | 4,
        header.flags | 8,
        header.flags | 0xf000_0000,
    ] {
        maker.set(&flags, value, Must::Load);
    }
    if known & EXECUTE != 0 {
        maker.set(&flags, 4, Must::refuse("start address"));
        maker.set(&flags, 4 | WRITE, Must::refuse("start address"));
    } else {
        let words = match relocated(maker, elf, header) {
            true => Must::refuse("lies in text"),
            false => Must::Contain,
        };
        maker.set(&flags, 4 | EXECUTE, words);
        maker.set(&flags, 4, Must::Contain);
        maker.set(&flags, 4 | WRITE, Must::Contain);
    }
}

/// Where a segment stands in the file.
fn file_part(maker: &mut Maker<'_>, elf: &Elf, header: &Header) {
    let (end, bytes) = (elf.bytes as u32, header.file_bytes);
    let offset = field(header, 1);
    let beyond = Must::refuse("loadable segment");
    let wraps = u32::MAX - bytes;
    for value in [
        end - bytes + 1,
        end + 1,
        wraps,
        wraps.saturating_add(1),
        wraps.saturating_add(2),
        u32::MAX,
    ] {
        maker.set(&offset, value, beyond.clone());
    }
    // It begins elsewhere.
    if bytes > 0 {
        for value in [0, header.offset - 1, header.offset + 1, header.offset + 4] {
            maker.set(&offset, value, Must::Contain);
        }
    } else {
        maker.set(&offset, 1, Must::Load);
        maker.set(&offset, end, Must::Load);
    }

    let (filesz, memsz) = (field(header, 4), field(header, 5));
    let above = Must::refuse("p_filesz");
    maker.set(&filesz, header.memory_bytes + 1, above.clone());
    maker.set(&filesz, 0x8000_0000, above.clone());
    maker.set(&filesz, u32::MAX, above.clone());
    if bytes > 0 {
        maker.set(&memsz, 1, above.clone());
        maker.set(&memsz, bytes - 1, above);
        maker.set(&filesz, 0, Must::Contain);
        maker.set(&filesz, 1, Must::Contain);
        maker.set(&filesz, bytes - 1, Must::Contain);
    }
    let past = end - header.offset + 1;
    maker.set_all(
        &[(&filesz, past), (&memsz, past)],
        format!("{} one byte past the end of the file", header.name),
        format!("{} ends one byte behind the file", header.name),
        beyond,
    );
}

/// Where a segment stands in memory.
fn places(maker: &mut Maker<'_>, elf: &Elf, header: &Header) {
    let (address, memsz) = (field(header, 2), field(header, 5));
    let wraps = Must::refuse("wraps");
    let bytes = header.memory_bytes;
    for value in [
        u32::MAX,
        u32::MAX - bytes,
        u32::MAX - bytes + 1,
        u32::MAX - PAGE_BYTES - bytes + 1,
    ] {
        maker.set(&address, value, wraps.clone());
    }
    let most = u32::MAX - header.address;
    // One more wraps to no bytes at all where it begins at 0.
    let more = most.saturating_add(1);
    for value in [most - PAGE_BYTES + 1, most, more, u32::MAX] {
        maker.set(&memsz, value, wraps.clone());
    }

    let overlap = Must::refuse("overlap");
    for other in elf.loads().filter(|other| other.index != header.index) {
        maker.set(&address, other.address, overlap.clone());
        let name = format!("{} ends in {}", header.name, other.name);
        let what = format!("{}: its memory goes on into {}", header.name, other.name);
        if other.address > header.address {
            let bytes = other.address - header.address + 1;
            maker.set_all(&[(&memsz, bytes)], name, what, overlap.clone());
        }
    }
    let next = elf.loads().find(|other| other.address > header.address);
    let before = elf.loads().filter(|other| other.address < header.address);
    match next {
        // Behind the next, or over it.
        Some(_) => {
            maker.set(&address, 0x7000_0000, overlap.clone());
            maker.set(&memsz, TOO_MANY_BYTES, overlap.clone());
        }
        None => {
            let large = Must::refuse("pages of memory");
            maker.set(&address, 0x7000_0000, large.clone());
            maker.set(&memsz, TOO_MANY_BYTES, large.clone());
            maker.set(&memsz, 0x7000_0000, large);
        }
    }
    if let Some(before) = before.last() {
        let last_page = (before.end() - 1) & !(PAGE_BYTES - 1);
        maker.set(&address, last_page, overlap.clone());
        maker.set(&address, before.end() - 1, overlap);
    }
    for value in [header.address + 1, header.address + 4] {
        maker.set(&address, value, Must::Contain);
    }
}

/// What becomes of a file that does not load a segment.
fn without(maker: &Maker<'_>, elf: &Elf, header: &Header) -> Must {
    let held = |tag| {
        elf.dynamic(tag)
            .is_some_and(|address| header.holds(address))
    };
    if header.flags & EXECUTE != 0 {
        Must::refuse("start address")
    } else if held(SYMTAB) {
        Must::refuse("DT_SYMTAB")
    } else if held(RELA) {
        Must::refuse("DT_RELA")
    } else if relocated(maker, elf, header) {
        Must::refuse("outside its own memory")
    } else {
        Must::Contain
    }
}

/// Whether a word of a segment is relocated.
fn relocated(maker: &Maker<'_>, elf: &Elf, header: &Header) -> bool {
    (0..elf.relocations).any(|index| {
        let place = word(maker.good, elf.relocations_at + index * RELOCATION);
        place.is_some_and(|place| header.holds(place))
    })
}

fn dynamic(maker: &mut Maker<'_>, elf: &Elf, header: &Header) {
    for number in [2, 3, 5, 6, 7] {
        maker.set_unread(&field(header, number));
    }
    let kind = field(header, 0);
    maker.set(&kind, LOAD, Must::refuse("overlap"));
    for value in [0, DYNAMIC + 1, u32::MAX] {
        // Then nothing is relocated.
        maker.set(&kind, value, Must::Contain);
    }
    let end = elf.bytes as u32;
    let beyond = Must::refuse("dynamic section");
    let (offset, bytes) = (field(header, 1), field(header, 4));
    for value in [
        end - header.file_bytes + 1,
        end,
        u32::MAX - header.file_bytes + 1,
        u32::MAX,
    ] {
        maker.set(&offset, value, beyond.clone());
    }
    for value in [0, header.offset - 1, header.offset + 1, header.offset + 8] {
        maker.set(&offset, value, Must::Contain);
    }
    for value in [
        end - header.offset + 1,
        u32::MAX - header.offset + 1,
        u32::MAX,
    ] {
        maker.set(&bytes, value, beyond.clone());
    }
    maker.set(&bytes, 0, Must::Contain);
    maker.set(&bytes, 8, Must::Contain);
    // Half an entry is none, and the last says only that it is the last.
    maker.set(&bytes, header.file_bytes - 1, Must::Load);
    maker.set(&bytes, header.file_bytes + 1, Must::Load);
}

fn module_header(maker: &mut Maker<'_>, elf: &Elf, header: &Header) {
    for number in [2, 3, 4, 5, 6, 7] {
        maker.set_unread(&field(header, number));
    }
    let kind = field(header, 0);
    maker.set(&kind, LOAD, Must::refuse("overlap"));
    maker.set_around(&kind, &Must::refuse("no module header"));
    let end = elf.bytes as u32;
    let offset = field(header, 1);
    for value in [end - 119, end - 1, end, u32::MAX - 119, u32::MAX] {
        maker.set(&offset, value, Must::refuse("module header"));
    }
    for value in [0, header.offset - 1, header.offset + 1, header.offset + 4] {
        maker.set(&offset, value, Must::refuse("module header begins"));
    }
}

/// What is wrong with several headers together.
pub(super) fn together(maker: &mut Maker<'_>, elf: &Elf) {
    let loads: Vec<&Header> = elf.loads().collect();
    for pair in loads.windows(2) {
        let [one, other] = pair else { continue };
        let mut bytes = maker.good.to_vec();
        for at in 0..PROGRAM_HEADER {
            bytes.swap(one.at + at, other.at + at);
        }
        maker.put(
            format!("{} behind {}", one.name, other.name),
            format!(
                "the headers of {} and {} change places",
                one.name, other.name
            ),
            bytes,
            Must::refuse("overlap"),
        );
    }

    // A table of its own behind the file, with more in it.
    let Some(last) = loads.last() else { return };
    let table = elf.headers_at..elf.headers_at + elf.headers.len() * PROGRAM_HEADER;
    let table = maker.good.get(table).unwrap_or_default().to_vec();
    let more = |kind: u32, pages: u32, flags: u32| {
        let address = (last.end().div_ceil(PAGE_BYTES) + pages) * PAGE_BYTES;
        let words = [kind, 0, address, address, 0, 4, flags, PAGE_BYTES];
        words.map(u32::to_le_bytes).concat()
    };
    let added = |headers: &[Vec<u8>]| {
        let mut bytes = maker.good.to_vec();
        let at = bytes.len() as u32;
        bytes.extend(&table);
        headers.iter().for_each(|header| bytes.extend(header));
        let count = (elf.headers.len() + headers.len()) as u16;
        write(&mut bytes, 28, &at.to_le_bytes());
        write(&mut bytes, 44, &count.to_le_bytes());
        bytes
    };
    let files = [
        ("program headers behind the file", vec![], Must::Load),
        (
            "two segments more",
            vec![more(LOAD, 0, 4 | WRITE), more(LOAD, 1, 4 | WRITE)],
            Must::refuse("more than 4"),
        ),
        (
            "a hundred segments more",
            (0..100).map(|page| more(LOAD, page, 4)).collect(),
            Must::refuse("more than 4"),
        ),
        (
            "a segment twice",
            vec![
                maker
                    .good
                    .get(last.at..last.at + PROGRAM_HEADER)
                    .unwrap_or_default()
                    .to_vec(),
            ],
            Must::refuse("overlap"),
        ),
        (
            "a second module header",
            vec![more(HEADER_SEGMENT, 0, 4)],
            Must::Load,
        ),
        (
            "a second dynamic section",
            vec![more(DYNAMIC, 0, 4)],
            Must::Load,
        ),
        (
            "two thousand headers more",
            (0..2000).map(|page| more(4, page, 4)).collect(),
            Must::Load,
        ),
    ];
    let files = files.map(|(name, headers, must)| (name, added(&headers), must));
    for (name, bytes, must) in files {
        let what = format!("the table of program headers stands behind the file: {name}");
        maker.put(String::from(name), what, bytes, must);
    }
}
