//! Records of an ELF file: 32 bits and little-endian, like every machine that reads them.

use zerocopy::FromBytes;

/// The first bytes of a file.
pub(super) const MAGIC: [u8; 4] = *b"\x7fELF";
/// Class, byte order and version of such a file, behind the magic bytes.
pub(super) const CLASS_32: u8 = 1;
pub(super) const LITTLE_ENDIAN: u8 = 1;
pub(super) const VERSION: u8 = 1;

pub(super) const MACHINE_XTENSA: u16 = 94;
pub(super) const SHARED_OBJECT: u16 = 3;

/// What every file begins with.
#[derive(FromBytes)]
#[repr(C)]
pub(super) struct Ident {
    pub(super) magic: [u8; 4],
    pub(super) class: u8,
    pub(super) byte_order: u8,
    pub(super) version: u8,
    _other: [u8; 9],
}

/// The header at the start of a file.
#[derive(FromBytes)]
#[repr(C)]
pub(super) struct FileHeader {
    _ident: Ident,
    pub(super) kind: u16,
    pub(super) machine: u16,
    _version: u32,
    _entry: u32,
    pub(super) program_headers: u32,
    _sections: u32,
    _flags: u32,
    _header_bytes: u16,
    pub(super) program_header_bytes: u16,
    pub(super) program_header_count: u16,
    _of_sections: [u16; 3],
}

pub(super) const LOAD: u32 = 1;
pub(super) const DYNAMIC: u32 = 2;

pub(super) const MAY_EXECUTE: u32 = 1;
pub(super) const MAY_WRITE: u32 = 2;

/// A part of the file that matters when it is loaded.
#[derive(FromBytes)]
#[repr(C)]
pub(super) struct ProgramHeader {
    pub(super) kind: u32,
    pub(super) offset: u32,
    pub(super) address: u32,
    _physical: u32,
    pub(super) file_bytes: u32,
    pub(super) memory_bytes: u32,
    pub(super) flags: u32,
    _alignment: u32,
}

pub(super) const PLT_RELA_BYTES: u32 = 2;
pub(super) const SYMBOLS: u32 = 6;
pub(super) const SYMBOL_ENTRY: u32 = 11;
pub(super) const PLT_RELA: u32 = 23;
pub(super) const RELA: u32 = 7;
pub(super) const RELA_BYTES: u32 = 8;
pub(super) const RELA_ENTRY: u32 = 9;

/// An entry of the dynamic section.
#[derive(FromBytes)]
#[repr(C)]
pub(super) struct DynamicEntry {
    pub(super) tag: u32,
    pub(super) value: u32,
}

pub(super) const RELOCATE_NOTHING: u8 = 0;
pub(super) const RELOCATE_WORD: u8 = 1;
pub(super) const RELOCATE_LOADER: u8 = 2;
pub(super) const RELOCATE_DATA: u8 = 3;
pub(super) const RELOCATE_CALL: u8 = 4;
pub(super) const RELOCATE_RELATIVE: u8 = 5;

/// A relocation.
#[derive(FromBytes)]
#[repr(C)]
pub(super) struct Relocation {
    pub(super) address: u32,
    pub(super) kind: u8,
    symbol: [u8; 3],
    pub(super) addend: u32,
}

impl Relocation {
    /// Which symbol it names.
    pub(super) const fn symbol(&self) -> u32 {
        let [a, b, c] = self.symbol;
        u32::from_le_bytes([a, b, c, 0])
    }
}

/// A symbol.
#[derive(FromBytes)]
#[repr(C)]
pub(super) struct Symbol {
    _name: u32,
    pub(super) value: u32,
    _bytes: u32,
    _info: [u8; 2],
    /// 0 where it is defined elsewhere.
    pub(super) section: u16,
}

/// Bytes of the file, or `None` where it ends before them.
pub(super) fn part(file: &[u8], start: u32, bytes: u32) -> Option<&[u8]> {
    file.get(start as usize..)?.get(..bytes as usize)
}

/// The records of a table; what is left over at its end is none.
pub(super) fn records<R: FromBytes>(table: &[u8]) -> impl Iterator<Item = R> + use<'_, R> {
    table
        .chunks_exact(size_of::<R>())
        .filter_map(|bytes| R::read_from_bytes(bytes).ok())
}

/// The first program header of that kind.
pub(super) fn find(program_headers: &[u8], kind: u32) -> Option<ProgramHeader> {
    records(program_headers).find(|header: &ProgramHeader| header.kind == kind)
}
