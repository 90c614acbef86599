//! Each field that matters, wrong in turn: the refusal names it.

use abi::EntryPoint;
use kernel::loader::{FilePart, Image, LoadError};
use mmu::PageCount;

use crate::builder::{
    CONSTANTS, DATA, EXECUTE, FILE_HEADER, File, LOAD, READ, Segment, TEXT, TEXT_BYTES, WRITE,
    program_field, with_half, with_word,
};
use crate::soundness::parse;

#[track_caller]
fn refused(file: &[u8], error: LoadError) {
    assert_eq!(parse(file).map(|_| ()), Err(error));
}

#[track_caller]
fn refused_with(change: impl FnOnce(&mut File), error: LoadError) {
    let mut file = File::sound();
    change(&mut file);
    refused(&file.bytes(), error);
}

#[test]
fn a_sound_file_is_taken_as_it_is() {
    let file = File::sound();
    let bytes = file.bytes();
    let image = parse(&bytes).unwrap();
    assert_eq!(*image.header(), file.header);
    assert_eq!(image.segments().len(), 3);
    assert_eq!((image.first_page(), image.span()), (1, PageCount(7)));
    assert_eq!(image.bytes(&image.segments()[0]), file.text.bytes);
    assert_eq!(image.bytes(&image.segments()[2]), file.data.bytes);
    assert_eq!(image.fixups().count(), 3);
}

#[test]
fn no_part_of_a_file_is_taken_for_the_whole() {
    let bytes = File::sound().bytes();
    for length in 0..bytes.len() {
        let error = parse(&bytes[..length]).map(|_| ()).unwrap_err();
        let expected = match length {
            0..16 => error == LoadError::NotElf,
            _ => matches!(error, LoadError::Truncated { .. }),
        };
        assert!(expected, "{length} bytes: {error:?}");
    }
}

#[test]
fn bytes_behind_the_file_do_no_harm() {
    let mut bytes = File::sound().bytes();
    bytes.extend([0xff; 100]);
    parse(&bytes).unwrap();
}

#[test]
fn what_is_no_elf_file_is_refused() {
    for at in 0..4 {
        let mut bytes = File::sound().bytes();
        bytes[at] ^= 0x20;
        refused(&bytes, LoadError::NotElf);
    }
    refused(&[], LoadError::NotElf);
    refused(&[0; 4096], LoadError::NotElf);
}

#[test]
fn another_class_or_byte_order_is_refused() {
    for (at, wrong) in [(4, 2), (4, 0), (5, 2), (5, 0)] {
        let mut bytes = File::sound().bytes();
        bytes[at] = wrong;
        refused(&bytes, LoadError::Class);
    }
}

#[test]
fn another_machine_or_type_is_refused() {
    let bytes = File::sound().bytes();
    refused(&with_half(bytes.clone(), 18, 3), LoadError::Machine(3));
    refused(&with_half(bytes.clone(), 16, 2), LoadError::Type(2));
    refused(&with_half(bytes, 16, 1), LoadError::Type(1));
}

#[test]
fn a_program_header_table_that_is_elsewhere_is_refused() {
    let bytes = File::sound().bytes();
    let what = FilePart::ProgramHeaders;
    let end = bytes.len() as u32;
    for offset in [end, end - 31, u32::MAX, u32::MAX - 31] {
        refused(
            &with_word(bytes.clone(), 28, offset),
            LoadError::Truncated { what },
        );
    }
    refused(
        &with_half(bytes.clone(), 44, u16::MAX),
        LoadError::Truncated { what },
    );
    for said in [0, 31, 33, u16::MAX] {
        let right = 32;
        refused(
            &with_half(bytes.clone(), 42, said),
            LoadError::ProgramHeaderBytes { said, right },
        );
    }
    refused(&with_half(bytes, 44, 0), LoadError::NoSegments);
}

#[test]
fn a_file_without_segments_is_refused() {
    let mut bytes = File::sound().bytes();
    for header in 0..3 {
        bytes = with_word(bytes, program_field(header, 5), 0);
    }
    refused(&bytes, LoadError::NoSegments);
}

#[test]
fn too_many_segments_are_refused() {
    let more = |address| Segment {
        kind: LOAD,
        address,
        flags: READ,
        bytes: vec![1],
        memory: 1,
    };
    let mut file = File::sound();
    file.data.address = 0x7000;
    file.header.stack_bytes = 4096;
    file.relocations.truncate(2);
    file.dynamic[1].1 = 24;
    file.more = vec![more(0x5000)];
    parse(&file.bytes()).unwrap();
    file.more.push(more(0x6000));
    refused(&file.bytes(), LoadError::TooManySegments(4));
}

#[test]
fn a_segment_that_is_writable_and_executable_is_refused() {
    let flags = READ | WRITE | EXECUTE;
    let text = LoadError::WritableText {
        address: TEXT,
        flags,
    };
    refused_with(|file| file.text.flags = flags, text);
    let data = LoadError::WritableText {
        address: DATA,
        flags: WRITE | EXECUTE | 0xf000_0000,
    };
    refused_with(|file| file.data.flags = WRITE | EXECUTE | 0xf000_0000, data);
}

#[test]
fn more_bytes_in_the_file_than_in_memory_are_refused() {
    let error = LoadError::Sizes {
        address: DATA,
        file: 0x100,
        memory: 0xff,
    };
    refused_with(|file| file.data.memory = 0xff, error);
}

#[test]
fn a_segment_that_wraps_is_refused() {
    for (address, bytes) in [
        (0xffff_f000, 0x1000),
        (DATA, u32::MAX),
        (0xffff_e000, 0x1001),
    ] {
        refused_with(
            |file| (file.data.address, file.data.memory) = (address, bytes),
            LoadError::SegmentWraps { address, bytes },
        );
    }
}

#[test]
fn a_segment_that_is_not_in_the_file_is_refused() {
    let bytes = File::sound().bytes();
    let what = FilePart::Segment;
    let end = bytes.len() as u32;
    for offset in [end - 0xff, end, u32::MAX - 0xff, u32::MAX] {
        refused(
            &with_word(bytes.clone(), program_field(2, 1), offset),
            LoadError::Truncated { what },
        );
    }
}

#[test]
fn segments_that_share_a_page_or_come_in_disorder_are_refused() {
    for address in [0x2000, 0x2fff, 0x4000, 0x4800] {
        refused_with(
            |file| file.data.address = address,
            LoadError::Overlap(CONSTANTS, address),
        );
    }
    refused_with(
        |file| file.text.memory = 0x4010 - TEXT,
        LoadError::Overlap(TEXT, CONSTANTS),
    );
    refused_with(
        |file| (file.text.memory) = 0x3001,
        LoadError::Overlap(TEXT, CONSTANTS),
    );
    let mut file = File::sound();
    file.text.memory = 0x3000;
    parse(&file.bytes()).unwrap();
}

#[test]
fn more_memory_than_allowed_is_refused() {
    let mut file = File::sound();
    file.data.memory = 0x1000 * 59;
    parse(&file.bytes()).unwrap();
    let (wanted, allowed) = (65, 64);
    refused_with(
        |file| file.data.memory = 0x1000 * 59 + 1,
        LoadError::TooLarge { wanted, allowed },
    );
    let bytes = File::sound().bytes();
    assert!(Image::parse(&bytes, PageCount(7)).is_ok());
    assert_eq!(
        Image::parse(&bytes, PageCount(6)).map(|_| ()),
        Err(LoadError::TooLarge {
            wanted: 7,
            allowed: 6
        })
    );
}

#[test]
fn a_file_without_a_module_header_is_refused() {
    let bytes = File::sound().bytes();
    let kind = program_field(4, 0);
    refused(&with_word(bytes.clone(), kind, 4), LoadError::NoHeader);
    let what = FilePart::ModuleHeader;
    let end = bytes.len() as u32;
    for offset in [end, end - 10, u32::MAX] {
        refused(
            &with_word(bytes.clone(), program_field(4, 1), offset),
            LoadError::Truncated { what },
        );
    }
}

#[test]
fn each_field_of_the_module_header_is_checked() {
    let right = size_of::<abi::ModuleHeader>() as u32;
    refused_with(|file| file.header.magic ^= 1, {
        LoadError::HeaderMagic(abi::HEADER_MAGIC ^ 1)
    });
    refused_with(|file| file.header.abi = 2, LoadError::Abi(2));
    refused_with(|file| file.header.bytes = 5, {
        LoadError::HeaderBytes { said: 5, right }
    });
    refused_with(|file| file.header.name = [0; 32], LoadError::Name);
    refused_with(|file| file.header.name = [0xff; 32], LoadError::Name);
    refused_with(
        |file| file.header.stack_bytes = 1023,
        LoadError::Stack(1023),
    );
    let end = TEXT + TEXT_BYTES;
    for address in [0, TEXT - 1, end - 2, end, CONSTANTS, DATA, u32::MAX] {
        refused_with(
            |file| file.header.start = address,
            LoadError::Start(address),
        );
        // 0 says that an entry point is not there.
        let may_be = |entry: &EntryPoint| address == 0 && entry.is_optional();
        for entry in EntryPoint::ALL.into_iter().filter(|entry| !may_be(entry)) {
            refused_with(
                |file| file.header.entry[entry as usize] = address,
                LoadError::Entry { entry, address },
            );
        }
    }
}

#[test]
fn a_name_may_fill_its_field() {
    let mut file = File::sound();
    file.header.name = [b'x'; 32];
    let bytes = file.bytes();
    assert_eq!(parse(&bytes).unwrap().header().name().unwrap().len(), 32);
}

#[test]
fn the_builder_puts_things_where_it_says() {
    let file = File::sound();
    let bytes = file.bytes();
    let at = file.constants_offset();
    assert_eq!(bytes[at..at + 4], *b"BHM1");
    assert_eq!(bytes[FILE_HEADER], 1);
}
