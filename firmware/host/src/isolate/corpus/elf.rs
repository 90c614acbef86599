//! Where everything stands in a sound module file.

use abi::{HEADER_SEGMENT, ModuleHeader};

/// Bytes of the file header, of a program header, an entry of the dynamic section, a relocation and a
/// symbol.
pub(super) const FILE_HEADER: usize = 52;
pub(super) const PROGRAM_HEADER: usize = 32;
pub(super) const DYNAMIC_ENTRY: usize = 8;
pub(super) const RELOCATION: usize = 12;
pub(super) const SYMBOL: usize = 16;
pub(super) const MODULE_HEADER: usize = size_of::<ModuleHeader>();

pub(super) const LOAD: u32 = 1;
pub(super) const DYNAMIC: u32 = 2;

/// `p_flags`.
pub(super) const EXECUTE: u32 = 1;
pub(super) const WRITE: u32 = 2;

/// Tags of the dynamic section that a loader reads.
pub(super) const JMPREL: u32 = 23;
pub(super) const PLTRELSZ: u32 = 2;
pub(super) const RELA: u32 = 7;
pub(super) const RELASZ: u32 = 8;
pub(super) const RELAENT: u32 = 9;
pub(super) const SYMTAB: u32 = 6;
pub(super) const SYMENT: u32 = 11;

/// A program header.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Which, from 0.
    pub(super) index: usize,
    /// What it is called.
    pub(super) name: String,
    /// Where it stands.
    pub(super) at: usize,
    pub(super) kind: u32,
    pub(super) offset: u32,
    pub(super) address: u32,
    pub(super) file_bytes: u32,
    pub(super) memory_bytes: u32,
    pub(super) flags: u32,
}

impl Header {
    /// Whether an address as linked lies in it.
    pub(super) const fn holds(&self, address: u32) -> bool {
        address >= self.address && address - self.address < self.memory_bytes
    }

    /// The first address behind it.
    pub(super) const fn end(&self) -> u32 {
        self.address.wrapping_add(self.memory_bytes)
    }
}

/// A sound file in parts.
#[derive(Clone, Debug)]
pub(super) struct Elf {
    /// Where the program headers begin.
    pub(super) headers_at: usize,
    pub(super) headers: Vec<Header>,
    /// Tag, value and place of each entry of the dynamic section.
    pub(super) dynamic: Vec<(u32, u32, usize)>,
    /// Where the relocations are, and how many.
    pub(super) relocations_at: usize,
    pub(super) relocations: usize,
    /// Where the module header is.
    pub(super) module_header_at: usize,
    /// All bytes.
    pub(super) bytes: usize,
}

/// A number of the file.
pub(super) fn word(file: &[u8], at: usize) -> Option<u32> {
    let bytes = file.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

fn half(file: &[u8], at: usize) -> Option<usize> {
    let bytes = file.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_le_bytes(*bytes)))
}

impl Elf {
    /// Finds the parts of a file; `None` where one that every module has is not there.
    pub(super) fn read(file: &[u8]) -> Option<Elf> {
        let headers_at = word(file, 28)? as usize;
        let headers = (0..half(file, 44)?)
            .map(|index| header(file, headers_at, index))
            .collect::<Option<Vec<Header>>>()?;
        let find = |kind| headers.iter().find(|header: &&Header| header.kind == kind);
        let table = find(DYNAMIC)?;
        let first = table.offset as usize;
        let dynamic = (first..first + table.file_bytes as usize)
            .step_by(DYNAMIC_ENTRY)
            .map(|at| Some((word(file, at)?, word(file, at + 4)?, at)))
            .collect::<Option<Vec<_>>>()?;
        let value = |wanted| {
            let mut entries = dynamic.iter();
            entries
                .find(|(tag, ..)| *tag == wanted)
                .map(|(_, value, _)| *value)
        };
        let address = value(RELA)?;
        let mut loads = headers.iter().filter(|header| header.kind == LOAD);
        let held = loads.find(|header| header.holds(address))?;
        let module_header_at = find(HEADER_SEGMENT)?.offset as usize;
        file.get(module_header_at..module_header_at + MODULE_HEADER)?;
        Some(Elf {
            headers_at,
            relocations_at: (held.offset + (address - held.address)) as usize,
            relocations: value(RELASZ)? as usize / RELOCATION,
            module_header_at,
            bytes: file.len(),
            headers,
            dynamic,
        })
    }

    /// What is loaded.
    pub(super) fn loads(&self) -> impl Iterator<Item = &Header> {
        let is_loaded = |header: &&Header| header.kind == LOAD && header.memory_bytes > 0;
        self.headers.iter().filter(is_loaded)
    }

    /// The one that is executed.
    pub(super) fn text(&self) -> Option<&Header> {
        self.loads().find(|header| header.flags & EXECUTE != 0)
    }

    /// The value of an entry of the dynamic section.
    pub(super) fn dynamic(&self, wanted: u32) -> Option<u32> {
        let mut entries = self.dynamic.iter();
        let (_, value, _) = entries.find(|(tag, ..)| *tag == wanted)?;
        Some(*value)
    }
}

fn header(file: &[u8], headers_at: usize, index: usize) -> Option<Header> {
    let at = headers_at + index * PROGRAM_HEADER;
    let field = |number: usize| word(file, at + 4 * number);
    let kind = field(0)?;
    let name = match kind {
        LOAD => format!("segment {index}"),
        DYNAMIC => String::from("dynamic segment"),
        HEADER_SEGMENT => String::from("header segment"),
        _ => format!("program header {index}"),
    };
    Some(Header {
        index,
        name,
        at,
        kind,
        offset: field(1)?,
        address: field(2)?,
        file_bytes: field(4)?,
        memory_bytes: field(5)?,
        flags: field(6)?,
    })
}
