//! A module file's segments, checked.

use abi::ModuleHeader;
use heapless::Vec;
use mmu::{PAGE_BYTES, PageCount, Rights};
use zerocopy::FromBytes;

use super::format::{self, FileHeader, Ident, ProgramHeader};
use super::relocation::{Fixup, Relocations};
use super::{FilePart, LoadError, header};

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
        if elf.machine != format::MACHINE_XTENSA {
            return Err(LoadError::Machine(elf.machine));
        }
        if elf.kind != format::SHARED_OBJECT {
            return Err(LoadError::Type(elf.kind));
        }

        let mut segments = Vec::new();
        for program_header in format::records::<ProgramHeader>(program_headers) {
            if program_header.kind == format::LOAD && program_header.memory_bytes > 0 {
                let segment = check_segment(file, &program_header)?;
                segments
                    .push(segment)
                    .map_err(|_| LoadError::TooManySegments(MAX_SEGMENTS))?;
            }
        }
        check_places(&segments, allowed)?;
        let header = header::find(file, program_headers, &segments)?;
        let relocations = Relocations::check(file, program_headers, &segments)?;
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
        format::part(self.file, segment.file_offset, segment.file_bytes).unwrap_or(&[])
    }

    /// Words that become addresses of the module, as linked.
    pub fn fixups(&self) -> impl Iterator<Item = Fixup> + '_ {
        self.relocations.fixups()
    }
}

/// The file header and the program headers; sections are nothing that a kernel needs.
fn read_headers(file: &[u8]) -> Result<(FileHeader, &[u8]), LoadError> {
    let (ident, _) = Ident::read_from_prefix(file).map_err(|_| LoadError::NotElf)?;
    if ident.magic != format::MAGIC || ident.version != format::VERSION {
        return Err(LoadError::NotElf);
    }
    if ident.class != format::CLASS_32 || ident.byte_order != format::LITTLE_ENDIAN {
        return Err(LoadError::Class);
    }
    let what = FilePart::ElfHeader;
    let (header, _) =
        FileHeader::read_from_prefix(file).map_err(|_| LoadError::Truncated { what })?;
    let (said, right) = (
        header.program_header_bytes,
        size_of::<ProgramHeader>() as u16,
    );
    if header.program_header_count > 0 && said != right {
        return Err(LoadError::ProgramHeaderBytes { said, right });
    }
    let bytes = u32::from(header.program_header_count) * u32::from(right);
    let what = FilePart::ProgramHeaders;
    let table = format::part(file, header.program_headers, bytes);
    Ok((header, table.ok_or(LoadError::Truncated { what })?))
}

fn check_segment(file: &[u8], header: &ProgramHeader) -> Result<Segment, LoadError> {
    let (address, flags) = (header.address, header.flags);
    let (memory_bytes, file_bytes) = (header.memory_bytes, header.file_bytes);
    let (may_write, may_execute) = (
        flags & format::MAY_WRITE != 0,
        flags & format::MAY_EXECUTE != 0,
    );
    if may_write && may_execute {
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
    let what = FilePart::Segment;
    format::part(file, header.offset, file_bytes).ok_or(LoadError::Truncated { what })?;
    let mut rights = Rights::READ;
    rights.set(Rights::WRITE, may_write);
    rights.set(Rights::EXECUTE, may_execute);
    Ok(Segment {
        address,
        memory_bytes,
        file_offset: header.offset,
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
