//! Relocations: words of the module's own memory, never of text.

use kernel::loader::{DynamicField, FilePart, LoadError};

use crate::builder::{
    CONSTANTS, DATA, DATA_MEMORY, DATA_WORD, File, RELOCATIONS, START_WORD, TEXT, program_field,
    with_word,
};
use crate::soundness::parse;

#[track_caller]
fn refused_with(change: impl FnOnce(&mut File), error: LoadError) {
    let mut file = File::sound();
    change(&mut file);
    assert_eq!(parse(&file.bytes()).map(|_| ()), Err(error));
}

#[test]
fn the_words_are_those_of_the_table() {
    let bytes = File::sound().bytes();
    let words: Vec<u32> = parse(&bytes).unwrap().relocations().collect();
    assert_eq!(words, [START_WORD, START_WORD + 4, DATA_WORD]);
}

#[test]
fn the_last_word_of_memory_may_be_relocated_and_the_next_may_not() {
    let end = DATA + DATA_MEMORY;
    let mut file = File::sound();
    file.relocations[2][0] = end - 4;
    parse(&file.bytes()).unwrap();
    for address in [
        end - 3,
        end - 2,
        end - 1,
        end,
        end + 4,
        u32::MAX,
        u32::MAX - 3,
    ] {
        refused_with(
            |file| file.relocations[2][0] = address,
            LoadError::RelocationOutside { index: 2, address },
        );
    }
}

#[test]
fn a_word_that_memory_ends_in_is_outside() {
    let address = DATA + DATA_MEMORY;
    for bytes in 1..4 {
        refused_with(
            |file| {
                file.data.memory = DATA_MEMORY + bytes;
                file.relocations[2][0] = address;
            },
            LoadError::RelocationOutside { index: 2, address },
        );
    }
}

#[test]
fn a_word_that_memory_begins_in_is_outside() {
    for shift in 1..4 {
        refused_with(
            |file| {
                file.data.address = DATA + shift;
                file.relocations[2][0] = DATA;
            },
            LoadError::RelocationOutside {
                index: 2,
                address: DATA,
            },
        );
    }
}

#[test]
fn a_word_in_a_guard_or_unaligned_is_outside() {
    for address in [0, 0x3000, CONSTANTS - 4, DATA - 4, DATA + 1, DATA + 2] {
        refused_with(
            |file| file.relocations[1][0] = address,
            LoadError::RelocationOutside { index: 1, address },
        );
    }
}

#[test]
fn text_is_never_relocated() {
    for address in [TEXT, TEXT + 0x1000] {
        refused_with(
            |file| file.relocations[0][0] = address,
            LoadError::RelocationInText { index: 0, address },
        );
    }
}

#[test]
fn another_type_is_refused_and_none_is_skipped() {
    for kind in [1, 3, 4, 6, 0xff] {
        refused_with(|file| file.relocations[2][1] = kind, {
            LoadError::RelocationType {
                index: 2,
                address: DATA_WORD,
                kind,
            }
        });
    }
    for kind in [0, 2] {
        let mut file = File::sound();
        file.relocations[2] = [u32::MAX, kind, 0];
        assert_eq!(parse(&file.bytes()).unwrap().relocations().count(), 2);
    }
}

#[test]
fn a_dynamic_section_that_contradicts_itself_is_refused() {
    let dynamic = |field, value| LoadError::Dynamic { field, value };
    for address in [0, CONSTANTS - 4, u32::MAX, DATA + DATA_MEMORY] {
        refused_with(
            |file| file.dynamic[0].1 = address,
            dynamic(DynamicField::Rela, address),
        );
    }
    for bytes in [1, 11, 13, u32::MAX] {
        refused_with(
            |file| file.dynamic[1].1 = bytes,
            dynamic(DynamicField::RelaBytes, bytes),
        );
    }
    for bytes in [0, 8, 24] {
        refused_with(
            |file| file.dynamic[2].1 = bytes,
            dynamic(DynamicField::RelaEntry, bytes),
        );
    }
    refused_with(
        |file| file.dynamic[3].1 = 12,
        dynamic(DynamicField::PltRelaBytes, 12),
    );
}

#[test]
fn a_table_that_leaves_its_segment_is_refused() {
    // One entry more than there are.
    refused_with(|file| file.dynamic[1].1 = 60, {
        LoadError::Dynamic {
            field: DynamicField::Rela,
            value: RELOCATIONS,
        }
    });
    // In memory, but not in the file.
    let bytes = 12;
    refused_with(
        |file| (file.dynamic[0].1, file.dynamic[1].1) = (DATA + 0xfc, bytes),
        LoadError::Dynamic {
            field: DynamicField::RelaBytes,
            value: bytes,
        },
    );
}

#[test]
fn a_file_needs_no_relocations() {
    let mut file = File::sound();
    file.dynamic[0].0 = 0x6fff_0000;
    assert_eq!(parse(&file.bytes()).unwrap().relocations().count(), 0);
    let bytes = with_word(File::sound().bytes(), program_field(3, 0), 4);
    assert_eq!(parse(&bytes).unwrap().relocations().count(), 0);
}

#[test]
fn a_dynamic_section_that_is_not_in_the_file_is_refused() {
    let bytes = File::sound().bytes();
    let end = bytes.len() as u32;
    let what = FilePart::Dynamic;
    for (field, value) in [(1, end), (1, u32::MAX), (4, u32::MAX), (4, end)] {
        let bytes = with_word(bytes.clone(), program_field(3, field), value);
        let refused = parse(&bytes).map(|_| ());
        assert_eq!(refused, Err(LoadError::Truncated { what }));
    }
}
