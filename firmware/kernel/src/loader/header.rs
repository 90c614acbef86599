//! The module header in a file.

use abi::{ABI_VERSION, EntryPoint, HEADER_MAGIC, HEADER_SEGMENT, ModuleHeader};
use mmu::Rights;
use zerocopy::FromBytes;

use super::{FilePart, LoadError, Segment, format};

const LEAST_STACK: u32 = 1024;

/// Finds and checks the header. Its addresses stay as linked.
pub(super) fn find(
    file: &[u8],
    program_headers: &[u8],
    segments: &[Segment],
) -> Result<ModuleHeader, LoadError> {
    let place = format::find(program_headers, HEADER_SEGMENT).ok_or(LoadError::NoHeader)?;
    let what = FilePart::ModuleHeader;
    let (header, _) = file
        .get(place.offset as usize..)
        .and_then(|bytes| ModuleHeader::read_from_prefix(bytes).ok())
        .ok_or(LoadError::Truncated { what })?;

    if header.magic != HEADER_MAGIC {
        return Err(LoadError::HeaderMagic(header.magic));
    }
    if header.abi != ABI_VERSION {
        return Err(LoadError::Abi(header.abi));
    }
    let right = size_of::<ModuleHeader>() as u32;
    if header.bytes != right {
        return Err(LoadError::HeaderBytes {
            said: header.bytes,
            right,
        });
    }
    if header.name().is_none_or(str::is_empty) {
        return Err(LoadError::Name);
    }
    if header.stack_bytes < LEAST_STACK {
        return Err(LoadError::Stack(header.stack_bytes));
    }
    let in_text = |address: u32| {
        segments
            .iter()
            .any(|segment| segment.rights.contains(Rights::EXECUTE) && segment.holds(address, 3))
    };
    if !in_text(header.start) {
        return Err(LoadError::Start(header.start));
    }
    for entry in EntryPoint::ALL {
        let address = header.entry[entry as usize];
        let is_absent = address == 0 && entry.is_optional();
        if !is_absent && !in_text(address) {
            return Err(LoadError::Entry { entry, address });
        }
    }
    Ok(header)
}
