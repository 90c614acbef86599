//! What must hold of every file that is taken, whatever it is.

use abi::EntryPoint;
use kernel::estate::{Estate, Part};
use kernel::loader::{Fixup, Image, LoadError};
use mmu::{PAGE_BYTES, PageCount, Rights, SLOT_PAGES};

pub const ALLOWED: PageCount = PageCount(64);

/// Takes the file or refuses it; what is taken is sound.
pub fn parse(file: &[u8]) -> Result<Image<'_>, LoadError> {
    let image = Image::parse(file, ALLOWED)?;
    assert_sound(&image, file);
    Ok(image)
}

fn assert_sound(image: &Image<'_>, file: &[u8]) {
    let segments = image.segments();
    assert!(!segments.is_empty());
    let mut pages = 0;
    let mut next_page = 0;
    for segment in segments {
        assert!(segment.rights.is_lawful());
        let bytes = image.bytes(segment);
        assert_eq!(bytes.len(), segment.file_bytes as usize);
        let start = segment.file_offset as usize;
        assert_eq!(bytes, &file[start..start + bytes.len()]);
        assert!(segment.file_bytes <= segment.memory_bytes);
        let end = u64::from(segment.address) + u64::from(segment.memory_bytes);
        assert!(end < 1 << 32);
        assert!(segment.first_page() >= next_page, "segments share a page");
        next_page = end.div_ceil(u64::from(PAGE_BYTES)) as u32;
        assert_eq!(segment.first_page() + segment.pages().0, next_page);
        pages += segment.pages().0;
    }
    assert_eq!(image.span().0, next_page - image.first_page());
    assert!(pages <= image.span().0 && image.span() <= ALLOWED);
    let inside = |address: u32, bytes: u32, right: fn(Rights) -> bool| {
        segments.iter().any(|segment| {
            let end = u64::from(address) + u64::from(bytes);
            right(segment.rights)
                && address >= segment.address
                && end <= u64::from(segment.address) + u64::from(segment.memory_bytes)
        })
    };
    for Fixup { address, value } in image.fixups() {
        assert!(address.is_multiple_of(4));
        assert!(inside(address, 4, |rights| {
            !rights.contains(Rights::EXECUTE)
        }));
        assert!(value.is_none_or(|value| inside(value, 0, |_| true)));
    }
    let header = image.header();
    assert!(header.name().is_some_and(|name| !name.is_empty()));
    assert!(header.stack_bytes >= 1024);
    let has = |entry: &EntryPoint| !entry.is_optional() || header.entry[*entry as usize] != 0;
    let entries = EntryPoint::ALL.into_iter().filter(has);
    let starts = entries.map(|entry| header.entry[entry as usize]);
    for address in starts.chain([header.start]) {
        assert!(inside(address, 3, |rights| rights.contains(Rights::EXECUTE)));
    }
}

/// Lays a module out or refuses; what is laid out is sound.
pub fn assert_estate_sound(estate: &Estate, image: &Image<'_>, quota: PageCount) {
    let mut parts: Vec<&Part> = estate.parts().iter().collect();
    parts.sort_by_key(|part| part.first);
    assert_eq!(parts.len(), image.segments().len() + 3);
    let mut total = 0;
    for (number, part) in parts.iter().enumerate() {
        assert!(part.rights.is_lawful() && part.pages.0 > 0);
        total += part.pages.0;
        let end = part.first + part.pages.0;
        let next = parts.get(number + 1).map_or(SLOT_PAGES, |next| next.first);
        // Behind the last segment, and behind everything after it, comes a guard.
        if number + 1 >= image.segments().len() {
            assert!(end < next, "no guard page behind {part:?}");
        }
        assert!(end <= next, "{part:?} overlaps the next");
    }
    assert!(parts[0].first >= 1, "no guard page before the image");
    assert_eq!(estate.pages().0, total);
    assert!(total <= quota.0);
    for segment in image.segments() {
        for linked in [segment.address, segment.end() - 1] {
            let page = estate.offset_of_linked(linked) / PAGE_BYTES;
            let holds = |part: &&&Part| page >= part.first && page < part.first + part.pages.0;
            let part = parts.iter().find(holds).expect("a segment is in a part");
            assert_eq!(part.rights, segment.rights);
        }
    }
}
