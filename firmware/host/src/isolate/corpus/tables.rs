//! The dynamic section, the module header and the relocations.

use abi::EntryPoint;

use super::elf::{
    DYNAMIC_ENTRY, Elf, JMPREL, MODULE_HEADER, PLTRELSZ, RELA, RELAENT, RELASZ, RELOCATION, SYMENT,
    SYMTAB, word,
};
use super::{Field, Maker, Must, shown, write};

/// A tag that has no meaning.
const NO_TAG: u32 = 0x6fff_00ff;

/// From so many relocations on, each is changed in the three worst ways only.
const MANY: usize = 64;

const fn tag_name(tag: u32) -> &'static str {
    match tag {
        JMPREL => "DT_JMPREL",
        PLTRELSZ => "DT_PLTRELSZ",
        RELA => "DT_RELA",
        RELASZ => "DT_RELASZ",
        RELAENT => "DT_RELAENT",
        SYMTAB => "DT_SYMTAB",
        SYMENT => "DT_SYMENT",
        _ => "",
    }
}

/// Each entry of the dynamic section.
pub(super) fn dynamic(maker: &mut Maker<'_>, elf: &Elf) {
    for (index, (tag, value, at)) in elf.dynamic.iter().enumerate() {
        let known = tag_name(*tag);
        let name = match known {
            "" => format!("dynamic entry {index}"),
            known => known.to_owned(),
        };
        let tag_field = Field::new(format!("{name} d_tag"), *at, 4);
        let field = Field::new(name, at + 4, 4);
        let wrong = Must::refuse(known);
        match *tag {
            RELA | SYMTAB => {
                for value in [u32::MAX, 0x8000_0000, elf.bytes as u32 + 0x0100_0000] {
                    maker.set(&field, value, wrong.clone());
                }
                for value in [value.wrapping_sub(1), value + 1, value + 4] {
                    maker.set(&field, value, Must::Contain);
                }
            }
            RELASZ => {
                for value in [
                    1,
                    value - 1,
                    value + 1,
                    // Multiples of 12: more than the file has, and the largest.
                    (elf.bytes / RELOCATION + 1) as u32 * RELOCATION as u32,
                    u32::MAX / 12 * 12,
                    u32::MAX,
                ] {
                    maker.set(&field, value, wrong.clone());
                }
                maker.set(&field, 0, Must::Contain);
                maker.set(&field, value - 12, Must::Contain);
                maker.set(&field, value + 12, Must::Contain);
            }
            RELAENT | SYMENT => {
                maker.set_around(&field, &wrong);
                maker.set(&field, 2 * value, wrong);
            }
            _ => maker.set(&field, u32::MAX, Must::Load),
        }
        // As if it were not there.
        let lost = match *tag {
            RELA => Must::refuse("DT_RELASZ"),
            RELASZ | SYMTAB => Must::Contain,
            _ => Must::Load,
        };
        maker.set(&tag_field, NO_TAG, lost);
    }

    // One that is not read becomes one that is.
    let unread = elf
        .dynamic
        .iter()
        .find(|(tag, ..)| tag_name(*tag).is_empty());
    let Some((_, _, at)) = unread else { return };
    let (tag, value) = (Field::new("d_tag", *at, 4), Field::new("d_val", at + 4, 4));
    let relocations = elf.dynamic(RELA).unwrap_or(0);
    for (is, number, must) in [
        (PLTRELSZ, 12, Must::refuse("DT_PLTRELSZ")),
        (PLTRELSZ, u32::MAX, Must::refuse("DT_PLTRELSZ")),
        (JMPREL, u32::MAX, Must::Load),
        (JMPREL, relocations, Must::Load),
        (RELA, u32::MAX, Must::refuse("DT_RELA")),
        (RELAENT, 13, Must::refuse("DT_RELAENT")),
        (SYMENT, 24, Must::refuse("DT_SYMENT")),
        (SYMTAB, u32::MAX, Must::refuse("DT_SYMTAB")),
    ] {
        // Of two with the same tag the first is read.
        let is_first = elf
            .dynamic
            .iter()
            .all(|(tag, _, other)| *tag != is || at < other);
        let must = if is_first { must } else { Must::Contain };
        let name = format!("{} = {} added", tag_name(is), shown(number));
        let what = format!("an entry that is not read becomes a {}", tag_name(is));
        maker.set_all(&[(&tag, is), (&value, number)], name, what, must);
    }
    let next = at + DYNAMIC_ENTRY;
    if elf
        .dynamic
        .iter()
        .any(|(tag, _, place)| *place == next && tag_name(*tag).is_empty())
    {
        let (next_tag, next_value) = (Field::new("", next, 4), Field::new("", next + 4, 4));
        let twelve = |address| {
            [
                (&tag, JMPREL),
                (&value, address),
                (&next_tag, PLTRELSZ),
                (&next_value, 12),
            ]
        };
        maker.set_all(
            &twelve(u32::MAX),
            String::from("DT_JMPREL outside the module"),
            String::from("relocations of calls stand where there is no memory"),
            Must::refuse("DT_JMPREL"),
        );
        maker.set_all(
            &twelve(relocations),
            String::from("DT_JMPREL on DT_RELA"),
            String::from("a relocation is one of data and one of calls"),
            Must::Contain,
        );
    }
}

/// Each field of the module header.
pub(super) fn module_header(maker: &mut Maker<'_>, elf: &Elf) {
    let base = elf.module_header_at;
    let field = |name: &str, at: usize| Field::new(format!("module header {name}"), base + at, 4);

    maker.set_around(&field("magic", 0), &Must::refuse("module header begins"));
    maker.set_around(&field("abi", 4), &Must::refuse("module ABI"));
    maker.set_around(&field("bytes", 8), &Must::refuse("module header says"));
    maker.set_unread(&field("version", 12));
    for word in 0..4 {
        let field = field(&format!("uuid[{word}]"), 16 + 4 * word);
        maker.set(&field, 0, Must::Load);
        maker.set(&field, u32::MAX, Must::Load);
    }
    name(maker, base + 32);

    let stack = field("stack_bytes", 64);
    for value in [0, 1, 1023] {
        maker.set(&stack, value, Must::refuse("stack"));
    }
    for (name, at) in [
        ("stack_bytes", 64),
        ("lifetime_bytes", 68),
        ("interim_bytes", 72),
    ] {
        let field = field(name, at);
        let good = maker.value(&field);
        // As many pages as it may have at all, half of all, and sums that wrap.
        for value in [0x0020_0000, 0x8000_0000, u32::MAX - 4095, u32::MAX] {
            maker.set(&field, value, Must::refuse("pages in all"));
        }
        if at != 64 {
            maker.set(&field, 0, Must::Contain);
        }
        maker.set(&field, good + 1, Must::Load);
    }
    let (lifetime, interim) = (field("lifetime_bytes", 68), field("interim_bytes", 72));
    maker.set_all(
        &[(&lifetime, 0x8000_0000), (&interim, 0x8000_0000)],
        String::from("module header region of 2^32 bytes"),
        String::from("lifetime_bytes and interim_bytes together wrap to 0"),
        Must::refuse("pages in all"),
    );

    entries(maker, elf, base);
    for (at, words) in [(0, "module header begins"), (68, "start address")] {
        let mut bytes = maker.good.to_vec();
        write(&mut bytes, base + at, &[0xff; MODULE_HEADER][at..]);
        maker.put(
            format!("module header all ones from byte {at}"),
            format!("every bit of the module header from byte {at} on is set"),
            bytes,
            Must::refuse(words),
        );
    }
}

fn name(maker: &mut Maker<'_>, at: usize) {
    for (name, text, must) in [
        ("module name empty", [0; 32], Must::refuse("name")),
        ("module name not UTF-8", [0xff; 32], Must::refuse("name")),
        (
            "module name cut in a letter",
            *b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3",
            Must::refuse("name"),
        ),
        ("module name without an end", [b'x'; 32], Must::Load),
        ("module name of control characters", [0x1b; 32], Must::Load),
    ] {
        let mut bytes = maker.good.to_vec();
        write(&mut bytes, at, &text);
        let what = format!("in the module header: {name}");
        maker.put(String::from(name), what, bytes, must);
    }
}

fn entries(maker: &mut Maker<'_>, elf: &Elf, base: usize) {
    let Some(text) = elf.text() else { return };
    let outside: Vec<u32> = elf
        .loads()
        .filter(|other| other.index != text.index && other.address > 0)
        .map(|other| other.address)
        .chain([text.end() - 2, text.address.wrapping_sub(1), u32::MAX])
        .collect();
    let start = Field::new("module header start", base + 76, 4);
    let beyond = [0, text.end(), 0x8000_0000, u32::MAX - 2];
    for value in outside.iter().copied().chain(beyond) {
        maker.set(&start, value, Must::refuse("start address"));
    }
    for value in [maker.value(&start) + 1, text.end() - 3] {
        maker.set(&start, value, Must::Contain);
    }
    for entry in EntryPoint::ALL {
        let at = base + 80 + 4 * entry as usize;
        let field = Field::new(format!("entry point {}", entry.name()), at, 4);
        let wrong = Must::refuse(format!("entry point {} ", entry.name()));
        for value in &outside {
            maker.set(&field, *value, wrong.clone());
        }
        let absent = if entry.is_optional() {
            Must::Contain
        } else {
            wrong
        };
        maker.set(&field, 0, absent);
        maker.set(&field, text.end() - 3, Must::Contain);
    }
}

/// Each relocation.
pub(super) fn relocations(maker: &mut Maker<'_>, elf: &Elf) {
    let Some(text) = elf.text() else { return };
    let behind = elf.loads().map(|load| load.end()).max().unwrap_or(0);
    let behind = behind.next_multiple_of(4096);
    for index in 0..elf.relocations {
        let at = elf.relocations_at + index * RELOCATION;
        let name = format!("relocation {index}");
        let (Some(place), Some(info)) = (word(maker.good, at), word(maker.good, at + 4)) else {
            return;
        };
        let kind = info & 0xff;
        // Nothing is done for these, wherever they are.
        if matches!(kind, 0 | 2) {
            continue;
        }
        let here = |words: &str| Must::refuse(format!("{name} {words}"));
        let field =
            |what: &str, at: usize, bytes: usize| Field::new(format!("{name} {what}"), at, bytes);
        let (offset, addend) = (field("r_offset", at, 4), field("r_addend", at + 8, 4));
        let kind_field = field("type", at + 4, 1);
        let outside = Must::refuse(format!("{name} is at"));
        maker.set(&offset, behind, outside.clone());
        maker.set(&offset, place + 1, outside);
        maker.set(&kind_field, 6, here("at"));
        if elf.relocations > MANY {
            continue;
        }
        maker.set(&offset, text.address, here("at"));
        maker.set(&kind_field, 0, Must::Contain);
        if kind == 5 {
            maker.set(&addend, 1, here("at"));
        }
        let info = field("r_info", at + 4, 4);
        maker.set(&info, 0xffff_ff01, here("names symbol"));
    }
}
