//! What a module file is, in the words of the kernel's own loader.

use std::path::Path;

use kernel::config::{MODULE_PAGES, PLATFORM};
use kernel::loader::Image;
use mmu::{Alias, PAGE_BYTES};
use object::{Object, ObjectSection, SectionFlags};

use abi::EntryPoint;

use crate::error::Failure;
use crate::module_file::{self, ModuleFile};
use crate::report::sections::{range, rights};
use crate::report::table::{Side, Table, count, grouped};
use crate::report::{Report, show};

/// Shows what is in a file and what it would be given, or says what is wrong with it.
pub fn inspect(path: &Path) -> Result<(), Failure> {
    let module = ModuleFile::read(path)?;
    let mut report = Report::default();
    header(&mut report, &module);
    sections(&mut report, &module.bytes);
    let image = module_file::parse(&module.bytes).map_err(|reason| Failure::BadModule {
        path: path.to_owned(),
        reason,
    })?;
    segments(&mut report, &image);
    estate(&mut report, &module);
    show(&report.text);
    Ok(())
}

fn header(report: &mut Report, module: &ModuleFile) {
    let header = &module.header;
    report.line(&module.title());
    let mut field = |name: &str, value: String| report.line(&format!("  {name:<15}{value}"));
    field("unique number", uuid(&header.uuid));
    field("module ABI", header.abi.to_string());
    field("stack", bytes(header.stack_bytes));
    field("region", {
        let (lifetime, interim) = (header.lifetime_bytes, header.interim_bytes);
        format!(
            "{} for its lifetime, {} in between",
            bytes(lifetime),
            bytes(interim)
        )
    });
    field("start stub", format!("{:#010x}", header.start));
    for entry in EntryPoint::ALL {
        field(
            entry.name(),
            format!("{:#010x}", header.entry[entry as usize]),
        );
    }
}

fn bytes(number: u32) -> String {
    count(number as usize, "byte")
}

/// A unique number in the usual groups.
fn uuid(bytes: &[u8; abi::UUID_BYTES]) -> String {
    let mut text = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Sections are nothing that the kernel reads, so a file without them is shown without.
fn sections(report: &mut Report, file: &[u8]) {
    let mut table = Table::new([
        ("section", Side::Left),
        ("flags", Side::Left),
        ("linked at", Side::Left),
        ("bytes", Side::Right),
    ]);
    let Ok(elf) = object::File::parse(file) else {
        return;
    };
    for section in elf.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else {
            continue;
        };
        let has = |flag: u32, letter| {
            if sh_flags & u64::from(flag) != 0 {
                letter
            } else {
                '-'
            }
        };
        if has(object::elf::SHF_ALLOC, 'r') == '-' {
            continue;
        }
        let write = has(object::elf::SHF_WRITE, 'w');
        let execute = has(object::elf::SHF_EXECINSTR, 'x');
        table.row([
            section.name().unwrap_or("?").to_owned(),
            format!("r{write}{execute}"),
            format!("{:#010x}", section.address()),
            grouped(section.size()),
        ]);
    }
    if !table.is_empty() {
        report.section("Sections in memory", &table);
    }
}

fn segments(report: &mut Report, image: &Image<'_>) {
    let mut table = Table::new([
        ("segment", Side::Left),
        ("rights", Side::Left),
        ("in the file", Side::Right),
        ("in memory", Side::Right),
        ("relocations", Side::Right),
    ]);
    for segment in image.segments() {
        let relocations = image
            .fixups()
            .filter(|fixup| segment.holds(fixup.address, 4))
            .count();
        table.row([
            format!("{:#010x}", segment.address),
            rights(segment.rights),
            grouped(segment.file_bytes.into()),
            grouped(segment.memory_bytes.into()),
            grouped(relocations as u64),
        ]);
    }
    report.section("Segments as linked", &table);
}

fn estate(report: &mut Report, module: &ModuleFile) {
    let mut table = Table::new([
        ("part", Side::Left),
        ("rights", Side::Left),
        ("cached", Side::Left),
        ("uncached", Side::Left),
        ("pages", Side::Right),
    ]);
    for part in module.estate.parts() {
        let size = part.pages.0 * PAGE_BYTES;
        let at = |alias| PLATFORM.address_of(part.offset(), alias).0;
        table.row([
            part.purpose.name().to_owned(),
            rights(part.rights),
            range(at(Alias::Cached), size),
            range(at(Alias::Uncached), size),
            part.pages.0.to_string(),
        ]);
    }
    let heading = format!(
        "What it is given, in the first slot: {} of at most {}",
        count(module.estate.pages().0 as usize, "page"),
        MODULE_PAGES.0
    );
    report.section(&heading, &table);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_numbers_are_grouped() {
        let bytes = std::array::from_fn(|index| index as u8);
        assert_eq!(uuid(&bytes), "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }

    #[test]
    fn what_is_no_module_is_refused_by_field() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.elf");
        std::fs::write(&file, b"hello").unwrap();
        let error = inspect(&file).unwrap_err().to_string();
        assert!(error.contains("no ELF file"), "{error}");
        assert!(inspect(&folder.path().join("none")).is_err());
        // This very test program: an ELF file, but not one of ours.
        let this = std::env::current_exe().unwrap();
        let error = inspect(&this).unwrap_err().to_string();
        assert!(error.contains("class"), "{error}");
    }
}
