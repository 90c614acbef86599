//! Relocations of a module file. Only the load bias is ever added, and never to text.

use elf::abi::{DT_PLTRELSZ, DT_RELA, DT_RELAENT, DT_RELASZ, PT_DYNAMIC};
use elf::dynamic::DynamicTable;
use elf::endian::LittleEndian;
use elf::file::Class;
use elf::relocation::{Rela, RelaIterator};
use elf::segment::SegmentTable;
use mmu::Rights;

use super::{LoadError, Segment};

/// Bytes of an entry in a 32-bit file.
const RELA_BYTES: u32 = 12;
const R_XTENSA_NONE: u32 = 0;
const R_XTENSA_RTLD: u32 = 2;
const R_XTENSA_RELATIVE: u32 = 5;

/// A checked table of relocations.
#[derive(Debug)]
pub(super) struct Relocations<'f> {
    table: &'f [u8],
}

impl<'f> Relocations<'f> {
    /// Checks every entry.
    pub(super) fn check(
        table: &'f [u8],
        segments: &[Segment],
    ) -> Result<Relocations<'f>, LoadError> {
        for (index, entry) in entries(table).enumerate() {
            let (index, address) = (index as u32, entry.r_offset as u32);
            let kind = entry.r_type;
            if matches!(kind, R_XTENSA_NONE | R_XTENSA_RTLD) {
                continue;
            }
            let segment = segments
                .iter()
                .find(|segment| segment.holds(address, 4) && address.is_multiple_of(4))
                .ok_or(LoadError::RelocationOutside { index, address })?;
            if segment.rights.contains(Rights::EXECUTE) {
                return Err(LoadError::RelocationInText { index, address });
            }
            if kind != R_XTENSA_RELATIVE {
                return Err(LoadError::RelocationType {
                    index,
                    address,
                    kind,
                });
            }
            if entry.r_addend != 0 {
                let addend = entry.r_addend as u32;
                return Err(LoadError::RelocationAddend {
                    index,
                    address,
                    addend,
                });
            }
        }
        Ok(Relocations { table })
    }

    /// Where the bias is to be added.
    pub(super) fn words(&self) -> impl Iterator<Item = u32> + use<'f> {
        entries(self.table)
            .filter(|entry| entry.r_type == R_XTENSA_RELATIVE)
            .map(|entry| entry.r_offset as u32)
    }
}

fn entries(table: &[u8]) -> impl Iterator<Item = Rela> + use<'_> {
    RelaIterator::new(LittleEndian, Class::ELF32, table)
}

/// The bytes of the table that the dynamic section names; empty where there is none.
pub(super) fn dynamic_table<'f>(
    file: &'f [u8],
    program_headers: SegmentTable<'_, LittleEndian>,
    segments: &[Segment],
) -> Result<&'f [u8], LoadError> {
    let Some(dynamic) = program_headers
        .iter()
        .find(|header| header.p_type == PT_DYNAMIC)
    else {
        return Ok(&[]);
    };
    let start = dynamic.p_offset as usize;
    let bytes = start
        .checked_add(dynamic.p_filesz as usize)
        .and_then(|end| file.get(start..end))
        .ok_or(LoadError::Truncated {
            what: "the dynamic section",
        })?;
    let dynamic = DynamicTable::new(LittleEndian, Class::ELF32, bytes);
    let value = |tag: i64| {
        dynamic
            .iter()
            .find(|entry| entry.d_tag == tag)
            .map(|entry| entry.d_val() as u32)
    };
    if let Some(bytes) = value(DT_PLTRELSZ).filter(|bytes| *bytes > 0) {
        return Err(LoadError::Dynamic {
            field: "DT_PLTRELSZ",
            value: bytes,
        });
    }
    let Some(address) = value(DT_RELA) else {
        return Ok(&[]);
    };
    let bytes = value(DT_RELASZ).unwrap_or(0);
    if let Some(said) = value(DT_RELAENT).filter(|said| *said != RELA_BYTES) {
        return Err(LoadError::Dynamic {
            field: "DT_RELAENT",
            value: said,
        });
    }
    if !bytes.is_multiple_of(RELA_BYTES) {
        return Err(LoadError::Dynamic {
            field: "DT_RELASZ",
            value: bytes,
        });
    }
    let segment = segments
        .iter()
        .find(|segment| segment.holds(address, bytes))
        .ok_or(LoadError::Dynamic {
            field: "DT_RELA",
            value: address,
        })?;
    let into = address - segment.address;
    if into > segment.file_bytes || bytes > segment.file_bytes - into {
        return Err(LoadError::Dynamic {
            field: "DT_RELASZ",
            value: bytes,
        });
    }
    let start = segment.file_offset as usize + into as usize;
    file.get(start..start + bytes as usize)
        .ok_or(LoadError::Truncated {
            what: "the relocation table",
        })
}
