//! Relocations of a module file. Only the load bias is ever added, and never to text.

use mmu::Rights;

use super::format::{self, DynamicEntry, Relocation};
use super::{DynamicField, FilePart, LoadError, Segment};

/// Bytes of a relocation.
const RELOCATION_BYTES: u32 = size_of::<Relocation>() as u32;

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
        for (index, entry) in format::records::<Relocation>(table).enumerate() {
            let (index, address) = (index as u32, entry.address);
            let kind = entry.kind;
            if matches!(kind, format::RELOCATE_NOTHING | format::RELOCATE_LOADER) {
                continue;
            }
            let segment = segments
                .iter()
                .find(|segment| segment.holds(address, 4) && address.is_multiple_of(4))
                .ok_or(LoadError::RelocationOutside { index, address })?;
            if segment.rights.contains(Rights::EXECUTE) {
                return Err(LoadError::RelocationInText { index, address });
            }
            if kind != format::RELOCATE_RELATIVE {
                return Err(LoadError::RelocationType {
                    index,
                    address,
                    kind: u32::from(kind),
                });
            }
            if entry.addend != 0 {
                return Err(LoadError::RelocationAddend {
                    index,
                    address,
                    addend: entry.addend,
                });
            }
        }
        Ok(Relocations { table })
    }

    /// Where the bias is to be added.
    pub(super) fn words(&self) -> impl Iterator<Item = u32> + use<'f> {
        format::records::<Relocation>(self.table)
            .filter(|entry| entry.kind == format::RELOCATE_RELATIVE)
            .map(|entry| entry.address)
    }
}

/// The bytes of the table that the dynamic section names; empty where there is none.
pub(super) fn dynamic_table<'f>(
    file: &'f [u8],
    program_headers: &[u8],
    segments: &[Segment],
) -> Result<&'f [u8], LoadError> {
    let Some(dynamic) = format::find(program_headers, format::DYNAMIC) else {
        return Ok(&[]);
    };
    let what = FilePart::Dynamic;
    let dynamic = format::part(file, dynamic.offset, dynamic.file_bytes)
        .ok_or(LoadError::Truncated { what })?;
    let wrong = |field, value| LoadError::Dynamic { field, value };
    let lazy = value_of(dynamic, format::PLT_RELA_BYTES).unwrap_or(0);
    if lazy > 0 {
        return Err(wrong(DynamicField::PltRelaBytes, lazy));
    }
    let Some(address) = value_of(dynamic, format::RELA) else {
        return Ok(&[]);
    };
    let bytes = value_of(dynamic, format::RELA_BYTES).unwrap_or(0);
    let entry = value_of(dynamic, format::RELA_ENTRY).unwrap_or(RELOCATION_BYTES);
    if entry != RELOCATION_BYTES {
        return Err(wrong(DynamicField::RelaEntry, entry));
    }
    if !bytes.is_multiple_of(RELOCATION_BYTES) {
        return Err(wrong(DynamicField::RelaBytes, bytes));
    }
    let segment = segments
        .iter()
        .find(|segment| segment.holds(address, bytes))
        .ok_or(wrong(DynamicField::Rela, address))?;
    let into = address - segment.address;
    if into > segment.file_bytes || bytes > segment.file_bytes - into {
        return Err(wrong(DynamicField::RelaBytes, bytes));
    }
    let what = FilePart::Relocations;
    format::part(file, segment.file_offset + into, bytes).ok_or(LoadError::Truncated { what })
}

/// The value of the first entry with that tag.
fn value_of(dynamic: &[u8], tag: u32) -> Option<u32> {
    format::records::<DynamicEntry>(dynamic)
        .find(|entry| entry.tag == tag)
        .map(|entry| entry.value)
}
