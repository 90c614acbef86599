//! Relocations: words of the module's own memory, never of text.

use kernel::estate::Purpose;
use kernel::loader::{DynamicField, FilePart, Fixup, LoadError};

use crate::builder::{
    CONSTANTS, DATA, DATA_MEMORY, DATA_WORD, File, READ, START_WORD, Segment, TEXT, program_field,
    with_word,
};
use crate::rig::Rig;
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
    let words: Vec<Fixup> = parse(&bytes).unwrap().fixups().collect();
    let in_place = |address| Fixup {
        address,
        value: None,
    };
    assert_eq!(words, [START_WORD, START_WORD + 4, DATA_WORD].map(in_place));
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
    for kind in [6, 7, 20, 0xff] {
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
        assert_eq!(parse(&file.bytes()).unwrap().fixups().count(), 2);
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
            field: DynamicField::RelaBytes,
            value: 60,
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
    // A size without an address is no table but a contradiction.
    let value = file.dynamic[1].1;
    let field = DynamicField::RelaBytes;
    let refused = parse(&file.bytes()).map(|_| ());
    assert_eq!(refused, Err(LoadError::Dynamic { field, value }));
    file.dynamic[1].0 = 0x6fff_0001;
    assert_eq!(parse(&file.bytes()).unwrap().fixups().count(), 0);
    let bytes = with_word(File::sound().bytes(), program_field(3, 0), 4);
    assert_eq!(parse(&bytes).unwrap().fixups().count(), 0);
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

/// Where the symbols of [`named`] are.
const SYMBOLS: u32 = 0x5000;

/// A file with three symbols: none, one in its data, and one that it does not define. Its third
/// relocation is of that kind, names that symbol and adds that.
fn named(kind: u32, symbol: u32, addend: u32) -> File {
    let mut file = File::sound();
    let symbols = [[0; 4], [1, DATA + 16, 4, 1 << 16], [2, DATA + 16, 4, 0]];
    let bytes: Vec<u8> = symbols
        .as_flattened()
        .iter()
        .flat_map(|word: &u32| word.to_le_bytes())
        .collect();
    file.more.push(Segment {
        kind: crate::builder::LOAD,
        address: SYMBOLS,
        flags: READ,
        memory: bytes.len() as u32,
        bytes,
    });
    // In the place of entries that say nothing.
    file.dynamic[3] = (6, SYMBOLS);
    file.dynamic[4] = (11, 16);
    file.relocations[2] = [DATA_WORD, kind | symbol << 8, addend];
    file
}

#[test]
fn a_word_becomes_the_address_of_a_symbol_of_its_own() {
    for kind in [1, 3, 4] {
        let bytes = named(kind, 1, 8).bytes();
        let fixup = parse(&bytes).unwrap().fixups().last();
        let (address, value) = (DATA_WORD, Some(DATA + 24));
        assert_eq!(fixup, Some(Fixup { address, value }), "{kind}");
        let mut rig = Rig::new();
        rig.system.install(0, &bytes).unwrap();
        rig.switch(0);
        let data = rig.start(0, Purpose::Data);
        let seen = rig.see(data + DATA_WORD - DATA, 4);
        assert_eq!(seen, (data + 24).to_le_bytes(), "{kind}");
    }
}

#[test]
fn the_table_of_calls_is_read_as_the_other() {
    let mut file = named(0, 0, 0);
    let calls = file.relocations.len() as u32;
    file.relocations.push([DATA_WORD + 4, 4 | 1 << 8, 0]);
    // Only the calls: the other table is not named.
    file.dynamic[0] = (23, crate::builder::RELOCATIONS + 12 * calls);
    file.dynamic[1] = (2, 12);
    file.dynamic[2] = (0x6fff_0000, 0);
    let bytes = file.bytes();
    let image = parse(&bytes).unwrap();
    let (address, value) = (DATA_WORD + 4, Some(DATA + 16));
    assert_eq!(
        image.fixups().collect::<Vec<_>>(),
        [Fixup { address, value }]
    );
    file.dynamic[1].1 = 11;
    let (field, value) = (DynamicField::PltRelaBytes, 11);
    let refused = parse(&file.bytes()).map(|_| ());
    assert_eq!(refused, Err(LoadError::Dynamic { field, value }));
    file.dynamic[0].1 = 0x100;
    file.dynamic[1].1 = 12;
    let (field, value) = (DynamicField::PltRela, 0x100);
    let refused = parse(&file.bytes()).map(|_| ());
    assert_eq!(refused, Err(LoadError::Dynamic { field, value }));
}

#[test]
fn nothing_is_imported() {
    // Of another file, none at all, behind the last, and far behind.
    for symbol in [2, 0, 3, 0xff_ffff] {
        let refused = parse(&named(3, symbol, 0).bytes()).map(|_| ());
        assert_eq!(
            refused,
            Err(LoadError::RelocationSymbol { index: 2, symbol })
        );
    }
    // A symbol outside of the module's memory, by itself or by the addend.
    for addend in [0x1_0000, u32::MAX - DATA, DATA_MEMORY - 15] {
        let refused = parse(&named(1, 1, addend).bytes()).map(|_| ());
        assert_eq!(
            refused,
            Err(LoadError::RelocationSymbol {
                index: 2,
                symbol: 1
            })
        );
    }
    parse(&named(1, 1, DATA_MEMORY - 16).bytes()).unwrap();
    let mut file = named(3, 1, 0);
    file.dynamic[3].0 = 0x6fff_0000;
    let refused = parse(&file.bytes()).map(|_| ());
    assert_eq!(
        refused,
        Err(LoadError::RelocationSymbol {
            index: 2,
            symbol: 1
        })
    );
}

#[test]
fn a_table_of_symbols_that_contradicts_itself_is_refused() {
    let dynamic = |field, value| Err(LoadError::Dynamic { field, value });
    for address in [0, SYMBOLS - 1, DATA + DATA_MEMORY, u32::MAX] {
        let mut file = named(3, 1, 0);
        file.dynamic[3].1 = address;
        let refused = parse(&file.bytes()).map(|_| ());
        assert_eq!(refused, dynamic(DynamicField::Symbols, address));
    }
    for bytes in [0, 12, 17] {
        let mut file = named(3, 1, 0);
        file.dynamic[4].1 = bytes;
        let refused = parse(&file.bytes()).map(|_| ());
        assert_eq!(refused, dynamic(DynamicField::SymbolEntry, bytes));
    }
}
