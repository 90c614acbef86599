//! A module file's segments, checked.

use super::relocation::{Relocations, dynamic_table};
use super::{LoadError, header};
use abi::ModuleHeader;
use elf::ParseError;
use elf::abi::{EM_XTENSA, ET_DYN, PF_W, PF_X, PT_LOAD};
use elf::endian::LittleEndian;
use elf::file::{Class, FileHeader, parse_ident};
use elf::segment::{ProgramHeader, SegmentTable};
use heapless::Vec;
use mmu::{PAGE_BYTES, PageCount, Rights};

/// Loadable segments a file may have.
pub(super) const MAX_SEGMENTS: usize = 4;

/// One loadable segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its address as linked.
    pub address: u32,
    /// Bytes of memory; what the file does not give is zero.
    pub memory_bytes: u32,
    /// Where its bytes stand in the file.
    pub file_offset: u32,
    /// How many there are.
    pub file_bytes: u32,
    /// What the module may do with it.
    pub rights: Rights,
}

impl Segment {
    /// First byte behind it, as linked.
    #[must_use]
    pub const fn end(&self) -> u32 {
        self.address + self.memory_bytes
    }

    /// Its first page, as linked.
    #[must_use]
    pub const fn first_page(&self) -> u32 {
        self.address / PAGE_BYTES
    }

    /// How many pages it touches.
    #[must_use]
    pub const fn pages(&self) -> PageCount {
        PageCount(self.end().div_ceil(PAGE_BYTES) - self.first_page())
    }

    /// Whether `bytes` bytes at `address` lie inside.
    #[must_use]
    pub const fn holds(&self, address: u32, bytes: u32) -> bool {
        address >= self.address
            && address - self.address <= self.memory_bytes
            && bytes <= self.memory_bytes - (address - self.address)
    }
}

/// A file whose every field was checked.
#[derive(Debug)]
pub struct Image<'f> {
    file: &'f [u8],
    segments: Vec<Segment, MAX_SEGMENTS>,
    header: ModuleHeader,
    relocations: Relocations<'f>,
}

impl<'f> Image<'f> {
    /// Checks a file. `allowed` bounds the memory of its segments.
    ///
    /// # Errors
    /// The first field found wrong. O(program headers + relocations).
    pub fn parse(file: &'f [u8], allowed: PageCount) -> Result<Image<'f>, LoadError> {
        let (elf, program_headers) = read_headers(file)?;
        if elf.e_machine != EM_XTENSA {
            return Err(LoadError::Machine(elf.e_machine));
        }
        if elf.e_type != ET_DYN {
            return Err(LoadError::Type(elf.e_type));
        }

        let mut segments = Vec::new();
        for program_header in program_headers {
            if program_header.p_type == PT_LOAD && program_header.p_memsz > 0 {
                let segment = check_segment(file, &program_header)?;
                segments
                    .push(segment)
                    .map_err(|_| LoadError::TooManySegments(MAX_SEGMENTS))?;
            }
        }
        check_places(&segments, allowed)?;
        let header = header::find(file, program_headers, &segments)?;
        let table = dynamic_table(file, program_headers, &segments)?;
        let relocations = Relocations::check(table, &segments)?;
        Ok(Image {
            file,
            segments,
            header,
            relocations,
        })
    }

    /// What the module says of itself; addresses as linked.
    #[must_use]
    pub const fn header(&self) -> &ModuleHeader {
        &self.header
    }

    /// Its segments, by address.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The first page of all, as linked.
    #[must_use]
    pub fn first_page(&self) -> u32 {
        self.segments.first().map_or(0, Segment::first_page)
    }

    /// Pages from its first to its last, gaps included.
    #[must_use]
    pub fn span(&self) -> PageCount {
        let end = self
            .segments
            .last()
            .map_or(0, |last| last.first_page() + last.pages().0);
        PageCount(end - self.first_page())
    }

    /// A segment's bytes of the file.
    #[must_use]
    pub fn bytes(&self, segment: &Segment) -> &'f [u8] {
        let start = segment.file_offset as usize;
        self.file
            .get(start..start + segment.file_bytes as usize)
            .unwrap_or(&[])
    }

    /// Addresses, as linked, of the words to which the load bias is to be added.
    pub fn relocations(&self) -> impl Iterator<Item = u32> + '_ {
        self.relocations.words()
    }
}

/// The file header and the program headers; sections are nothing that a kernel needs.
fn read_headers(
    file: &[u8],
) -> Result<(FileHeader<LittleEndian>, SegmentTable<'_, LittleEndian>), LoadError> {
    const IDENT: usize = elf::abi::EI_NIDENT;
    const HEADER: usize = size_of::<elf::file::Elf32_Ehdr>();
    let ident = parse_ident::<LittleEndian>(file.get(..IDENT).ok_or(LoadError::NotElf)?)
        .map_err(identify)?;
    if ident.1 != Class::ELF32 {
        return Err(LoadError::Class);
    }
    let truncated = LoadError::Truncated {
        what: "the ELF header",
    };
    let rest = file.get(IDENT..HEADER).ok_or(truncated)?;
    let header = FileHeader::parse_tail(ident, rest).map_err(|_| truncated)?;
    let right = size_of::<elf::segment::Elf32_Phdr>() as u16;
    if header.e_phnum > 0 && header.e_phentsize != right {
        return Err(LoadError::ProgramHeaderBytes {
            said: header.e_phentsize,
            right,
        });
    }
    let start = header.e_phoff as usize;
    let bytes = usize::from(header.e_phnum) * usize::from(right);
    let table = start
        .checked_add(bytes)
        .and_then(|end| file.get(start..end))
        .ok_or(LoadError::Truncated {
            what: "the program header table",
        })?;
    Ok((header, SegmentTable::new(LittleEndian, Class::ELF32, table)))
}

/// Why the ELF parser would not have it.
fn identify(error: ParseError) -> LoadError {
    match error {
        ParseError::UnsupportedElfEndianness(_) | ParseError::UnsupportedElfClass(_) => {
            LoadError::Class
        }
        _ => LoadError::NotElf,
    }
}

fn check_segment(file: &[u8], header: &ProgramHeader) -> Result<Segment, LoadError> {
    // The fields of a 32-bit file, which the parser has widened.
    let narrow = |field: u64| field as u32;
    let (address, flags) = (narrow(header.p_vaddr), header.p_flags);
    let (memory_bytes, file_bytes) = (narrow(header.p_memsz), narrow(header.p_filesz));
    if flags & PF_W != 0 && flags & PF_X != 0 {
        return Err(LoadError::WritableText { address, flags });
    }
    if file_bytes > memory_bytes {
        return Err(LoadError::Sizes {
            address,
            file: file_bytes,
            memory: memory_bytes,
        });
    }
    let wraps = LoadError::SegmentWraps {
        address,
        bytes: memory_bytes,
    };
    let end = address.checked_add(memory_bytes).ok_or(wraps)?;
    if end > u32::MAX - PAGE_BYTES {
        return Err(wraps);
    }
    let file_offset = narrow(header.p_offset);
    let in_file = file_offset
        .checked_add(file_bytes)
        .is_some_and(|file_end| file_end as usize <= file.len());
    if !in_file {
        return Err(LoadError::Truncated {
            what: "a loadable segment",
        });
    }
    let mut rights = Rights::READ;
    rights.set(Rights::WRITE, flags & PF_W != 0);
    rights.set(Rights::EXECUTE, flags & PF_X != 0);
    Ok(Segment {
        address,
        memory_bytes,
        file_offset,
        file_bytes,
        rights,
    })
}

fn check_places(segments: &[Segment], allowed: PageCount) -> Result<(), LoadError> {
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
        return Err(LoadError::NoSegments);
    };
    for (segment, next) in segments.iter().zip(segments.iter().skip(1)) {
        if segment.first_page() + segment.pages().0 > next.first_page() {
            return Err(LoadError::Overlap(segment.address, next.address));
        }
    }
    let wanted = last.first_page() + last.pages().0 - first.first_page();
    if wanted > allowed.0 {
        return Err(LoadError::TooLarge {
            wanted,
            allowed: allowed.0,
        });
    }
    Ok(())
}
