//! Relocations of a module file. A word becomes an address of the module's own: what it holds and the
//! load bias, or where a symbol of the module's is. Text is never changed, and nothing is imported.

use mmu::Rights;

use super::format::{self, DynamicEntry, Relocation, Symbol};
use super::{DynamicField, FilePart, LoadError, Segment};

/// Bytes of a relocation, and of a symbol.
const RELOCATION_BYTES: u32 = size_of::<Relocation>() as u32;
const SYMBOL_BYTES: u32 = size_of::<Symbol>() as u32;

/// What becomes of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixup {
    /// Where it is, as linked.
    pub address: u32,
    /// The address as linked that it becomes; `None` where that stands in it already.
    pub value: Option<u32>,
}

/// Checked tables of relocations.
#[derive(Debug)]
pub(super) struct Relocations<'f> {
    /// Those of data, and those of calls.
    tables: [&'f [u8]; 2],
    symbols: &'f [u8],
}

impl<'f> Relocations<'f> {
    /// Finds the tables that the dynamic section names, and checks every entry. Where there is none,
    /// nothing is relocated.
    pub(super) fn check(
        file: &'f [u8],
        program_headers: &[u8],
        segments: &[Segment],
    ) -> Result<Relocations<'f>, LoadError> {
        let mut relocations = Relocations {
            tables: [&[]; 2],
            symbols: &[],
        };
        let Some(dynamic) = format::find(program_headers, format::DYNAMIC) else {
            return Ok(relocations);
        };
        let what = FilePart::Dynamic;
        let dynamic = format::part(file, dynamic.offset, dynamic.file_bytes)
            .ok_or(LoadError::Truncated { what })?;
        for (field, tag, right) in [
            (
                DynamicField::RelaEntry,
                format::RELA_ENTRY,
                RELOCATION_BYTES,
            ),
            (
                DynamicField::SymbolEntry,
                format::SYMBOL_ENTRY,
                SYMBOL_BYTES,
            ),
        ] {
            if let Some(value) = value_of(dynamic, tag).filter(|value| *value != right) {
                return Err(LoadError::Dynamic { field, value });
            }
        }
        if let Some(address) = value_of(dynamic, format::SYMBOLS) {
            let field = DynamicField::Symbols;
            let wrong = LoadError::Dynamic {
                field,
                value: address,
            };
            // How many there are stands nowhere: as many as fit.
            relocations.symbols = bytes_from(file, segments, address).ok_or(wrong)?;
        }
        let data = (format::RELA, DynamicField::Rela);
        let data_bytes = (format::RELA_BYTES, DynamicField::RelaBytes);
        let calls = (format::PLT_RELA, DynamicField::PltRela);
        let calls_bytes = (format::PLT_RELA_BYTES, DynamicField::PltRelaBytes);
        relocations.tables = [
            table(file, segments, dynamic, data, data_bytes)?,
            table(file, segments, dynamic, calls, calls_bytes)?,
        ];
        relocations.check_entries(segments)?;
        Ok(relocations)
    }

    fn check_entries(&self, segments: &[Segment]) -> Result<(), LoadError> {
        for (index, entry) in (0..).zip(self.entries()) {
            let address = entry.address;
            if is_nothing(&entry) {
                continue;
            }
            let segment = segments
                .iter()
                .find(|segment| segment.holds(address, 4) && address.is_multiple_of(4))
                .ok_or(LoadError::RelocationOutside { index, address })?;
            if segment.rights.contains(Rights::EXECUTE) {
                return Err(LoadError::RelocationInText { index, address });
            }
            match entry.kind {
                format::RELOCATE_RELATIVE if entry.addend == 0 => {}
                format::RELOCATE_RELATIVE => {
                    return Err(LoadError::RelocationAddend {
                        index,
                        address,
                        addend: entry.addend,
                    });
                }
                format::RELOCATE_WORD | format::RELOCATE_DATA | format::RELOCATE_CALL => {
                    let symbol = entry.symbol();
                    let is_own = |value: &u32| segments.iter().any(|own| own.holds(*value, 0));
                    // One address behind its memory is the module's to form, and no more.
                    self.target(&entry)
                        .filter(is_own)
                        .ok_or(LoadError::RelocationSymbol { index, symbol })?;
                }
                kind => {
                    return Err(LoadError::RelocationType {
                        index,
                        address,
                        kind: u32::from(kind),
                    });
                }
            }
        }
        Ok(())
    }

    fn entries(&self) -> impl Iterator<Item = Relocation> + use<'f> {
        let [data, calls] = self.tables;
        format::records(data).chain(format::records(calls))
    }

    /// Where the symbol of an entry is, with the addend; `None` where the module does not define it.
    fn target(&self, entry: &Relocation) -> Option<u32> {
        let at = (entry.symbol() as usize).checked_mul(SYMBOL_BYTES as usize)?;
        let bytes = self.symbols.get(at..)?.get(..SYMBOL_BYTES as usize)?;
        let symbol: Symbol = format::records(bytes).next()?;
        (symbol.section != 0).then(|| symbol.value.wrapping_add(entry.addend))
    }

    /// What is to be done, in the order of the tables.
    pub(super) fn fixups(&self) -> impl Iterator<Item = Fixup> + '_ {
        self.entries()
            .filter(|entry| !is_nothing(entry))
            .map(|entry| Fixup {
                address: entry.address,
                value: match entry.kind {
                    format::RELOCATE_RELATIVE => None,
                    // Checked to be there.
                    _ => self.target(&entry),
                },
            })
    }
}

const fn is_nothing(entry: &Relocation) -> bool {
    matches!(
        entry.kind,
        format::RELOCATE_NOTHING | format::RELOCATE_LOADER
    )
}

/// The bytes of a table that the dynamic section names by an address and a size; empty where there is
/// none.
fn table<'f>(
    file: &'f [u8],
    segments: &[Segment],
    dynamic: &[u8],
    (address_tag, address_field): (u32, DynamicField),
    (bytes_tag, bytes_field): (u32, DynamicField),
) -> Result<&'f [u8], LoadError> {
    let wrong = |field, value| LoadError::Dynamic { field, value };
    let bytes = value_of(dynamic, bytes_tag).unwrap_or(0);
    let address = value_of(dynamic, address_tag);
    if bytes == 0 {
        return Ok(&[]);
    }
    let address = address
        .filter(|_| bytes.is_multiple_of(RELOCATION_BYTES))
        .ok_or(wrong(bytes_field, bytes))?;
    let from = bytes_from(file, segments, address).ok_or(wrong(address_field, address))?;
    from.get(..bytes as usize).ok_or(wrong(bytes_field, bytes))
}

/// The bytes that a segment has in the file from an address on.
fn bytes_from<'f>(file: &'f [u8], segments: &[Segment], address: u32) -> Option<&'f [u8]> {
    let segment = segments.iter().find(|segment| segment.holds(address, 1))?;
    let bytes = format::part(file, segment.file_offset, segment.file_bytes)?;
    bytes.get((address - segment.address) as usize..)
}

/// The value of the first entry with that tag.
fn value_of(dynamic: &[u8], tag: u32) -> Option<u32> {
    format::records::<DynamicEntry>(dynamic)
        .find(|entry| entry.tag == tag)
        .map(|entry| entry.value)
}
